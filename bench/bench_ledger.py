"""What does a receipt cost? Aims: canonical bytes 3 us, a seal of 100 under 1 ms, 15,000 committed a second.

First without storage, then whole: canonical bytes, commitment, tree, signed head, and the rows of receipt,
leaf and tiles in one synced transaction of the product's own store. The yardsticks are the same work without
the commit, and a bare loop over SQLite that inserts the same bytes with the same sync, taking turns.
"""

import json
import random
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

import apsw
import rfc8785

from equipoise.account.commitment import commit
from equipoise.account.ledger import prove, seal
from equipoise.account.note import Checkpoint, NoteSigner, open_checkpoint, write_checkpoint
from equipoise.account.proof import check_proof
from equipoise.account.tree import Frontier, append, leaf_hash
from equipoise.account.view import TreeView
from equipoise.canon import canonical
from equipoise.nouns.changes import Changes, ReceiptRow
from equipoise.stores.sqlite import SqliteStore

ROUNDS = 7
TREE_LEAVES = 1_000_000
ORIGIN = "ledger.example/shop"
SIGNER = NoteSigner(ORIGIN, bytes(range(32)))
RECEIPT = {
    "v": 1,
    "type": "decision",
    "id": "d_1234567",
    "seq": 1234567,
    "person": 4711,
    "atom": 4711,
    "at_ms": 1_790_000_000_123,
    "play": "refill",
    "version": "3f2a9c01",
    "purpose": "personalisation",
    "basis": {"purpose": "consent", "channel": "consent", "notice": "n_2026_03"},
    "moment": {
        "id": "m_9f31c2",
        "kind": "Order Completed",
        "event": "ajs-next-1790000000-8c1f",
        "channel": "web",
        "opened_ms": 1_790_000_000_100,
        "rung": False,
    },
    "options": [
        {"option": name, "do": "notify", "channel": "email", "propensity": "0.245", "verdicts": []}
        for name in ("mail", "push", "page", "letter")
    ]
    + [{"option": "silence", "do": "silence", "channel": "", "propensity": "0.02", "verdicts": []}],
    "chosen": "mail",
    "outcome": "act",
    "reason": "chosen",
    "detail": {},
    "guard": "",
    "chooser": "fixed",
    "draw": "0.4073821026427451",
    "holdout": False,
    "effect": "none",
    "solely_automated": True,
}


class Tiles(dict[tuple[int, int], bytes]):
    """The complete tiles of a tree in memory."""

    def tile(self, level: int, index: int) -> bytes | None:
        """The bytes of one tile."""
        return self.get((level, index))


def cost_us(work: Callable[[], object], times: int) -> float:
    """The median time of one call, in microseconds."""
    rounds = []
    for _ in range(ROUNDS):
        start = perf_counter()
        for _ in range(times):
            work()
        rounds.append((perf_counter() - start) / times * 1e6)
    return median(rounds)


def tell(what: str, each_us: float, note: str = "") -> None:
    """Print one row."""
    print(f"{what:44}{each_us:10.2f}{1e6 / each_us:14,.0f}   {note}")


def tell_canonical() -> None:
    """Canonical bytes by three hands, and beyond ASCII."""
    body = canonical(RECEIPT)
    ours = cost_us(lambda: canonical(RECEIPT), 5_000)
    std = cost_us(
        lambda: json.dumps(RECEIPT, sort_keys=True, separators=(",", ":"), ensure_ascii=False),
        1_000,
    )
    jcs = cost_us(lambda: rfc8785.dumps(RECEIPT), 300)
    french = RECEIPT | {"reason": "déjà répondu"}
    tell(f"canonical, {len(body):,} bytes", ours, "aim 3.00")
    tell("canonical, with text beyond ASCII", cost_us(lambda: canonical(french), 2_000))
    tell("  json.dumps, which checks nothing", std, f"{std / ours:.1f} times ours")
    tell("  rfc8785", jcs, f"{jcs / ours:.1f} times ours")
    tell("commitment", cost_us(lambda: commit(body, bytes(32)), 10_000))


