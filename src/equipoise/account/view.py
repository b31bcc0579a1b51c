"""Reading a tree through its tiles: roots and proofs of any size without touching the leaves."""

from typing import Protocol

from equipoise.account.refusal import LedgerRefused
from equipoise.account.tree import (
    EMPTY_ROOT,
    HASH_BYTES,
    TILE_HEIGHT,
    TILE_WIDTH,
    Frontier,
    node_hash,
)

KEPT_TILES = 64
"""How many opened tiles (16 kB each) a view keeps."""


class TileSource(Protocol):
    """Whatever holds complete tiles; every `Ledger` port does."""

    def tile(self, level: int, index: int) -> bytes | None:
        """The 8,192 bytes of one complete tile, or None."""
        ...


class TreeView:
    """A tree as it stands at a frontier: complete tiles from a source, the rest from the frontier.

    A proof opens two or three tiles at millions of leaves; opened tiles are kept, so that many
    proofs from one view cost little. Every method raises `LedgerRefused` where a tile is missing.
    """

    def __init__(self, source: TileSource, frontier: Frontier) -> None:
        self._source = source
        self._frontier = frontier
        self._opened: dict[tuple[int, int], list[list[bytes]]] = {}

    @property
    def size(self) -> int:
        """The number of leaves."""
        return self._frontier.size

    def root(self, size: int | None = None) -> bytes:
        """The root of the tree, now or as it was at an earlier size; 32 bytes."""
        size = self._within(self.size if size is None else size, 0, self.size)
        return self._range(0, size) if size else EMPTY_ROOT

    def inclusion(self, index: int, size: int | None = None) -> list[bytes]:
        """The proof of leaf `index` in the tree of `size`, leaf side first (RFC 9162, 2.1.3.1)."""
        size = self._within(self.size if size is None else size, 1, self.size)
        self._within(index, 0, size - 1)
        start, stop, path = 0, size, []
        while stop - start > 1:
            middle = start + _split(stop - start)
            if index < middle:
                path.append(self._range(middle, stop))
                stop = middle
            else:
                path.append(self._range(start, middle))
                start = middle
        return path[::-1]

    def consistency(self, old_size: int, size: int | None = None) -> list[bytes]:
        """The proof that the tree of `old_size` begins the tree of `size` (RFC 9162, 2.1.4.1)."""
        size = self._within(self.size if size is None else size, 1, self.size)
        self._within(old_size, 1, size)
        start, stop, path = 0, size, []
        while old_size != stop:
            middle = start + _split(stop - start)
            if old_size <= middle:
                path.append(self._range(middle, stop))
                stop = middle
            else:
                path.append(self._range(start, middle))
                start = middle
        # Where the old tree is a perfect subtree at the very left, its root is known to the reader.
        if start:
            path.append(self._range(start, stop))
        return path[::-1]

    def _within(self, number: int, least: int, most: int) -> int:
        if not least <= number <= most:
            raise LedgerRefused(f"needs a number from {least} to {most}, got {number}")
        return number

    def _range(self, start: int, stop: int) -> bytes:
        """The hash over the leaves from start up to stop, where start suits an RFC 6962 split."""
        parts = []
        while start < stop:
            span = _largest_power(stop - start)
            height = span.bit_length() - 1
            parts.append(self._node(height, start >> height))
            start += span
        root = parts.pop()
        while parts:
            root = node_hash(parts.pop(), root)
        return root

    def _node(self, height: int, index: int) -> bytes:
        """The root of the perfect subtree of this height; it always lies inside one tile."""
        level, rise = divmod(height, TILE_HEIGHT)
        tile, at = divmod(index << rise, TILE_WIDTH)
        return self._open(level, tile)[rise][at >> rise]

    def _open(self, level: int, index: int) -> list[list[bytes]]:
        """The hashes of a tile and, above them, of the eight heights up to its own root."""
        rows = self._opened.get((level, index))
        if rows is None:
            blob = self._tile(level, index)
            row = [blob[at : at + HASH_BYTES] for at in range(0, len(blob), HASH_BYTES)]
            rows = [row]
            while len(row) > 1:
                pairs = zip(row[::2], row[1::2], strict=False)
                row = [node_hash(left, right) for left, right in pairs]
                rows.append(row)
            while len(self._opened) >= KEPT_TILES:
                del self._opened[next(iter(self._opened))]
            self._opened[level, index] = rows
        return rows

    def _tile(self, level: int, index: int) -> bytes:
        width = self.size >> (TILE_HEIGHT * level)
        if index == width // TILE_WIDTH and width % TILE_WIDTH:
            return self._frontier.pending[level]
        blob = self._source.tile(level, index)
        if blob is None or len(blob) != TILE_WIDTH * HASH_BYTES:
            came = "none" if blob is None else f"{len(blob)} bytes"
            raise LedgerRefused(
                f"tile {level}/{index} needs {TILE_WIDTH * HASH_BYTES} bytes, got {came}: "
                "the ledger is damaged; restore it from a backup"
            )
        return blob


def _largest_power(number: int) -> int:
    """The largest power of two that is not above the number."""
    return 1 << (number.bit_length() - 1)


def _split(width: int) -> int:
    """Where RFC 6962 splits a range of this width: the largest power of two below it."""
    return _largest_power(width - 1)
