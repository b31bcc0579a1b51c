"""BG/NBD: people buy at their own steady rate, and after each purchase may be gone for good.

Fader, Hardie and Lee (2005), "Counting Your Customers" the Easy Way, Marketing Science 24(2). The rate
is gamma(r, alpha) over people, the probability of leaving after a purchase beta(a, b).
"""

import numpy as np

from equipoise.learn.lifetime.people import Floats, Ints
from equipoise.learn.lifetime.rising import log_rising

NAMES = ("r", "alpha", "a", "b")
"""The parameters, in the order of every array of them."""

Params = tuple[float, float, float, float]


def start(age: float) -> Params:
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


def rate(params: Floats, x: Ints, age: Floats, ahead: Floats) -> Floats:
    """Expected purchases per unit of time at `ahead` units from now, of a person who is there now.

    Given the rate l and the probability p of leaving it is l exp(-l p s); over their posterior,
    gamma(r + x, alpha + T) and beta(a, b + x), it is (r + x)/(alpha + T) 2F1(r + x + 1, a; a + b + x;
    -s/(alpha + T)), taken by Pfaff's transformation (DLMF 15.8.1) to an argument in [0, 1). Its
    integral is equation 10. Shapes broadcast.
    """
    from scipy.special import hyp2f1

    r, alpha, a, b = params
    since = alpha + age
    shrunk = np.power(since / (since + ahead), r + x + 1.0)
    series = hyp2f1(r + x + 1.0, b + x, a + b + x, ahead / (since + ahead))
    found: Floats = (r + x) / since * shrunk * series
    return found


def stay(params: Floats, x: Ints, age: Floats, ahead: Floats) -> Floats:
    """Expected purchases in the next `ahead` units of a person who is there now. Shapes broadcast.

    Fader, Hardie and Lee (2005), equation 10 without its denominator. At a = 1 that is 0/0; so near
    it the two neighbours at a = 1 -+ 1e-4 are averaged, whose error is of second order.
    """
    if abs(params[2] - 1.0) < 1e-4:
        sides = [np.array([*params[:2], 1.0 + e, params[3]]) for e in (-1e-4, 1e-4)]
        return 0.5 * (stay(sides[0], x, age, ahead) + stay(sides[1], x, age, ahead))
    from scipy.special import hyp2f1

    r, alpha, a, b = params
    until = alpha + age + ahead
    shrunk = np.power((alpha + age) / until, r + x)
    series = hyp2f1(r + x, b + x, a + b + x - 1.0, ahead / until)
    found: Floats = (a + b + x - 1.0) / (a - 1.0) * (1.0 - shrunk * series)
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
