"""What one event costs on its way in: the door's check, the parse, and the memory of message ids.

Aims, in microseconds an event of about 670 bytes in requests of 100: check 1.2, parse 8.
"""

import json
import random
import uuid
from collections.abc import Callable
from statistics import median
from time import thread_time

from equipoise.arrive.duplicates import Seen
from equipoise.arrive.segment import Envelope, Limits, check, parse, wrap
from equipoise.nouns.events import Event, IntakeRow, Source

REQUEST, ROUNDS, REPEATS = 100, 15, 20
NOW_MS = 1_790_000_000_000
KNOWN = 1_000_000
SOURCE = Source("bench")


def body(seed: int = 7) -> bytes:
    """One request of a hundred product views, as a server's library sends them."""
    draw = random.Random(seed)

    def identifier() -> str:
        return str(uuid.UUID(int=draw.getrandbits(128), version=4))

    items = [
        {
            "type": "track",
            "event": "Product Viewed",
            "messageId": identifier(),
            "anonymousId": identifier(),
            "userId": f"user{number}",
            "timestamp": "2026-09-21T14:13:20.123Z",
            "properties": {
                "product_id": f"sku-{draw.randrange(2_000)}",
                "price": 12.5,
                "currency": "EUR",
                "category": "shoes",
                "quantity": 2,
                "in_stock": True,
            },
            "context": {
                "library": {"name": "analytics-python", "version": "2.4.0"},
                "locale": "fr-FR",
                "timezone": "Europe/Paris",
                "page": {"path": "/p/1", "url": "https://shop.example/p/1", "title": "Shoes"},
                "userAgent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/120",
            },
            "integrations": {},
        }
        for number in range(REQUEST)
    ]
    return json.dumps({"batch": items, "sentAt": "2026-09-21T14:13:21.000Z"}).encode()


def cost_us(work: Callable[[], object]) -> tuple[float, float]:
    """Median and best cost of one event, in microseconds of this thread's time."""
    costs = []
    for _ in range(ROUNDS):
        began = thread_time()
        for _ in range(REPEATS):
            work()
        costs.append((thread_time() - began) / (REPEATS * REQUEST) * 1e6)
    return median(costs), min(costs)


def memory(known: int) -> Seen:
    """A memory of so many ids that came in commits of five hundred."""
    seen = Seen(b"k" * 32)
    for first in range(0, known, 500):
        seen.remember(seen.sift([f"{first + n}" for n in range(500)])[1], NOW_MS + first)
    return seen


def rows() -> dict[str, tuple[float, float]]:
    """Every row of the table: median and best, in microseconds an event."""
    raw = body()
    envelope, limits = Envelope("batch", raw), Limits()
    row = IntakeRow(1, "segment", SOURCE, NOW_MS, wrap(check(envelope, SOURCE, limits).envelope))
    ids = [event.id for event in parse(row) if isinstance(event, Event)]
    assert len(ids) == REQUEST
    seen = memory(KNOWN)
    return {
        "json.loads, for comparison": cost_us(lambda: json.loads(raw)),
        "check at the door": cost_us(lambda: check(envelope, SOURCE, limits)),
        "parse in the step": cost_us(lambda: parse(row)),
        f"Seen.sift among {KNOWN:,}": cost_us(lambda: seen.sift(ids)),
    }


def main() -> None:
    """Print the table."""
    print(f"{'microseconds an event':32s} {'median':>8s} {'best':>8s}")
    for name, (middle, best) in rows().items():
        print(f"{name:32s} {middle:8.2f} {best:8.2f}")


if __name__ == "__main__":
    main()
