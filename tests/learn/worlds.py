"""A made-up play with lessons whose truth is known, for the tests of what is learnt from them."""

import numpy as np
from msgspec.structs import replace

from equipoise.nouns.lessons import Lesson
from equipoise.nouns.plays import SILENCE, Goal, Option, Play
from equipoise.testing.standing import PLAY as WELCOME

DAY_MS = 86_400_000
MAIL, CARD = Option(name="mail", cost=0.5), Option(name="card", channel="post", cost=2.0)
PLAY: Play = replace(
    WELCOME,
    options=(MAIL, CARD, SILENCE),
    goal=Goal(event="Order Completed", window_days=7, value="revenue"),
    features=("orders.count", "traits.city"),
)
EFFECT = {"mail": 0.10, "card": 0.15, "silence": 0.0}
LEFT = {"mail": 0.02, "card": 0.005, "silence": 0.001}
CITIES = ("Lyon", "Nice", None)


def chance_of(option: str, orders: int) -> float:
    """The truth: a base, two points for every order, and what the option adds."""
    return 0.05 + 0.02 * orders + EFFECT[option]


def lessons(count: int, seed: int = 1, first: int = 1, **changes) -> list[Lesson]:
    """So many lessons of `PLAY`, drawn evenly, numbered from `first`."""
    draw = np.random.default_rng(seed)
    told = []
    for number in range(first, first + count):
        option = ("mail", "card", "silence")[draw.integers(3)]
        orders = int(draw.integers(0, 6))
        bought = bool(draw.random() < chance_of(option, orders))
        inputs = {
            "orders.count": orders,
            "traits.city": CITIES[draw.integers(3)],
            "contacts.last_7d": int(draw.integers(0, 3)),
            "lifetime.value": 100.0,
        }
        lesson = Lesson(
            seq=number,
            decision=10_000 + number,
            person=number,
            atom=number,
            play=PLAY.name,
            version="v",
            option=option,
            arm="engine",
            propensity=1 / 3,
            inputs=inputs,
            decided_ms=number * 1000,
            matured_ms=number * 1000 + 7 * DAY_MS,
            n=int(bought) * int(draw.integers(1, 3)),
            value=float(round(draw.lognormal(3, 0.5), 2)) if bought else 0.0,
            early=int(draw.random() < (0.8 if bought else 0.1)),
            left=bool(draw.random() < LEFT[option]),
        )
        told.append(replace(lesson, **changes))
    return told
