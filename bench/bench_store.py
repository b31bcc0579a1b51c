"""What does a durable step cost, and a durable request? Aim: a commit under 20 microseconds an event.

A commit holds what 1,000 events leave behind: 1,000 log rows of 400 bytes, 1,000 states of 1.2 kB spread
at random over everybody, 100 receipts of 1 kB, 100 leaves, 100 actions, and the hashes of the ids.
The yardstick is a bare loop over SQLite in the same run: one 2 kB state, one log row and one outbox
row an event, synchronous=FULL, its own checkpoints. Rounds of both take turns, so that both
meet the same disk. `python bench/bench_store.py 1000000` asks the same of a million people.
"""

import asyncio
import random
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

import apsw

from equipoise.nouns.changes import Changes, LogRow, ReceiptRow
from equipoise.nouns.decisions import Action, Moment
from equipoise.nouns.events import Handle, IntakeRow, Source
from equipoise.nouns.people import Atom
from equipoise.nouns.plays import Option
from equipoise.stores.queue import DurableQueue
from equipoise.stores.sqlite import SqliteIntake, SqliteStore

EVENTS, ROUNDS, COMMITS = 1_000, 7, 20
NOISE = random.Random(7).randbytes(4_000)
MOMENT = Moment(
    id="1.p",
    kind="order",
    event="e" * 36,
    channel="web",
    at_ms=1,
    opened_ms=1,
    facts={"value": 9.5},
)
OPTION = Option(name="mail", content={"subject": "hello", "body": "b" * 200})


def action(number: int, person: int) -> Action:
    """An action of about a kilobyte, ready to leave."""
    return Action(
        id=number,
        key=f"d_{number}_{'k' * 32}",
        atom=person,
        person=person,
        play="spring",
        version="ab" * 32,
        option=OPTION,
        sender="email",
        status="ready",
        due_ms=number,
        until_ms=number + 86_400_000,
        at_ms=number,
        moment=MOMENT,
        content={"subject": "hello", "body": "b" * 200},
        handles=(Handle("email", "ana@example.org"),),
    )


class Ours:
    """The store of the product, filled with so many people."""

    def __init__(self, folder: Path, people: int) -> None:
        self.store = SqliteStore(folder / "ours.db")
        self.people, self.seq, self.draw = people, people, random.Random(1)
        for low in range(1, people + 1, 10_000):
            ids = range(low, min(low + 10_000, people + 1))
            self.store.commit(
                Changes(
                    cursor=0,
                    seq=people,
                    states={i: NOISE[i % 300 : i % 300 + 1200] for i in ids},
                    atoms={i: Atom(i, i) for i in ids},
                    handles={
                        Handle("anonymous_id", f"{i * 2654435761 % 2**64:016x}"): i for i in ids
                    },
                )
            )

    def work(self) -> tuple[list[int], Changes]:
        """The people that 1,000 events are about, and what they leave behind."""
        people = [self.draw.randrange(1, self.people + 1) for _ in range(EVENTS)]
        base, self.seq = self.seq, self.seq + 16 * EVENTS
        numbers = range(base + 1, self.seq, 160)
        return people, Changes(
            cursor=self.seq,
            seq=self.seq,
            now_ms=self.seq,
            log=[
                LogRow(base + 16 * i + 16, person, base, "event", NOISE[i : i + 400])
                for i, person in enumerate(people)
            ],
            states={person: NOISE[i : i + 1200] for i, person in enumerate(people)},
            receipts=[ReceiptRow(n, n, base, n, NOISE[:1000], NOISE[:32]) for n in numbers],
            leaves=[NOISE[:36]] * 100,
            frontier=NOISE[:3000],
            checkpoint="c" * 300,
            actions={n: action(n, people[i]) for i, n in enumerate(numbers)},
            seen=(NOISE * 2)[: 8 * EVENTS],
            counts={"events": EVENTS, "decisions": 100, "actions": 100},
        )

    def read(self, people: list[int]) -> None:
        """The states of a step, in one question."""
        self.store.states(people)


class Bare:
    """The yardstick: three tables and nothing that a product needs."""

    def __init__(self, folder: Path, people: int) -> None:
        self.db = apsw.Connection(str(folder / "bare.db"))
        self.db.pragma("journal_mode", "wal")
        self.db.pragma("synchronous", "FULL")
        self.db.pragma("cache_size", -65_536)
        for name in ("state", "log", "outbox"):
            self.db.execute(f"CREATE TABLE {name} (id INTEGER PRIMARY KEY, body BLOB)")
        self.people, self.seq, self.draw = people, 0, random.Random(1)
        with self.db:
            rows = ((i, NOISE[i % 300 : i % 300 + 2000]) for i in range(1, people + 1))
            self.db.executemany("INSERT INTO state VALUES (?, ?)", rows)

    def commit(self) -> None:
        """One transaction for 1,000 events, in the order of the keys."""
        base, self.seq = self.seq, self.seq + EVENTS
        people = sorted(self.draw.randrange(1, self.people + 1) for _ in range(EVENTS))
        rows = [(base + i, NOISE[i : i + 400]) for i in range(EVENTS)]
        with self.db:
            self.db.executemany(
                "UPDATE state SET body = ? WHERE id = ?", [(NOISE[:2000], i) for i in people]
            )
            self.db.executemany("INSERT INTO log VALUES (?, ?)", rows)
            self.db.executemany("INSERT INTO outbox VALUES (?, ?)", rows)


