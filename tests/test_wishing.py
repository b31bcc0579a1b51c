"""How a contact felt, from the event to the next decision of that person and of everybody."""

import asyncio

import pytest

from equipoise.nouns.records import Attempt, HumanAnswer
from equipoise.testing.fakes import FakeClock
from house import DAY_MS, NOON_MS, PUBLIC, THANKS, house, send, track, welcome


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
