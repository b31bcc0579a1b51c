"""Small logs and plays to rehearse: a trial of two options and silence, with a known truth."""

import msgspec
import numpy as np

from equipoise.arrive.files import DecisionLog
from equipoise.compose.library import build_engine, known_here
from equipoise.plays.reading import read_play
from equipoise.settings import read_settings
from equipoise.stores.keyring import new_keyring

PLAY = """
name: letter
purpose: marketing
goal: {event: Order Completed, within_days: 7, value: 1, currency: EUR}
moment: {event: Basket Left}
options:
  - {name: mail, channel: email, share: 0.5, subject: {en: T, fr: M}, body: {en: T, fr: M}}
  - {name: page, channel: page, share: 0.2, title: {en: T, fr: M}, body: {en: T, fr: M}}
chooser: fixed_shares
explore_floor: 0
"""

OPTIONS = ("mail", "page", "silence")
HOUR_MS = 3_600_000
START_MS = 1_767_265_200_000
"""Noon in Paris on 1 January 2026."""


def play(text=PLAY, house_models=None, **changes):
    """The play, with `name: text` pairs put in the place of what it says there, or added."""
    lines, name = [], ""
    for line in text.strip().splitlines():
        name = name if line.startswith(" ") else line.partition(":")[0]
        lines += [] if name in changes else [line]
    lines += [f"{name}: {value}" for name, value in changes.items()]
    known = known_here(settings=read_settings(environ={}))
    if house_models:
        known = msgspec.structs.replace(known, models=house_models, explain=None)
    return read_play("\n".join(lines), known)


def engine(own=None, **given):
    """A pure engine with the house's guards and choosers, and models of one's own by name."""
    return build_engine(read_settings(environ={}, given=given), new_keyring(b"test"), own)


def trial(n=3000, seed=1, **columns):
    """A log of n decisions, a third each; mail brings 1 to those with orders, the page to others."""
    rng = np.random.default_rng(seed)
    taken = rng.integers(0, 3, n)
    orders = rng.integers(0, 4, n).astype(float)
    chance = np.where(taken == 2, 0.1, np.where((taken == 0) == (orders > 1), 0.5, 0.2))
    given = {
        "name": "trial.csv",
        "options": OPTIONS,
        "taken": taken,
        "propensity": np.full(n, 1 / 3),
        "reward": (rng.random(n) < chance).astype(float),
        "people": np.arange(n),
        "number": np.arange(1, n + 1),
        "fields": {"orders.count": orders},
    }
    return DecisionLog(**(given | columns))
