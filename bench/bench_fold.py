"""How long does it take to fold one event into a profile? Aim: at most 6 microseconds an event."""

import random
from statistics import median
from time import perf_counter

from equipoise.nouns.events import Event
from equipoise.nouns.rules import Rules
from equipoise.nouns.state import AtomState, PersonState
from equipoise.remember.folding import Folds, merge
from equipoise.remember.view import View

EVENTS, PEOPLE, ROUNDS = 20_000, 500, 7
START_MS = 1_790_000_000_000


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


def main() -> None:
    """Print the table: medians over seven rounds, in microseconds."""
    events, folds = made(), Folds()
    folded, atoms = [], [AtomState(id=1)]
    for _ in range(ROUNDS):
        atoms = [AtomState(id=number + 1) for number in range(PEOPLE)]
        start = perf_counter()
        for person, event in events:
            folds.fold(atoms[person], event)
        folded.append((perf_counter() - start) / EVENTS * 1e6)
    two = [atom.profile for atom in atoms[:2]]
    start = perf_counter()
    for _ in range(2_000):
        merge(two)
    merged = (perf_counter() - start) / 2_000 * 1e6
    view = View(PersonState(atoms=atoms[:1]), START_MS + EVENTS * 60_000, Rules())
    names = ("orders.count", "orders.days_since", "traits.city", "spend.decayed_90d")
    start = perf_counter()
    for _ in range(5_000):
        for name in names:
            view.get(name)
    read = (perf_counter() - start) / 5_000 / len(names) * 1e6
    print(f"{'fold one event, us':32}{median(folded):8.2f}   aim 6.00")
    print(f"{'merge two profiles, us':32}{merged:8.2f}")
    print(f"{'read one field, us':32}{read:8.2f}")


if __name__ == "__main__":
    main()
