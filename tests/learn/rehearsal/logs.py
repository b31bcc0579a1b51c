"""Small logs whose truth is known, for the tests of rehearsal."""

import numpy as np

from equipoise.learn.rehearsal import Logged

MEANS = np.array([[0.1, 0.3, 0.2], [0.1, 0.05, 0.4]])
"""Mean reward of options `quiet`, `mail`, `call` for people of kind 0 and 1, half each."""
LOGGING = np.array([[0.5, 0.3, 0.2], [0.4, 0.4, 0.2]])


def made(n=4_000, seed=1, **more):
    """A log of n decisions; `more` replaces or adds columns."""
    draw = np.random.default_rng(seed)
    kind = draw.integers(0, 2, n)
    taken = (LOGGING[kind].cumsum(axis=1) > draw.random((n, 1))).argmax(axis=1)
    columns = {
        "options": ("quiet", "mail", "call"),
        "taken": taken,
        "propensity": LOGGING[kind, taken],
        "reward": (draw.random(n) < MEANS[kind, taken]).astype(float),
        "features": kind[:, None].astype(float),
        "incumbent": LOGGING[kind],
        "silence": "quiet",
    }
    return Logged(**(columns | more))


def always(log, option):
    """The policy that does one thing."""
    return np.tile(np.arange(len(log.options)) == option, (log.n, 1)).astype(float)


def best(log):
    """The policy that does what is best for each kind, worth (.3 + .4) / 2 = .35."""
    return MEANS[log.features[:, 0].astype(int)] == MEANS[log.features[:, 0].astype(int)].max(
        axis=1, keepdims=True
    )
