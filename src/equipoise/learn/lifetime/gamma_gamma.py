"""Gamma-Gamma: what somebody spends on a purchase, apart from how often they buy.

Fader and Hardie (2013), The Gamma-Gamma Model of Monetary Value. A purchase is worth gamma(p, nu), with
nu gamma(q, v) over people (they write gamma for v); how much and how often are taken to be independent.
"""

import numpy as np

from equipoise.learn.lifetime.people import Floats, Ints

NAMES = ("p", "q", "v")
"""The parameters, in the order of every array of them."""

Params = tuple[float, float, float]


def start(mean: float) -> Params:
    """Where a search begins: `mean` is the mean value of all, which p v / (q - 1) is."""
    return (2.0, 3.0, max(mean, 1e-9))


def logliks(params: Floats, valued: Ints, mean: Floats) -> tuple[Floats, Floats]:
    """The log-likelihood of the mean value of `valued` purchases (n,) and its gradient (3, n).

    Fader and Hardie (2013), equation 1a, for people with `valued` and `mean` above 0.
    """
    from scipy.special import digamma, gammaln

    p, q, v = params
    shape, total = p * valued, valued * mean
    logs, together = np.log(total), np.log(total + v)
    ends, slopes = gammaln(shape + q), digamma(shape + q)
    loglik = (
        ends
        - gammaln(shape)
        - gammaln(q)
        + q * np.log(v)
        + shape * logs
        - np.log(mean)
        - (shape + q) * together
    )
    gradient = np.stack(
        (
            valued * (slopes - digamma(shape) + logs - together),
            slopes - digamma(q) + np.log(v) - together,
            q / v - (shape + q) / (total + v),
        )
    )
    return loglik, gradient


def expected(params: Floats, valued: Ints, mean: Floats) -> Floats:
    """The expected value of a purchase (n,) given the mean of those seen, in the money of `mean`.

    Fader and Hardie (2013), equation 5: p (v + x m) / (p x + q - 1), which for somebody unseen is the
    mean over all people and infinite where q <= 1.
    """
    p, q, v = params
    bottom = p * valued + q - 1.0
    worth = p * (v + np.where(valued > 0, valued * mean, 0.0))
    return np.where(bottom > 0, worth / np.where(bottom > 0, bottom, 1.0), np.inf)
