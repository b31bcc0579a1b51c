"""What events are worth, and the purchases of the last two calendar months, exact to the thousandth.

The purchases are kept so that a limit on spending counts what was bought before it was set. The newest
stay, by the time they happened, so that the order of arrival does not matter.
"""

from bisect import insort
from collections.abc import Iterable, Mapping
from typing import Any

from equipoise.nouns.aims import thousandths
from equipoise.nouns.events import Event
from equipoise.nouns.state import Bought

LARGEST = 1e15
"""Numbers beyond this are not added up: they would drown every other figure of the person."""

LARGEST_AMOUNT = 10**15
"""The largest amount of one purchase or reading that counts towards an aim, in thousandths."""

SPENT = {"Order Completed": 1.0, "Order Refunded": -1.0, "Order Cancelled": -1.0}
"""Kinds whose value is money spent, or given back."""

KEPT_MS = 63 * 86_400_000
"""How long before the newest a purchase is kept: two of the longest months, and a day."""

MOST_BOUGHT = 64
"""The most purchases that are kept."""

MOST_PARTS = 8
"""Categories of one purchase that are kept, those that cost most."""

LONGEST_CATEGORY = 64
"""A category with more characters is none that an aim could name."""

_VALUED = frozenset(("revenue", "total", "value", "price"))


def worth(facts: Mapping[str, Any]) -> float:
    """The value of an event: the first of revenue, total, value, price x quantity that is a number.

    0.0 where there is none; a missing quantity is 1. Texts and numbers beyond 1e15 do not count.

    >>> worth({"total": "12", "price": 2.5, "quantity": 4})
    10.0
    """
    if _VALUED.isdisjoint(facts):
        return 0.0
    for name in ("revenue", "total", "value"):
        if name in facts:
            amount = number(facts[name])
            if amount is not None:
                return amount
    price = number(facts.get("price"))
    if price is None:
        return 0.0
    if "quantity" not in facts:
        return price
    amount = number(price * (number(facts["quantity"]) or 0.0))
    return 0.0 if amount is None else amount


def number(value: Any) -> float | None:
    """A fact that is a number and can be added up; None for anything else."""
    if (type(value) is float or type(value) is int) and -LARGEST < value < LARGEST:
        return float(value)
    return None


def bounded(amount: float) -> int:
    """An amount in thousandths, as far as it may count."""
    whole = thousandths(amount)
    if -LARGEST_AMOUNT <= whole <= LARGEST_AMOUNT:
        return whole
    return LARGEST_AMOUNT if whole > 0 else -LARGEST_AMOUNT


def parts_of(facts: Mapping[str, Any]) -> dict[str, int]:
    """What was spent by category, in thousandths: by the lines in `products`, else of the event itself."""
    parts: dict[str, int] = {}
    lines = facts.get("products")
    for line in lines if type(lines) is list else ():
        if type(line) is dict and _is_category(line.get("category")):
            category = line["category"]
            parts[category] = parts.get(category, 0) + bounded(worth(line))
    if not parts and _is_category(facts.get("category")):
        parts[facts["category"]] = bounded(worth(facts))
    return parts


def _is_category(name: Any) -> bool:
    return type(name) is str and 0 < len(name) <= LONGEST_CATEGORY


def purchase(event: Event, at_ms: int) -> Bought:
    """The purchase that an event of one of the kinds of `SPENT` is."""
    sign = int(SPENT[event.kind])
    parts = list(parts_of(event.facts).items())
    if len(parts) > MOST_PARTS:
        parts = sorted(parts, key=lambda part: (-abs(part[1]), part[0]))[:MOST_PARTS]
    kept = tuple(sorted((name, sign * amount) for name, amount in parts))
    return Bought(at_ms, sign * bounded(worth(event.facts)), int(sign > 0), kept)


def keep(bought: list[Bought], one: Bought) -> None:
    """Add a purchase in its place, and forget those that are too old or too many, in place."""
    insort(bought, one)
    _prune(bought)


def merge(several: Iterable[list[Bought]]) -> list[Bought]:
    """One fresh list of all purchases, oldest first, in the same bounds."""
    every = sorted(one for bought in several for one in bought)
    _prune(every)
    return every


def _prune(bought: list[Bought]) -> None:
    if not bought:
        return
    oldest_ms = bought[-1].at_ms - KEPT_MS
    del bought[: max(0, len(bought) - MOST_BOUGHT)]
    while bought[0].at_ms < oldest_ms:
        del bought[0]
