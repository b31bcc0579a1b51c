"""Two people who may be one: what speaks for it, field by field, and what somebody said to it."""

import msgspec


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

    `held` is why a rule may not confirm it: `cluster_too_large`, `cluster_loose` or
    `cluster_bridge` where the people around it do not hold together, empty else.
    """

    left: int
    right: int
    score: float
    evidence: tuple[Likeness, ...]
    held: str = ""
