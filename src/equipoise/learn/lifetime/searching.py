"""The top of a log-likelihood of positive parameters, and how sharp it is."""

from collections.abc import Callable, Sequence

import msgspec
import numpy as np

from equipoise.learn.lifetime.people import Floats

FARTHEST = 14.0
"""A logarithm of a parameter is kept within this of where the search began: a factor of a million."""
STEPS = 8
"""The most Newton steps after the search."""
CLOSE = 1e-13
"""The search is over where a Newton step would gain less log-likelihood than this."""
ENOUGH = 1e-6
"""And it has converged where it would gain less than this."""
STEP = 1e-5
"""The step of the differences of gradients, in logarithms of parameters."""


SINGULAR = 1e-14
"""The least an eigenvalue of the information may be, as a share of the greatest."""


class Optimum(msgspec.Struct, frozen=True, eq=False):
    """Where a search ended: parameters (k,), covariance (k, k) of their logarithms, what is `left` to gain.

    `left` is half the Newton decrement. Where the surface is not curved downwards there, neither it nor
    the covariance is a number, and the search has not `converged`.
    """

    params: Floats
    covariance: Floats
    loglik: float
    left: float
    converged: bool
    evaluations: int


def maximise(
    loglik: Callable[[Floats], tuple[float, Floats]], begin: Sequence[float], people: int
) -> Optimum:
    """The parameters that make a log-likelihood largest.

    `loglik` gives the value and its gradient by the parameters (k,), which are positive. Searched on
    their logarithms by BFGS on the mean over `people`, then by Newton steps with one Hessian, the
    central differences of the analytic gradient. That at the end is the observed information.
    """
    from scipy.optimize import minimize

    count = 0

    def down(logs: Floats) -> tuple[float, Floats]:
        nonlocal count
        count += 1
        inside = np.clip(logs, first - FARTHEST, first + FARTHEST)
        params = np.exp(inside)
        value, slopes = loglik(params)
        return -value / people, np.where(inside == logs, -slopes * params / people, 0.0)

    first = np.log(np.asarray(begin, np.float64))
    # L-BFGS-B would wake a pool of threads for its matrices of 4 x 4, and those cost more than the search.
    found = minimize(down, first, jac=True, method="BFGS", options={"gtol": 1e-6})
    logs, left = found.x, np.inf
    covariance = _inverse(_curvature(down, logs) * people)
    for _ in range(STEPS):
        slopes = down(logs)[1] * people
        move = -covariance @ slopes
        left = float(-slopes @ move) / 2
        if not np.abs(move).max() < 1.0 or left < CLOSE:
            break
        logs = logs + move
    if not np.array_equal(logs, found.x):
        covariance = _inverse(_curvature(down, logs) * people)
    value = -down(logs)[0] * people
    sound = bool(np.isfinite(covariance).all() and left < ENOUGH)
    return Optimum(np.exp(logs), covariance, value, left, converged=sound, evaluations=count)


def _inverse(information: Floats) -> Floats:
    """The covariance that an information matrix gives, not numbers where it is not positive definite.

    A direction in which the data says nothing to within rounding counts as none: its inverse is noise.
    """
    if not np.isfinite(information).all():
        return np.full_like(information, np.nan)
    least, most = np.linalg.eigvalsh(information)[[0, -1]]
    if least <= most * SINGULAR:
        return np.full_like(information, np.nan)
    covariance: Floats = np.linalg.inv(information).astype(np.float64)
    return covariance


def _curvature(down: Callable[[Floats], tuple[float, Floats]], logs: Floats) -> Floats:
    """The symmetric matrix (k, k) of second differences."""
    rows = []
    for place in range(len(logs)):
        step = np.zeros(len(logs))
        step[place] = STEP
        rows.append((down(logs + step)[1] - down(logs - step)[1]) / (2 * STEP))
    matrix = np.array(rows)
    return (matrix + matrix.T) / 2
