"""Pareto/NBD: people buy at their own steady rate until an unseen moment at which they are gone.

Schmittlein, Morrison and Colombo (1987), Counting Your Customers, Management Science 33(1), in the form
of Fader and Hardie (2005), A Note on Deriving the Pareto/NBD Model. The rate of buying is
gamma(r, alpha) over people, the rate of leaving gamma(s, beta).
"""

from math import exp, expm1, log, log1p

import numpy as np

from equipoise.learn.lifetime.nodes import (
    AT,
    FAR,
    FINE_AT,
    FINE_FAR,
    FINE_NODES,
    FINE_WEIGHT,
    FINE_WEIGHTS,
    WEIGHT,
)
from equipoise.learn.lifetime.people import Floats, Ints, Reals
from equipoise.learn.lifetime.rising import log_rising

NAMES = ("r", "alpha", "s", "beta")
"""The parameters, in the order of every array of them."""
SURELY = 600.0
"""Where the logarithm of the odds of being gone is above this, nothing is left to compute."""

Four = tuple[float, float, float, float]
Params = Floats | Four


def start(age: float) -> Four:
    """Where a search begins: `age` is a typical T, which sets the scale of alpha and beta."""
    return (0.5, max(age, 1e-6) / 4, 0.5, max(age, 1e-6) / 4)


class _Leaving:
    """The integral over the unseen moment y of leaving, from t_x to T, and means under it.

    I = int (alpha + y)^-(r + x) (beta + y)^-(s + 1) dy. With c such that k ln(1 + (y - t_x)/c) has slope
    and curvature of the exponent at t_x, the integrand is nearly exponential in v = ln(1 + (y - t_x)/c),
    and 24 nodes in v give ten digits of I. `shares` are the nodes' shares of it, (n, nodes).
    """

    def __init__(self, params: Floats, x: Ints, t_x: Floats, age: Floats) -> None:
        r, alpha, s, beta = params
        buying, leaving = r + x, s + 1.0
        slope = buying / (alpha + t_x) + leaving / (beta + t_x)
        bend = buying / (alpha + t_x) ** 2 + leaving / (beta + t_x) ** 2
        scale, power = slope / bend, slope * slope / bend - 1.0
        reach = np.minimum(np.log1p((age - t_x) / scale), FINE_FAR / np.maximum(power, 1e-9))
        stretched = reach[:, None] * FINE_NODES
        moment = t_x[:, None] + scale[:, None] * np.expm1(stretched)
        self.buy_logs, self.leave_logs = np.log(alpha + moment), np.log(beta + moment)
        self.by_alpha, self.by_beta = 1.0 / (alpha + moment), 1.0 / (beta + moment)
        top = -buying * np.log(alpha + t_x) - leaving * np.log(beta + t_x)
        fall = -buying[:, None] * self.buy_logs - leaving * self.leave_logs - top[:, None]
        shares = np.exp(fall + stretched) * FINE_WEIGHTS
        total = shares.sum(axis=1)
        self.shares = shares / total[:, None]
        with np.errstate(divide="ignore"):
            self.log = top + np.log(scale * reach * total)

    def mean(self, values: Floats) -> Floats:
        """The mean of values at the nodes (n, nodes) under the integrand, (n,)."""
        mean: Floats = (self.shares * values).sum(axis=1)
        return mean


def logliks(params: Floats, x: Ints, t_x: Floats, age: Floats) -> tuple[Floats, Floats]:
    """The log-likelihood of each person (n,) and its gradient by the parameters (4, n).

    Fader and Hardie (2005), equation 18, before the integral over the moment of leaving is written as
    two hypergeometric functions (equations 19 to 22): that integral is taken by quadrature instead,
    because its derivatives by the parameters are then means under the same nodes. Both forms agree.
    """
    r, alpha, s, beta = params
    visits, visits_r = log_rising(r, x)
    log_end, log_out = np.log(alpha + age), np.log(beta + age)
    leaving = _Leaving(params, x, t_x, age)
    here = -(r + x) * log_end - s * log_out
    both = np.logaddexp(here, np.log(s) + leaving.log)
    alive = np.exp(here - both)
    left = 1.0 - alive
    gradient = np.stack(
        (
            visits_r + np.log(alpha) - alive * log_end - left * leaving.mean(leaving.buy_logs),
            r / alpha - (r + x) * (alive / (alpha + age) + left * leaving.mean(leaving.by_alpha)),
            np.log(beta) - alive * log_out + left * (1.0 / s - leaving.mean(leaving.leave_logs)),
            s / beta - alive * s / (beta + age) - left * (s + 1.0) * leaving.mean(leaving.by_beta),
        )
    )
    return visits + r * np.log(alpha) + s * np.log(beta) + both, gradient


