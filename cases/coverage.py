"""Do the intervals of a rehearsal cover as often as they say? Simulated logs whose truth is known exactly.

Options get their propensities from a softmax of four features of five levels each, mixed with a tenth
of chance; the candidate is another softmax; rewards are yes or no. The truth is a sum over all 625
combinations. `--customers N` repeats N times instead of 1,000.
"""

from collections.abc import Callable
from math import sqrt
from time import perf_counter

import msgspec
import numpy as np
from finding import Options
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from equipoise.interval import Bounds as Range
from equipoise.interval import (
    Interval,
    betting_interval,
    clustered_interval,
    clusters_of,
    mean_interval,
    mean_sequence,
    moments_of,
)
from equipoise.learn.rehearsal.estimating import Sample, dr, ips, snips
from equipoise.learn.rehearsal.logged import Logged
from equipoise.learn.rehearsal.regression import binned, expected_rewards, folds_of

SIZES, REPEATS, LOOKS = (500, 2_000, 10_000), 1_000, 20
LEVELS, FEATURES, CHOICES = 5, 4, 5
NOMINAL = 0.95

Floats = NDArray[np.float64]


class World(msgspec.Struct, frozen=True, eq=False):
    """All 625 combinations of features, `cells` (625, 4), and what holds in each, (625, 5).

    For every option the probability under the logging policy and the candidate, and its mean reward.
    """

    cells: Floats
    logging: Floats
    candidate: Floats
    reward: Floats

    @property
    def truth(self) -> float:
        """What the candidate is worth, exactly."""
        return float((self.candidate * self.reward).sum(axis=1).mean())

    @property
    def most_weight(self) -> float:
        """The largest weight that can occur."""
        return float((self.candidate / self.logging).max())


def world(seed: int = 20) -> World:
    """One world, drawn by a seed."""
    draw = np.random.default_rng(seed)
    cells = np.stack(np.meshgrid(*[np.arange(LEVELS)] * FEATURES, indexing="ij"), -1)
    cells = cells.reshape(-1, FEATURES).astype(np.float64)
    centred = (cells - (LEVELS - 1) / 2) / LEVELS

    def softmax(scale: float, chance: float) -> Floats:
        raised = np.exp(centred @ draw.normal(0, scale, (FEATURES, CHOICES)))
        return chance / CHOICES + (1 - chance) * raised / raised.sum(axis=1, keepdims=True)

    logging, candidate = softmax(1.0, 0.1), softmax(1.0, 0.0)
    # Not additive, so that the regression model is wrong, as it always is.
    slope = centred @ draw.normal(0, 1.0, (FEATURES, CHOICES))
    bent = slope + 0.5 * np.sin(3 * slope) + centred[:, :1] * centred[:, 1:2]
    return World(cells, logging, candidate, 1 / (1 + np.exp(1.2 - bent)))


def drawn(made: World, n: int, seed: int) -> tuple[Logged, Floats]:
    """A log of n decisions of as many people, and the candidate's probabilities (n, 5)."""
    chance = np.random.default_rng((seed, n))
    cell = chance.integers(0, len(made.cells), n)
    picked = (made.logging[cell].cumsum(axis=1) > chance.random((n, 1))).argmax(axis=1)
    log = Logged(
        options=tuple(f"option-{k}" for k in range(CHOICES)),
        taken=picked,
        propensity=made.logging[cell, picked],
        reward=(chance.random(n) < made.reward[cell, picked]).astype(np.float64),
        features=made.cells[cell],
    )
    return log, made.candidate[cell]


def robust(log: Logged, candidate: Floats) -> Floats:
    """The rows of DR, cross-fitted in five folds."""
    expected = expected_rewards(log, folds_of(log, 5, 0), binned(log.features, log.n))
    sample = Sample.of(log, expected)
    return dr(sample, sample.policy(candidate))


def student(rows: Floats) -> Interval:
    """The interval of a fixed sample."""
    return clustered_interval(clusters_of(rows, np.arange(len(rows))), NOMINAL)


