"""The tree is that of RFC 6962: known roots and proofs, another library, and its own definition."""

import itertools
import random

import pymerkle
import pytest
from hypothesis import given
from hypothesis import strategies as st

from account.kept import Kept
from account.reference import (
    REFERENCE_CONSISTENCY,
    REFERENCE_INCLUSION,
    REFERENCE_LEAVES,
    REFERENCE_ROOTS,
    unhex,
)
from equipoise.account.refusal import LedgerRefused
from equipoise.account.tree import (
    EMPTY_ROOT,
    Frontier,
    append,
    check_consistency,
    check_inclusion,
    leaf_hash,
    node_hash,
    read_frontier,
)
from equipoise.account.view import KEPT_TILES, TreeView


def defined_root(hashes):
    """The recursive definition of RFC 6962, 2.1."""
    if len(hashes) <= 1:
        return hashes[0] if hashes else EMPTY_ROOT
    split = 1 << ((len(hashes) - 1).bit_length() - 1)
    return node_hash(defined_root(hashes[:split]), defined_root(hashes[split:]))


def grown(hashes):
    """A view of the tree over these leaf hashes."""
    frontier, tiles = append(Frontier(), hashes)
    kept = Kept()
    kept.tiles = {(tile.level, tile.index): tile.hashes for tile in tiles}
    return TreeView(kept, frontier)


HASHES = [leaf_hash(str(number).encode()) for number in range(1500)]


def test_the_empty_tree_has_the_root_of_the_standard():
    assert (
        Frontier().root()
        == EMPTY_ROOT
        == bytes.fromhex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    )


@pytest.mark.parametrize("size", range(1, 9))
def test_the_reference_tree_has_its_published_roots(size):
    frontier, _ = append(Frontier(), [leaf_hash(leaf) for leaf in REFERENCE_LEAVES[:size]])
    assert frontier.root() == REFERENCE_ROOTS[size - 1]


@pytest.mark.parametrize(("index", "size", "path"), REFERENCE_INCLUSION)
def test_the_published_inclusion_proofs_are_made_and_accepted(index, size, path):
    view = grown([leaf_hash(leaf) for leaf in REFERENCE_LEAVES])
    assert view.inclusion(index, size) == unhex(path)
    leaf = leaf_hash(REFERENCE_LEAVES[index])
    check_inclusion(leaf, index, size, unhex(path), REFERENCE_ROOTS[size - 1])


@pytest.mark.parametrize(("old", "size", "path"), REFERENCE_CONSISTENCY)
def test_the_published_consistency_proofs_are_made_and_accepted(old, size, path):
    view = grown([leaf_hash(leaf) for leaf in REFERENCE_LEAVES])
    assert view.consistency(old, size) == unhex(path)
    check_consistency(old, REFERENCE_ROOTS[old - 1], size, REFERENCE_ROOTS[size - 1], unhex(path))


def flipped(hashes):
    """Each list that differs from the hashes in one bit of one of them."""
    for at, item in enumerate(hashes):
        for bit in (0, 100, 255):
            changed = (int.from_bytes(item, "big") ^ (1 << bit)).to_bytes(32, "big")
            yield [*hashes[:at], changed, *hashes[at + 1 :]]


def wrong_paths(path, roots):
    """Paths near a right one: bits flipped, hashes missing, doubled, put before or after it."""
    yield from flipped(path)
    for extra in (b"", b"\x00" * 31, *roots):
        yield [*path, extra]
        yield [extra, *path]
    if path:
        yield path[:-1]
        yield path[1:]
        yield [path[0], *path]


