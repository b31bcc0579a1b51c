"""A decision is made again from its receipt, and one that was changed is seen."""

import msgspec
import pytest

from equipoise.compose.replaying import CannotReplay, replay
from equipoise.learnt import Learnt
from equipoise.testing.standing import FakeStanding
from house import HERO, THANKS, house, receipts, track, welcome


def decided():
    engine = house()
    engine.add_play(HERO)
    engine.add_play(THANKS)
    for n in range(20):
        engine.take([*welcome(f"u{n}"), track(f"u{n}", "Order Completed", n)])
        engine.decide(f"user_id:u{n}", "home-hero")
    return engine, [receipt for receipt in receipts(engine) if receipt["type"] == "decision"]


def test_every_draw_comes_out_the_same():
    engine, told = decided()
    drawn = [receipt for receipt in told if receipt["chooser"]]
    assert {receipt["chooser"] for receipt in drawn} == {"uniform", "fixed_shares"}
    for receipt in drawn:
        again = engine.replay(receipt["id"])
        assert again.same
        assert again.chosen == receipt["chosen"]


def test_it_does_so_after_a_newer_version_of_the_play():
    engine, told = decided()
    engine.add_play(HERO.replace("shoes", "boots"))
    receipt = next(receipt for receipt in told if receipt["play"] == "hero")
    assert engine.replay(receipt["id"]).same


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"draw": "0.999999"}, "chosen"),
        ({"chosen": "nothing"}, "chosen"),
    ],
)
def test_a_receipt_that_was_changed_is_seen(change, word):
    engine, told = decided()
    receipt = next(
        r for r in told if r["play"] == "hero" and r["chosen"] == "shoes" and r["chooser"]
    )
    again = replay(receipt | change, engine.store, FakeStanding(), Learnt())
    assert not again.same
    assert word in again.differs[0]


def test_a_probability_that_was_changed_is_seen():
    engine, told = decided()
    receipt = msgspec.json.decode(msgspec.json.encode(told[-1]))
    receipt["options"][0]["propensity"] = "0.1"
    again = replay(receipt, engine.store, FakeStanding(), Learnt())
    assert any(word.startswith("propensity of") for word in again.differs)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"chooser": ""}, "nothing was drawn"),
        ({"chooser": "gone"}, "not installed"),
        ({"version": "ff"}, "which is not in this store"),
        ({"model": "ab" * 32}, "needs the model"),
    ],
)
def test_what_is_missing_is_named(change, words):
    engine, told = decided()
    with pytest.raises(CannotReplay, match=words):
        replay(told[-1] | change, engine.store, FakeStanding(), Learnt())


def test_a_decision_that_is_not_here_is_told():
    engine, _ = decided()
    for name in ("d_999999", "48"):
        with pytest.raises(CannotReplay, match="no such receipt"):
            engine.replay(name)
