"""The ledger as outsiders see it: its files, the bundle of one receipt, and a look at its own health."""

from collections.abc import Sequence

import msgspec

from equipoise.account.bundle import Bundle, write_bundle
from equipoise.account.commitment import check_opening
from equipoise.account.ledger import prove
from equipoise.account.note import NoteKey, encode64, open_checkpoint
from equipoise.account.proof import check_proof
from equipoise.account.refusal import LedgerRefused
from equipoise.account.tiles import pack_entries, read_tile_path
from equipoise.account.tree import HASH_BYTES, TILE_HEIGHT, TILE_WIDTH, Frontier, read_frontier
from equipoise.account.view import TreeView
from equipoise.account.witness import Asked
from equipoise.account.witnessed import Witnessed
from equipoise.nouns.changes import Position, ReceiptRow
from equipoise.ports import Store


class Found(msgspec.Struct, frozen=True):
    """What a look at the ledger found: its size and root (base64), how many receipts were proven.

    `complaint` is empty where everything holds.
    """

    size: int
    root: str
    checked: int
    complaint: str = ""


class Publisher:
    """Publishes the ledger of one store under its public key, with what its witnesses signed.

    Nothing of the ledger is kept between two questions.
    """

    def __init__(self, store: Store, key: NoteKey, witnessed: Witnessed | None = None) -> None:
        self._store = store
        self._key = key
        self._witnessed = witnessed

    @property
    def vkey(self) -> str:
        """The public key as C2SP writes it."""
        return self._key.vkey

    def head(self) -> str:
        """The signed head to show, with the names of its witnesses; "" before the first receipt."""
        newest = self._store.position().checkpoint
        return newest if self._witnessed is None else self._witnessed.shown(newest)

    def newest(self) -> str:
        """The newest signed head, whoever has seen it; "" before the first receipt."""
        return self._store.position().checkpoint

    def witness(self, text: str) -> tuple[str, ...]:
        """Take cosignatures under one of our heads; the names of its witnesses. Raises `LedgerRefused`."""
        if self._witnessed is None:
            raise LedgerRefused("this house names no witness; see the setting witnesses")
        return self._witnessed.take(text, _view(self._store, self._store.position()))

    def ask(self, old_size: int) -> Asked:
        """What to ask of a witness that last signed `old_size` leaves: our newest head, and its proof.

        Raises `LedgerRefused` before the first receipt, and where we have fewer leaves than that.
        """
        position = self._store.position()
        if not position.checkpoint:
            raise LedgerRefused("the ledger is empty, so there is no head to sign yet")
        proof = _view(self._store, position).consistency(old_size) if old_size else []
        return Asked(old_size, tuple(proof), position.checkpoint)

    def bundle(self, seq: int) -> bytes | None:
        """The bundle file of one receipt; None where there is none, or it has been erased."""
        found = self.bundles([seq]).get(seq)
        return None if found is None else write_bundle(found)

    def bundles(self, seqs: Sequence[int]) -> dict[int, Bundle]:
        """The receipts with these numbers, as far as they still exist, each with its proof."""
        rows = self._store.receipts(seqs)
        position = self._store.position()
        view = _view(self._store, position)
        found = {}
        for seq, row in rows.items():
            head = position.checkpoint
            if self._witnessed is not None and row.leaf < self._witnessed.size:
                # A proof under a head that witnesses signed convinces more people than a newer one.
                head = self._witnessed.text
            found[seq] = Bundle(row.body, row.salt, prove(view, head, row.leaf), self.vkey)
        return found

    def file(self, path: str) -> bytes | None:
        """The bytes at a path such as `tile/0/x001/234.p/112`; None where the tree does not reach.

        A part that has been completed since is still served, as the first of the complete tile.
        """
        try:
            place = read_tile_path(path)
        except LedgerRefused:
            return None
        position = self._store.position()
        size = position.leaves >> (TILE_HEIGHT * (place.level or 0))
        start = place.index * TILE_WIDTH
        if start + place.width > size:
            return None
        if place.level is None:
            return pack_entries(self._store.leaves(start, start + place.width))
        whole = self._store.tile(place.level, place.index)
        if whole is None:
            whole = _edge(position).pending[place.level]
        return whole[: place.width * HASH_BYTES]

    def health(self, most: int) -> Found:
        """Open the newest `most` receipts and prove each under the signed head."""
        rows = self._store.newest_receipts(most)
        position = self._store.position()
        if not position.checkpoint:
            return Found(0, "", 0)
        try:
            point = open_checkpoint(position.checkpoint, self._key)
            view = _view(self._store, position)
            for row in rows:
                self._prove(row, view, position.checkpoint)
        except LedgerRefused as refused:
            return Found(position.leaves, "", 0, str(refused))
        return Found(point.size, encode64(point.root), len(rows))

    def _prove(self, row: ReceiptRow, view: TreeView, checkpoint: str) -> None:
        leaf = self._store.leaf(row.leaf)
        if leaf is None:
            raise LedgerRefused(f"receipt {row.seq} names leaf {row.leaf}, which is not there")
        check_opening(leaf, row.body, row.salt)
        check_proof(prove(view, checkpoint, row.leaf), leaf, self._key)


def _edge(position: Position) -> Frontier:
    return read_frontier(position.frontier) if position.frontier else Frontier()


def _view(store: Store, position: Position) -> TreeView:
    return TreeView(store, _edge(position))
