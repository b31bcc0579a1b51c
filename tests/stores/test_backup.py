"""A backup is one moment of both files, sealed; restoring gives back that moment or nothing."""

import io
import os
import tarfile
import threading
from typing import Any

import apsw
import msgspec
import pytest
import zstandard

from equipoise.nouns.changes import Changes, LogRow
from equipoise.stores import open_store
from equipoise.stores.sqlite import SqliteIntake, SqliteStore
from equipoise.stores.sqlite.backup import BackupError, Manifest, backup, restore
from equipoise.stores.sqlite.sealing import (
    FRAME_BYTES,
    MAGIC,
    TAG_BYTES,
    Sealer,
    SealError,
    Unsealer,
)
from equipoise.testing.example_changes import COLUMNS, example_changes, observe
from equipoise.testing.exams_intake import example_rows

KEY = bytes(range(32))


def sealed(text: bytes, secret: bytes | str = KEY) -> bytes:
    file = io.BytesIO()
    sealer = Sealer(file, secret, scrypt=2**4)
    for start in range(0, len(text), 700_000):
        sealer.write(text[start : start + 700_000])
    sealer.close()
    return file.getvalue()


def unsealed(data: bytes, secret: bytes | str = KEY) -> bytes:
    stream = Unsealer(io.BytesIO(data), secret)
    return b"".join(iter(lambda: stream.read(300_000), b""))


LONG = os.urandom(1000) * 3000
"""Three megabytes: three frames, of which the last is not full."""


@pytest.mark.parametrize("size", [0, 1, FRAME_BYTES - 1, FRAME_BYTES, FRAME_BYTES + 1, 3_000_000])
def test_what_was_sealed_is_read_back(size):
    assert unsealed(sealed(LONG[:size])) == LONG[:size]


def test_a_passphrase_seals_as_well_as_a_key():
    data = sealed(b"text", "correct horse")
    assert unsealed(data, "correct horse") == b"text"
    with pytest.raises(SealError, match="secret"):
        unsealed(data, "correct horses")


@pytest.mark.parametrize(
    ("sealing", "opening", "says"),
    [
        (KEY, bytes(32), "secret"),
        (KEY, "a passphrase", "with a key"),
        ("a passphrase", KEY, "passphrase"),
        (KEY, b"short", "32 bytes"),
    ],
)
def test_another_secret_is_told_and_reads_nothing(sealing, opening, says):
    data = sealed(b"text", sealing)
    with pytest.raises(SealError, match=says):
        unsealed(data, opening)


def test_any_changed_byte_is_seen():
    data = sealed(b"a short text")
    for at in range(len(data)):
        changed = bytearray(data)
        changed[at] ^= 1
        with pytest.raises(SealError):
            unsealed(bytes(changed))


def frames(data: bytes) -> tuple[bytes, list[bytes]]:
    start = data.index(b"\n", len(MAGIC)) + 1
    size = FRAME_BYTES + TAG_BYTES
    return data[:start], [data[at : at + size] for at in range(start, len(data), size)]


@pytest.mark.parametrize(
    "order", [(0, 1), (0, 2), (1, 0, 2), (0, 1, 1, 2), (0, 1, 2, 2), (), (2,)], ids=str
)
def test_frames_that_are_missing_moved_or_repeated_are_seen(order):
    head, parts = frames(sealed(LONG))
    assert len(parts) == 3
    with pytest.raises(SealError):
        unsealed(head + b"".join(parts[n] for n in order))


def test_a_frame_of_another_file_is_seen():
    head, parts = frames(sealed(LONG))
    _, others = frames(sealed(LONG))
    with pytest.raises(SealError):
        unsealed(head + parts[0] + others[1] + parts[2])


def test_a_file_that_asks_for_too_much_memory_is_refused():
    preamble = msgspec.json.encode({"salt": bytes(32), "scrypt": 2**40})
    with pytest.raises(SealError, match="scrypt cost"):
        unsealed(MAGIC + preamble + b"\n" + bytes(40), "a passphrase")


