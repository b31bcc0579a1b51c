"""The aggregates of a profile, each with the way to add to it in place and the way to merge two.

All of them give the same result for the same events in any order: sums to the last digits of a
float, the rest exactly. Where a size is bounded, what is kept is chosen by rank (a hash of the
name), never by what came first.
"""

from collections.abc import Iterable, Iterator
from hashlib import blake2b
from math import exp2
from typing import TypeVar

from equipoise.nouns.state import Decayed, Last, Tally

DAY_MS = 86_400_000
SLOT_MS = 1_800_000
SLOTS_A_DAY = 48
HORIZON_DAYS = 28
"""How many days of half hours are kept, counted back from the newest day seen."""

KINDS = 64
CHANNELS = 16
TRAITS = 64
"""The most kinds and channels that are counted apart, and the most traits that are kept."""

LONGEST_NAME = 100
"""The most characters of a kind or trait; a longer one is not kept apart."""

OTHER = "_other"
"""Where kinds beyond the bound are counted together; `@_other` for channels."""

HALF_LIVES_MS = {"activity": 7 * DAY_MS, "spend": 90 * DAY_MS}
"""After how long a decayed sum is worth half."""

KEPT_FIRST = frozenset(
    (
        "page",
        "Product Viewed",
        "Product Added",
        "Cart Viewed",
        "Checkout Started",
        "Order Completed",
        "Order Refunded",
        "timezone",
        "locale",
        "@timezone",
        "@locale",
        "email",
        "first_name",
        "firstName",
    )
)
"""Names that no other name can crowd out."""


def rank(name: str) -> tuple[bool, bytes]:
    """Where a name stands when there is not room for all: names kept first, then by hash."""
    return name not in KEPT_FIRST, blake2b(name.encode("utf-8", "replace"), digest_size=8).digest()


# --- tallies -------------------------------------------------------------------------------------


def count(tallies: dict[str, Tally], key: str, at_ms: int, value: float) -> None:
    """Count one occurrence of a kind or `@channel`, with its value (0.0 where it has none)."""
    tally = tallies.get(key)
    if tally is None:
        tallies[key] = Tally(1, value, value * value, at_ms, at_ms)
        if len(tallies) > CHANNELS:
            bound_tallies(tallies)
        return
    tally.n += 1
    if value:
        tally.total += value
        tally.squares += value * value
    if at_ms > tally.last_ms:
        tally.last_ms = at_ms
    elif at_ms < tally.first_ms:
        tally.first_ms = at_ms


def bound_tallies(tallies: dict[str, Tally]) -> None:
    """Count the kinds and channels beyond the bound together.

    The names that stay are those of lowest rank. A name that was crowded out has enough names below
    it for ever, so it never comes back, and a name that stays was never out: any order agrees.
    """
    for mark, most in (("", KINDS), ("@", CHANNELS)):
        rest = mark + OTHER
        names = [name for name in tallies if (name[:1] == "@") == bool(mark) and name != rest]
        if len(names) > most:
            for name in sorted(names, key=rank)[most:]:
                together = [tallies.pop(name)]
                if rest in tallies:
                    together.append(tallies[rest])
                tallies[rest] = sum_tallies(together)


def sum_tallies(tallies: Iterable[Tally]) -> Tally:
    """One fresh tally of all the occurrences in at least one tally."""
    several = list(tallies)
    return Tally(
        sum(tally.n for tally in several),
        sum(tally.total for tally in several),
        sum(tally.squares for tally in several),
        min(tally.first_ms for tally in several),
        max(tally.last_ms for tally in several),
    )


# --- decayed sums --------------------------------------------------------------------------------


def decay(decayed: dict[str, Decayed], key: str, at_ms: int, amount: float) -> None:
    """Add an amount that halves every `HALF_LIVES_MS[key]`; one that comes late is already less."""
    known = decayed.get(key)
    if known is None:
        decayed[key] = Decayed(amount, at_ms)
        return
    lives = (at_ms - known.at_ms) / HALF_LIVES_MS[key]
    if lives >= 0:
        known.value = known.value * exp2(-lives) + amount
        known.at_ms = at_ms
    else:
        known.value += amount * exp2(lives)


def decayed_at(known: Decayed, key: str, now_ms: int) -> float:
    """What a decayed sum is worth now: value times 2 to the power of minus the half-lives since."""
    return known.value * exp2((known.at_ms - now_ms) / HALF_LIVES_MS[key])


def sum_decayed(several: Iterable[Decayed], key: str) -> Decayed:
    """One fresh decayed sum as of the latest of at least one."""
    sums = list(several)
    at_ms = max(known.at_ms for known in sums)
    return Decayed(sum(decayed_at(known, key, at_ms) for known in sums), at_ms)


# --- last values ---------------------------------------------------------------------------------


def keep_last(last: dict[str, Last], name: str, new: Last) -> None:
    """Keep the later of two values of a trait: by time, ties by event id."""
    old = last.get(name)
    if old is None:
        last[name] = new
        if len(last) > TRAITS:
            del last[max(last, key=rank)]
    elif new.at_ms > old.at_ms or (new.at_ms == old.at_ms and new.id > old.id):
        last[name] = new


def latest(several: Iterable[Last]) -> Last:
    """The last of at least one value: by time, ties by event id."""
    return max(several, key=lambda value: (value.at_ms, value.id))


# --- half hours ----------------------------------------------------------------------------------


def mark_slot(slots: dict[int, int], at_ms: int) -> None:
    """Mark the half hour of `at_ms`, unless it lies before the horizon; a newer day moves that."""
    day = at_ms // DAY_MS
    bit = 1 << (at_ms % DAY_MS // SLOT_MS)
    mask = slots.get(day)
    if mask is not None:
        slots[day] = mask | bit
        return
    newest = max(slots, default=day)
    if day <= newest - HORIZON_DAYS:
        return
    slots[day] = bit
    if day > newest:
        for old in [old for old in slots if old <= day - HORIZON_DAYS]:
            del slots[old]


def merge_slots(several: Iterable[dict[int, int]]) -> dict[int, int]:
    """The half hours marked in any of them, in the 28 days up to the newest day."""
    merged: dict[int, int] = {}
    for slots in several:
        for day, mask in slots.items():
            merged[day] = merged.get(day, 0) | mask
    newest = max(merged, default=0)
    return {day: mask for day, mask in merged.items() if day > newest - HORIZON_DAYS}


def active_slots(slots: dict[int, int], today: int) -> Iterator[int]:
    """The numbers of the marked half hours of the 28 days up to `today`, in order of time."""
    for day in sorted(slots):
        if today - HORIZON_DAYS < day <= today:
            mask = slots[day]
            for slot in range(SLOTS_A_DAY):
                if mask >> slot & 1:
                    yield day * SLOTS_A_DAY + slot


# --- several at once -----------------------------------------------------------------------------

T = TypeVar("T")


def by_name(several: Iterable[dict[str, T]]) -> dict[str, list[T]]:
    """Turn a few dicts into one of lists: all that stands under one name."""
    grouped: dict[str, list[T]] = {}
    for named in several:
        for name, item in named.items():
            grouped.setdefault(name, []).append(item)
    return grouped
