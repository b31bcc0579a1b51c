"""The log checked for one person: their receipts under today's head, and that nothing was rewritten since."""

from collections.abc import Sequence

import msgspec

from equipoise.account.commitment import check_opening
from equipoise.account.ledger import prove
from equipoise.account.note import Checkpoint, NoteKey, encode64, open_checkpoint
from equipoise.account.proof import check_proof
from equipoise.account.refusal import LedgerRefused
from equipoise.account.tree import Frontier, check_consistency, read_frontier
from equipoise.account.view import TreeView
from equipoise.nouns.changes import Position, ReceiptRow
from equipoise.ports import Store


class LookedBack(msgspec.Struct, frozen=True):
    """What was found: size and root (base64) of the tree, how many receipts were proven under it.

    `since` is the size of the earlier tree that the present one was shown to continue (0: none was
    asked about); `complaint` is empty where everything holds.
    """

    size: int
    root: str
    proven: int
    since: int
    complaint: str = ""


class LookingBack:
    """Looks back over the ledger of one store, under its public key; keeps nothing."""

    def __init__(self, store: Store, key: NoteKey) -> None:
        self._store = store
        self._key = key

    def since(self, rows: Sequence[ReceiptRow]) -> LookedBack:
        """Open and prove these receipts, and that the head continues the tree of the oldest one."""
        position = self._store.position()
        if not position.checkpoint:
            return LookedBack(0, "", 0, 0)
        try:
            point = open_checkpoint(position.checkpoint, self._key)
            view = _view(self._store, position)
            for row in rows:
                self._prove(row, view, position.checkpoint)
            since = min((row.leaf + 1 for row in rows), default=0)
            if since:
                _continues(view, Checkpoint(point.origin, since, view.root(since)), point)
        except LedgerRefused as refused:
            return LookedBack(position.leaves, "", 0, 0, str(refused))
        return LookedBack(point.size, encode64(point.root), len(rows), since)

    def kept(self, text: str) -> LookedBack:
        """Whether the present head continues a signed head of ours that somebody kept."""
        position = self._store.position()
        try:
            old = open_checkpoint(text, self._key)
            point = open_checkpoint(position.checkpoint, self._key)
            if old.size:
                _continues(_view(self._store, position), old, point)
        except LedgerRefused as refused:
            return LookedBack(position.leaves, "", 0, 0, str(refused))
        return LookedBack(point.size, encode64(point.root), 0, old.size)

    def _prove(self, row: ReceiptRow, view: TreeView, checkpoint: str) -> None:
        leaf = self._store.leaf(row.leaf)
        if leaf is None:
            raise LedgerRefused(f"receipt {row.seq} names leaf {row.leaf}, which is not there")
        check_opening(leaf, row.body, row.salt)
        check_proof(prove(view, checkpoint, row.leaf), leaf, self._key)


def _continues(view: TreeView, old: Checkpoint, new: Checkpoint) -> None:
    """Raise `LedgerRefused` where the tree of `old` does not begin the tree of `new`."""
    path = view.consistency(old.size, new.size)
    check_consistency(old.size, old.root, new.size, new.root, path)


def _view(store: Store, position: Position) -> TreeView:
    frontier = read_frontier(position.frontier) if position.frontier else Frontier()
    return TreeView(store, frontier)
