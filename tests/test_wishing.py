"""What people say they want, from the event to the next decision: how a contact felt, and their aims."""

import asyncio
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.nouns.records import Attempt, HumanAnswer
from equipoise.plays.starting import new_play
from equipoise.testing.fakes import FakeClock
from house import (
    DAY_MS,
    HOUR_MS,
    NOON_MS,
    PUBLIC,
    THANKS,
    house,
    receipts,
    send,
    track,
    welcome,
)


@pytest.fixture
def mailed():
    """Ana was mailed; her mail is the first action."""
    clock = FakeClock(NOON_MS)
    engine = house(clock=clock)
    engine.add_play(THANKS)
    engine.take([*welcome("ana"), *welcome("bob"), track("ana", "Order Completed", 1)])
    (action,) = engine.store.with_status("ready", 10)
    return engine, clock, action


def felt(action, said, who="ana"):
    about = {"decision": f"d_{action.id}", "play": action.play, "option": action.option.name}
    return track(who, "felt", said, felt=said, **about)


def test_not_now_rests_for_a_day_and_the_next_decision_knows_it(mailed):
    engine, clock, action = mailed
    asyncio.run(clock.advance(DAY_MS))
    engine.take([felt(action, "not_now"), track("ana", "Order Completed", 2)])
    assert len(engine.store.with_status("ready", 10)) == 1, "only the mail of before"
    asyncio.run(clock.advance(DAY_MS))
    engine.take([track("bob", "page")])
    engine.take([track("ana", "Order Completed", 3)])
    counts = engine.store.counts()
    assert counts["felt:not_now"] == 1
    assert counts["felt:thanks/mail:not_now"] == 1


def test_untrue_goes_to_a_human_before_it_is_sent_to_anybody_again(mailed):
    engine, _, action = mailed
    engine.take([felt(action, "untrue"), track("bob", "Order Completed", 1)])
    (waiting,) = engine.store.with_status("review", 10)
    assert waiting.person != action.person
    engine.ask("human", HumanAnswer(action=waiting.id, answer="approve", by="staff"))
    engine.take([*welcome("cleo"), track("cleo", "Order Completed", 1)])
    assert len(engine.store.with_status("review", 10)) == 0, "a human has answered it"
    assert len(engine.store.with_status("ready", 10)) == 3


def test_what_was_decided_before_it_was_doubted_does_not_leave_without_a_human(mailed):
    engine, _, action = mailed
    engine.take([track("bob", "Order Completed", 1)])
    mine = next(a for a in engine.store.with_status("ready", 10) if a.person != action.person)
    engine.take([felt(action, "untrue")])
    assert b'"go":false' in engine.ask("attempt", Attempt(mine.id))
    (waiting,) = engine.store.with_status("review", 10)
    assert (waiting.id, waiting.detail) == (mine.id, "doubted")
    engine.ask("human", HumanAnswer(action=mine.id, answer="approve", by="staff"))
    assert b'"go":true' in engine.ask("attempt", Attempt(mine.id))


def test_a_browser_cannot_stop_a_play_for_everybody(mailed):
    engine, _, action = mailed
    call = felt(action, "untrue") | {"anonymousId": "a1"}
    del call["userId"]
    send(engine, [call], PUBLIC)
    engine.take([track("bob", "Order Completed", 1)])
    assert engine.store.with_status("review", 10) == []
    assert engine.store.counts()["felt:untrue"] == 1


def test_a_second_answer_takes_the_count_of_the_first_back(mailed):
    engine, clock, action = mailed
    engine.take([felt(action, "too_much")])
    asyncio.run(clock.advance(1))
    engine.take([felt(action, "welcome")])
    counts = engine.store.counts()
    assert (counts["felt:too_much"], counts["felt:welcome"]) == (0, 1)


def test_names_that_no_play_has_are_counted_together(mailed):
    engine, _, _ = mailed
    engine.take([track("ana", "felt", 1, felt="welcome", play="made", option="up")])
    assert "felt:made/up:welcome" not in engine.store.counts()
    assert engine.store.counts()["felt:welcome"] == 1


