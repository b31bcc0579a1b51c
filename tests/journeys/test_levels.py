"""A house with a model that gives no reasons: refused at the check, at each moment, or told as what it is."""

import numpy as np
import pytest

from equipoise.compose import Engine
from equipoise.compose.library import known_here
from equipoise.learn.own import OwnModel
from equipoise.nouns.decisions import Explain
from equipoise.plays.phrases import sentence
from equipoise.plays.reading import check_play
from equipoise.settings import read_settings
from equipoise.testing.fakes import FakeClock, SeededEntropy
from house import NOON_MS, receipts, send, track, welcome

PLAY = """
name: basket
purpose: marketing
moment: {event: Basket Left}
goal: {event: Order Completed, within_days: 7}
options:
  - {name: mail, do: notify, channel: email, subject: {en: T, fr: M}, body: {en: T, fr: M}}
chooser: learning
features: [orders.count]
model: oracle
"""


class Oracle:
    """Always sure of the first option, and silent about why."""

    def predict(self, table):
        return np.where(table[:, -2] == 1.0, 0.9, 0.1)


ORACLE = OwnModel(
    name="oracle",
    version="1",
    predictor=Oracle(),
    features=("orders.count",),
    options=("mail", "silence"),
    explains=Explain.NONE,
)


def opened(**given) -> Engine:
    """A house that has the oracle, under these settings."""
    settings = read_settings(environ={}, given={"seed": "test", **given})
    return Engine.open(
        settings=settings, clock=FakeClock(NOON_MS), entropy=SeededEntropy(), models=[ORACLE]
    )


def left_basket(engine: Engine) -> dict:
    """The receipt of the decision for somebody who leaves a basket."""
    engine.add_play(PLAY)
    send(engine, [*welcome("ana"), track("ana", "Basket Left", 1)])
    return next(one for one in receipts(engine) if one["type"] == "decision")


def test_the_check_refuses_what_the_house_does_not_allow():
    strict = known_here({"oracle": ORACLE}, read_settings(environ={}))
    errors = check_play(PLAY, strict).errors
    assert [error.path for error in errors] == ["model"]
    assert "asks for a model that explains itself exactly" in errors[0].message
    lenient = read_settings(environ={}, given={"explain.none": "marketing"})
    assert check_play(PLAY, known_here({"oracle": ORACLE}, lenient)).errors == []


def test_at_each_moment_the_guard_refuses_it_with_a_reason():
    receipt = left_basket(opened())
    assert (receipt["chosen"], receipt["reason"]) == ("silence", "explains_too_little")
    assert receipt["guard"] == "intelligence"
    assert "model" not in receipt


def test_a_purpose_that_is_content_with_reasons_afterwards_still_refuses_none():
    receipt = left_basket(opened(**{"explain.approximate": "marketing"}))
    assert receipt["reason"] == "explains_too_little"
    assert "à peu près" in sentence(receipt["reason"], "fr", receipt["detail"])


def test_a_purpose_that_is_content_with_none_has_it_asked_and_told_as_such():
    engine = opened(**{"explain.none": "marketing"})
    receipt = left_basket(engine)
    assert receipt["model"]
    explained = engine.explain(receipt["id"])
    assert explained.explains == "none"
    assert "gives no reasons" in explained.sentences[0]
    assert explained.contrast == ""
    assert sum(line.parts[0] for line in explained.lines) == pytest.approx(explained.sums[0])
