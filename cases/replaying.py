"""Rejection replay: what a learning policy would have earned, had it been there instead of the trial.

The trial showed each option at random with the same probability. A policy is shown its people in a
shuffled order and draws an option for each; where that is what the trial showed, the person's real
outcome counts and is what the policy learns from, and the others are passed over (Li, Chu, Langford and
Wang 2011, "Unbiased offline evaluation of contextual-bandit-based news article recommendation
algorithms", algorithm 2).
"""

import time
from collections.abc import Sequence
from typing import Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Places = NDArray[np.intp]
Known = dict[str, str | int | float | bool | None]


class Trial(msgspec.Struct, frozen=True, eq=False):
    """The rows of a trial: what was known (n), the index shown (n,), and the outcome (n,)."""

    options: tuple[str, ...]
    known: list[Known]
    shown: Places
    reward: Floats


class Policy(Protocol):
    """Somebody who decides and learns.

    `block` is how many people are decided about before learning from them, `known` whether the
    probabilities are those of the policy, or only 1 for what it chose.
    """

    block: int
    known: bool

    def propensities(self, rows: Places) -> Floats:
        """The probability of every option for these rows of the trial, (m, K)."""
        ...

    def learn(self, rows: Places, taken: Places, chances: Floats, rewards: Floats) -> None:
        """What came of the decisions that count, m of them, and the probability (m,) of each."""
        ...


class Replayed(msgspec.Struct, frozen=True):
    """What one replay came to: the mean outcome, of how many people, and of those in its last third.

    `wrong` counts decisions with a probability outside [0, 1], `off` is how far from 1 they summed at
    worst. `decide_s` and `learn_s` are the seconds taken for `decided` decisions and for learning from n.
    """

    value: float
    n: int
    late: float
    known: bool
    wrong: int
    off: float
    decided: int
    decide_s: float
    learn_s: float


def replay(policy: Policy, trial: Trial, seed: int) -> Replayed:
    """Replay one policy over one shuffle; the same seed gives every policy the same order and draws."""
    chance = np.random.default_rng(seed)
    order = chance.permutation(len(trial.known)).astype(np.intp)
    draws = chance.random(len(order))
    earned: list[Floats] = []
    wrong, off, decide_s, learn_s = 0, 0.0, 0.0, 0.0
    for first in range(0, len(order), policy.block):
        rows = order[first : first + policy.block]
        began_s = time.perf_counter()
        chances = policy.propensities(rows)
        decide_s += time.perf_counter() - began_s
        wrong += int(((chances < 0.0) | (chances > 1.0)).any(axis=1).sum())
        off = max(off, float(np.abs(chances.sum(axis=1) - 1.0).max()))
        taken = drawn(chances, draws[first : first + policy.block])
        counts = taken == trial.shown[rows]
        kept = rows[counts]
        own = chances[counts, taken[counts]]
        began_s = time.perf_counter()
        policy.learn(kept, taken[counts], own, trial.reward[kept])
        learn_s += time.perf_counter() - began_s
        earned.append(trial.reward[kept])
    rewards = np.concatenate(earned)
    late = rewards[2 * len(rewards) // 3 :]
    return Replayed(
        value=float(rewards.mean()),
        n=len(rewards),
        late=float(late.mean()),
        known=policy.known,
        wrong=wrong,
        off=off,
        decided=len(order),
        decide_s=decide_s,
        learn_s=learn_s,
    )


def drawn(chances: Floats, draws: Floats) -> Places:
    """Which option each draw in [0, 1) falls on, for probabilities (m, K) that may not sum to 1."""
    reached = np.cumsum(np.clip(chances, 0.0, None), axis=1)
    return (reached[:, :-1] <= draws[:, None] * reached[:, -1:]).sum(axis=1).astype(np.intp)


class Uniform:
    """Every option alike, for ever."""

    block = 1000
    known = True

    def __init__(self, count: int) -> None:
        self.count = count

    def propensities(self, rows: Places) -> Floats:
        """1/K each."""
        return np.full((len(rows), self.count), 1.0 / self.count)

    def learn(self, rows: Places, taken: Places, chances: Floats, rewards: Floats) -> None:
        """Nothing is learnt."""


class Constant(Uniform):
    """One option for everybody, known beforehand."""

    def __init__(self, count: int, place: int) -> None:
        super().__init__(count)
        self.place = place

    def propensities(self, rows: Places) -> Floats:
        """1 for the one option."""
        chances = np.zeros((len(rows), self.count))
        chances[:, self.place] = 1.0
        return chances


def paired(ours: Sequence[float], theirs: Sequence[float]) -> tuple[float, float]:
    """The mean difference over paired shuffles, and half its 95 % interval (Student's t).

    The shuffles are of one data set: the interval says what the order and the draws may do, and not
    what another trial might have shown.
    """
    from equipoise.interval import mean_interval, moments_of

    gaps = np.asarray(ours) - np.asarray(theirs)
    told = mean_interval(moments_of(gaps))
    return float(gaps.mean()), (told.high - told.low) / 2
