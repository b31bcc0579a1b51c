"""Bounds without approximation for small or thin logs: betting on inverse propensities."""

from math import nan

import msgspec
import numpy as np
from numpy.typing import NDArray

from equipoise.interval import Bounds, Interval, betting_interval, totals_of
from equipoise.learn.rehearsal.logged import Floats, LogMistake
from equipoise.nouns.rehearsals import Rule


class Ranges(msgspec.Struct, frozen=True):
    """The reward lies in [low, high]; the candidate's weight is at most `weight`."""

    low: float
    high: float
    weight: float

    @classmethod
    def of(cls, rewards: Floats, weight: float, rule: Rule) -> "Ranges":
        """As the rule states them, else as the log shows them; `LogMistake` where the log says more."""
        seen = float(rewards.min()), float(rewards.max())
        low = seen[0] if rule.reward_low is None else rule.reward_low
        high = seen[1] if rule.reward_high is None else rule.reward_high
        if seen[0] < low or seen[1] > high:
            raise LogMistake(
                f"reward: the rule states a range of [{low}, {high}], got {seen[0]} to {seen[1]}; "
                "state the range that is possible, or cut the reward before the rehearsal"
            )
        return cls(low, high, weight)


def bet_on_value(
    rewards: Floats, ratio: Floats, people: NDArray[np.intp], ranges: Ranges, level: float
) -> Interval:
    """The interval of the mean of w r; people are the units, in the order in which they came."""
    most = max(ranges.weight, float(ratio.max()))
    ends = (min(0.0, ranges.low * most), max(0.0, ranges.high * most))
    return _bet(ratio * rewards, people, Bounds(*ends, _guess(most)), level)


def bet_on_difference(
    rewards: Floats, ratio: Floats, people: NDArray[np.intp], ranges: Ranges, level: float
) -> Interval:
    """The interval of the mean of (w - 1)(r - low): candidate minus incumbent.

    Weights have mean 1, so taking the lowest reward off changes nothing but the range, which becomes
    [-(high - low), (most weight - 1)(high - low)].
    """
    most, width = max(ranges.weight, float(ratio.max()), 1.0), ranges.high - ranges.low
    bounds = Bounds(-width, (most - 1.0) * width, _guess(most))
    return _bet((ratio - 1.0) * (rewards - ranges.low), people, bounds, level)


def _guess(most: float) -> float:
    """A first idea of the scaled variance: E[w^2] is at most the largest weight, the range its square."""
    return min(0.25, 1.0 / max(most, 1.0))


def _bet(values: Floats, people: NDArray[np.intp], bounds: Bounds, level: float) -> Interval:
    if len(values) == 0:
        return Interval(nan, bounds.low, bounds.high, 0, 0.0, level, "betting")
    _, first, whose = np.unique(people, return_index=True, return_inverse=True)
    if len(first) == len(values):
        return betting_interval(values, bounds, level)
    order = np.argsort(first)
    sums = totals_of(values, whose)[order]
    rows = np.asarray(np.bincount(whose)[order], dtype=np.float64)
    return betting_interval(sums, bounds, level, rows=rows)
