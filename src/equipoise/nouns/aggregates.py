"""Figures about many people that leave the house with noise: grants, questions, and what was released.

`AggregateRecord` is the body of an intake row of the kind `aggregate`; `AggregateGrant` and `Release` are
the rows that it folds into. Times are milliseconds since 1970, UTC; days count from then. An epsilon is a
whole number of millionths, so that a budget adds up exactly.
"""

from typing import Final, Literal

import msgspec

from equipoise.nouns.plays import Condition

Measure = Literal["count", "sum", "mean"]
"""What is asked of each group: how many people, or the sum or the mean of one number of theirs."""

ALL: Final = "*"
"""The key of the one group of a question that names no groups."""

MICRO: Final = 1_000_000
"""How many millionths of epsilon make one."""


class Question(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a recipient asks about a day that is over.

    `field` is the number of a sum or a mean, cut to `lower` and `upper` and rounded to `decimals` places.
    `group` is the field of one group a person, `keys` its groups as the recipient states them, in order;
    without it everybody is one group. `where` limits who is counted. `day` is the last of the data,
    `epsilon` what the answer may cost.
    """

    recipient: str
    purpose: str
    measure: Measure
    day: int
    epsilon: int
    field: str = ""
    lower: float = 0.0
    upper: float = 0.0
    decimals: int = 2
    group: str = ""
    keys: tuple[str, ...] = ()
    where: Condition | None = None


class Cell(msgspec.Struct, frozen=True):
    """The answer for one group, with noise; None where too few people are in it for a useful figure."""

    key: str
    n: int | None
    value: float | None = None


class AllowAggregates(msgspec.Struct, frozen=True, kw_only=True, tag="allow"):
    """An officer lets a recipient ask, for one purpose and of these fields alone.

    `epsilon` is its budget in a calendar year, 0 for that of the house; it takes the place of a former one.
    """

    recipient: str
    purpose: str
    by: str
    fields: tuple[str, ...] = ()
    epsilon: int = 0
    until_ms: int = 0


class EndAggregates(msgspec.Struct, frozen=True, kw_only=True, tag="end"):
    """An officer ends it: the recipient's next question is refused."""

    recipient: str
    by: str


class AskAggregate(msgspec.Struct, frozen=True, kw_only=True, tag="ask"):
    """A question asks for its part of the budget. `fields` are all that it reads."""

    question: Question
    fields: tuple[str, ...]
    by: str


class KeepRelease(msgspec.Struct, frozen=True, kw_only=True, tag="keep"):
    """The answer, with its noise, to the question whose budget was spent as the record `spent`."""

    spent: int
    cells: tuple[Cell, ...]


AggregateRecord = AllowAggregates | EndAggregates | AskAggregate | KeepRelease
"""The body of an intake row of the kind `aggregate`, in MessagePack."""


class AggregateGrant(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who may ask, as it stands. `until_ms` 0 has no end, `ended_ms` 0 has not ended."""

    seq: int
    recipient: str
    purpose: str
    by: str
    at_ms: int
    fields: tuple[str, ...] = ()
    epsilon: int = 0
    until_ms: int = 0
    ended_ms: int = 0
    ended_by: str = ""

    def lives(self, now_ms: int) -> bool:
        """True while it was not ended and its time is not over."""
        return not self.ended_ms and not (self.until_ms and now_ms >= self.until_ms)


class Release(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One question, its budget spent in `year`, and the answer once there is one.

    `seq` is the record that spent it; `key` is the same for the same question. `receipt` numbers the
    receipt of the answer, 0 while there is none.
    """

    seq: int
    key: str
    year: int
    question: Question
    by: str
    at_ms: int
    cells: tuple[Cell, ...] = ()
    released_ms: int = 0
    receipt: int = 0

    @property
    def id(self) -> str:
        """The public name of its receipt, stable for ever; nothing while there is none."""
        return f"f_{self.receipt}" if self.receipt else ""


class Spending(msgspec.Struct, frozen=True):
    """What the figures that left for one recipient cost in a year, the same for every person (millionths)."""

    recipient: str
    purpose: str
    year: int
    questions: int
    epsilon: int
    budget: int
    last_ms: int
