"""Which hypotheses still ask for an answer, and which of them a rule may confirm by itself."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import msgspec

from equipoise.nouns.hypotheses import KeptHypothesis
from equipoise.recognise.likeness import FIELDS


class RuleUnread(ValueError):
    """The rule of the settings cannot be read; the message says what to write."""


class Rule(msgspec.Struct, frozen=True):
    """Confirms from a score of `least` on, where all of `exact` agree exactly."""

    least: float
    exact: tuple[str, ...] = ()

    def confirms(self, kept: KeptHypothesis) -> bool:
        """Whether this hypothesis is confirmed: never one that is held, was put off or reopened."""
        agree = {one.field for one in kept.evidence if one.level == "exact"}
        sure = kept.score >= self.least and agree.issuperset(self.exact)
        return sure and not kept.held and kept.state == "open" and not kept.reopened


def read_rule(text: str) -> Rule | None:
    """A rule as it is set: a probability, and fields that must agree exactly; None where there is none.

    Raises `RuleUnread`.

    >>> read_rule("0.99 email birth_date"), read_rule("")
    (Rule(least=0.99, exact=('email', 'birth_date')), None)
    """
    words = text.split()
    if not words:
        return None
    unknown = [word for word in words[1:] if word not in FIELDS]
    try:
        least = float(words[0])
    except ValueError:
        least = 0.0
    if unknown or not 0.5 <= least <= 1.0:
        raise RuleUnread(
            f"joins.rule {text!r}: needs a probability from 0.5 to 1 and then fields of "
            f"{', '.join(FIELDS)}, such as '0.99 email birth_date'"
        )
    return Rule(least, tuple(words[1:]))


class Proposed(NamedTuple):
    """A hypothesis that asks for an answer, and the two people as they stand now."""

    kept: KeptHypothesis
    left: int
    right: int


def proposed(kept: Iterable[KeptHypothesis], person: Mapping[int, int]) -> list[Proposed]:
    """Those that ask for an answer, one for each two people, in the order given.

    `person` maps atoms to people as they stand now. Who became one meanwhile is left out, as is whoever is
    not there any more.
    """
    found: dict[tuple[int, int], Proposed] = {}
    for one in kept:
        left, right = person.get(one.left), person.get(one.right)
        if left is None or right is None or left == right or not one.waits:
            continue
        low, high = sorted((left, right))
        found.setdefault((low, high), Proposed(one, low, high))
    return list(found.values())
