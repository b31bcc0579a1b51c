"""A ledger as somebody outside reads it: its signed head and its tiles, from an address or a folder."""

from collections.abc import Callable

from equipoise.account.note import Checkpoint
from equipoise.account.refusal import LedgerRefused
from equipoise.account.tiles import TilePlace, tile_path, unpack_entries
from equipoise.account.tree import HASH_BYTES, TILE_HEIGHT, TILE_WIDTH, Frontier, node_hash
from equipoise.account.view import TreeView

Fetch = Callable[[str], bytes | None]
"""The bytes published under a path such as `checkpoint` or `tile/0/000`, or None where nothing is."""

MAX_FILE_BYTES = TILE_WIDTH * (2 + 65_535)
"""The largest file that a ledger publishes: an entry bundle of the longest leaves."""


class Published:
    """The leaves and tiles under one signed head, fetched as C2SP tlog-tiles names them.

    Satisfies what `verify_ledger` and `TreeView` read. Raises `LedgerRefused` where a file is not
    there or has another length than the head says.
    """

    def __init__(self, fetch: Fetch, point: Checkpoint) -> None:
        self._fetch = fetch
        self._point = point

    def tile(self, level: int, index: int) -> bytes | None:
        """The hashes of one tile, as many as the tree of this head has there."""
        place = self._place(level, index)
        blob = self._need(tile_path(place))
        if len(blob) != place.width * HASH_BYTES:
            raise LedgerRefused(
                f"{tile_path(place)} needs {place.width * HASH_BYTES} bytes, got {len(blob)}"
            )
        return blob

    def leaves(self, start: int, stop: int) -> list[bytes]:
        """The leaves from `start` up to but not including `stop`."""
        found: list[bytes] = []
        for index in range(start // TILE_WIDTH, -(-stop // TILE_WIDTH)):
            place = self._place(None, index)
            bundle = unpack_entries(self._need(tile_path(place)))
            if len(bundle) != place.width:
                raise LedgerRefused(
                    f"{tile_path(place)} needs {place.width} entries, got {len(bundle)}"
                )
            first = index * TILE_WIDTH
            found += bundle[max(start - first, 0) : stop - first]
        return found

    def edge(self) -> Frontier:
        """The right edge of the tree: the tiles that are not full, and the roots of its subtrees.

        Raises `LedgerRefused` unless these tiles lead to the root that was signed.
        """
        size = self._point.size
        pending, edge = [], []
        level = 0
        while size >> (TILE_HEIGHT * level):
            count = size >> (TILE_HEIGHT * level)
            width = count % TILE_WIDTH
            blob = (self.tile(level, count // TILE_WIDTH) or b"") if width else b""
            pending.append(blob)
            row = [blob[at : at + HASH_BYTES] for at in range(0, len(blob), HASH_BYTES)]
            for rise in range(TILE_HEIGHT):
                if width >> rise & 1:
                    edge.append(row.pop())
                row = [
                    node_hash(left, right) for left, right in zip(row[::2], row[1::2], strict=True)
                ]
            level += 1
        frontier = Frontier(size, tuple(edge), tuple(pending))
        if frontier.root() != self._point.root:
            raise LedgerRefused("the tiles lead to another root than the one that was signed")
        return frontier

    def view(self) -> TreeView:
        """The tree of this head, for proofs. Raises as `edge` does."""
        return TreeView(self, self.edge())

    def _place(self, level: int | None, index: int) -> TilePlace:
        count = self._point.size >> (TILE_HEIGHT * (level or 0))
        return TilePlace(level, index, min(TILE_WIDTH, count - index * TILE_WIDTH))

    def _need(self, path: str) -> bytes:
        blob = self._fetch(path)
        if blob is None:
            raise LedgerRefused(f"{path} is not published, though the signed head reaches it")
        return blob
