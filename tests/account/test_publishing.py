"""A store publishes the files, proofs and health of its ledger, and notices when it was altered."""

from typing import Any

import msgspec
import pytest

from equipoise.account.note import NoteSigner
from equipoise.account.publishing import Publisher
from equipoise.account.tiles import TilePlace, pack_entries, tile_path
from equipoise.account.tree import leaf_hash
from equipoise.account.verify import verify_receipt
from equipoise.compose import Engine
from equipoise.compose.library import keyring_of
from equipoise.settings import read_settings
from house import house, send, track, welcome

SETTINGS = read_settings(environ={}, given={"seed": "test"})
KEY = NoteSigner(SETTINGS.text("origin"), keyring_of("memory:", SETTINGS).ledger).key


@pytest.fixture(scope="module")
def engine() -> Engine:
    """A house with 300 receipts: one complete tile, and a part of the next."""
    engine = house()
    for n in range(300):
        send(engine, [track(f"u{n}", "terms.granted", purpose="marketing", channel="*")])
    return engine


class Altered:
    """The store, with one answer changed."""

    def __init__(self, store: Any, **changed: Any) -> None:
        self._store, self._changed = store, changed

    def __getattr__(self, name: str) -> Any:
        return self._changed.get(name) or getattr(self._store, name)


def test_tiles_and_bundles_are_those_of_the_leaves(engine: Engine) -> None:
    publisher = Publisher(engine.store, KEY)
    leaves = engine.store.leaves(0, 300)
    hashes = [leaf_hash(leaf) for leaf in leaves]
    assert publisher.file("tile/0/000") == b"".join(hashes[:256])
    assert publisher.file("tile/0/001.p/44") == b"".join(hashes[256:])
    assert publisher.file("tile/entries/001.p/44") == pack_entries(leaves[256:])
    assert len(publisher.file("tile/1/000.p/1") or b"") == 32


def test_a_part_that_was_completed_since_is_still_published(engine: Engine) -> None:
    publisher = Publisher(engine.store, KEY)
    whole = publisher.file("tile/0/000")
    assert whole is not None
    assert publisher.file("tile/0/000.p/7") == whole[: 7 * 32]
    assert publisher.file(tile_path(TilePlace(0, 1, 20))) is not None


@pytest.mark.parametrize(
    "path",
    ["tile/0/001", "tile/0/001.p/45", "tile/0/002.p/1", "tile/2/000.p/1", "tile/0/1", "", "tile/x"],
)
def test_beyond_the_tree_there_is_nothing(engine: Engine, path: str) -> None:
    assert Publisher(engine.store, KEY).file(path) is None


def test_a_bundle_proves_its_receipt(engine: Engine) -> None:
    publisher = Publisher(engine.store, KEY)
    for row in engine.store.newest_receipts(300)[::60]:
        blob = publisher.bundle(row.seq)
        assert blob is not None
        assert verify_receipt(blob, publisher.vkey).holds
    assert publisher.bundle(1) is None


def test_a_sound_ledger_is_found_sound(engine: Engine) -> None:
    found = Publisher(engine.store, KEY).health(20)
    assert (found.size, found.checked, found.complaint) == (300, 20, "")
    assert found.root in engine.store.position().checkpoint


def test_an_empty_ledger_holds() -> None:
    assert Publisher(house().store, KEY).health(5).complaint == ""


def test_every_alteration_is_noticed() -> None:
    engine = house()
    send(engine, welcome("ana"))
    store = engine.store
    rows = store.newest_receipts(9)
    forged = [msgspec.structs.replace(row, body=row.body + b" ") for row in rows]
    moved = [msgspec.structs.replace(row, leaf=row.leaf + 99) for row in rows]
    signed = store.position()
    unsigned = msgspec.structs.replace(
        signed, checkpoint=signed.checkpoint.replace("\n1\n", "\n2\n")
    )
    for changed in (
        {"newest_receipts": lambda most: forged},
        {"newest_receipts": lambda most: moved},
        {"leaf": lambda index: b"eq1\x00" + bytes(32)},
        {"position": lambda: unsigned},
    ):
        found = Publisher(Altered(store, **changed), KEY).health(9)
        assert found.complaint != "", changed
        assert found.checked == 0
