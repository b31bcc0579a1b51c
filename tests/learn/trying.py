"""People of a comparison for tests: drawn from a seed, as rows of `Tried`."""

import numpy as np

from equipoise.nouns.lessons import ENGINE, HOLDOUT, Tried


def tried(arm, value=0.0, **given):
    """One person of an arm."""
    told = {"seq": 0, "person": 0, "atom": 0, "play": "win-back", "begun_ms": 0, "over_ms": 0}
    return Tried(**(told | {"arm": arm, "value": value, "n": int(value > 0)} | given))


def people(seed, n, lift=0.0, holdout=0.2):
    """`n` people: half of them had spent before, which tells what they will spend; `lift` is real."""
    rng = np.random.default_rng(seed)
    before = np.where(rng.random(n) < 0.5, rng.lognormal(3, 1, n), 0.0)
    held = rng.random(n) < holdout
    value = rng.normal(10, 4, n) + 0.3 * before + np.where(held, 0.0, lift)
    left = rng.random(n) < 0.02
    return [
        tried(
            HOLDOUT if held[i] else ENGINE,
            float(value[i]),
            seq=i + 1,
            person=i + 1,
            before=float(before[i]),
            left=bool(left[i]),
        )
        for i in range(n)
    ]


def column(rows, arm, name):
    """One measure of the people of an arm, as an array."""
    return np.array([float(getattr(row, name)) for row in rows if row.arm == arm])
