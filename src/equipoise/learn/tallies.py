"""People of a comparison as sums that merge by adding and from which a person can be taken away."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec
import numpy as np

from equipoise.nouns.lessons import Tried

Key = tuple[str, str]
"""The version of the play under which a person's trial began, and their arm."""


class Sums(msgspec.Struct, frozen=True):
    """Of one measure: the sum, the sum of squares, and the sum of products with what was before."""

    total: float = 0.0
    squares: float = 0.0
    cross: float = 0.0

    def __add__(self, other: "Sums") -> "Sums":
        """Both together."""
        return Sums(
            self.total + other.total, self.squares + other.squares, self.cross + other.cross
        )

    def __neg__(self) -> "Sums":
        """What has to be added to take these away."""
        return Sums(-self.total, -self.squares, -self.cross)


class Tally(msgspec.Struct, frozen=True):
    """`n` people: sums of what they had brought before, and of each measure, in the order of `MEASURES`.

    Tallies add and subtract; subtracting a person leaves what would have been without them, to the
    rounding of sums.
    """

    n: int = 0
    before: float = 0.0
    before_squares: float = 0.0
    sums: tuple[Sums, ...] = (Sums(), Sums(), Sums())

    def __add__(self, other: "Tally") -> "Tally":
        """Both groups of people together."""
        return Tally(
            self.n + other.n,
            self.before + other.before,
            self.before_squares + other.before_squares,
            tuple(mine + theirs for mine, theirs in zip(self.sums, other.sums, strict=True)),
        )

    def __sub__(self, other: "Tally") -> "Tally":
        """These people without those, who were among them."""
        minus = tuple(-sums for sums in other.sums)
        return self + Tally(-other.n, -other.before, -other.before_squares, minus)


def tally(rows: Sequence[Tried]) -> dict[Key, Tally]:
    """The tallies of people by version and arm; `response` is whether they did the goal at all."""
    places: dict[Key, int] = {}
    at = np.array([places.setdefault((r.version, r.arm), len(places)) for r in rows], np.intp)
    before = np.array([row.before for row in rows], np.float64)
    measured = (
        np.array([row.value for row in rows], np.float64),
        np.array([row.n > 0 for row in rows], np.float64),
        np.array([row.left for row in rows], np.float64),
    )

    def by_key(values: np.ndarray) -> list[float]:
        return [float(total) for total in np.bincount(at, values, len(places))]

    n, sum_before, squares = by_key(np.ones(len(rows))), by_key(before), by_key(before * before)
    sums = [
        [Sums(*three) for three in zip(by_key(y), by_key(y * y), by_key(y * before), strict=True)]
        for y in measured
    ]
    return {
        key: Tally(int(n[i]), sum_before[i], squares[i], tuple(each[i] for each in sums))
        for key, i in places.items()
    }


def merge(parts: Iterable[Mapping[Key, Tally]]) -> dict[Key, Tally]:
    """Several groups of people as one; nobody may be in two of them."""
    merged: dict[Key, Tally] = {}
    for part in parts:
        for key, more in part.items():
            merged[key] = merged.get(key, Tally()) + more
    return merged


def without(tallies: Mapping[Key, Tally], rows: Sequence[Tried]) -> dict[Key, Tally]:
    """The tallies as they would be if these people, who are in them, had never been."""
    left = dict(tallies)
    for key, gone in tally(rows).items():
        left[key] = left[key] - gone
    return {key: rest for key, rest in left.items() if rest.n}
