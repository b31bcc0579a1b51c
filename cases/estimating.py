"""What a policy is worth, from the rows of a randomised trial: replay, and weighting by propensity."""

from collections.abc import Sequence
from math import sqrt

import msgspec

Z95 = 1.959963984540054
"""The 97.5 % point of the normal distribution."""


class Estimate(msgspec.Struct, frozen=True):
    """A mean with half the width of its 95 % interval (normal), and the rows that it rests on."""

    mean: float
    half: float
    n: int

    def holds(self, value: float) -> bool:
        """True where the interval covers a value."""
        return abs(self.mean - value) <= self.half


def mean_of(values: Sequence[float]) -> Estimate:
    """The mean of independent values; an interval needs two of them."""
    n = len(values)
    if n < 2:
        return Estimate(sum(values) / n if n else 0.0, float("inf"), n)
    mean = sum(values) / n
    variance = sum((value - mean) ** 2 for value in values) / (n - 1)
    return Estimate(mean, Z95 * sqrt(variance / n), n)


def replay(rewards: Sequence[float], shown: Sequence[str], chosen: Sequence[str]) -> Estimate:
    """Rejection replay (Li, Chu, Langford, Wang 2011): the mean reward where choice and trial agree.

    Unbiased where the trial showed each option with the same probability to everybody.
    """
    return mean_of([r for r, was, is_ in zip(rewards, shown, chosen, strict=True) if was == is_])


def weighted(
    rewards: Sequence[float], propensities: Sequence[float], logged: float = 1 / 3
) -> Estimate:
    """Inverse propensity score: `propensities` are the policy's for what the trial showed.

    `logged` is the trial's own probability of showing it, known by its design.
    """
    return mean_of([r * p / logged for r, p in zip(rewards, propensities, strict=True)])
