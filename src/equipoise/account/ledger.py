"""Sealing: the leaves of one commit enter the tree and its new head is signed."""

from collections.abc import Sequence

import msgspec

from equipoise.account.note import Checkpoint, Signer, read_checkpoint, read_note, write_checkpoint
from equipoise.account.proof import TlogProof
from equipoise.account.refusal import LedgerRefused
from equipoise.account.tiles import MAX_ENTRY_BYTES
from equipoise.account.tree import Frontier, append, leaf_hash
from equipoise.account.view import TreeView
from equipoise.nouns.changes import Tile


class Sealed(msgspec.Struct, frozen=True):
    """What one commit adds to the ledger: its new edge, its signed head, the tiles now complete."""

    frontier: Frontier
    checkpoint: str
    tiles: list[Tile]


def seal(
    frontier: Frontier, leaves: Sequence[bytes], origin: str, signers: Sequence[Signer]
) -> Sealed:
    """The ledger after these leaves, signed once for all of them; reads nothing, writes nothing.

    The first of the leaves gets index `frontier.size`. Raises `LedgerRefused` on a leaf that no
    entry bundle could hold, and without a signer.
    """
    for leaf in leaves:
        if len(leaf) > MAX_ENTRY_BYTES:
            raise LedgerRefused(f"a leaf needs at most {MAX_ENTRY_BYTES} bytes, got {len(leaf)}")
    grown, tiles = append(frontier, [leaf_hash(leaf) for leaf in leaves])
    point = Checkpoint(origin, grown.size, grown.root())
    return Sealed(grown, write_checkpoint(point, signers), tiles)


def prove(view: TreeView, checkpoint: str, index: int) -> TlogProof:
    """The proof that leaf `index` is under a checkpoint of this ledger, of now or of earlier.

    Raises `LedgerRefused` if the leaf came after the checkpoint or a tile is missing.
    """
    point = read_checkpoint(read_note(checkpoint).text)
    return TlogProof(index, tuple(view.inclusion(index, point.size)), checkpoint)