def tell_tree(frontier: Frontier, tiles: Tiles, hashes: list[bytes]) -> None:
    """Hashes, appends, checkpoints and proofs over a tree of a million leaves."""
    tell("leaf hash", cost_us(lambda: leaf_hash(bytes(36)), 50_000))
    for count in (1, 10, 100, 1_000):
        batch = hashes[:count]
        each = (
            cost_us(lambda batch=batch: append(frontier, batch), max(20_000 // count, 20)) / count
        )
        tell(f"append, {count} at once, per leaf", each)
    point = Checkpoint(ORIGIN, frontier.size, frontier.root())
    text = write_checkpoint(point, [SIGNER])
    tell("root", cost_us(frontier.root, 2_000))
    tell("checkpoint, signed", cost_us(lambda: write_checkpoint(point, [SIGNER]), 1_000))
    tell("checkpoint, verified", cost_us(lambda: open_checkpoint(text, SIGNER.key), 500))
    draw = random.Random(7)
    view = TreeView(tiles, frontier)
    leaf = (7).to_bytes(36, "big")
    proof = prove(view, text, 7)
    tell(
        "proof of a random leaf",
        cost_us(lambda: prove(view, text, draw.randrange(TREE_LEAVES)), 300),
    )
    tell("proof of a leaf in an opened tile", cost_us(lambda: prove(view, text, 7), 1_000))
    tell(
        "proof, checked with its signature",
        cost_us(lambda: check_proof(proof, leaf, SIGNER.key), 500),
    )


def tell_receipts(frontier: Frontier) -> None:
    """Whole receipts in groups as a step commits them: canonical, commitment, tree, signature."""
    for group in (1, 16, 100, 256):

        def whole(group: int = group) -> None:
            leaves = [commit(canonical(RECEIPT), bytes(32)) for _ in range(group)]
            seal(frontier, leaves, ORIGIN, [SIGNER]).frontier.encode()

        each = cost_us(whole, max(2_000 // group, 10))
        tell(f"receipts in groups of {group}, each", each / group, f"{each / 1e3:.2f} ms a group")
    leaves = [bytes(36)] * 100
    sealed = cost_us(lambda: seal(frontier, leaves, ORIGIN, [SIGNER]), 50)
    tell("seal of 100 leaves", sealed, "aim under 1,000")
    print(f"the frontier at {frontier.size:,} leaves has {len(frontier.encode()):,} bytes")


class Whole:
    """Receipts made, committed to, sealed and stored, group by group."""

    def __init__(self, folder: Path) -> None:
        self.store = SqliteStore(folder / "ours.db")
        self.frontier = Frontier()
        self.seq = 0
        self.making_s = self.busy_s = 0.0

    def made(self, count: int) -> Changes:
        """What one step writes of so many receipts."""
        changes = Changes(cursor=self.seq, seq=self.seq + count)
        for index in range(self.frontier.size, self.frontier.size + count):
            self.seq += 1
            body = canonical(RECEIPT | {"id": f"d_{self.seq}", "seq": self.seq})
            salt = self.seq.to_bytes(32, "big")
            changes.leaves.append(commit(body, salt))
            changes.receipts.append(ReceiptRow(self.seq, self.seq % 997, 0, index, body, salt))
        sealed = seal(self.frontier, changes.leaves, ORIGIN, [SIGNER])
        self.frontier, changes.tiles = sealed.frontier, sealed.tiles
        changes.frontier, changes.checkpoint = sealed.frontier.encode(), sealed.checkpoint
        return changes

    def commit(self, count: int) -> float:
        """How long so many took from the first byte to the disk, in seconds.

        `making_s` and `busy_s` then say how long the making took, and the processor was at work.
        """
        began, busy = perf_counter(), process_time()
        changes = self.made(count)
        self.making_s = perf_counter() - began
        self.store.commit(changes)
        self.busy_s = process_time() - busy
        return perf_counter() - began


class Bare:
    """The same bytes put into one table by hand."""

    def __init__(self, folder: Path) -> None:
        self.connection = apsw.Connection(str(folder / "bare.db"))
        self.connection.execute("PRAGMA journal_mode = WAL")
        self.connection.execute("PRAGMA synchronous = FULL")
        self.connection.execute("CREATE TABLE row (id INTEGER PRIMARY KEY, body BLOB)")
        self.body = canonical(RECEIPT) + bytes(68)

    def commit(self, count: int) -> float:
        """How long so many rows took, in seconds."""
        began = perf_counter()
        with self.connection:
            rows = ((self.body,) for _ in range(count))
            self.connection.executemany("INSERT INTO row (body) VALUES (?)", rows)
        return perf_counter() - began


def tell_committed() -> None:
    """Whole receipts, durable, in groups; beside their making alone and a bare loop."""
    print(f"\n{'durable':44}{'us each':>10}{'a second':>14}")
    with TemporaryDirectory() as name:
        ours, bare = Whole(Path(name)), Bare(Path(name))
        for group in (16, 64, 256, 1024):
            times = max(8_192 // group, 24)
            took, making, busy, floor = [], [], [], []
            for _ in range(times):
                took.append(ours.commit(group) / group * 1e6)
                making.append(ours.making_s / group * 1e6)
                busy.append(ours.busy_s / group * 1e6)
                floor.append(bare.commit(group) / group * 1e6)
            mean = sum(took) / times
            aim = f"aim 15,000/s; with every stall {1e6 / mean:,.0f}/s" if group == 256 else ""
            tell(f"whole receipts in groups of {group}", median(took), aim)
            tell("  of it, made and sealed", median(making))
            tell("  of it, the processor was at work", median(busy))
            tell("  a bare loop over SQLite", median(floor))
        ours.store.close()
        bare.connection.close()


def main() -> None:
    """Print the table: medians over seven rounds, then what is durable."""
    print(f"{'':44}{'us each':>10}{'a second':>14}")
    hashes = [leaf_hash(number.to_bytes(36, "big")) for number in range(TREE_LEAVES)]
    frontier, done = append(Frontier(), hashes)
    tiles = Tiles({(tile.level, tile.index): tile.hashes for tile in done})
    tell_canonical()
    tell_tree(frontier, tiles, hashes)
    tell_receipts(frontier)
    tell_committed()


if __name__ == "__main__":
    main()