def test_an_answer_that_cannot_be_read_is_refused_and_opens_nothing(mailed):
    engine, _, _ = mailed
    engine.take([track("ana", "felt", 1, felt="fine")])
    assert [item.code for item in engine.store.refused(10)] == ["felt_malformed"]


def test_an_answer_has_its_receipt_and_the_same_again_has_none(mailed):
    engine, clock, action = mailed
    engine.take([felt(action, "too_much")])
    asyncio.run(clock.advance(1))
    engine.take([felt(action, "welcome"), felt(action, "welcome") | {"messageId": "again"}])
    first, second = [body for body in receipts(engine) if body["type"] == "felt"]
    assert (first["felt"], first["decision"], first["play"]) == (
        "too_much",
        f"d_{action.id}",
        "thanks",
    )
    assert (second["felt"], second["before"]) == ("welcome", "too_much")
    assert second["person"] == action.person


# --- aims ----------------------------------------------------------------------------------------

APRIL_MS = NOON_MS + 22 * DAY_MS
"""The first of April, at two in the afternoon in Paris."""

OFTEN = {"budget.per_day": 99, "budget.per_7d": 99, "budget.per_28d": 99}
SERVICE = THANKS.replace("thanks", "receipt").replace("marketing", "service")


def aim(n=1, **facts):
    return track("ana", "aim.declared", n, **({"kind": "spend_at_most", "amount": 50} | facts))


def bought(n, revenue, **more):
    return track("ana", "Order Completed", n, revenue=revenue, **more)


def thanked(engine):
    """How many mails of the play that thanks were ever decided."""
    return engine.store.counts().get("actions", 0)


def shop():
    clock = FakeClock(NOON_MS)
    engine = house(clock=clock, **OFTEN)
    engine.add_play(THANKS)
    engine.take([*welcome("ana"), aim()])
    return engine, clock


def test_an_aim_has_a_receipt_that_says_it_without_the_persons_own_words():
    engine, clock = shop()
    engine.take([aim(2, kind="goal", text="Run ten kilometres", until="2026-09-01")])
    asyncio.run(clock.advance(1))
    engine.take([track("ana", "aim.withdrawn", 3, aim="spend_at_most")])
    first, goal, back = [body for body in receipts(engine) if body["type"] == "aim"]
    assert first["said"]["most"] == "50"
    assert first["said"]["zone"] == "Europe/Paris"
    assert "kilometres" not in str(goal)
    assert len(goal["said"]["text_sha256"]) == 64
    assert (back["kind"], back["aim"]) == ("aim.withdrawn", "spend_at_most")
    assert back["replaces"] == first["seq"] - 1
    assert engine.store.counts()["aim.declared"] == 2


def test_the_order_that_reaches_the_limit_opens_no_offer_and_the_service_goes_on():
    engine, clock = shop()
    engine.add_play(SERVICE)
    engine.take([bought(1, 30)])
    assert thanked(engine) == 2
    engine.take([bought(2, 20)])
    assert thanked(engine) == 3, "the receipt of the order alone"
    (silence,) = [body for body in receipts(engine) if body.get("reason") == "aim_spend"]
    assert silence["play"] == "thanks"
    assert silence["detail"] == {"most": "50", "per": "month", "from": "2026-04-01"}
    asyncio.run(clock.advance(APRIL_MS - NOON_MS))
    engine.take([bought(3, 20)])
    assert thanked(engine) == 5


def test_the_play_that_helps_to_keep_a_limit_tells_the_person_at_four_fifths_once():
    clock = FakeClock(NOON_MS)
    engine = house(clock=clock, **OFTEN)
    engine.add_play(new_play("keep-my-limit"))
    engine.take([*welcome("ana"), aim(), bought(1, 39.9)])
    assert thanked(engine) == 0
    engine.take([bought(2, 0.1)])
    (action,) = engine.store.with_status("ready", 10)
    assert "10 is left to spend" in action.content["body"]
    (told,) = [body for body in receipts(engine) if body.get("chosen") == "tell"]
    assert told["data_used"] == [
        {"field": "aims.spend.share", "value": "0.8", "provenance": "stated"}
    ]
    engine.take([bought(3, 20)])
    assert thanked(engine) == 1


