"""The Merkle tree of RFC 6962 / RFC 9162 over SHA-256, grown from its right edge alone.

A leaf is `H(0x00 || data)`, a node `H(0x01 || left || right)`, the empty tree `H("")`. The hashes
at every eighth height are gathered 256 wide into tiles (C2SP tlog-tiles): level L of the tiles is
height 8 L of the tree.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import Final

import msgspec

from equipoise.account.refusal import LedgerRefused
from equipoise.nouns.changes import Tile

HASH_BYTES: Final = 32
TILE_HEIGHT: Final = 8
TILE_WIDTH: Final = 256
EMPTY_ROOT: Final = sha256(b"").digest()
"""The root of a tree without leaves."""


def leaf_hash(data: bytes) -> bytes:
    """The 32-byte hash of one leaf's data (RFC 6962, 2.1)."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The 32-byte hash over two neighbours of one height (RFC 6962, 2.1)."""
    return sha256(b"\x01" + left + right).digest()


class Frontier(msgspec.Struct, frozen=True):
    """The right edge of a tree of `size` leaves: all that is needed to append, prove and publish.

    `edge` holds the roots of its perfect subtrees, smallest (rightmost) first: one per set bit of
    `size`. `pending[L]` holds the hashes of the tile of level L that is not yet 256 wide, 32 bytes
    each. About 8 kB at 100,000 leaves. Raises `ValueError` if the parts do not fit the size.
    """

    size: int = 0
    edge: tuple[bytes, ...] = ()
    pending: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a record whose lengths contradict its size."""
        widths = [HASH_BYTES * width for width in _pending_widths(self.size)]
        if (
            self.size < 0
            or len(self.edge) != self.size.bit_count()
            or not {*map(len, self.edge)} <= {HASH_BYTES}
            or [*map(len, self.pending)] != widths
        ):
            raise ValueError(
                f"a frontier of {self.size} leaves needs {self.size.bit_count()} edge hashes and "
                f"pending tiles of {widths} bytes; it was damaged, or written by another release"
            )

    def root(self) -> bytes:
        """The root of the tree (RFC 9162, 2.1.1), 32 bytes."""
        if not self.edge:
            return EMPTY_ROOT
        root = self.edge[0]
        for left in self.edge[1:]:
            root = node_hash(left, root)
        return root

    def encode(self) -> bytes:
        """The frontier as bytes for `Changes.frontier` (MessagePack)."""
        return _encode(self)


_encode = msgspec.msgpack.Encoder().encode
_decoder = msgspec.msgpack.Decoder(Frontier)


def read_frontier(blob: bytes) -> Frontier:
    """The frontier that `encode` wrote; `b""` is the empty tree. Raises `LedgerRefused`."""
    if not blob:
        return Frontier()
    try:
        return _decoder.decode(blob)
    except msgspec.DecodeError as fault:
        raise LedgerRefused(f"the ledger's frontier cannot be read: {fault}") from None


def append(frontier: Frontier, hashes: Sequence[bytes]) -> tuple[Frontier, list[Tile]]:
    """The frontier after these leaf hashes, and every tile that they completed, lowest level first.

    Appending in one batch or in many gives the same frontier and, together, the same tiles. Costs
    one node hash per leaf.
    """
    size, total = frontier.size, frontier.size + len(hashes)
    old_edge, edge = list(frontier.edge), []
    pending: list[bytes] = []
    tiles: list[Tile] = []
    row, height = list(hashes), 0
    while row:
        if height % TILE_HEIGHT == 0:
            level = height // TILE_HEIGHT
            kept = frontier.pending[level] if level < len(frontier.pending) else b""
            first = (size >> height) // TILE_WIDTH
            complete, rest = _cut(level, first, kept + b"".join(row))
            tiles += complete
            pending.append(rest)
        if (size >> height) & 1:
            row.insert(0, old_edge.pop(0))
        if len(row) & 1:
            edge.append(row.pop())
        pairs = iter(row)
        row = [
            sha256(b"\x01" + left + right).digest()
            for left, right in zip(pairs, pairs, strict=True)
        ]
        height += 1
    # Nothing new reaches this height: the rest of the edge stands as it was.
    edge += old_edge
    pending += frontier.pending[len(pending) :]
    return Frontier(total, tuple(edge), tuple(pending)), tiles


def check_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> None:
    """Raise `LedgerRefused` unless the proof leads from the leaf hash at `index` to the root.

    RFC 9162, 2.1.3.2; every hash must be 32 bytes long.
    """
    _need_hashes([leaf, root, *proof])
    if not 0 <= index < size:
        raise LedgerRefused(f"index {index} is outside a tree of {size} leaves")
    at, last, reached = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise LedgerRefused("the inclusion proof is longer than its path")
        if at & 1 or at == last:
            reached = node_hash(sibling, reached)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            reached = node_hash(reached, sibling)
        at, last = at >> 1, last >> 1
    if last != 0:
        raise LedgerRefused("the inclusion proof is shorter than its path")
    if reached != root:
        raise LedgerRefused("the inclusion proof leads to another root: this leaf is not there")


def check_consistency(
    old_size: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]
) -> None:
    """Raise `LedgerRefused` unless the tree of `size` begins with the tree of `old_size`.

    RFC 9162, 2.1.4.2, for 1 <= old_size <= size: an empty tree says nothing about what follows it.
    """
    _need_hashes([old_root, root, *proof])
    if not 1 <= old_size <= size:
        raise LedgerRefused(f"consistency needs 1 <= old size <= size, got {old_size} and {size}")
    if old_size == size:
        if proof or old_root != root:
            raise LedgerRefused("two trees of one size need one root and an empty proof")
        return
    # The old root opens the path itself where the old tree is a perfect subtree.
    path = [old_root, *proof] if old_size & (old_size - 1) == 0 else list(proof)
    if not path:
        raise LedgerRefused("the consistency proof is empty")
    if _climb_both(old_size, size, path) != (old_root, root):
        raise LedgerRefused("the old tree is not the beginning of the new one: history was changed")


def _climb_both(old_size: int, size: int, path: Sequence[bytes]) -> tuple[bytes, bytes]:
    """The old and the new root that a consistency path leads to."""
    at, last = old_size - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    old_reached = reached = path[0]
    for part in path[1:]:
        if last == 0:
            raise LedgerRefused("the consistency proof is longer than its path")
        if at & 1 or at == last:
            old_reached, reached = node_hash(part, old_reached), node_hash(part, reached)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            reached = node_hash(reached, part)
        at, last = at >> 1, last >> 1
    if last != 0:
        raise LedgerRefused("the consistency proof is shorter than its path")
    return old_reached, reached


def _pending_widths(size: int) -> list[int]:
    """How many hashes each level's incomplete tile holds, up to the highest level with any hash."""
    widths = []
    while size > 0:
        widths.append(size % TILE_WIDTH)
        size //= TILE_WIDTH
    return widths


def _cut(level: int, first: int, hashes: bytes) -> tuple[list[Tile], bytes]:
    step = HASH_BYTES * TILE_WIDTH
    whole = len(hashes) - len(hashes) % step
    tiles = [
        Tile(level, first + at // step, hashes[at : at + step]) for at in range(0, whole, step)
    ]
    return tiles, hashes[whole:]


def _need_hashes(hashes: Sequence[bytes]) -> None:
    for item in hashes:
        if len(item) != HASH_BYTES:
            raise LedgerRefused(f"a hash is {HASH_BYTES} bytes long, got {len(item)}")
