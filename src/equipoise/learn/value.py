"""The value model: what each option is expected to bring and cost, as a sum that explains itself.

One immutable version is two tables of numbers, one row for each level of each feature and one column
for each option, and a last column for options it has never seen. A score is a sum of rows; every
operation is elementwise and in a fixed order, so one person and a batch give the same bits.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property, reduce
from hashlib import sha256
from math import isfinite
from operator import add

import msgspec
import numpy as np
from numpy.typing import NDArray

from equipoise.learn.binning import Binning, Levels
from equipoise.nouns.decisions import Appraisal, Explain
from equipoise.nouns.events import Value
from equipoise.nouns.lessons import AT_STAKE
from equipoise.nouns.plays import Option

Floats = NDArray[np.float64]

DECIMALS = 10
"""To how many decimals of the currency a contribution is rounded, so that receipts are short and stable."""

UNITS = 10.0**DECIMALS

MOST_AT_STAKE = 1e12
"""Nobody is worth more than this; beyond it there would be no cents to round to."""

BESIDE = ("base", "option", "cost", "leaving")
"""The contributions that are no features: all options alike, the option itself, and what it costs."""


AT_ONCE = 200
"""How many people are summed at once: their sums stay in the processor's second cache."""


class ModelMistake(ValueError):
    """Bytes are no value model; the message says what was needed and what came."""


class Surrogate(msgspec.Struct, frozen=True):
    """How the early goal stands to the goal.

    `slope` is what an early answer is worth in answers, `lessons` from how many decisions it was
    learnt, `apart` the root mean square, in answers, by which the calibrated early forecast alone
    differs from the final one over the matured decisions.
    """

    slope: float
    lessons: int
    apart: float


class Appraised(msgspec.Struct, frozen=True, eq=False):
    """What n people's K options are expected to bring and to cost; all (n, K), in the play's currency.

    `contributions` is (n, F + 4, K), in the order `names`; they sum to `scores`. `response` and `left`
    are probabilities.
    """

    names: tuple[str, ...]
    scores: Floats
    value: Floats
    cost: Floats
    leaving: Floats
    response: Floats
    left: Floats
    contributions: Floats