def alive(params: Floats, x: Ints, t_x: Floats, age: Floats) -> Floats:
    """The probability (n,) that a person is still there at their age: Fader and Hardie (2005), eq. 31."""
    r, alpha, s, beta = params
    here = -(r + x) * np.log(alpha + age) - s * np.log(beta + age)
    gone = np.log(s) + _Leaving(params, x, t_x, age).log
    found: Floats = 1.0 / (1.0 + np.exp(np.minimum(gone - here, 700.0)))
    return found


def scale(params: Params, age: Reals) -> Reals:
    """The time (n,) on which somebody's pace changes: beta + T."""
    return params[3] + age


def falls(params: Params, x: Ints) -> Floats:
    """The power (n,) with which the pace falls at last: s, whatever x is."""
    return np.full(len(x), float(params[2]))


def pace(params: Params, x: Ints | int, age: Floats | float, later: Floats) -> Floats:
    """Expected purchases per unit of time of a person who is there now, at `later` = ln(1 + t/(beta + T)).

    t is the time ahead. The posterior mean of the rate, (r + x)/(alpha + T), times the chance of being
    there then, exp(-s later); its integral is Fader and Hardie (2005), eq. 41. Shapes broadcast.
    """
    r, alpha, s, _ = params
    found: Floats = (r + x) / (alpha + age) * np.exp(-s * later)
    return found


def stay(params: Floats, x: Ints, age: Floats, ahead: Floats) -> Floats:
    """Expected purchases in the next `ahead` units of a person who is there now. Shapes broadcast.

    Fader and Hardie (2005), eq. 41 without P(alive), as expm1 so that s = 1 is no special case.
    """
    r, alpha, s, beta = params
    longer = np.log1p(ahead / (beta + age))
    power = s - 1.0 if abs(s - 1.0) > 1e-12 else 1e-12
    found: Floats = (r + x) / (alpha + age) * (beta + age) * -np.expm1(-power * longer) / power
    return found


def draw(params: Floats, x: Ints, age: Floats, ahead: float, rng: np.random.Generator) -> Ints:
    """Purchases in the next `ahead` units of people (n,) who are there now, drawn from the model."""
    r, alpha, s, beta = params
    pace = rng.gamma(r + x) / (alpha + age)
    leaving = rng.gamma(s, size=len(x)) / (beta + age)
    stays = rng.exponential(size=len(x)) / np.maximum(leaving, 1e-300)
    drawn: Ints = rng.poisson(pace * np.minimum(stays, ahead))
    return drawn


def alive_one(params: Four, x: int, t_x: float, age: float) -> float:
    """`alive` for one person: the same quadrature on its 24 nodes alone."""
    r, alpha, s, beta = params
    buying, leaving = r + x, s + 1.0
    first, second = buying / (alpha + t_x), leaving / (beta + t_x)
    bend = first / (alpha + t_x) + second / (beta + t_x)
    scale, power = (first + second) / bend, (first + second) ** 2 / bend - 1.0
    reach = min(log1p((age - t_x) / scale), FINE_FAR / max(power, 1e-9))
    if reach <= 0.0:
        return 1.0
    front = buying * log(alpha + age) + s * log(beta + age)
    if front - buying * log(alpha + t_x) - leaving * log(beta + t_x) > SURELY:
        return 0.0
    total = 0.0
    for at, weight in zip(FINE_AT, FINE_WEIGHT, strict=True):
        later = reach * at
        moment = t_x + scale * expm1(later)
        fall = buying * log(alpha + moment) + leaving * log(beta + moment)
        total += weight * exp(later + front - fall)
    return 1.0 / (1.0 + s * scale * reach * total)


def coming_one(params: Four, x: int, age: float, grid: tuple[float, float]) -> float:
    """`discounted` for one person, in plain arithmetic."""
    r, alpha, s, beta = params
    since, (horizon, discount) = beta + age, grid
    reach = min(log1p(horizon / since), FAR / max(s - 1.0, 1e-9))
    total = 0.0
    for at, weight in zip(AT, WEIGHT, strict=True):
        later = reach * at
        total += weight * exp((1.0 - s) * later - discount * since * expm1(later))
    return (r + x) / (alpha + age) * since * reach * total
