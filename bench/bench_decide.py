"""Decided end to end in one process: recognise, fold, guards, choice, receipt, outbox, committed.

One moment for ten events, three plays of five options; and a bare SQLite loop with one 2 kB state,
one log row and one outbox row an event beside it.
"""

import os
import random
import tempfile
import time
from pathlib import Path

import apsw
import load as wire
import msgspec

from equipoise import Engine
from equipoise.arrive.segment import Envelope, wrap
from equipoise.nouns.events import IntakeRow, Source
from equipoise.runners.stepper import calm_collector
from equipoise.settings import read_settings

OPTIONS = "\n".join(
    f"  - {{name: o{n}, do: notify, channel: email, subject: {{en: Hi, fr: Salut}}, "
    f"body: {{en: Hello, fr: Bonjour}}, cost: 0.01}}"
    for n in range(5)
)
PLAYS = [
    f"""
name: play{n}
purpose: marketing
moment: {{event: Order Completed, where: {{field: event.bucket, is: {n}}}}}
audience: {{field: orders.count, at_least: 1}}
options:
{OPTIONS}
limits: {{valid_for_hours: 48}}
"""
    for n in range(3)
]
SOURCE = Source("bench")


def body(calls: list[dict]) -> bytes:
    return wrap(Envelope("batch", msgspec.json.encode({"batch": calls})))


def settle(engine: Engine, people: int) -> float:
    """Make so many people known, with an address and a consent each; events per second."""
    now_ms, rows, calls = engine.clock.now_ms(), [], []
    began = time.perf_counter()
    for n in range(people):
        traits = {"email": f"u{n}@example.org", "first_name": "Ana", "city": "Montpellier"}
        calls.append(
            {"type": "identify", "userId": f"u{n}", "anonymousId": f"a{n}", "messageId": f"i{n}"}
            | {"traits": traits}
        )
        if len(calls) == 100 or n == people - 1:
            rows.append(IntakeRow(0, "segment", SOURCE, now_ms, body(calls)))
            calls = []
        if len(rows) == 20 or n == people - 1:
            engine.intake.append(rows)
            engine.catch_up()
            engine.intake.trim(engine.walker.position.cursor)
            rows = []
    return people / (time.perf_counter() - began)


def run(engine: Engine, people: int, events: int) -> float:
    """Events per second, all of them walked and committed."""
    draw, now_ms = random.Random(7), engine.clock.now_ms()
    rows = []
    for start in range(0, events, 100):
        calls = [wire.event(draw, start + n, people) for n in range(100)]
        rows.append(IntakeRow(0, "segment", SOURCE, now_ms, body(calls)))
    began = time.perf_counter()
    for start in range(0, len(rows), 20):
        engine.intake.append(rows[start : start + 20])
        engine.catch_up(2_000_000)
    return events / (time.perf_counter() - began)


def bare(people: int, events: int) -> float:
    """One 2 kB state, log row and outbox row an event, 1,000 a commit, synchronous=FULL."""
    draw = random.Random(3)
    with tempfile.TemporaryDirectory() as folder:
        db = apsw.Connection(str(Path(folder) / "bare.db"))
        db.execute("PRAGMA journal_mode=wal; PRAGMA synchronous=full; PRAGMA cache_size=-65536")
        db.execute(
            "CREATE TABLE state (id INTEGER PRIMARY KEY, body BLOB);"
            "CREATE TABLE log (id INTEGER PRIMARY KEY, body BLOB);"
            "CREATE TABLE outbox (id INTEGER PRIMARY KEY, body BLOB)"
        )
        state, row = os.urandom(2000), os.urandom(400)
        with db:
            db.executemany("INSERT INTO state VALUES (?, ?)", ((n, state) for n in range(people)))
        began = time.perf_counter()
        for start in range(0, events, 1000):
            with db:
                for n in range(start, start + 1000):
                    who = draw.randrange(people)
                    db.execute("SELECT body FROM state WHERE id = ?", (who,)).fetchone()
                    db.execute("UPDATE state SET body = ? WHERE id = ?", (state, who))
                    db.execute("INSERT INTO log VALUES (?, ?)", (n, row))
                    db.execute("INSERT INTO outbox VALUES (?, ?)", (n, row))
        took = time.perf_counter() - began
        db.close()
    return events / took


def measure(people: int, events: int) -> dict[str, float]:
    """One house of so many people."""
    with tempfile.TemporaryDirectory(prefix="equipoise-bench-") as folder:
        settings = read_settings(environ={}, given={"basis.default": "interest"})
        with Engine.open(Path(folder) / "bench.db", settings=settings) as engine:
            for play in PLAYS:
                engine.add_play(play)
            settled = settle(engine, people)
            rate = run(engine, people, events)
            some = engine.store.states(engine.store.people_after(0, 2_000))
            counts = engine.store.counts()
        size = sum(file.stat().st_size for file in Path(folder).glob("*.db*"))
    return {
        "settled": settled,
        "rate": rate,
        "state": sum(map(len, some.values())) / len(some),
        "disk": size / people,
        "decisions": counts["decisions"],
        "moments": counts["moments"],
    }


def main() -> list[tuple[str, str, str]]:
    """Rows of (what, figure, target)."""
    calm_collector()  # as the step process does
    small = measure(100_000, 100_000)
    loop = bare(100_000, 50_000)
    return [
        ("100,000 people, decided end to end, events/s", f"{small['rate']:,.0f}", "10,000"),
        ("  moments in 100,000 events", f"{small['moments']:,.0f}", "10,000"),
        (
            "  as a ratio of the bare SQLite loop in the same run",
            f"{small['rate'] / loop:.2f}",
            "-",
        ),
        ("  people made known, /s", f"{small['settled']:,.0f}", "-"),
        ("  state of one person, bytes", f"{small['state']:,.0f}", "-"),
        ("  all files, bytes a person", f"{small['disk']:,.0f}", "-"),
    ]
