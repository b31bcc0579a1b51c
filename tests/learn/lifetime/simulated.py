"""Buyers drawn from the models themselves, so that a fit can be held against what is true."""

import numpy as np

from equipoise.learn.lifetime.people import Summary


def summary(x, t_x, age, valued=None, mean=None):
    """A summary from plain lists."""
    n = len(x)
    return Summary(
        np.asarray(x, np.int64),
        np.asarray(t_x, np.float64),
        np.asarray(age, np.float64),
        np.zeros(n, np.int64) if valued is None else np.asarray(valued, np.int64),
        np.zeros(n) if mean is None else np.asarray(mean, np.float64),
    )


def buyers(kind, params, n, seed, longest=60.0):
    """People (n,) of the model `kind`, watched for half of `longest` to all of it, event by event."""
    rng = np.random.default_rng(seed)
    first, second, third, fourth = params
    age = rng.uniform(longest / 2, longest, n)
    paces = rng.gamma(first, size=n) / second
    x, t_x = np.zeros(n, np.int64), np.zeros(n)
    for person in range(n):
        if kind == "bg_nbd":
            leaving, gone = rng.beta(third, fourth), np.inf
        else:
            leaving, gone = 0.0, rng.exponential(fourth / rng.gamma(third))
        at = rng.exponential(1 / max(paces[person], 1e-12))
        while at < min(age[person], gone):
            x[person], t_x[person] = x[person] + 1, at
            if rng.random() < leaving:
                break
            at += rng.exponential(1 / max(paces[person], 1e-12))
    return summary(x, t_x, age)


def spenders(params, n, seed):
    """People (n,) with the mean value of 1 to 8 purchases, of the Gamma-Gamma model."""
    rng = np.random.default_rng(seed)
    p, q, v = params
    many = rng.integers(1, 9, n)
    mean = rng.gamma(p * many) / (rng.gamma(q, size=n) / v) / many
    return summary(
        np.maximum(many - 1, 0), np.where(many > 1, 1.0, 0.0), np.full(n, 9.0), many, mean
    )
