"""Two people who may be one: what speaks for it, field by field, and what somebody said to it."""

from typing import Literal

import msgspec

Saying = Literal["confirm", "refuse"]
"""What a human or a rule says to a hypothesis: they are one person, or they are two."""


class Likeness(msgspec.Struct, frozen=True):
    """How alike two people are in one field: the level that was reached, and its weight in bits.

    `level` is `exact`, `close`, `far` or `different`; a weight above 0 speaks for one person, below 0
    for two. No value is kept: who may see the values reads them where they are.
    """

    field: str
    level: str
    weight: float


class Hypothesis(msgspec.Struct, frozen=True, kw_only=True):
    """Two people, named by their oldest atoms, who are one with probability `score`.

    `held` is why a rule may not confirm it: `cluster_too_large` or `cluster_loose` where the people
    around it do not hold together, empty else.
    """

    left: int
    right: int
    score: float
    evidence: tuple[Likeness, ...]
    held: str = ""


class JoinAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A human or the rule answers a hypothesis: the people of two atoms are one, or they are two.

    `score` and `evidence` are those of the hypothesis as it was shown. `by` is who says so, and `rule`
    where nobody looked.
    """

    left: int
    right: int
    saying: Saying
    by: str
    score: float = 0.0
    evidence: tuple[Likeness, ...] = ()
    note: str = ""