@pytest.mark.parametrize(("index", "size", "path"), REFERENCE_INCLUSION)
def test_every_wrong_inclusion_proof_is_refused(index, size, path):
    path, root = unhex(path), REFERENCE_ROOTS[size - 1]
    leaf = leaf_hash(REFERENCE_LEAVES[index])
    wrong = [(leaf, index, size, other, root) for other in wrong_paths(path, [root, EMPTY_ROOT])]
    wrong += [(leaf, at, size, path, root) for at in (index - 1, index + 1, index ^ 2)]
    wrong += [(leaf, index, other, path, root) for other in (size * 2, size // 2, 0, -1)]
    wrong += [(leaf, index, size, path, other) for other in (EMPTY_ROOT, b"")]
    wrong += [(leaf, index, size, path, other[0]) for other in flipped([root])]
    wrong += [(other, index, size, path, root) for other in (b"", b"WrongLeaf", EMPTY_ROOT)]
    for case in wrong:
        with pytest.raises(LedgerRefused):
            check_inclusion(*case)


@pytest.mark.parametrize(("old", "size", "path"), REFERENCE_CONSISTENCY[1:])
def test_every_wrong_consistency_proof_is_refused(old, size, path):
    path, old_root, root = unhex(path), REFERENCE_ROOTS[old - 1], REFERENCE_ROOTS[size - 1]
    wrong = [(old, old_root, size, root, other) for other in wrong_paths(path, [old_root, root])]
    wrong += [(other, old_root, size, root, path) for other in (0, -1, old - 1, old + 1, old ^ 2)]
    wrong += [(old, old_root, other, root, path) for other in (size * 2, size // 2, old)]
    wrong += [(old, root, size, old_root, path), (old, b"Wrong", size, root, path)]
    wrong += [(old, old_root, size, root, [])]
    wrong += [(old, other[0], size, root, path) for other in flipped([old_root])]
    wrong += [(old, old_root, size, other[0], path) for other in flipped([root])]
    for case in wrong:
        with pytest.raises(LedgerRefused):
            check_consistency(*case)


def test_an_empty_tree_is_consistent_with_nothing():
    """An old size of 0 would accept any history."""
    for size in (0, 1, 8):
        with pytest.raises(LedgerRefused, match="1 <= old size"):
            check_consistency(0, EMPTY_ROOT, size, REFERENCE_ROOTS[size - 1], [])


def test_one_size_needs_one_root():
    with pytest.raises(LedgerRefused, match="one root"):
        check_consistency(3, REFERENCE_ROOTS[2], 3, REFERENCE_ROOTS[3], [])


def test_roots_and_proofs_agree_with_another_library():
    """`pymerkle` counts leaves from 1 and writes each proof with the leaf's own hash first."""
    other = pymerkle.InmemoryTree(algorithm="sha256")
    frontier, tiles = Frontier(), {}
    kept = Kept()
    for size in range(1, 301):
        other.append_entry(str(size - 1).encode())
        frontier, done = append(frontier, HASHES[size - 1 : size])
        tiles |= {(tile.level, tile.index): tile.hashes for tile in done}
        assert frontier.root() == other.get_root(size)
        kept.tiles = tiles
        view = TreeView(kept, frontier)
        index = (size * 37) % size
        proof = other.prove_inclusion(index + 1, size)
        pymerkle.verify_inclusion(HASHES[index], frontier.root(), proof)
        assert view.inclusion(index) == [bytes.fromhex(x) for x in proof.serialize()["path"][1:]]


def test_any_way_of_cutting_batches_gives_the_same_tree_and_tiles():
    whole, all_tiles = append(Frontier(), HASHES)
    draw = random.Random(7)
    for _ in range(5):
        frontier, tiles = Frontier(), []
        while frontier.size < len(HASHES):
            count = draw.choice([0, 1, 2, 3, 100, 256, 700])
            frontier, done = append(frontier, HASHES[frontier.size : frontier.size + count])
            tiles += done
            assert frontier.root() == defined_root(HASHES[: frontier.size])
        assert frontier == whole
        assert sorted(tiles, key=str) == sorted(all_tiles, key=str)


def test_tiles_hold_the_hashes_of_every_eighth_height():
    frontier, tiles = append(Frontier(), [leaf_hash(b"%d" % n) for n in range(70_000)])
    held = {(tile.level, tile.index): tile.hashes for tile in tiles}
    assert sorted(held) == [*((0, n) for n in range(273)), (1, 0)]
    assert [len(part) // 32 for part in frontier.pending] == [112, 17, 1]
    hashes = [leaf_hash(b"%d" % n) for n in range(512)]
    assert held[0, 1] == b"".join(hashes[256:])
    assert held[1, 0][32:64] == defined_root(hashes[256:])


@given(st.integers(1, 1500), st.data())
def test_proofs_of_every_size_are_accepted_and_lead_to_the_defined_root(size, data):
    view = VIEW
    root = view.root(size)
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    check_inclusion(HASHES[index], index, size, view.inclusion(index, size), root)
    check_consistency(old, view.root(old), size, root, view.consistency(old, size))
    assert view.root(old) == defined_root(HASHES[:old])


VIEW = grown(HASHES)


def test_a_view_refuses_what_lies_outside_the_tree():
    for ask in (
        lambda: VIEW.root(1501),
        lambda: VIEW.inclusion(1500),
        lambda: VIEW.inclusion(-1),
        lambda: VIEW.inclusion(0, 0),
        lambda: VIEW.inclusion(7, 7),
        lambda: VIEW.consistency(0),
        lambda: VIEW.consistency(9, 8),
    ):
        with pytest.raises(LedgerRefused, match="needs a number"):
            ask()


@pytest.mark.parametrize("blob", [None, b"", b"x" * 8191])
def test_a_missing_or_short_tile_is_told(blob):
    frontier, _ = append(Frontier(), HASHES)
    kept = Kept()
    kept.tiles = {(0, n): blob for n in range(5)}
    with pytest.raises(LedgerRefused, match="tile 0/0 needs 8192 bytes"):
        TreeView(kept, frontier).inclusion(3)


def test_a_view_keeps_a_bounded_number_of_tiles():
    hashes = [leaf_hash(b"%d" % n) for n in range(256 * (KEPT_TILES + 5))]
    view = grown(hashes)
    for index in range(0, len(hashes), 256):
        check_inclusion(hashes[index], index, view.size, view.inclusion(index), view.root())
    assert len(view._opened) <= KEPT_TILES


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 1500])
def test_a_frontier_survives_its_bytes(size):
    frontier, _ = append(Frontier(), HASHES[:size])
    assert read_frontier(frontier.encode()) == frontier


def test_no_bytes_are_the_empty_frontier():
    assert read_frontier(b"") == Frontier()


@pytest.mark.parametrize(
    ("size", "edge", "pending"),
    [
        (-1, (), ()),
        (1, (), (b"x" * 32,)),
        (1, (b"x" * 32,), ()),
        (1, (b"x" * 31,), (b"x" * 32,)),
        (2, (b"x" * 32,), (b"x" * 32,)),
        (256, (b"x" * 32,), (b"x" * 32,)),
    ],
)
def test_a_frontier_whose_parts_contradict_its_size_is_refused(size, edge, pending):
    with pytest.raises(ValueError, match="a frontier of"):
        Frontier(size, edge, pending)


@given(st.binary(max_size=200))
def test_hostile_bytes_are_no_frontier_or_a_sound_one(blob):
    try:
        frontier = read_frontier(blob)
    except LedgerRefused:
        return
    assert len(frontier.edge) == frontier.size.bit_count()


def test_a_damaged_frontier_is_refused():
    frontier, _ = append(Frontier(), HASHES[:300])
    blob = frontier.encode()
    for cut in (1, 40, len(blob) - 1):
        with pytest.raises(LedgerRefused, match="frontier cannot be read"):
            read_frontier(blob[:cut])


def test_pairs_of_sizes_around_a_tile_agree():
    """The seams of tiles, where a width is 0 or 256, are where a reader would go wrong."""
    sizes = [1, 2, 255, 256, 257, 511, 512, 513, 1023, 1024, 1025]
    for old, size in itertools.combinations(sizes, 2):
        for at in (old, size):
            frontier, _ = append(Frontier(), HASHES[:at])
            assert VIEW.root(at) == frontier.root()
        check_consistency(old, VIEW.root(old), size, VIEW.root(size), VIEW.consistency(old, size))