def spent_s(work: Callable[[], object]) -> float:
    """How long it takes, in seconds."""
    start = perf_counter()
    work()
    return perf_counter() - start


def tell_steps(folder: Path, people: int) -> None:
    """Print what a commit costs, beside the yardstick."""
    ours, bare = Ours(folder, people), Bare(folder, people)
    rounds: list[tuple[float, float, float]] = []
    commits: list[float] = []
    for _ in range(ROUNDS):
        reading = committing = 0.0
        for _ in range(COMMITS):
            asked, changes = ours.work()
            reading += spent_s(lambda asked=asked: ours.read(asked))
            commits.append(spent_s(lambda changes=changes: ours.store.commit(changes)))
            committing += commits[-1]
        yard = sum(spent_s(bare.commit) for _ in range(COMMITS))
        rounds.append((reading, committing, yard))
    scale = 1e6 / (COMMITS * EVENTS)
    reading, committing, yard = (median(part) * scale for part in zip(*rounds, strict=True))
    print(f"{people:,} people; us an event{'':24}{'median':>10}{'ratio':>10}")
    rows = (
        ("bare loop", yard, ""),
        ("commit", committing, "aim 20"),
        ("commit, the quicker half", median(commits) * 1e6 / EVENTS, "no copying beside it"),
        ("reading the states", reading, ""),
    )
    for name, value, note in rows:
        print(f"  {name:42}{value:12.1f}{value / yard:8.2f} x  {note}")
    slow = sorted(commits)[int(len(commits) * 0.98)] * 1e3
    print(f"  {'a commit of 1,000 events, 98th percentile':42}{slow:12.1f} ms")
    ours.store.close()
    bare.db.close()


async def appended_s(folder: Path, body: bytes, rows: int, flight: int) -> float:
    """How long so many rows take with so many in flight, each durable before the next of its kind."""
    intake = SqliteIntake(folder / f"{len(body)}-{flight}.intake.db")
    queue = DurableQueue(intake)
    todo = iter(range(rows))

    async def client() -> None:
        for number in todo:
            await queue.append(IntakeRow(0, "segment", Source("shop"), number, body))

    start = perf_counter()
    await asyncio.gather(*(client() for _ in range(flight)))
    took_s = perf_counter() - start
    await queue.close()
    intake.close()
    return took_s


def event(number: int) -> bytes:
    """One event as a client library sends it, about 600 bytes."""
    draw = random.Random(number)
    parts = (f'"k{i}":"{draw.getrandbits(64):016x}/product/{i}"' for i in range(15))
    return ("{" + ",".join(parts) + "}").encode()


def tell_intake(folder: Path) -> None:
    """Print how many durable appends a second there are, beside a bare loop of single ones."""
    single, batch = event(0), b"[" + b",".join(map(event, range(100))) + b"]"
    bare = apsw.Connection(str(folder / "bare.intake.db"))
    bare.pragma("journal_mode", "wal")
    bare.pragma("synchronous", "FULL")
    bare.execute("CREATE TABLE row (id INTEGER PRIMARY KEY, body BLOB)")

    def alone() -> None:
        for _ in range(500):
            bare.execute("INSERT INTO row VALUES (NULL, ?)", (single,))

    yard = 500 / median(spent_s(alone) for _ in range(3))
    print(f"intake; rows a second{'':31}{'median':>10}{'ratio':>10}")
    print(f"  {'bare loop, one row a commit':42}{yard:12,.0f}{1:8.2f} x")
    for name, body, flight, rows in (
        ("one event, 1 in flight", single, 1, 1_000),
        ("one event, 8 in flight", single, 8, 5_000),
        ("one event, 64 in flight", single, 64, 20_000),
        (f"{len(batch) // 1000} kB of 100 events, 1 in flight", batch, 1, 500),
        (f"{len(batch) // 1000} kB of 100 events, 8 in flight", batch, 8, 2_000),
    ):
        took_s = []
        for number in range(3):
            place = folder / f"{number}-{flight}-{len(body)}"
            place.mkdir()
            took_s.append(asyncio.run(appended_s(place, body, rows, flight)))
        speed = rows / median(took_s)
        print(f"  {name:42}{speed:12,.0f}{speed / yard:8.2f} x")
    bare.close()


def main() -> None:
    """Print the tables for 100,000 people, or for as many as are named."""
    for people in [int(word) for word in sys.argv[1:] if word.isdigit()] or [100_000]:
        with TemporaryDirectory(prefix="equipoise-bench-") as folder:
            tell_steps(Path(folder), people)
    with TemporaryDirectory(prefix="equipoise-bench-") as folder:
        tell_intake(Path(folder))


if __name__ == "__main__":
    main()
