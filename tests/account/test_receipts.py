"""Every kind of receipt has canonical bytes, and says no more than it may."""

import json

from hypothesis import given
from hypothesis import strategies as st

from equipoise.account.receipts import (
    action_receipt,
    decision_receipt,
    input_text,
    input_value,
    silences_receipt,
    terms_receipt,
)
from equipoise.canon import canonical
from equipoise.nouns.decisions import Action, Answer, Appraisal, Decision, Moment, Verdict, Weighed
from equipoise.nouns.events import Event
from equipoise.nouns.plays import Option
from equipoise.nouns.state import Hush

MOMENT = Moment(id="m_1", kind="cart", event="e_1", channel="web", at_ms=5, opened_ms=5)
HELD = Verdict(Answer.HOLD, "quiet_hours", "quiet_hours", 99, {"from": "21:00"})


def decided(propensity=0.98, score=0.1, outcome="act", until_ms=None):
    """A decision between one mail and silence."""
    appraisal = Appraisal(score, score, 0.0, 0.0, contributions={"recency": score})
    return Decision(
        seq=7,
        person=1,
        atom=1,
        play="café",
        version="ab",
        purpose="personalisation",
        moment=MOMENT,
        weighed=(
            Weighed("mail", "notify", "email", (HELD,), propensity, appraisal),
            Weighed("silence", "silence", "", (), 1 - propensity),
        ),
        chosen="mail",
        outcome=outcome,
        reason="chosen",
        chooser="fixed",
        draw=0.3,
        at_ms=5,
        until_ms=until_ms,
        model="ab" * 32,
        inputs={"orders.count": 3, "traits.city": None},
        arm="uniform",
    )


def reread(receipt):
    """The receipt as a reader gets it; refuses what has no canonical bytes."""
    return json.loads(canonical(receipt))


@given(st.floats(0, 1), st.floats(allow_nan=False, allow_infinity=False))
def test_every_fraction_of_a_decision_reads_back_to_the_same_number(propensity, score):
    told = reread(decision_receipt(decided(propensity, score)))
    assert [float(option["propensity"]) for option in told["options"]] == [
        propensity,
        1 - propensity,
    ]
    assert float(told["options"][0]["score"]) == score
    assert float(told["options"][0]["contributions"]["recency"]) == score
    assert told["inputs"] == {"orders.count": "3", "traits.city": None}
    assert (told["model"], told["explains"], told["arm"]) == ("ab" * 32, "exact", "uniform")
    assert float(told["draw"]) == 0.3


def test_a_decision_tells_every_verdict_with_its_reason():
    told = reread(decision_receipt(decided(until_ms=99)))
    assert told["options"][0]["verdicts"] == [
        {
            "guard": "quiet_hours",
            "answer": "hold",
            "reason": "quiet_hours",
            "until_ms": 99,
            "detail": {"from": "21:00"},
        }
    ]
    assert (told["id"], told["until_ms"], told["moment"]["id"]) == ("d_7", 99, "m_1")


def test_only_what_waits_for_a_human_is_not_solely_automated():
    assert reread(decision_receipt(decided()))["solely_automated"] is True
    assert reread(decision_receipt(decided(outcome="review")))["solely_automated"] is False


def test_a_change_of_terms_repeats_what_was_said_and_no_free_fact():
    facts = {
        "purpose": "ads",
        "channel": "email",
        "comment": "my name is Anna",
        "notice": {"id": "n1"},
    }
    event = Event(
        id="e",
        kind="Consent",
        channel="web",
        source="s",
        at_ms=1,
        received_ms=2,
        handles=(),
        facts=facts,
    )
    told = reread(terms_receipt(event, 9, 1, 1))
    assert told["said"] == {"purpose": "ads", "channel": "email"}
    assert told["notice"] == {"id": "n1"}
    assert "Anna" not in canonical(told).decode()


def test_a_notice_that_is_no_object_is_told_as_none():
    event = Event(
        id="e",
        kind="Consent",
        channel="web",
        source="s",
        at_ms=1,
        received_ms=2,
        handles=(),
        facts={"notice": 7},
    )
    assert reread(terms_receipt(event, 9, 1, 1))["notice"] == {}


def test_a_day_of_silences_counts_them_and_names_the_first():
    told = reread(silences_receipt("refill|cap|week", Hush(20_000, 10, 90, 4, 7), 9, 1, 1))
    assert (told["play"], told["reason"]) == ("refill", "cap|week")
    assert (told["n"], told["decision"]) == (4, "d_7")


def test_an_action_that_did_not_leave_names_its_decision_and_no_address():
    action = Action(
        id=7,
        key="k",
        atom=1,
        person=1,
        play="refill",
        version="ab",
        option=Option(name="mail"),
        sender="email",
        status="cancelled",
        due_ms=1,
        until_ms=2,
        at_ms=1,
        moment=MOMENT,
        content={"to": "anna@example.org"},
    )
    told = reread(action_receipt(action, "cancelled", "objection", 11, 6))
    assert (told["type"], told["id"], told["decision"]) == ("cancelled", "a_11", "d_7")
    assert "anna" not in canonical(told).decode()


@given(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.sampled_from(['"', "null", "42", "1e3", '"a"', "true", " 3"])
)
def test_an_input_reads_back_to_the_same_value_of_the_same_kind(value):
    again = input_value(input_text(value))
    assert (again, type(again)) == (value, type(value))
