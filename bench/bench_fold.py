"""How long does it take to fold one event into a profile? Aim: at most 6 microseconds an event."""

import random
from collections.abc import Callable
from statistics import median
from time import thread_time

import msgspec

from equipoise.nouns.events import Event
from equipoise.nouns.rules import Rules
from equipoise.nouns.state import AtomState, PersonState
from equipoise.remember.folding import Folds, merge
from equipoise.remember.view import View

EVENTS, REQUEST, PEOPLE, ROUNDS = 20_000, 100, 500, 7
START_MS = 1_790_000_000_000
FIELDS = ("orders.count", "orders.days_since", "traits.city", "spend.decayed_90d")


def made(seed: int = 7) -> list[tuple[int, Event]]:
    """Events of a shop: mostly page views and product views, some carts, few orders."""
    draw = random.Random(seed)
    events = []
    for number in range(EVENTS):
        kind = draw.choices(
            ("page", "Product Viewed", "Product Added", "Order Completed", "identify"),
            (50, 30, 10, 6, 4),
        )[0]
        product = f"sku-{draw.randrange(2_000)}"
        facts = {
            "page": {"path": "/shoes", "title": "Shoes"},
            "identify": {"first_name": "Ana", "city": "Montpellier", "plan": "gold"},
            "Order Completed": {"total": 40.0, "products": [{"product_id": product}]},
        }.get(kind, {"product_id": product, "category": f"c{draw.randrange(20)}", "price": 9.5})
        at_ms = START_MS + number * 60_000 + draw.randrange(60_000)
        event = Event(
            id=f"e{number}",
            kind=kind,
            channel=draw.choice(("web", "app", "store")),
            source="shop",
            at_ms=at_ms,
            received_ms=at_ms + 300,
            handles=(),
            facts=facts,
            context={"timezone": "Europe/Paris", "locale": "fr-FR"},
        )
        events.append((draw.randrange(PEOPLE), event))
    return events


def timed(work: Callable[[], object], times: int) -> float:
    """Median of the rounds, in microseconds of processor time for one of `times`."""
    rounds = []
    for _ in range(ROUNDS):
        start = thread_time()
        work()
        rounds.append((thread_time() - start) / times * 1e6)
    return median(rounds)


def folded(
    states: list[bytes], blobs: list[bytes], people: list[int]
) -> tuple[list[bytes], float, float]:
    """The states after all events, and microseconds to read and to fold one event.

    As in a step, each request of 100 events is read first, with the states of its people, and the
    states are written afterwards.
    """
    states, reading, folding = list(states), 0.0, 0.0
    decode, folds = msgspec.msgpack.Decoder(Event).decode, Folds()
    read_state = msgspec.msgpack.Decoder(AtomState).decode
    for start in range(0, EVENTS, REQUEST):
        begun = thread_time()
        events = [decode(blob) for blob in blobs[start : start + REQUEST]]
        reading += thread_time() - begun
        whose = people[start : start + REQUEST]
        atoms = {person: read_state(states[person]) for person in whose}
        begun = thread_time()
        for person, event in zip(whose, events, strict=True):
            folds.fold(atoms[person], event)
        folding += thread_time() - begun
        for person, atom in atoms.items():
            states[person] = msgspec.msgpack.encode(atom)
    return states, reading / EVENTS * 1e6, folding / EVENTS * 1e6


def main() -> None:
    """Print the table. The yardstick is reading the same events from MessagePack."""
    events = made()
    blobs, people = [msgspec.msgpack.encode(event) for _, event in events], [p for p, _ in events]
    states = [msgspec.msgpack.encode(AtomState(id=number + 1)) for number in range(PEOPLE)]
    rounds = [folded(states, blobs, people) for _ in range(ROUNDS)]
    yardstick = median(read for _, read, _ in rounds)
    atoms = [msgspec.msgpack.decode(state, type=AtomState) for state in rounds[0][0]]
    two, now_ms = [atom.profile for atom in atoms[:2]], START_MS + EVENTS * 60_000
    state = PersonState(atoms=atoms[:1])
    sizes = [len(msgspec.msgpack.encode(atom.profile)) for atom in atoms]

    def read() -> None:
        """Read four fields a thousand times."""
        for _ in range(1_000):
            view = View(state, now_ms, Rules())
            for name in FIELDS:
                view.get(name)

    rows = (
        ("read one event from bytes, us", yardstick, ""),
        ("fold one event, us", median(fold for _, _, fold in rounds), "aim 6.00"),
        ("merge two profiles, us", timed(lambda: [merge(two) for _ in range(500)], 500), ""),
        ("read one field, us", timed(read, 1_000 * len(FIELDS)), ""),
    )
    for name, value, aim in rows:
        print(f"{name:34}{value:9.2f}{value / yardstick:9.2f} x  {aim}")
    print(f"{'bytes of a profile of 40 events':34}{median(sizes):9.0f}")


if __name__ == "__main__":
    main()
