"""Which question may be asked, by whom, and what is left of a budget: pure, over what was read already."""

import math
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Final

import msgspec

from equipoise.nouns.aggregates import ALL, MICRO, AggregateGrant, Question, Release

DAY_MS: Final = 86_400_000
LEAST_EPSILON: Final = 1_000
"""The least that a question may cost, in millionths: below, its figures would be noise alone."""

MOST_KEYS: Final = 1_000
"""The most groups of one question."""

MOST_DECIMALS: Final = 6
LARGEST: Final = 10**11
"""The largest bound, in units of the last decimal: ten million people at it still fit in 64 bits."""

LEAST_GROUP: Final = 20
"""Under so many people, counted with noise, a group's figures are not given: they are of no use."""


class Unaskable(ValueError):
    """A question that cannot be asked; `code` is told in `docs/aggregates.md`."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What may be spent in a calendar year, in millionths of epsilon: on each recipient, and on all."""

    each: int = 3 * MICRO
    together: int = 6 * MICRO


def millionths(epsilon: float) -> int:
    """An epsilon as a whole number of millionths, rounded down.

    >>> millionths(0.1), millionths(1.0)
    (100000, 1000000)
    """
    return math.floor(epsilon * MICRO + 1e-6)


def day_of(at_ms: int) -> int:
    """The UTC day of a time, counted from 1970."""
    return at_ms // DAY_MS


def checked(question: Question) -> Question:
    """The question with its groups in order, so that the same question is asked by the same words.

    Raises `Unaskable` where its form is wrong.
    """
    if question.epsilon < LEAST_EPSILON:
        raise _odd(
            f"epsilon needs {LEAST_EPSILON / MICRO} or more, came {question.epsilon / MICRO}"
        )
    if question.measure == "count":
        if question.field or question.lower or question.upper:
            raise _odd("a count reads no field and has no bounds; leave field, lower and upper out")
    else:
        _bounded(question)
    if bool(question.group) != bool(question.keys):
        raise _odd("a group needs its keys, and keys need a group: the groups are yours to name")
    if not len(set(question.keys)) == len(question.keys) <= MOST_KEYS:
        raise _odd(f"keys needs at most {MOST_KEYS:,} groups, each once")
    plain = msgspec.structs.replace(question, keys=tuple(sorted(question.keys)))
    if question.measure == "count":
        return msgspec.structs.replace(plain, decimals=0)
    return plain


def _bounded(question: Question) -> None:
    if not question.field:
        raise _odd(f"a {question.measure} needs a field, such as orders.total")
    if not 0 <= question.decimals <= MOST_DECIMALS:
        raise _odd(f"decimals needs 0 to {MOST_DECIMALS}, came {question.decimals}")
    lower, upper = whole_bounds(question)
    if not lower < upper:
        raise _odd(f"lower needs to be below upper, came {question.lower} and {question.upper}")
    if max(abs(lower), abs(upper)) > LARGEST:
        raise _odd(f"bounds need to be within {LARGEST:,} units of the last decimal")


def whole_bounds(question: Question) -> tuple[int, int]:
    """Both bounds in units of the last decimal; raises `Unaskable` where one is no number."""
    if not (math.isfinite(question.lower) and math.isfinite(question.upper)):
        raise _odd("bounds need to be numbers")
    unit: int = 10**question.decimals
    return round(question.lower * unit), round(question.upper * unit)


def _odd(message: str) -> Unaskable:
    return Unaskable("aggregate_odd", message)


def key_of(question: Question) -> str:
    """The SHA-256 (hex) by which a checked question is known again: same words, same key."""
    return sha256(msgspec.json.encode(question, order="sorted")).hexdigest()


def groups_of(question: Question) -> tuple[str, ...]:
    """The keys of its groups, or the one that stands for everybody."""
    return question.keys or (ALL,)


def may_ask(
    question: Question, fields: Sequence[str], grant: AggregateGrant | None, now_ms: int
) -> None:
    """Raise `Unaskable` where nothing allows the recipient this question; `fields` are all that it reads."""
    if grant is None or not grant.lives(now_ms):
        raise Unaskable(
            "aggregates_not_allowed",
            f"{question.recipient} may not ask for figures: an officer allows it, or it has ended",
        )
    if question.purpose != grant.purpose:
        raise Unaskable(
            "aggregate_purpose",
            f"{question.recipient} may ask for {grant.purpose}, not for {question.purpose}",
        )
    beyond = sorted(set(fields) - set(grant.fields))
    if beyond:
        raise Unaskable(
            "aggregate_field",
            f"{question.recipient} may not ask about {beyond[0]}: the grant names "
            f"{', '.join(grant.fields) or 'no fields'}",
        )


def on_a_closed_day(question: Question, now_ms: int) -> None:
    """Raise `Unaskable` unless the day is the last one that is over: nothing else can be told of now."""
    today = day_of(now_ms)
    if question.day >= today:
        raise Unaskable("aggregate_day_open", "the day is not over (UTC); ask about yesterday")
    if question.day < today - 1:
        raise Unaskable(
            "aggregate_day_gone",
            "of days before yesterday only answers that were given are kept; ask about yesterday",
        )


def budget_of(grant: AggregateGrant, limits: Limits) -> int:
    """What a recipient may spend in a year, in millionths: the grant's own, and never beyond the house's."""
    return min(grant.epsilon or limits.each, limits.each)


def spent(releases: Iterable[Release], recipient: str | None = None) -> int:
    """The sum of what these releases cost, of one recipient or of all, in millionths.

    Answers about the same people compose: what one person may lose is at most the sum. (Dwork and Roth,
    The Algorithmic Foundations of Differential Privacy, theorem 3.16.)
    """
    return sum(
        one.question.epsilon
        for one in releases
        if recipient is None or one.question.recipient == recipient
    )


def affordable(
    question: Question, grant: AggregateGrant, releases: Sequence[Release], limits: Limits
) -> None:
    """Raise `Unaskable` where the year's `releases` leave too little for the question."""
    mine, budget = spent(releases, question.recipient), budget_of(grant, limits)
    if mine + question.epsilon > budget:
        raise Unaskable(
            "aggregate_budget",
            f"the question costs {question.epsilon / MICRO:.7g}, and {question.recipient} has "
            f"{max(0, budget - mine) / MICRO:.7g} left of {budget / MICRO:.7g} this year. Ask for less, "
            "ask what was asked before (it costs nothing again), or wait for January",
        )
    left = limits.together - spent(releases)
    if question.epsilon > left:
        raise Unaskable(
            "aggregate_budget_together",
            f"the question costs {question.epsilon / MICRO:.7g}, and of what all recipients together "
            f"may learn this year {max(0, left) / MICRO:.7g} is left of {limits.together / MICRO:.7g}",
        )