@pytest.fixture
def house(tmp_path):
    """A store that walked 3 rows of an intake of 8, both open, in a folder of their own."""
    folder = tmp_path / "house"
    store, intake = open_store(f"sqlite:{folder}/shop.db")
    store.name_columns(COLUMNS)
    for n in (1, 2, 3):
        store.commit(example_changes(n))
    intake.append(example_rows(8))
    yield folder, store, intake
    store.close()
    intake.close()


def save(folder, target, secret: bytes | str = KEY) -> Manifest:
    return backup(folder / "shop.db", folder / "shop.intake.db", target, secret)


def test_a_restored_backup_answers_every_question_as_before(house, tmp_path):
    folder, store, intake = house
    made = save(folder, tmp_path / "b.eqb")
    assert restore(tmp_path / "b.eqb", tmp_path / "new", KEY) == made
    assert made == Manifest("shop.db", "shop.intake.db", cursor=3, seq=300, leaves=6, last=8)
    again, queue = open_store(f"sqlite:{tmp_path}/new/shop.db")
    assert observe(again) == observe(store)
    assert queue.read(0, 10**6) == intake.read(0, 10**6)
    assert queue.append(example_rows(1)) == [9]
    again.close()
    queue.close()


def test_a_backup_leaves_nothing_but_itself_and_shows_nothing(house, tmp_path):
    folder, _, _ = house
    save(folder, tmp_path / "b.eqb", "a passphrase")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.eqb", "house"]
    assert b"example.org" in (folder / "shop.db-wal").read_bytes()
    assert b"example.org" not in (tmp_path / "b.eqb").read_bytes()
    restore(tmp_path / "b.eqb", tmp_path / "new", "a passphrase")
    assert sorted(p.name for p in (tmp_path / "new").iterdir()) == ["shop.db", "shop.intake.db"]


def test_a_backup_during_writes_is_one_moment(tmp_path):
    """Each commit walks one row and writes its number everywhere; no copy may disagree with itself."""
    store, intake = open_store(f"sqlite:{tmp_path}/shop.db")
    done, moved = threading.Event(), threading.Event()

    def write():
        cursor = 0
        while not done.is_set():
            intake.append(example_rows(5, 2000))
            for _ in range(5):
                cursor += 1
                log = [LogRow(cursor, 0, 0, "tick", bytes(3000))]
                leaf = b"%d" % cursor
                store.commit(Changes(cursor, cursor, log=log, leaves=[leaf], counts={"events": 1}))
            intake.trim(cursor - 2)
            moved.set()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for n in range(6):
            moved.clear()
            assert moved.wait(30)
            save(tmp_path, tmp_path / f"{n}.eqb")
    finally:
        done.set()
        writer.join()
    cursors = []
    for n in range(6):
        made = restore(tmp_path / f"{n}.eqb", tmp_path / f"{n}", KEY)
        copy, queue = open_store(f"sqlite:{tmp_path}/{n}/shop.db")
        position = copy.position()
        assert position.cursor == position.seq == position.leaves == copy.counts().get("events", 0)
        assert len(copy.recent(10**6)) == position.cursor == made.cursor
        rest = [row.id for row in queue.read(made.cursor, 10**9)]
        assert rest == list(range(made.cursor + 1, made.last + 1))
        cursors.append(position.cursor)
        copy.close()
        queue.close()
    assert cursors == sorted(set(cursors))
    store.close()
    intake.close()


def test_rows_trimmed_before_they_could_be_copied_are_told(house, tmp_path):
    folder, _, intake = house
    intake.trim(5)
    with pytest.raises(BackupError, match=r"intake\.keep_rows"):
        save(folder, tmp_path / "b.eqb")
    assert not (tmp_path / "b.eqb").exists()


def test_nothing_is_ever_overwritten(house, tmp_path):
    folder, store, _ = house
    save(folder, tmp_path / "b.eqb")
    before = (tmp_path / "b.eqb").read_bytes()
    with pytest.raises(BackupError, match="never overwritten"):
        save(folder, tmp_path / "b.eqb")
    assert (tmp_path / "b.eqb").read_bytes() == before
    with pytest.raises(BackupError, match="never overwritten"):
        restore(tmp_path / "b.eqb", folder, KEY)
    (tmp_path / "half").mkdir()
    (tmp_path / "half" / "shop.intake.db-wal").touch()
    with pytest.raises(BackupError, match=r"shop\.intake\.db-wal"):
        restore(tmp_path / "b.eqb", tmp_path / "half", KEY)
    assert [path.name for path in (tmp_path / "half").iterdir()] == ["shop.intake.db-wal"]
    assert store.position().cursor == 3


