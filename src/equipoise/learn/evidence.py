"""How large deviations are, asked of the data: the size that is most probable given the lessons.

Empirical Bayes (MacKay 1992, "Bayesian interpolation", section 3; Efron and Morris 1973): with the noise
s^2 known, the effects can be integrated out, and what is left says how probable the outcomes are under
a size. Where options hardly differ from one person to the next, the size is small and everybody is
treated alike; where they do, deviations are believed sooner.
"""

from collections.abc import Sequence
from math import log

import numpy as np
from numpy.typing import NDArray

from equipoise.learn.ridge import Effects, Sizes, Strengths, solve, strengths

Floats = NDArray[np.float64]

DEVIATIONS = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)
"""The sizes that are tried, relative to the rate of the outcome; the first is for who is all alike."""

EXPECTED, DOUBT = 0.1, log(2.0)
"""The size that is expected beforehand, and how surely: a factor of two is one standard deviation."""


def log_evidence(
    grams: Sequence[Floats], sums: Sequence[Floats], ridge: Strengths, rate: float
) -> tuple[float, Effects]:
    """The log probability of outcomes of 0 and 1 under a ridge, up to what is the same for all, and the fit.

    -1/2 (log |A| - log |L| + (y'y - sum over a of y'X_a w_a) / s^2), with A the precision of all effects
    in lessons, L that beforehand, w_a = m + d_a the posterior mean, s^2 = rate (1 - rate) and y'y the number
    of ones. |A| is the product of |X_a'X_a + D_a| and of the Schur complement of the shared effects.
    """
    effects = solve(grams, sums, ridge)
    shared = np.diag(ridge.shared)
    log_det, log_prior, explained, ones = 0.0, float(np.log(ridge.shared).sum()), 0.0, 0.0
    for gram, total, own, fitted in zip(grams, sums, ridge.options, effects.options, strict=True):
        if gram[0, 0] <= 0.0:
            continue
        precision = gram + np.diag(own)
        log_det += float(np.linalg.slogdet(precision)[1])
        log_prior += float(np.log(own).sum())
        shared = shared + np.diag(own) - own[:, None] * np.linalg.inv(precision) * own[None, :]
        explained += float(total @ fitted)
        ones += float(total[0])
    log_det += float(np.linalg.slogdet(shared)[1])
    noise = rate * (1.0 - rate)
    return -0.5 * (log_det - log_prior + (ones - explained) / noise), effects


def deviation_of(
    grams: Sequence[Floats], sums: Sequence[Floats], rate: float, silent: Sequence[bool]
) -> float:
    """The size of deviations, among `DEVIATIONS`, that is most probable once the lessons were seen.

    Beforehand its logarithm is normal around that of `EXPECTED`, with the standard deviation `DOUBT`, so that
    a few lessons, which would do with any size, do not choose one.
    """
    size = len(grams[0])

    def evidence(deviation: float) -> float:
        ridge = strengths(rate, silent, size, Sizes(deviation=deviation))
        surprise = log(deviation / EXPECTED) / DOUBT
        return log_evidence(grams, sums, ridge, rate)[0] - 0.5 * surprise * surprise

    return max(DEVIATIONS, key=evidence)
