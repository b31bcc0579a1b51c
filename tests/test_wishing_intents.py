"""What people say they look for, from the event to the next decision, and who hears of it."""

from hashlib import sha256

import pytest

from equipoise.canon import canonical
from equipoise.nouns.intents import read_intent, words_of
from equipoise.testing.fakes import FakeClock
from house import NOON_MS, granted, house, identify, receipts, track

SHOP = """
name: shop-window
purpose: personalisation
moment: {decide: window}
options:
  - {name: bikes, do: notify, channel: page, serves: bike, has: [lights], price: 300, title: Bikes}
  - {name: coats, do: notify, channel: page, title: Coats}
goal: {event: Order Completed}
"""


@pytest.fixture
def window():
    engine = house(clock=FakeClock(NOON_MS))
    engine.add_play(SHOP)
    people = [f"p{n}" for n in range(24)]
    engine.take(
        [call for who in people for call in (identify(who), granted(who, "", "personalisation"))]
    )
    return engine, people


def shown(engine, people):
    return [engine.decide(f"user_id:{who}", "window") for who in people]


def test_what_people_look_for_goes_before_what_is_inferred_until_they_take_it_back(window):
    engine, people = window
    assert {d.option for d in shown(engine, people)} == {"bikes", "coats", "silence"}
    ask = {"category": "bike", "must": ["lights"], "budget": {"amount": 400, "currency": "EUR"}}
    engine.take([track(who, "intent.declared", 1, **ask) for who in people])
    told = shown(engine, people)
    assert {d.option for d in told} == {"bikes", "silence"}
    assert {d.reason for d in told if d.option == "bikes"} == {"asked_for"}
    assert "You asked for it" in next(d for d in told if d.option == "bikes").why()
    assert "Vous l’avez demandé" in next(d for d in told if d.option == "bikes").why("fr")
    engine.take([track(who, "intent.withdrawn", 1, intent="bike") for who in people])
    assert {d.option for d in shown(engine, people)} == {"bikes", "coats", "silence"}


def test_a_decision_that_followed_an_intent_replays_to_the_bit(window):
    engine, people = window
    engine.take([track(who, "intent.declared", 1, category="bike") for who in people])
    for decision in shown(engine, people):
        assert engine.replay(decision.decision).same


def test_nobody_outside_of_the_audience_hears_of_an_intent(window):
    engine, people = window
    ask = {"category": "bike", "audience": ["play:other", "partner:velo"]}
    engine.take([track(who, "intent.declared", 1, **ask) for who in people])
    assert {d.option for d in shown(engine, people)} == {"bikes", "coats", "silence"}


LISTENS = """
name: listens
purpose: personalisation
moment: {event: intent.declared, where: {field: event.category, is: bike}}
options:
  - {name: tell, do: notify, channel: page, title: A bike, serves: bike}
"""


def test_a_play_hears_an_intent_only_where_it_is_meant_for_it(window):
    engine, _ = window
    engine.add_play(LISTENS)
    before = engine.store.counts().get("decisions", 0)
    secret = {"category": "bike", "audience": ["play:shop-window"]}
    engine.take([track("p1", "intent.declared", 1, **secret)])
    assert engine.store.counts().get("decisions", 0) == before
    engine.take([track("p1", "intent.declared", 2, category="bike", audience=["play:listens"])])
    assert engine.store.counts()["decisions"] == before + 1


def test_an_intent_has_a_receipt_that_proves_it_and_tells_none_of_its_words(window):
    engine, _ = window
    engine.take([track("p1", "intent.declared", 1, category="bike", must=["secret wish"])])
    engine.take([track("p1", "intent.withdrawn", 2, intent="bike")])
    first, second = [body for body in receipts(engine) if body["type"] == "intent"]
    assert "bike" not in str(first)
    assert "secret" not in str(first)
    said = {"category": "bike", "must": ["secret wish"]}
    words = words_of(read_intent(said, first["received_ms"], 0, "UTC", "server"))
    words["until_ms"] = first["until_ms"]
    assert first["said_sha256"] == sha256(canonical(words)).hexdigest()
    assert second["kind"] == "intent.withdrawn"
    assert second["replaces"] < second["seq"]


def test_an_intent_that_cannot_be_read_is_kept_where_an_operator_sees_it(window):
    engine, _ = window
    engine.take([track("p1", "intent.declared", 1, must=["no category"])])
    assert [item.code for item in engine.store.refused(10)] == ["intent_malformed"]
