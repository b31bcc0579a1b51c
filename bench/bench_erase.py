"""How long an erasure takes: a person with 10,000 events among many others, on disk.

`python bench/bench_erase.py 1000000 FOLDER` takes another number of people (20,000 unless said) and keeps the
house in FOLDER, so that it is made once: events through the public path, one batch after another. Measured
are copies of it: as the operating system still holds the files in memory, and with nothing of them in memory.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter, process_time

from equipoise.compose import Engine
from equipoise.nouns.events import Event, Handle
from equipoise.settings import read_settings

PEOPLE = 20_000
EVENTS = 10_000
BATCH = 2_000
ORDER_EVERY = 25
"""One event in so many is an order, which a play looks at: her 10,000 events have some 400 moments."""

NOON_MS = 1_773_144_000_000
DAY_MS = 86_400_000

PLAY = """
name: thanks
purpose: marketing
goal: {event: Order Completed, within_days: 7, value: price, currency: EUR}
moment: {event: Order Completed}
options:
  - {name: mail, do: notify, channel: email, share: 1, subject: {en: Thanks, fr: Merci}, body: {en: T, fr: M}}
chooser: fixed_shares
"""


class Counted:
    """A clock that goes on by a millisecond each time it is asked."""

    def __init__(self, now: int = NOON_MS) -> None:
        self.now = now

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


def events(people: int) -> Iterator[Event]:
    """Two of everybody in a stirred order, and hers spread evenly among them."""
    each = max(1, people * 2 // EVENTS)
    n = hers = 0
    for i in range(2 * people):
        n += 1
        kind = "Product Viewed" if n % ORDER_EVERY else "Order Completed"
        yield event(n, f"user{i * 7919 % people}", kind)
        if i % each == 0 and hers < EVENTS:
            n, hers = n + 1, hers + 1
            yield event(n, "her", "Product Viewed" if hers % ORDER_EVERY else "Order Completed")


def make(place: Path, people: int) -> None:
    """The house, through its public path."""
    settings = read_settings(environ={}, given={"basis.default": "interest"})
    with Engine.open(place, settings=settings, clock=Counted()) as engine:
        engine.add_play(PLAY)
        batch = []
        for one in events(people):
            batch.append(one)
            if len(batch) == BATCH:
                engine.take(batch)
                batch = []
        engine.take(batch)


def measure(made: Path, *, cold: bool) -> tuple[float, float, float]:
    """Seconds of her erasure, on the clock and of the processor, and of another with two events."""
    with tempfile.TemporaryDirectory(dir=made.parent) as folder:
        place = Path(folder) / "house"
        shutil.copytree(made, place)
        # What the copying left to be written must not be waited for below.
        os.sync()
        if cold:
            forget(place)
        settings = read_settings(environ={}, given={"basis.default": "interest"})
        clock = Counted(NOON_MS + DAY_MS)
        with Engine.open(place / "shop.db", settings=settings, clock=clock) as engine:
            began, busy = perf_counter(), process_time()
            told = engine.request("erasure", "user_id:her", at_once=True)
            large, busy = perf_counter() - began, process_time() - busy
            gone = told["report"]["deleted"]
            assert gone["log"] >= EVENTS, told
            assert gone["receipt"] > 0, told
            began = perf_counter()
            engine.request("erasure", "user_id:user17", at_once=True)
            return large, busy, perf_counter() - began


def forget(place: Path) -> None:
    """Let the operating system drop what it holds of the files in memory."""
    for file in place.iterdir():
        descriptor = os.open(file, os.O_RDONLY)
        try:
            os.fsync(descriptor)
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(descriptor)


def main(people: int = PEOPLE, keep: Path | None = None) -> list[tuple[str, str, str]]:
    """Rows of (what, figure, target)."""
    with tempfile.TemporaryDirectory() as folder:
        made = (keep or Path(folder)) / f"of-{people}"
        if not made.exists():
            draft = made.with_name(f"{made.name}.draft")
            shutil.rmtree(draft, ignore_errors=True)
            draft.mkdir(parents=True)
            make(draft / "shop.db", people)
            draft.rename(made)
        size = (made / "shop.db").stat().st_size
        warm = [measure(made, cold=False) for _ in range(3)]
        cold = [measure(made, cold=True) for _ in range(3)]
    hers = f"10,000 events, {people:,} people, erased, s"
    return [
        (hers, f"{sorted(warm)[1][0]:.2f}", "1"),
        ("  of it the processor, s", f"{sorted(one[1] for one in warm)[1]:.2f}", "-"),
        ("  with nothing of the files in memory, s", f"{sorted(cold)[1][0]:.2f}", "-"),
        ("  somebody with two events, s", f"{sorted(one[2] for one in warm)[1]:.3f}", "-"),
        ("  the store, MB", f"{size / 1e6:,.0f}", "-"),
    ]


if __name__ == "__main__":
    of = int(sys.argv[1]) if len(sys.argv) > 1 else PEOPLE
    for row in main(of, Path(sys.argv[2]) if len(sys.argv) > 2 else None):
        print(*row, sep="  ")
