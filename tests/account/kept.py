"""A ledger kept in memory for the tests of this room: leaves, tiles, every checkpoint."""

from equipoise.account.bundle import Bundle, write_bundle
from equipoise.account.commitment import commit
from equipoise.account.ledger import prove, seal
from equipoise.account.note import NoteSigner
from equipoise.account.tree import Frontier
from equipoise.account.view import TreeView
from equipoise.canon import canonical

ORIGIN = "ledger.example/shop"
SIGNER = NoteSigner(ORIGIN, bytes(range(32)))
VKEY = SIGNER.key.vkey


def receipt(number):
    """A receipt of the shape that the engine writes."""
    return {
        "v": 1,
        "type": "decision",
        "id": f"d_{number}",
        "why": "café",
        "p": "0.25",
        "holds": None,
    }


def salt(number):
    """A salt that differs from receipt to receipt."""
    return number.to_bytes(32, "big")


class Kept:
    """Seals receipts batch by batch and answers as the `Ledger` port does."""

    def __init__(self, *batches):
        self.frontier = Frontier()
        self.all_leaves = []
        self.tiles = {}
        self.checkpoints = []
        for count in batches:
            self.take(count)

    def take(self, count):
        start = len(self.all_leaves)
        numbers = range(start, start + count)
        leaves = [commit(canonical(receipt(number)), salt(number)) for number in numbers]
        sealed = seal(self.frontier, leaves, ORIGIN, [SIGNER])
        self.frontier = sealed.frontier
        self.all_leaves += leaves
        self.tiles |= {(tile.level, tile.index): tile.hashes for tile in sealed.tiles}
        self.checkpoints.append(sealed.checkpoint)

    def leaves(self, start, stop):
        return self.all_leaves[start:stop]

    def tile(self, level, index):
        return self.tiles.get((level, index))

    def bundle(self, number):
        """The file that the person of this receipt takes away."""
        proof = prove(TreeView(self, self.frontier), self.checkpoints[-1], number)
        return write_bundle(Bundle(canonical(receipt(number)), salt(number), proof, VKEY))