class ValueModel(msgspec.Struct, frozen=True, kw_only=True, dict=True, eq=False):
    """One version of what was learnt for the play `play`; satisfies `ports.Model`.

    `order_value` is what a response brings. `value` and `leave` are float64 tables of P rows (the
    intercept, then the levels) and one column for each of `options` and for any other, in money and in
    probability. `base` is the intercept that all options share, in money; row 0 of `value` is what
    an option adds to it. `cut_at` is from how many lessons the features were cut, `counted` what
    became of the lessons, `faded` up to which lesson they were multiplied by what.
    """

    play: str
    currency: str
    lessons: int
    scale: float
    order_value: float
    base: float
    binning: Binning
    options: tuple[str, ...]
    value: bytes
    leave: bytes
    cut_at: int
    last: int = 0
    surrogate: Surrogate | None = None
    counted: dict[str, int] = {}
    faded: tuple[tuple[int, float], ...] = ()

    def encode(self) -> bytes:
        """The version as bytes: the same numbers give the same bytes."""
        return msgspec.msgpack.encode(self, order="deterministic")

    @classmethod
    def decode(cls, body: bytes) -> "ValueModel":
        """The version that these bytes are; raises `ModelMistake` where they are none."""
        try:
            model = msgspec.msgpack.decode(body, type=cls)
        except msgspec.DecodeError as fault:
            raise ModelMistake(f"value model: needed what `encode` gave, got {fault}") from fault
        size = 8 * (1 + model.binning.size) * (1 + len(model.options))
        for name, table in (("value", model.value), ("leave", model.leave)):
            if len(table) != size:
                raise ModelMistake(
                    f"value model of {model.play!r}: table {name} needs {size} bytes, got {len(table)}"
                )
            if not np.isfinite(np.frombuffer(table, dtype="<f8")).all():
                raise ModelMistake(
                    f"value model of {model.play!r}: table {name} holds what is no finite number"
                )
        return model

    @cached_property
    def version(self) -> str:
        """The SHA-256 of the encoded form, in hex."""
        return sha256(self.encode()).hexdigest()

    @property
    def explains(self) -> Explain:
        """Exactly: the contributions are the score."""
        return Explain.EXACT

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the F + 4 contributions, in the order in which they are summed."""
        return (*BESIDE[:2], *self.binning.features, *BESIDE[2:])

    def edges(self, feature: str) -> tuple[float, ...]:
        """Where a feature is cut, ascending; empty where it is no number or not looked at."""
        return next((c.edges for c in self.binning.cuts if c.feature == feature), ())

    def appraise(
        self, options: Sequence[Option], inputs: Mapping[str, Value]
    ) -> tuple[Appraisal, ...]:
        """What each option is expected to bring and cost one person, with the reasons."""
        at_stake = _money(inputs.get(AT_STAKE))
        worth, leave = self._rows
        levels = [0, *(1 + level for level in self.binning.levels_of(inputs))]
        worths = list(zip(*(worth[level] for level in levels), strict=True))
        leaves = list(zip(*(leave[level] for level in levels), strict=True))
        places, other = self._places, len(self._places)
        told = []
        for option in options:
            place = places.get(option.name, other)
            # In order, as the batch adds: `sum` may compensate for rounding.
            value = reduce(add, worths[place], self.base)
            left = min(max(reduce(add, leaves[place]), 0.0), 1.0)
            cost, leaving = 0.0 - option.cost, 0.0 - round(left * at_stake * UNITS) / UNITS
            score = value + cost + leaving
            response = min(max(value / self.order_value, 0.0), 1.0) if self.order_value else 0.0
            parts = (self.base, *worths[place], cost, leaving)
            reasons = dict(zip(self.names, parts, strict=True))
            told.append(
                Appraisal(score, value, option.cost, 0.0 - leaving, response, left, reasons)
            )
        return tuple(told)

    def appraise_many(
        self, options: Sequence[Option], levels: Levels, at_stake: Floats | float = 0.0
    ) -> Appraised:
        """The same for n people at once, to the bit.

        `levels` (n, F) are those of `binning`, `at_stake` (n,) what is lost when one leaves for good, from
        0 to `MOST_AT_STAKE`.
        """
        columns, count = self._columns(options), len(levels)
        worth, leave = self._value.take(columns, axis=1), self._leave.take(columns, axis=1)
        last = len(self.names) - 1
        parts = np.empty((last + 1, count, len(options)))
        parts[0] = self.base
        parts[1] = worth[0]
        value = parts[0] + parts[1]
        left = np.repeat(leave[:1], count, axis=0)
        rows = np.ascontiguousarray(levels.T) + 1
        spare = np.empty((min(AT_ONCE, count), len(options)))
        for first in range(0, count, AT_ONCE):
            some = slice(first, first + AT_ONCE)
            summed, leaves, room = value[some], left[some], spare[: len(value[some])]
            for place, own in enumerate(rows[:, some], 2):
                part = parts[place, some]
                worth.take(own, axis=0, out=part, mode="clip")
                np.add(summed, part, out=summed)
                leave.take(own, axis=0, out=room, mode="clip")
                np.add(leaves, room, out=leaves)
        np.clip(left, 0.0, 1.0, out=left)
        return self._told(options, value, left, parts, at_stake)

    def _told(
        self,
        options: Sequence[Option],
        value: Floats,
        left: Floats,
        parts: Floats,
        at_stake: Floats | float,
    ) -> Appraised:
        """The scores from what is expected (n, K), and the parts (F + 4, n, K) whose last two are open."""
        stake = np.broadcast_to(np.asarray(at_stake, dtype=np.float64), (len(value),))
        cost, leaving = parts[-2], parts[-1]
        cost[:] = [0.0 - option.cost for option in options]
        np.subtract(0.0, np.rint(left * stake[:, None] * UNITS) / UNITS, out=leaving)
        scores = value + cost
        scores += leaving
        response = np.zeros_like(value)
        if self.order_value > 0.0:
            np.clip(value / self.order_value, 0.0, 1.0, out=response)
        return Appraised(
            self.names,
            scores,
            value,
            0.0 - cost,
            0.0 - leaving,
            response,
            left,
            parts.transpose(1, 0, 2),
        )

    @cached_property
    def _rows(self) -> tuple[list[list[float]], list[list[float]]]:
        return self._value.tolist(), self._leave.tolist()

    def _columns(self, options: Sequence[Option]) -> Levels:
        places = self._places
        return np.array([places.get(o.name, len(places)) for o in options], dtype=np.intp)

    @cached_property
    def _places(self) -> dict[str, int]:
        return {name: place for place, name in enumerate(self.options)}

    @cached_property
    def _value(self) -> Floats:
        return np.frombuffer(self.value, dtype="<f8").reshape(-1, 1 + len(self.options))

    @cached_property
    def _leave(self) -> Floats:
        return np.frombuffer(self.leave, dtype="<f8").reshape(-1, 1 + len(self.options))


def _money(value: Value) -> float:
    """A number that is at stake; what is not known, or no amount, is 0."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return 0.0
    return min(max(float(value), 0.0), MOST_AT_STAKE) if isfinite(value) else 0.0


def table_of(columns: Sequence[Floats], factor: float = 1.0) -> bytes:
    """A table of P rows from its columns (P,), times a factor, rounded to `DECIMALS`.

    Adding 0.0 turns -0.0 into 0.0, so that equal numbers are equal bytes.
    """
    stacked = np.stack([np.asarray(column) for column in columns], axis=1) * factor
    return (np.rint(stacked * UNITS) / UNITS + 0.0).astype("<f8").tobytes()
