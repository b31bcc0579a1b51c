"""The additive ridge: shared effects, and deviations of each option that are shrunk more.

For option a, y = x'(m + d_a) + noise, where x is 1 and then one 1 for the level of each feature. With
m ~ N(0, s^2 / S) and d_a ~ N(0, s^2 / D_a), S and D_a diagonal, the posterior mean of m and d_a is the
minimum of the penalised squares (Lindley and Smith 1972, "Bayes estimates for the linear model", the
two-stage exchangeable model). It is exact: given m, each option is solved on its own; m is solved on
what is left (the Schur complement of the block-arrow system).
"""

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Sizes(msgspec.Struct, frozen=True):
    """How large effects are expected to be beforehand, relative to the rate of the outcome.

    `level`: one level of a feature, for all options alike. `option`: one option against the average.
    `silence`: silence against the average. `deviation`: one level with one option, beyond both.
    """

    level: float = 0.5
    option: float = 0.5
    silence: float = 2.0
    deviation: float = 0.1


SIZES = Sizes()
"""The sizes in use, fixed beforehand: see docs/decisions/0111-ridge.md."""


class Strengths(msgspec.Struct, frozen=True, eq=False):
    """The diagonals of the ridge, in lessons: `shared` (P,), and one (P,) for each option."""

    shared: Floats
    options: tuple[Floats, ...]


def strengths(rate: float, silent: Sequence[bool], size: int, sizes: Sizes = SIZES) -> Strengths:
    """The ridge for an outcome of this rate (in (0, 1)), for options of which some are silence.

    An effect expected to be `r` times the rate has the variance (r rate)^2, the noise of a yes or no is
    rate (1 - rate); the ratio is what is added to the diagonal. Above one half the rate of the
    opposite counts, so that yes and no are treated alike. `size` is P. The intercept is free.
    """
    least = min(rate, 1.0 - rate)
    unit = (1.0 - least) / least
    shared = np.full(size, unit / sizes.level**2)
    shared[0] = 1e-6
    options = []
    for is_silence in silent:
        own = np.full(size, unit / sizes.deviation**2)
        own[0] = unit / (sizes.silence if is_silence else sizes.option) ** 2
        options.append(own)
    return Strengths(shared, tuple(options))


class Effects(msgspec.Struct, frozen=True, eq=False):
    """The posterior means: `shared` m (P,), and m + d_a (P,) for each option."""

    shared: Floats
    options: tuple[Floats, ...]


def solve(grams: Sequence[Floats], sums: Sequence[Floats], ridge: Strengths) -> Effects:
    """Solve from X'X (P, P) and X'y (P,) of each option.

    With D = D_a and A = (X'X + D)^-1, m + d_a = A (X'y + D m), and m solves
    (S + sum over a of (D - D A D)) m = sum over a of D A X'y. An option without lessons is m.
    """
    size = len(ridge.shared)
    left, right = np.diag(ridge.shared), np.zeros(size)
    inverses: list[Floats | None] = []
    for gram, total, own in zip(grams, sums, ridge.options, strict=True):
        if gram[0, 0] <= 0.0:
            inverses.append(None)
            continue
        inverse = np.linalg.inv(gram + np.diag(own)).astype(np.float64)
        inverses.append(inverse)
        left += np.diag(own) - own[:, None] * inverse * own[None, :]
        right += own * (inverse @ total)
    shared = np.linalg.solve(left, right).astype(np.float64)
    options = tuple(
        shared.copy() if inverse is None else inverse @ (total + own * shared)
        for inverse, total, own in zip(inverses, sums, ridge.options, strict=True)
    )
    return Effects(shared, options)
