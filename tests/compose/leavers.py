"""A house that has lived, so that there is something of everything to take along."""

import asyncio

import pytest

from equipoise.nouns.events import Source
from equipoise.settings import read_settings
from equipoise.testing.fakes import FakeClock
from house import DAY_MS, HERO, NOON_MS, THANKS, house, identify, rows_of, track, welcome

PASSPHRASE = "correct horse battery staple"

LEARNING = (
    HERO
    + """
goal: {event: Order Completed, within_days: 1, value: 20}
features: [orders.count]
chooser: learning
"""
)


def settings_of(path):
    """The settings of the house at a path, as a command would read them."""
    return read_settings(environ={}, given={"seed": "test", "store": f"sqlite:{path}"})


def live(engine):
    """People come, buy, are decided about, learnt from, joined and split; one row stays unwalked."""
    engine.add_play(THANKS)
    engine.add_play(LEARNING)
    engine.take(welcome("u0"))
    for n in range(90):
        option = engine.decide(f"user_id:u{n}", "home-hero").option
        if n % 10 < (6 if option == "shoes" else 1):
            engine.take([track(f"u{n}", "Order Completed", n, order_id=f"o{n}", value=20)])
    asyncio.run(engine.clock.advance(2 * DAY_MS))
    engine.tick()
    engine.learn()
    for n in range(10):
        engine.decide(f"user_id:new{n}", "home-hero")
    engine.take([{"type": "page", "anonymousId": "z1", "messageId": "z"}, identify("zoe", "z1")])
    engine.take([track("ana", "terms.budget", per_week=2), {"type": "track", "messageId": "x"}])


@pytest.fixture(scope="session")
def lived(tmp_path_factory):
    """The path of a closed house that has lived."""
    path = tmp_path_factory.mktemp("lived") / "shop.db"
    with house(path, clock=FakeClock(NOON_MS)) as engine:
        live(engine)
        engine.intake.append([rows_of([track("late", "page")], source=Source("server"))])
    return path
