"""Published files are the ledger at every moment, and a restored store continues from them."""

import pytest

from account.kept import SIGNER
from equipoise.account.inspecting import Inspection, inspect
from equipoise.account.note import NoteSigner
from equipoise.account.publishing import Publisher
from equipoise.account.refusal import LedgerRefused
from equipoise.account.tree import read_frontier
from equipoise.account.verify import verify_ledger
from equipoise.compose.library import keyring_of
from equipoise.nouns.sheet import PLACES
from equipoise.runners.publishing import catch_up, publish
from equipoise.settings import read_settings
from equipoise.stores.sqlite import SqliteStore
from equipoise.testing.fakes import FakeClock
from house import NOON_MS, house, send, track

SETTINGS = read_settings(environ={}, given={"seed": "test"})
KEY = NoteSigner(SETTINGS.text("origin"), keyring_of("memory:", SETTINGS).ledger).key


def grows(engine, *names):
    """One receipt for each name."""
    for name in names:
        send(engine, [track(name, "terms.granted", purpose="marketing", channel="*")])


def names(count, mark="u"):
    return [f"{mark}{n}" for n in range(count)]


def bring(engine, folder):
    return publish(Publisher(engine.store, KEY), engine.store, KEY, folder)


def reading(folder):
    """How to fetch the files of a folder."""

    def fetch(path):
        file = folder / path
        return file.read_bytes() if file.is_file() else None

    return fetch


def look(folder, known=""):
    return inspect(reading(folder), Inspection(draw=lambda n: 0, vkey=KEY.vkey, known=known))


def files(folder):
    return {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()}


def test_each_time_only_what_is_new_is_written_and_all_of_it_holds(tmp_path):
    engine = house()
    assert bring(engine, tmp_path).files == 0
    known = ""
    for count, size, written in ((1, 1, 2), (254, 255, 2), (0, 255, 0), (1, 256, 3), (44, 300, 2)):
        grows(engine, *names(count, f"a{size}-"))
        told = bring(engine, tmp_path)
        assert (told.now, told.files) == (size, written)
        found = look(tmp_path, known)
        assert found.report.holds, str(found.report)
        known = found.note
    parts = {"tile/0/001.p/44", "tile/entries/001.p/44", "tile/1/000.p/1"}
    assert files(tmp_path) == parts | {"checkpoint", "vkey", "tile/0/000", "tile/entries/000"}


def test_the_former_head_stands_until_all_of_the_new_is_there(tmp_path):
    engine = house()
    grows(engine, *names(3))
    bring(engine, tmp_path)
    before = (tmp_path / "checkpoint").read_bytes()
    grows(engine, *names(300, "b"))
    (tmp_path / "tile/0/000").mkdir()
    with pytest.raises(OSError, match="directory"):
        bring(engine, tmp_path)
    assert (tmp_path / "checkpoint").read_bytes() == before
    assert look(tmp_path).report.holds
    (tmp_path / "tile/0/000").rmdir()
    bring(engine, tmp_path)
    assert look(tmp_path).report.holds


def test_a_head_of_another_history_or_key_is_never_replaced(tmp_path):
    engine, other = house(), house()
    grows(engine, *names(9))
    bring(engine, tmp_path)
    before = (tmp_path / "checkpoint").read_bytes()
    for count in (5, 4, 4):
        grows(other, *names(count, f"x{count}"))
        with pytest.raises(LedgerRefused):
            bring(other, tmp_path)
    (tmp_path / "checkpoint").write_bytes(before.replace(b"\n9\n", b"\n8\n"))
    with pytest.raises(LedgerRefused, match="altered"):
        bring(engine, tmp_path)


@pytest.mark.parametrize(("kept", "lost"), [(0, 9), (9, 1), (200, 100), (256, 300)])
def test_a_store_that_went_back_catches_up_and_continues_what_was_seen(tmp_path, kept, lost):
    engine, restored = house(), house()
    grows(engine, *names(kept))
    # The salts of both houses come of one seed, so that the restored one has the same first leaves.
    grows(restored, *names(kept))
    grows(engine, *names(lost, "lost"))
    bring(engine, tmp_path)
    seen = look(tmp_path).note
    told = catch_up(restored.store, KEY, reading(tmp_path))
    assert (told.before, told.now) == (kept, kept + lost)
    position = restored.store.position()
    report = verify_ledger(
        restored.store, position.checkpoint, KEY.vkey, read_frontier(position.frontier), [seen]
    )
    assert report.holds, str(report)
    assert catch_up(restored.store, KEY, reading(tmp_path)).now == kept + lost


def test_a_restored_house_gives_no_number_again_that_a_lost_receipt_had(tmp_path):
    clock = FakeClock(NOON_MS)
    for name in ("kept", "lived"):
        (tmp_path / name).mkdir()
        with house(tmp_path / name / "shop.db", clock=clock) as engine:
            grows(engine, *names(5))
    with house(tmp_path / "lived" / "shop.db", clock=clock) as engine:
        grows(engine, *names(7, "lost"))
        given = {row.seq for row in engine.store.newest_receipts(99)}
        bring(engine, tmp_path / "out")
    store = SqliteStore(tmp_path / "kept" / "shop.db")
    assert catch_up(store, KEY, reading(tmp_path / "out")).now == 12
    before = store.position().seq
    store.close()
    with house(tmp_path / "kept" / "shop.db", clock=clock) as engine:
        had = {row.seq for row in engine.store.newest_receipts(99)}
        grows(engine, *names(9, "new"))
        new = {row.seq for row in engine.store.newest_receipts(99)} - had
        assert len(new) == 9
        assert not new & given
        assert min(new) > before
        (row,) = engine.store.receipts([min(new)]).values()
        assert (row.leaf, row.seq % PLACES) == (12, 1)
        assert [row.seq for row in engine.store.log_after(before, 99)] == sorted(
            seq - 1 for seq in new
        )
        bring(engine, tmp_path / "out")
    assert look(tmp_path / "out").report.holds


def test_files_of_another_history_are_refused_and_the_store_stays(tmp_path):
    engine, other = house(), house()
    grows(engine, *names(9))
    bring(engine, tmp_path)
    for count in (3, 30):
        grows(other, *names(count, f"x{count}"))
        before = other.store.position()
        with pytest.raises(LedgerRefused):
            catch_up(other.store, KEY, reading(tmp_path))
        assert other.store.position() == before
    with pytest.raises(LedgerRefused, match="nothing is published"):
        catch_up(other.store, KEY, lambda path: None)
    with pytest.raises(LedgerRefused, match="not signed by"):
        catch_up(other.store, SIGNER.key, reading(tmp_path))
    fresh = house()
    with pytest.raises(LedgerRefused):
        catch_up(
            fresh.store, KEY, lambda path: reading(tmp_path)(path) if "/" not in path else None
        )
