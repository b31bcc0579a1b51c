"""A ledger read from its published files alone is the ledger, whatever its size."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from account.kept import VKEY, Kept, files_of, point_of
from equipoise.account.outside import Published
from equipoise.account.refusal import LedgerRefused
from equipoise.account.tiles import pack_entries
from equipoise.account.verify import verify_ledger


@pytest.mark.parametrize("size", [0, 1, 2, 3, 255, 256, 257, 511, 512, 700])
def test_the_edge_read_from_tiles_is_the_edge(size):
    kept = Kept(size)
    assert Published(files_of(kept), point_of(kept)).edge() == kept.frontier


def test_the_edge_of_a_tree_of_three_levels_is_the_edge():
    kept = Kept(65_536 + 300)
    published = Published(files_of(kept), point_of(kept))
    assert published.edge() == kept.frontier
    assert published.view().root(65_536) == published.view().root(65_536)


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 600), st.data())
def test_what_is_read_passes_every_check_of_a_ledger(size, data):
    kept = Kept(size)
    published = Published(files_of(kept), point_of(kept))
    start = data.draw(st.integers(0, size))
    stop = data.draw(st.integers(start, size))
    assert published.leaves(start, stop) == kept.leaves(start, stop)
    assert verify_ledger(published, kept.checkpoints[-1], VKEY, published.edge()).holds


def test_a_changed_leaf_a_missing_file_and_a_cut_tile_are_refused():
    kept = Kept(300)
    honest = files_of(kept)

    def other_leaves(start, stop):
        return [b"eq1\x00" + bytes(32) for _ in range(start, stop)]

    published = Published(files_of(kept, other_leaves), point_of(kept))
    assert not verify_ledger(published, kept.checkpoints[-1], VKEY).holds
    for broken in (
        lambda path: None,
        lambda path: (honest(path) or b"")[:-1],
        lambda path: bytes(len(honest(path) or b"")),
    ):
        with pytest.raises(LedgerRefused):
            Published(broken, point_of(kept)).edge()
    with pytest.raises(LedgerRefused, match="needs 44 entries, got 1"):
        Published(lambda path: pack_entries([b"x"]), point_of(kept)).leaves(256, 300)