def sequence(rows: Floats) -> list[Interval]:
    """Twenty looks of an asymptotic confidence sequence."""
    ends = [len(rows) * look // LOOKS for look in range(1, LOOKS + 1)]
    return [mean_sequence(moments_of(rows[:end]), len(rows), NOMINAL) for end in ends]


def watched(rows: Floats) -> list[Interval]:
    """The interval of a fixed sample, wrongly looked at twenty times."""
    ends = [len(rows) * look // LOOKS for look in range(1, LOOKS + 1)]
    return [mean_interval(moments_of(rows[:end]), NOMINAL) for end in ends]


def bet(rows: Floats, most: float, *, always: bool = False) -> Interval:
    """Hedged betting on inverse propensities; with `always` valid at every n at once."""
    bounds = Range(0.0, most, min(0.25, 1 / most))
    return betting_interval(rows, bounds, NOMINAL, always=always)


class Row(msgspec.Struct):
    """How often one kind of interval covered, its mean width, and how long it took."""

    name: str
    covered: int = 0
    width: float = 0.0
    seconds: float = 0.0

    def take(self, made: Callable[[], Interval | list[Interval]], truth: float) -> None:
        """Count one repeat; a list covers where all of its looks do, and is as wide as its last."""
        began = perf_counter()
        found = made()
        self.seconds += perf_counter() - began
        looks = found if isinstance(found, list) else [found]
        self.covered += all(look.covers(truth) for look in looks)
        self.width += looks[-1].high - looks[-1].low


FIXED = ("SNIPS, normal by the delta method", "DR cross-fitted, normal")
ANYTIME = (
    "DR, asymptotic sequence, at the end",
    "DR, asymptotic sequence, 20 looks",
    "IPS, hedged betting, at the end",
    "IPS, hedged betting, at every n",
)
WRONG = "DR, normal, wrongly looked at 20 times"


def measured(made: World, n: int, repeats: int) -> list[Row]:
    """Coverage of all kinds at one size."""
    rows = {name: Row(name) for name in (*FIXED, *ANYTIME, WRONG)}
    most, truth = made.most_weight, made.truth
    for seed in range(repeats):
        log, candidate = drawn(made, n, seed)
        sample = Sample.of(log, np.zeros(candidate.shape))
        policy = sample.policy(candidate)
        doubly, plain = robust(log, candidate), ips(sample, policy)
        kinds: dict[str, Callable[[], Interval | list[Interval]]] = {
            FIXED[0]: lambda s=sample, p=policy: student(snips(s, p)),
            FIXED[1]: lambda g=log, c=candidate: student(robust(g, c)),
            ANYTIME[0]: lambda d=doubly: sequence(d)[-1],
            ANYTIME[1]: lambda d=doubly: sequence(d),
            ANYTIME[2]: lambda i=plain: bet(i, most),
            ANYTIME[3]: lambda i=plain: bet(i, most, always=True),
            WRONG: lambda d=doubly: watched(d),
        }
        for name, kind in kinds.items():
            rows[name].take(kind, truth)
    return list(rows.values())


def main(options: Options, console: Console) -> None:
    """Print the table; at 10,000 it says whether the fixed intervals cover as nominal."""
    repeats = options.most or REPEATS
    made, error = world(), sqrt(NOMINAL * (1 - NOMINAL) / repeats)
    console.print(
        f"{repeats:,} repeats; the candidate is worth {made.truth:.5f}; the largest weight is "
        f"{made.most_weight:.1f}; two Monte Carlo standard errors of {NOMINAL} are {2 * error:.4f}"
    )
    table = Table("interval, nominal 95 %", "n", "coverage", "mean width", "ms")
    for n in SIZES:
        for row in measured(made, n, repeats):
            share, width, ms = (
                row.covered / repeats,
                row.width / repeats,
                row.seconds / repeats * 1e3,
            )
            table.add_row(row.name, f"{n:,}", f"{share:.3f}", f"{width:.4f}", f"{ms:.1f}")
            if n == SIZES[-1] and row.name in FIXED:
                well = abs(share - NOMINAL) <= 2 * error
                console.print(f"{row.name} {'covers as it says' if well else 'DOES NOT COVER'}")
            if row.name in ANYTIME and share < NOMINAL:
                console.print(f"{row.name} at {n:,} IS BELOW NOMINAL")
    console.print(table)
