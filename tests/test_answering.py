"""The verbs of a request: what holds at once, what a correction folds again, what a contest holds back."""

import msgspec
import pytest

from equipoise.answering import RIGHT
from equipoise.nouns.events import Handle
from equipoise.nouns.records import Attempt
from equipoise.nouns.rights import AskRight
from equipoise.nouns.state import PersonState
from house import HERO, PUBLIC, THANKS, granted, house, receipts, track, welcome

ANA = "user_id:ana"


def state_of(engine, user="ana"):
    (atom,) = engine.store.atoms_of([Handle("user_id", user)]).values()
    blob = engine.store.states([atom.person])[atom.person]
    return msgspec.msgpack.decode(blob, type=PersonState)


def decided(engine, play="thanks"):
    rows = [r for r in receipts(engine) if r["type"] == "decision" and r["play"] == play]
    return rows[-1]


@pytest.fixture
def engine():
    engine = house(**{"basis.default": "interest"})
    engine.add_play(THANKS)
    engine.add_play(HERO)
    engine.take(welcome("ana"))
    return engine


def test_a_restriction_holds_at_once_and_nothing_more_is_folded_until_it_is_lifted(engine):
    engine.take([track("ana", "Product Viewed", 1)])
    asked = engine.request("restriction", ANA)
    assert asked["status"] == "fulfilled"
    before = state_of(engine).atoms[0].profile
    engine.take([track("ana", "Product Viewed", 2), track("ana", "Order Completed", 1, total=9)])
    assert state_of(engine).atoms[0].profile == before
    assert decided(engine)["reason"] == "restricted"
    assert engine.decide(ANA, "home-hero").reason == "restricted"
    assert "already" in engine.request("restriction", ANA)["reason"]
    assert engine.request("restriction", ANA, lift=True)["status"] == "withdrawn"
    engine.take([track("ana", "Product Viewed", 3)])
    assert state_of(engine).atoms[0].profile.tallies["Product Viewed"].n == 2
    assert engine.decide(ANA, "home-hero").reason in ("chosen", "drawn_silence")


def test_an_objection_is_an_event_of_the_terms_with_two_receipts(engine):
    engine.request("objection", ANA, purpose="personalisation")
    assert engine.decide(ANA, "home-hero").reason == "objected"
    terms, asked = [r for r in receipts(engine) if r["type"] in ("terms", "request")][-2:]
    assert (terms["kind"], asked["kind"]) == ("terms.objected", "objection")
    assert engine.store.requests_owed(9) == []


def test_a_contested_option_is_not_done_again_until_it_is_answered(engine):
    engine.take([track("ana", "Order Completed", 1)])
    decision = decided(engine)
    assert decision["outcome"] == "act"
    asked = engine.request("contest", ANA, decision=decision["seq"], ground="wrong_reason")
    assert asked["replayed"] == "same"
    (kept,) = engine.store.requests_owed(9)
    assert msgspec.json.decode(kept.frozen) == decision
    told = msgspec.json.decode(engine.ask("attempt", Attempt(decision["seq"])))
    assert not told["go"]
    assert told["reason"] == "contested"
    engine.take([track("ana", "Order Completed", 2)])
    assert decided(engine)["reason"] == "contested"
    engine.answer(asked["request"], "fulfil", "zoe", outcome="upheld")
    engine.take([track("ana", "Order Completed", 3)])
    assert decided(engine)["reason"] != "contested"


def test_a_decision_that_was_changed_is_never_done_to_this_person_again(engine):
    engine.take([track("ana", "Order Completed", 1)])
    asked = engine.request("contest", ANA, decision=decided(engine)["seq"])
    engine.answer(asked["request"], "fulfil", "zoe", outcome="changed")
    engine.take([track("ana", "Order Completed", 2)])
    assert decided(engine)["reason"] == "contested"
    last = [r for r in receipts(engine) if r["type"] == "request"][-1]
    assert (last["did"], last["outcome"], last["by"]) == ("fulfil", "changed", "zoe")
    assert len(last["frozen_sha256"]) == 64


def test_only_a_decision_of_ones_own_is_contested(engine):
    engine.take([*welcome("bob"), track("bob", "Order Completed", 1)])
    told = engine.request("contest", ANA, decision=decided(engine)["seq"])
    assert "is not one of this person's" in told["reason"]


def test_a_correction_leaves_the_profile_as_if_the_wrong_had_never_come():
    """Twin houses: one is told the wrong and corrects it, the other is told only the right."""
    calls = [
        *welcome("ana"),
        track("ana", "Order Completed", 1, total=12, product_id="p1"),
        granted("ana", purpose="analytics"),
        track("ana", "Product Viewed", 1, category="shoes"),
    ]
    wrong = [
        track("ana", "Order Completed", "never", total=900, product_id="p9"),
        {
            **calls[0],
            "messageId": "wrong",
            "traits": {"city": "Nantes", "email": "ana@example.org"},
        },
    ]
    twin, engine = house(), house()
    twin.take(calls)
    engine.take([*calls[:3], *wrong, *calls[3:]])
    assert state_of(engine).atoms[0].profile.decayed["spend"].value > 800
    told = engine.request(
        "correction", ANA, values={"traits.city": "Sète"}, strike=("ana/Order Completed/never",),
        at_once=True,
    )  # fmt: skip
    assert told["status"] == "fulfilled"
    mine, theirs = state_of(engine).atoms[0].profile, state_of(twin).atoms[0].profile
    assert mine.decayed["spend"].value == pytest.approx(theirs.decayed["spend"].value, abs=1e-9)
    assert mine.tallies["Order Completed"] == theirs.tallies["Order Completed"]
    assert mine.distinct == theirs.distinct
    assert (mine.last["city"].value, mine.last["city"].provenance) == ("Sète", "stated")
    bodies = b"".join(row.body for row in engine.store.recent(100))
    assert b"Nantes" not in bodies
    assert b"p9" not in bodies


def test_a_clock_that_runs_out_has_a_receipt_and_the_answer_is_still_owed(engine):
    asked = engine.request("access", ANA)
    assert any(timer.key.startswith(RIGHT) for timer in engine.store.timers(10**14, 99))
    engine.clock._now_ms = asked["due_ms"] + 1
    engine.tick()
    (late,) = engine.store.requests_owed(9)
    assert late.status == "expired"
    assert receipts(engine)[-1]["did"] == "run_out"
    assert engine.answer(late.id, "fulfil", "zoe")["ok"]


def test_a_public_key_asks_for_nobody(engine):
    ask = AskRight(kind="erasure", handles=(Handle("user_id", "ana"),), at_once=True)
    told = msgspec.json.decode(engine.ask("right", ask, PUBLIC))
    assert not told["ok"]
    assert "public key" in told["reason"]
    assert engine.store.counts().get("erased") is None


def test_recipients_are_told_of_in_the_reply_and_the_receipt(engine):
    habits = engine.walker._righting._habits
    engine.walker._righting._habits = msgspec.structs.replace(
        habits, recipients=lambda atoms: ("partner",) if atoms else ()
    )
    told = engine.request("correction", ANA, values={"traits.city": "Sète"}, at_once=True)
    assert told["recipients"] == ["partner"]
    assert receipts(engine)[-1]["recipients"] == ["partner"]
