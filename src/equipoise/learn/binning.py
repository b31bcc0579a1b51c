"""Features become levels: numbers by cuts at quantiles, all else by value, and one for "not known"."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from math import isnan

import msgspec
import numpy as np
from numpy.typing import NDArray

from equipoise.nouns.events import Value

BINS = 8
"""Into how many bins of about equal size a number is cut."""

MOST_VALUES = 32
"""How many values of a feature that is no number have a level of their own at most."""

LEAST_SHARE = 0.01
"""What share of the people must have a value for it to be told apart from the other rare ones."""

PLAIN = {int, float, type(None)}
"""What an array reads as `Cuts.level` does: unlike a boolean, or a text that looks like a number."""

Levels = NDArray[np.intp]


class Cuts(msgspec.Struct, frozen=True):
    """How one feature is read: level 0 is "not known", the others follow in order.

    A number has the level 1 + i between `edges[i - 1]` (included) and `edges[i]`. A feature by value
    has level 1 + i for `values[i]` (as JSON text), and the last level for every other value. A number
    where a value is expected, and the other way round, is read as it comes: as the other values, or as
    not known.
    """

    feature: str
    numeric: bool
    edges: tuple[float, ...] = ()
    values: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """How many levels there are, "not known" among them."""
        return 2 + len(self.edges) if self.numeric else 2 + len(self.values)

    def level(self, value: Value) -> int:
        """The level of one value, from 0 to `size` - 1."""
        if value is None:
            return 0
        if self.numeric:
            number = _number(value)
            return 0 if isnan(number) else 1 + bisect_right(self.edges, number)
        text = msgspec.json.encode(value).decode()
        return 1 + (self.values.index(text) if text in self.values else len(self.values))

    def levels(self, column: Sequence[Value]) -> Levels:
        """The levels of a column (n,), the same as one by one."""
        if not self.numeric:
            known: dict[Value, int] = {}
            told = []
            for value in column:
                # True and 1 are one key to a dict and two values here.
                key = value if isinstance(value, str) or value is None else repr(value)
                if key not in known:
                    known[key] = self.level(value)
                told.append(known[key])
            return np.array(told, dtype=np.intp)
        plain = column if set(map(type, column)) <= PLAIN else [_number(v) for v in column]
        numbers = np.array(plain, dtype=np.float64)  # None becomes NaN
        places = 1 + np.searchsorted(np.asarray(self.edges), numbers, side="right")
        return np.where(np.isnan(numbers), 0, places).astype(np.intp)


def cut(feature: str, column: Sequence[Value], bins: int = BINS) -> Cuts:
    """Where a feature is cut, from what it was in a column.

    A number that takes at most `bins` values has one level for each; others are cut at their
    quantiles, to three significant digits, so that a cut can be told ("149 or more").
    """
    known = [value for value in column if value is not None]
    numbers = [_number(value) for value in known]
    if known and not any(map(isnan, numbers)):
        return Cuts(feature, numeric=True, edges=_edges(np.array(numbers), bins))
    counts = Counter(msgspec.json.encode(value).decode() for value in known)
    least = max(2.0, LEAST_SHARE * len(known))
    often = [text for text, count in counts.items() if count >= least]
    often.sort(key=lambda text: (-counts[text], text))
    return Cuts(feature, numeric=False, values=tuple(often[:MOST_VALUES]))


def _edges(numbers: NDArray[np.float64], bins: int) -> tuple[float, ...]:
    distinct = np.unique(numbers[np.isfinite(numbers)])
    if len(distinct) <= bins:
        return tuple(distinct[1:].tolist())
    ordered = np.sort(numbers)
    places = [ordered[len(ordered) * part // bins] for part in range(1, bins)]
    told = {float(f"{place:.3g}") for place in places}
    return tuple(sorted(place for place in told if distinct[0] < place <= distinct[-1]))


def _number(value: Value) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return float("nan")
    return float(value)


class Binning(msgspec.Struct, frozen=True, dict=True):
    """The cuts of several features, whose levels are numbered through: `offsets` says where each begins."""

    cuts: tuple[Cuts, ...]

    @cached_property
    def offsets(self) -> tuple[int, ...]:
        """The number of the first level of each feature."""
        return tuple(int(n) for n in np.cumsum([0, *(cuts.size for cuts in self.cuts)])[:-1])

    @property
    def size(self) -> int:
        """How many levels there are over all features, L."""
        return sum(cuts.size for cuts in self.cuts)

    @property
    def features(self) -> tuple[str, ...]:
        """The names of the features, F of them, in order."""
        return tuple(cuts.feature for cuts in self.cuts)

    def levels_of(self, inputs: Mapping[str, Value]) -> list[int]:
        """The F levels of one person, from 0 to L - 1; a feature that is missing is not known."""
        return [
            offset + cuts.level(inputs.get(cuts.feature))
            for offset, cuts in zip(self.offsets, self.cuts, strict=True)
        ]

    def levels(self, columns: Mapping[str, Sequence[Value]], n: int) -> Levels:
        """The levels of n people, (n, F), from a column of each feature; a missing column is not known."""
        found = np.empty((n, len(self.cuts)), dtype=np.intp)
        for place, (offset, cuts) in enumerate(zip(self.offsets, self.cuts, strict=True)):
            column = columns.get(cuts.feature)
            found[:, place] = offset if column is None else offset + cuts.levels(column)
        return found

    def levels_of_all(self, people: Sequence[Mapping[str, Value]]) -> Levels:
        """The levels of n people, (n, F), the same as one by one."""
        names = self.features
        return self.levels(
            {name: [inputs.get(name) for inputs in people] for name in names}, len(people)
        )


def binning_of(features: Iterable[str], people: Sequence[Mapping[str, Value]]) -> Binning:
    """Cut every feature by what it was for these people."""
    return Binning(tuple(cut(name, [inputs.get(name) for inputs in people]) for name in features))
