"""How long an erasure takes: a person with 10,000 events among many others, on disk.

`python bench/bench_erase.py 1000000` takes another number of people (20,000 unless said).
"""

import sys
import tempfile
from pathlib import Path
from time import perf_counter

from equipoise.compose import Engine
from equipoise.nouns.events import Event, Handle
from equipoise.settings import read_settings

PEOPLE = 20_000
EVENTS = 10_000
BATCH = 2_000
NOON_MS = 1_773_144_000_000


class Counted:
    """A clock that goes on by a millisecond each time it is asked."""

    def __init__(self) -> None:
        self.now = NOON_MS

    def now_ms(self) -> int:
        self.now += 1
        return self.now


def event(n: int, who: str, kind: str = "Product Viewed") -> Event:
    return Event(
        id=f"e{n}",
        kind=kind,
        channel="web",
        source="bench",
        at_ms=NOON_MS + n,
        received_ms=NOON_MS + n,
        handles=(Handle("user_id", who), Handle("email", f"{who}@example.org")),
        facts={"product_id": f"p{n % 997}", "price": 12.5},
    )


def measure(people: int) -> tuple[float, float, int]:
    """Seconds of the erasure, and of another of somebody with two events; bytes of the store."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "shop.db"
        settings = read_settings(environ={})
        with Engine.open(place, settings=settings, clock=Counted()) as engine:
            n = 0
            each = max(1, people * 2 // EVENTS)
            batch = []
            for i in range(2 * people):
                n += 1
                batch.append(event(n, f"user{i * 7919 % people}"))
                if i % each == 0 and i // each < EVENTS:
                    n += 1
                    batch.append(event(n, "her"))
                if len(batch) >= BATCH:
                    engine.take(batch)
                    batch = []
            engine.take(batch)
            size = place.stat().st_size
            began = perf_counter()
            told = engine.request("erasure", "user_id:her", at_once=True)
            large = perf_counter() - began
            assert told["report"]["deleted"]["log"] >= min(EVENTS, 2 * people), told
            began = perf_counter()
            engine.request("erasure", "user_id:user17", at_once=True)
            return large, perf_counter() - began, size


def main(people: int = PEOPLE) -> list[tuple[str, str, str]]:
    """Rows of (what, figure, target)."""
    large, small, size = measure(people)
    return [
        (f"10,000 events, {people:,} people, erased, s", f"{large:.2f}", "1"),
        ("  somebody with two events, s", f"{small:.3f}", "-"),
        ("  the store, MB", f"{size / 1e6:,.0f}", "-"),
    ]


if __name__ == "__main__":
    for row in main(int(sys.argv[1]) if len(sys.argv) > 1 else PEOPLE):
        print(*row, sep="  ")