def test_what_is_missing_is_named(house, tmp_path):
    folder, _, _ = house
    with pytest.raises(BackupError, match=r"none\.db: there is no such file"):
        backup(folder / "none.db", folder / "shop.intake.db", tmp_path / "b.eqb", KEY)
    with pytest.raises(BackupError, match=r"none\.eqb"):
        restore(tmp_path / "none.eqb", tmp_path / "new", KEY)


@pytest.mark.parametrize("cut", [1, 16, 5000])
def test_a_backup_that_was_cut_off_restores_nothing(cut, house, tmp_path):
    folder, _, _ = house
    save(folder, tmp_path / "b.eqb")
    whole = (tmp_path / "b.eqb").read_bytes()
    (tmp_path / "cut.eqb").write_bytes(whole[:-cut])
    with pytest.raises(SealError):
        restore(tmp_path / "cut.eqb", tmp_path / "new", KEY)
    assert list((tmp_path / "new").iterdir()) == []


def crafted(path, manifest: dict[str, Any], files: dict[str, bytes]) -> None:
    """A backup that is sealed with the right key and says what it should not."""
    text = io.BytesIO()
    with tarfile.open(mode="w|", fileobj=text) as tar:
        for name, body in {"manifest.json": msgspec.json.encode(manifest), **files}.items():
            member = tarfile.TarInfo(name)
            member.size = len(body)
            tar.addfile(member, io.BytesIO(body))
    path.write_bytes(sealed(zstandard.compress(text.getvalue())))


def test_a_sealed_file_with_false_contents_restores_nothing(house, tmp_path):
    folder, _, _ = house
    save(folder, tmp_path / "b.eqb")
    restore(tmp_path / "b.eqb", tmp_path / "good", KEY)
    store, intake = (
        (tmp_path / "good" / name).read_bytes() for name in ("shop.db", "shop.intake.db")
    )
    manifest = msgspec.to_builtins(Manifest("shop.db", "shop.intake.db", 3, 300, 6, 8))
    both = {"shop.db": store, "shop.intake.db": intake}
    damaged = {**both, "shop.db": store[:8192] + bytes(8192) + store[16384:]}
    cases = [
        ({**manifest, "store": "../shop.db"}, {"../shop.db": store, "shop.intake.db": intake}),
        ({**manifest, "cursor": 2}, both),
        (manifest, {"shop.db": store}),
        (manifest, {"shop.db": intake, "shop.intake.db": store}),
        (manifest, damaged),
        ({**manifest, "format": 2}, both),
    ]
    for number, (says, files) in enumerate(cases):
        crafted(tmp_path / "crafted.eqb", says, files)
        with pytest.raises(BackupError):
            restore(tmp_path / "crafted.eqb", tmp_path / f"new{number}", KEY)
        assert list((tmp_path / f"new{number}").iterdir()) == []
    crafted(tmp_path / "crafted.eqb", manifest, both)
    assert restore(tmp_path / "crafted.eqb", tmp_path / "fine", KEY).cursor == 3


def test_progress_is_told_to_the_last_page(house, tmp_path):
    folder, _, _ = house
    told = []
    backup(
        folder / "shop.db",
        folder / "shop.intake.db",
        tmp_path / "b.eqb",
        KEY,
        lambda done, all_: told.append((done, all_)),
    )
    assert told[-1][0] == told[-1][1] > 0


def test_a_closed_house_can_be_backed_up_too(house, tmp_path):
    folder, store, intake = house
    store.close()
    intake.close()
    assert save(folder, tmp_path / "b.eqb").cursor == 3
    assert apsw.Connection(str(folder / "shop.db")).pragma("integrity_check") == "ok"
    SqliteStore(folder / "shop.db").close()
    SqliteIntake(folder / "shop.intake.db").close()