def test_what_was_decided_before_the_limit_was_reached_does_not_leave():
    engine, _ = shop()
    engine.take([bought(1, 30)])
    (action,) = engine.store.with_status("ready", 10)
    engine.take([bought(2, 20)])
    assert b'"go":false' in engine.ask("attempt", Attempt(action.id))
    assert engine.store.actions([action.id])[action.id].detail == "aim_spend"


def test_one_contact_a_month_is_one_that_leaves_and_the_next_waits_for_the_first():
    engine, clock = shop()
    call = aim(2, kind="contacts_at_most")
    call["properties"]["n"] = 1
    engine.take([call, bought(1, 1)])
    (action,) = engine.store.with_status("ready", 10)
    assert b'"go":true' in engine.ask("attempt", Attempt(action.id)), "it does not count itself"
    asyncio.run(clock.advance(21 * DAY_MS))
    engine.take([bought(2, 1)])
    waits = [body for body in receipts(engine) if body.get("outcome") == "held"]
    assert [(body["reason"], body["until_ms"]) for body in waits] == [
        ("aim_contacts", APRIL_MS - 14 * HOUR_MS)
    ]
    asyncio.run(clock.advance(DAY_MS))
    engine.tick()
    assert thanked(engine) == 2


def test_an_aim_taken_back_lets_the_next_offer_go():
    engine, clock = shop()
    engine.take([bought(1, 60)])
    assert thanked(engine) == 0
    asyncio.run(clock.advance(1))
    engine.take([track("ana", "aim.withdrawn", 2, aim="spend_at_most"), bought(2, 5)])
    assert thanked(engine) == 1


def test_an_order_that_never_was_no_longer_counts_once_it_is_struck():
    engine, _ = shop()
    reading = {"kind": "use_less", "what": "Meter Read", "quantity": "kwh", "at_most": 9}
    engine.take([aim(2, **reading), bought(1, 30), bought(2, 30)])
    engine.take([track("ana", "Meter Read", n, kwh=5) for n in range(2)])
    struck = ("ana/Order Completed/1", "ana/Meter Read/1")
    told = engine.request("correction", {"user_id": "ana"}, strike=struck, at_once=True)
    assert told["ok"], told
    before = thanked(engine)
    engine.take([bought(3, 10)])
    assert thanked(engine) == before + 1


def test_an_aim_that_cannot_be_read_is_refused_and_opens_nothing():
    engine, _ = shop()
    engine.take([aim(2, amount="fifty")])
    assert [item.code for item in engine.store.refused(10)] == ["aim_malformed"]


def test_a_browser_cannot_loosen_a_limit():
    engine, _ = shop()
    engine.take([track("ana", "page", 1) | {"anonymousId": "a1"}])
    call = aim(2, amount=500) | {"anonymousId": "a1"}
    del call["userId"]
    send(engine, [call], PUBLIC)
    assert [item.code for item in engine.store.refused(10)] == ["public_cannot_grant"]


doings = st.lists(
    st.tuples(
        st.sampled_from(("order", "refund", "page", "late", "wait")),
        st.integers(0, 60),
    ),
    max_size=14,
)


def month(clock):
    return datetime.fromtimestamp(clock.now_ms() / 1000, UTC).strftime("%Y-%m")


@settings(max_examples=40, deadline=None)
@given(doings)
def test_whatever_happens_no_offer_leaves_while_the_limit_is_reached(doings):
    """Spent is told by plain arithmetic here: orders less refunds of the present month."""
    engine, clock = shop()
    spent: dict[str, int] = {}
    for number, (what, amount) in enumerate(doings):
        if what == "wait":
            asyncio.run(clock.advance(amount // 3 * DAY_MS))
            continue
        kind = {"refund": "Order Refunded", "page": "page"}.get(what, "Order Completed")
        call = bought(number, amount) | {"event": kind}
        now = month(clock)
        if what == "late":
            now, call["timestamp"] = "2026-03", "2026-03-10T11:00:00Z"
        before = thanked(engine)
        engine.take([call])
        if kind == "page":
            continue
        spent[now] = spent.get(now, 0) + (amount if kind == "Order Completed" else -amount)
        if kind == "Order Completed":
            assert thanked(engine) - before == int(spent.get(month(clock), 0) < 50)
