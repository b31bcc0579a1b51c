"""How people are counted for a question, so that one of them moves the figures by no more than is stated.

Whoever is in a group counts once and in that group alone; their number is cut to the bounds first. So with
or without one person, the counts of all groups together differ by at most 1, and the sums by at most the
larger bound: that is the sensitivity (in the L1 norm) for which the noise is made.
"""

import math

import msgspec

from equipoise.nouns.aggregates import ALL, Question
from equipoise.nouns.events import Value
from equipoise.rights.aggregates.asking import groups_of, whole_bounds


class Tally(msgspec.Struct, frozen=True):
    """Exact whole numbers, one for each group in order: people, and sums in units of the last decimal.

    These are as personal as what they are made of: they never leave the process that counts.
    """

    n: list[int]
    total: list[int]


def middle(question: Question) -> int:
    """What is taken from every number of a mean, in units of the last decimal: it halves the noise."""
    lower, upper = whole_bounds(question)
    return (lower + upper) // 2 if question.measure == "mean" else 0


def sensitivity(question: Question) -> int:
    """By how much one person can move the sums of all groups together, in units of the last decimal."""
    lower, upper = whole_bounds(question)
    centre = middle(question)
    return max(abs(lower - centre), abs(upper - centre))


def group_in(value: Value) -> str:
    """The key of a group as a value of a field writes it; nothing where there is none.

    >>> group_in(" Sète "), group_in(True), group_in(7), group_in(None)
    ('Sète', 'true', '7', '')
    """
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value).strip()


def number_in(question: Question, value: Value) -> int | None:
    """A person's number cut to the bounds, in units of the last decimal; None where there is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, float) and math.isnan(value):
        return None
    cut = min(max(value, question.lower), question.upper)
    lower, upper = whole_bounds(question)
    whole: int = round(cut * 10**question.decimals)
    return min(max(whole, lower), upper) - middle(question)


class Counter:
    """Counts the people of one question, each at most once."""

    def __init__(self, question: Question) -> None:
        self._question = question
        self._places = {key: place for place, key in enumerate(groups_of(question))}
        self._seen: set[int] = set()
        self.tally = Tally([0] * len(self._places), [0] * len(self._places))

    def add(self, atoms: list[int], group: Value, number: Value) -> None:
        """Count one person by the values of the group's field and of the number's.

        Whoever shares an atom with somebody counted is passed over: a join or a split while one counts
        makes nobody count twice.
        """
        if not self._seen.isdisjoint(atoms):
            return
        self._seen.update(atoms)
        place = self._places.get(group_in(group) if self._question.group else ALL)
        if place is None:
            return
        if self._question.measure == "count":
            self.tally.n[place] += 1
            return
        whole = number_in(self._question, number)
        if whole is not None:
            self.tally.n[place] += 1
            self.tally.total[place] += whole
