"""What a play is worth: its arms, how they differ, and whether they were drawn as they should be."""

from typing import Literal

import msgspec

from equipoise.interval import Interval

Measure = Literal["value", "response", "left"]
"""What is measured of a person: the value they brought, whether they responded, whether they left."""

MEASURES: tuple[Measure, ...] = ("value", "response", "left")
"""The measures in the order in which they are told."""

Found = Literal["more", "less", "not_yet"]
"""What a sequence says of a difference: above 0, below 0, or nothing yet."""


class Arm(msgspec.Struct, frozen=True, kw_only=True):
    """One arm of a play: `engine`, `holdout`, or the name of the chooser that is its control.

    `n` people whose trial is over, of whom `expected` would be here by the play's shares. `value` is in
    the play's currency per person; `response` and `left` are shares of people. At `n` = 0 the intervals
    are infinite: nothing is known yet.
    """

    name: str
    n: int
    expected: float
    value: Interval
    response: Interval
    left: Interval


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """The engine minus another arm, per person, in one measure; plain, and adjusted (CUPED).

    `plain` and `adjusted` hold at one look that was planned; `plain_always` and `adjusted_always` at
    every look together, so that one may look daily and stop. `found` and `p` are those of
    `adjusted_always`. The adjustment takes `theta` x (what the person had brought before); `reduction`
    is the part of the variance that it took away (below 0 where it added some).
    """

    other: str
    measure: Measure
    n: int
    plain: Interval
    plain_always: Interval
    adjusted: Interval
    adjusted_always: Interval
    theta: float
    reduction: float
    p: float
    found: Found


class Ratio(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the arms hold the people that their shares promise; may be looked at after every person.

    `p` is 1 / the largest odds against the shares that the counts allow, at most 1. With `alarm` no
    difference of the play can be believed. `strangers` are people in arms that had no share.
    """

    n: int
    p: float
    alarm: bool
    strangers: int = 0


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known of what one play brings; `left_out` people were tried under another goal."""

    play: str
    currency: str
    n: int
    arms: tuple[Arm, ...]
    differences: tuple[Difference, ...]
    ratio: Ratio
    left_out: int = 0

    def difference(self, other: str, measure: Measure) -> Difference | None:
        """The engine minus another arm in one measure, or None where the play has no such arm."""
        found = (d for d in self.differences if (d.other, d.measure) == (other, measure))
        return next(found, None)
