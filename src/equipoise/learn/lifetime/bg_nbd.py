"""BG/NBD: people buy at their own steady rate, and after each purchase may be gone for good.

Fader, Hardie and Lee (2005), "Counting Your Customers" the Easy Way, Marketing Science 24(2). The rate
is gamma(r, alpha) over people, the probability of leaving after a purchase beta(a, b).
"""

from math import exp, expm1, log, log1p

import numpy as np

from equipoise.learn.lifetime.nodes import AT, FAR, NODES, WEIGHT
from equipoise.learn.lifetime.people import Floats, Ints, Reals
from equipoise.learn.lifetime.rising import log_rising

NAMES = ("r", "alpha", "a", "b")
"""The parameters, in the order of every array of them."""

Four = tuple[float, float, float, float]
Params = Floats | Four


def start(age: float) -> Four:
    """Where a search begins: `age` is a typical T, which sets the scale of alpha."""
    return (0.5, max(age, 1e-6) / 4, 1.0, 2.0)


def logliks(params: Floats, x: Ints, t_x: Floats, age: Floats) -> tuple[Floats, Floats]:
    """The log-likelihood of each person (n,) and its gradient by the parameters (4, n).

    Fader, Hardie and Lee (2005), equation 6, with the common factors before the sum, as
    ln L = A1 + A2 + ln(exp A3 + [x > 0] exp A4), and its derivatives term by term.
    """
    r, alpha, a, b = params
    visits, visits_r = log_rising(r, x)
    stays, stays_b = log_rising(b, x)
    tries, tries_ab = log_rising(a + b, x)
    log_end, log_last = np.log(alpha + age), np.log(alpha + t_x)
    back = x > 0
    trials = np.where(back, b + x - 1.0, 1.0)
    here = -(r + x) * log_end
    gone = np.where(back, np.log(a / trials) - (r + x) * log_last, -np.inf)
    both = np.logaddexp(here, gone)
    alive = np.exp(here - both)
    left = 1.0 - alive
    gradient = np.stack(
        (
            visits_r + np.log(alpha) - alive * log_end - left * log_last,
            r / alpha - (r + x) * (alive / (alpha + age) + left / (alpha + t_x)),
            left / a - tries_ab,
            stays_b - tries_ab - left / trials,
        )
    )
    return visits + r * np.log(alpha) + stays - tries + both, gradient


def alive(params: Floats, x: Ints, t_x: Floats, age: Floats) -> Floats:
    """The probability (n,) that a person is still there at their age.

    The posterior weight of the first term of equation 6; 1 for those who never came back, since one
    can only leave after a repeat.
    """
    r, alpha, a, b = params
    trials = np.where(x > 0, b + x - 1.0, 1.0)
    odds = np.log(a / trials) + (r + x) * np.log((alpha + age) / (alpha + t_x))
    return np.where(x > 0, 1.0 / (1.0 + np.exp(np.minimum(odds, 700.0))), 1.0)


def scale(params: Params, age: Reals) -> Reals:
    """The time (n,) on which somebody's pace changes: alpha + T."""
    return params[1] + age


def falls(params: Params, x: Ints) -> Floats:
    """The power (n,) with which the pace falls at last: the lesser of a and r + x + 1.

    E over l of l exp(-l p s) falls as (p s)^-(r + x + 1), and few p are small: their density is p^(a - 1).
    """
    found: Floats = np.minimum(params[2], params[0] + x + 1.0)
    return found


def pace(params: Params, x: Ints | int, age: Floats | float, later: Floats) -> Floats:
    """Expected purchases per unit of time of a person who is there now, at `later` = ln(1 + s/(alpha + T)).

    s is the time ahead. Given the rate l and the probability p of leaving it is l exp(-l p s); over their
    posterior, gamma(r + x, alpha + T) and beta(a, b + x), it is (r + x)/(alpha + T) times 2F1(r + x + 1, a;
    a + b + x; 1 - exp(later)), which Pfaff's transformation (DLMF 15.8.1) takes to an argument in [0, 1),
    where nothing overflows however large x is. Its integral is equation 10. Shapes broadcast.
    """
    from scipy.special import hyp2f1

    r, alpha, a, b = params
    series = hyp2f1(a + b - r - 1.0, a, a + b + x, -np.expm1(-later))
    found: Floats = (r + x) / (alpha + age) * np.exp(-a * later) * series
    return found


def stay(params: Params, x: Ints, age: Floats, ahead: Floats) -> Floats:
    """Expected purchases in the next `ahead` units of a person who is there now. Shapes broadcast.

    Fader, Hardie and Lee (2005), equation 10 without its denominator, after Euler's transformation (DLMF
    15.8.1), so that nothing overflows however large x is. At a = 1 that is 0/0; so near it two neighbours
    at a -+ 2e-5 are averaged, whose error is of second order.
    """
    from scipy.special import hyp2f1

    r, alpha, a, b = params
    if abs(a - 1.0) < 1e-5:
        less, more = (stay((r, alpha, a + e, b), x, age, ahead) for e in (-2e-5, 2e-5))
        return (less + more) / 2
    later = np.log1p(ahead / (alpha + age))
    series = hyp2f1(a + b - r - 1.0, a - 1.0, a + b + x - 1.0, -np.expm1(-later))
    found: Floats = (a + b + x - 1.0) / (a - 1.0) * (1.0 - np.exp((1.0 - a) * later) * series)
    return found


def draw(params: Floats, x: Ints, age: Floats, ahead: float, rng: np.random.Generator) -> Ints:
    """Purchases in the next `ahead` units of people (n,) who are there now, drawn from the model.

    Rate and probability of leaving come from their posteriors. The one after which somebody leaves is
    geometric, so the count is the smaller of that and of a Poisson count.
    """
    r, alpha, a, b = params
    pace = rng.gamma(r + x) / (alpha + age)
    leaving = np.clip(rng.beta(a, b + x), 1e-12, 1.0)
    drawn: Ints = np.minimum(rng.poisson(pace * ahead), rng.geometric(leaving))
    return drawn


def alive_one(params: Four, x: int, t_x: float, age: float) -> float:
    """`alive` for one person, in plain arithmetic."""
    r, alpha, a, b = params
    if x == 0:
        return 1.0
    odds = log(a / (b + x - 1.0)) + (r + x) * log((alpha + age) / (alpha + t_x))
    return 1.0 / (1.0 + exp(min(odds, 700.0)))


def coming_one(params: Four, x: int, age: float, grid: tuple[float, float]) -> float:
    """`discounted` for one person, in plain arithmetic but for the hypergeometric series."""
    from scipy.special import hyp2f1

    r, alpha, a, b = params
    since, (horizon, discount) = alpha + age, grid
    reach = min(log1p(horizon / since), FAR / max(min(a - 1.0, r + x), 1e-9))
    series = hyp2f1(a + b - r - 1.0, a, a + b + x, -np.expm1(-reach * NODES)).tolist()
    total = 0.0
    for at, weight, found in zip(AT, WEIGHT, series, strict=True):
        later = reach * at
        decay = (1.0 - a) * later - discount * since * expm1(later)
        total += weight * found * exp(decay)
    return (r + x) * reach * total
