"""A ledger kept in memory for the tests of this room: leaves, tiles, every checkpoint."""

from equipoise.account.bundle import Bundle, write_bundle
from equipoise.account.commitment import commit
from equipoise.account.ledger import prove, seal
from equipoise.account.note import Checkpoint, NoteSigner
from equipoise.account.tiles import pack_entries, read_tile_path
from equipoise.account.tree import HASH_BYTES, TILE_HEIGHT, TILE_WIDTH, Frontier
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


def files_of(kept, leaves_of=None):
    """Fetches the files of a kept ledger as a server or folder would hold them."""

    def fetch(path):
        if path in ("checkpoint", "checkpoint/newest"):
            return kept.checkpoints[-1].encode() if kept.checkpoints else None
        if path == "vkey":
            return f"{VKEY}\n".encode()
        place = read_tile_path(path)
        start = place.index * TILE_WIDTH
        if place.level is None:
            leaves = (leaves_of or kept.leaves)(start, start + place.width)
            return pack_entries(leaves)
        count = kept.frontier.size >> (TILE_HEIGHT * place.level)
        if start + place.width > count:
            return None
        whole = kept.tile(place.level, place.index) or kept.frontier.pending[place.level]
        return whole[: place.width * HASH_BYTES]

    return fetch


def point_of(kept):
    """The head of a kept ledger."""
    return Checkpoint(ORIGIN, kept.frontier.size, kept.frontier.root())


def forked(size, same=0):
    """Another history of this size that begins with the first `same` leaves of the honest one."""
    kept = Kept(size)
    kept.all_leaves = kept.leaves(0, same) + [b"eq1\x00" + bytes([7]) * 32] * (size - same)
    sealed = seal(Frontier(), kept.all_leaves, ORIGIN, [SIGNER])
    kept.frontier = sealed.frontier
    kept.tiles = {(tile.level, tile.index): tile.hashes for tile in sealed.tiles}
    kept.checkpoints = [sealed.checkpoint]
    return kept
