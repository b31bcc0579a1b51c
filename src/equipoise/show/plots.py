"""Where the marks of a plot lie: positions in per cent, which a page turns into SVG of any width."""

from collections.abc import Iterable
from math import floor, isfinite, log10

import msgspec

from equipoise.interval import Interval
from equipoise.nouns.rehearsals import Look

MARGIN = 0.06
"""How much of the width is left free on either side, as a share of what is shown."""

TICKS = 4
"""About how many numbers stand under a scale."""


class Mark(msgspec.Struct, frozen=True):
    """One interval on a scale: its ends and its middle, in per cent from the left.

    `side` is `above`, `below` or `around` zero (`none` on a scale without one); `cut_low` and
    `cut_high` are True where the interval goes on beyond the scale.
    """

    low: float
    mean: float
    high: float
    side: str = "none"
    cut_low: bool = False
    cut_high: bool = False

    @property
    def width(self) -> float:
        """From the low end to the high end, in per cent."""
        return round(self.high - self.low, 3)


class Tick(msgspec.Struct, frozen=True):
    """A number under a scale and its place, in per cent from the left."""

    at: float
    value: float


class Scale(msgspec.Struct, frozen=True):
    """What a plot shows from left to right: from `low` to `high`; `zero` is where 0 lies, if it counts."""

    low: float
    high: float
    zero: float | None = None
    ticks: tuple[Tick, ...] = ()

    def at(self, value: float) -> float:
        """The place of a value in per cent, kept within the plot."""
        share = (value - self.low) / (self.high - self.low)
        return round(100.0 * min(1.0, max(0.0, share)), 3)

    def mark(self, found: Interval) -> Mark:
        """Where an interval lies."""
        side = "none"
        if self.zero is not None:
            side = "above" if found.low > 0 else "below" if found.high < 0 else "around"
        ends = self.at(found.low), self.at(found.mean), self.at(found.high)
        return Mark(*ends, side, found.low < self.low, found.high > self.high)


def scale_of(found: Iterable[Interval], *, zero: bool) -> Scale:
    """A scale that shows these intervals, and 0 where it counts; ends that are infinite are cut."""
    ends = [end for one in found for end in (one.low, one.mean, one.high) if isfinite(end)]
    if zero:
        ends.append(0.0)
    low, high = min(ends, default=0.0), max(ends, default=1.0)
    room = (high - low) * MARGIN or max(abs(high), 1.0) * MARGIN
    bare = Scale(low - room, high + room)
    ticks = tuple(Tick(bare.at(value), value) for value in _round_numbers(low - room, high + room))
    return Scale(bare.low, bare.high, bare.at(0.0) if zero else None, ticks)


def _round_numbers(low: float, high: float) -> list[float]:
    """About `TICKS` numbers between the ends, at steps of 1, 2 or 5 times a power of ten."""
    rough = (high - low) / TICKS
    power = 10.0 ** floor(log10(rough))
    step = next(step for step in (power, 2 * power, 5 * power, 10 * power) if step >= rough)
    first = floor(low / step) + 1
    return [round(n * step, 12) for n in range(first, floor(high / step) + 1)]


class Point(msgspec.Struct, frozen=True):
    """One look of a sequence, in per cent: from the left, and from the top."""

    x: float
    low: float
    mean: float
    high: float


class Sequence(msgspec.Struct, frozen=True):
    """A band over the number of decisions: `zero` and the ticks in per cent from the top."""

    points: tuple[Point, ...]
    zero: float
    ticks: tuple[Tick, ...]
    most: int

    @property
    def band(self) -> str:
        """The outline of the band as an SVG polygon: along the high ends, back along the low ones."""
        there = [f"{p.x},{p.high}" for p in self.points]
        back = [f"{p.x},{p.low}" for p in reversed(self.points)]
        return " ".join(there + back)

    @property
    def line(self) -> str:
        """The middle as an SVG polyline."""
        return " ".join(f"{p.x},{p.mean}" for p in self.points)


def sequence_of(looks: tuple[Look, ...]) -> Sequence | None:
    """The looks of a live sequence as a band; None where there are fewer than two.

    The first looks are wide: the scale shows what all but the widest fifth need, the rest is cut.
    """
    if len(looks) < 2:
        return None
    kept = looks[len(looks) // 5 :]
    scale = scale_of((look.difference for look in kept), zero=True)

    def down(value: float) -> float:
        return round(100.0 - scale.at(value), 3)

    most = looks[-1].n
    points = tuple(
        Point(
            round(100.0 * look.n / most, 3),
            down(look.difference.low),
            down(look.difference.mean),
            down(look.difference.high),
        )
        for look in looks
    )
    ticks = tuple(Tick(round(100.0 - tick.at, 3), tick.value) for tick in scale.ticks)
    return Sequence(points, down(0.0), ticks, most)
