"""A play names a model of one's own, and the engine decides with it, refuses it, or keeps silent."""

import msgspec
import numpy as np
import pytest

from equipoise import Engine, frames
from equipoise.compose.library import known_here
from equipoise.learn.own import OwnModel
from equipoise.plays.lines import PlayMistakes
from equipoise.plays.reading import check_play
from equipoise.settings import read_settings
from equipoise.testing.fakes import FakeClock, SeededEntropy
from house import HERO, NOON_MS, track

OWN = (
    HERO
    + """
goal: {event: Order Completed, value: 20}
features: [orders.count]
chooser: learning
model: mine
explore_floor: 0.1
"""
)


class Loyal:
    """Shoes for those who have ordered, coats for the others; breaks where it is told to."""

    def __init__(self, broken: bool = False) -> None:
        self.broken = broken

    def predict(self, table):
        if self.broken:
            raise RuntimeError("the service does not answer")
        return np.where(table[:, 0] > 0, table[:, 2], table[:, 3])


def own(predictor) -> OwnModel:
    """The predictor as it is declared; it does not explain itself."""
    return OwnModel(
        name="mine",
        version="1",
        predictor=predictor,
        features=("orders.count",),
        options=("silence", "shoes", "coats"),
        order_value=20.0,
    )


def opened(predictor, **given) -> Engine:
    """A house that is content with models that do not explain themselves, and is handed one."""
    settings = {"seed": "test", "explain.none": "personalisation"} | given
    return Engine.open(
        settings=read_settings(environ={}, given=settings),
        clock=FakeClock(NOON_MS),
        entropy=SeededEntropy(),
        models=[own(predictor)],
    )


def test_the_engine_asks_it_and_wraps_the_propensities():
    with opened(Loyal()) as engine:
        engine.add_play(OWN)
        engine.take([track("ana", "Order Completed", n) for n in range(3)])
        for _ in range(3):
            engine.decide("user_id:ana", "home-hero")
            engine.decide("user_id:zoe", "home-hero")
        table = frames.propensities(engine, as_="polars")
        for (_, person), rows in table.group_by("decision", "person"):
            worth = dict(zip(rows["option"], rows["value"], strict=True))
            ana = person == table["person"][0]
            assert worth == {"silence": 0.0, "shoes": 20.0 * ana, "coats": 20.0 * (not ana)}
            assert rows["propensity"].sum() == pytest.approx(1.0, abs=1e-12)
            assert rows["propensity"].min() > 0.0
        body = msgspec.json.decode(engine.store.newest_receipts(1)[0].body)
        assert body["explains"] == "none"
        assert len(body["model"]) == 64


def test_a_play_whose_purpose_asks_for_more_is_refused_at_the_check_and_at_the_decision():
    """The check is for who writes it; a play that was taken before, and the last word, are the guard's."""
    settings = read_settings(environ={}, given={"seed": "test"})
    known = known_here({"mine": own(Loyal())}, settings)
    (mistake,) = check_play(OWN, known).errors
    assert "mine" in mistake.message
    with opened(Loyal(), **{"explain.none": ""}) as engine:
        engine.add_play(OWN)
        told = engine.decide("user_id:zoe", "home-hero")
        assert (told.option, told.reason) == ("silence", "explains_too_little")


def test_where_it_breaks_the_engine_keeps_silent_and_says_so():
    with opened(Loyal(broken=True)) as engine:
        engine.add_play(OWN)
        told = engine.decide("user_id:zoe", "home-hero")
        assert (told.option, told.reason) == ("silence", "model_failed")
        assert "RuntimeError: the service does not answer" in told.detail["fault"]
        # The person stays in the engine's arm: a model that breaks for some must not flatter it.
        (state,) = engine.walker._states.pick(engine.store.people_after(0, 9))[0].values()
        assert [(trial.play, trial.arm) for trial in state.atoms[0].trials] == [("hero", "engine")]


def test_a_model_that_nobody_handed_in_is_a_mistake_of_the_play():
    settings = read_settings(environ={}, given={"seed": "test"})
    house = Engine.open(settings=settings, clock=FakeClock(NOON_MS))
    with house as engine, pytest.raises(PlayMistakes, match="mine"):
        engine.add_play(OWN)
