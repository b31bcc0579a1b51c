"""Records find their person: joins inside one commit, pages, splits, and answers to who asks."""

import msgspec
import pytest

from equipoise.nouns.events import Event, Handle
from equipoise.nouns.records import PageRequest
from equipoise.runners.step import Step, Work, answer_of
from house import HERO, PUBLIC, SERVER, THANKS, house, identify, rows_of, track, welcome


def person_of(engine, kind, value):
    handle = Handle(kind, value)
    return engine.store.atoms_of([handle])[handle].person


def viewed(anonymous, n=1):
    return {"type": "page", "anonymousId": anonymous, "messageId": f"{anonymous}/{n}"}


def test_two_people_who_become_one_in_a_commit_are_decided_as_one_from_then_on():
    """The contact of the first counts for what the second does later in the same request."""
    engine = house()
    engine.add_play(THANKS)
    engine.take([*welcome("ana"), viewed("a1")])
    engine.take(
        [
            track("ana", "Order Completed", 1),
            identify("ana", "a1"),
            {"type": "track", "anonymousId": "a1", "event": "Order Completed", "messageId": "o2"},
        ]
    )
    assert person_of(engine, "user_id", "ana") == person_of(engine, "anonymous_id", "a1")
    assert len(engine.store.with_status("ready", 10)) == 1, "the budget of the day is one"


def test_the_number_of_people_is_counted_through_joins_and_splits():
    engine = house()
    engine.take([identify("ana"), viewed("a1"), viewed("a2")])
    assert engine.store.counts()["people"] == 3
    engine.take([identify("ana", "a1"), identify("ana", "a2")])
    assert engine.store.counts()["people"] == 1
    person = person_of(engine, "user_id", "ana")
    atom = engine.store.atoms_of([Handle("anonymous_id", "a2")])[Handle("anonymous_id", "a2")].id
    engine.split(person, [atom], "Zoé")
    assert engine.store.counts()["people"] == 2


def test_the_state_of_a_person_who_was_merged_away_is_gone():
    engine = house()
    engine.take([viewed("a1"), identify("ana")])
    older, younger = person_of(engine, "anonymous_id", "a1"), person_of(engine, "user_id", "ana")
    engine.take([identify("ana", "a1")])
    kept = person_of(engine, "user_id", "ana")
    assert kept in (older, younger)
    assert set(engine.store.states([older, younger])) == {kept}
    assert engine.store.people_after(0, 10) == [kept]


def test_a_split_can_be_followed_by_events_of_both_in_one_commit():
    engine = house()
    engine.take([identify("ana"), viewed("a1")])
    engine.take([identify("ana", "a1")])
    person = person_of(engine, "user_id", "ana")
    atom = engine.store.atoms_of([Handle("anonymous_id", "a1")])[Handle("anonymous_id", "a1")].id
    engine.split(person, [atom], "Zoé")
    engine.take([track("ana", "page", 5), viewed("a1", 5)])
    people = {person_of(engine, "user_id", "ana"), person_of(engine, "anonymous_id", "a1")}
    assert len(people) == 2
    assert set(engine.store.people_after(0, 10)) == people


def test_a_held_join_is_told_to_an_operator_once():
    engine = house()
    engine.take([identify("ana", "shared")])
    for n in range(5):
        engine.take([identify("bob", "shared", n=n)])
    assert len(engine.store.held_joins(10)) == 1
    assert engine.store.counts()["held_joins"] == 5


def test_a_page_of_a_stranger_shows_nothing_and_makes_nobody():
    engine = house()
    wish = PageRequest(handles=(Handle("anonymous_id", "new"),))
    assert msgspec.json.decode(engine.ask("page", wish, PUBLIC)) == {"shown": []}
    assert engine.store.counts().get("people", 0) == 0


def test_a_page_shows_what_was_decided_in_the_same_commit():
    engine = house(**{"basis.default": "interest"})
    engine.add_play(THANKS.replace("channel: email", "channel: page").replace("subject:", "title:"))
    engine.take([viewed("a1")])
    wish = PageRequest(handles=(Handle("anonymous_id", "a1"),))
    order = {"type": "track", "anonymousId": "a1", "event": "Order Completed", "messageId": "o"}
    rows = [
        msgspec.structs.replace(rows_of([order]), id=50),
        msgspec.structs.replace(
            rows_of([]), id=51, kind="page", body=msgspec.msgpack.encode(wish), source=SERVER
        ),
    ]
    shown = msgspec.json.decode(engine.walker.walk(rows)[51])["shown"]
    assert [action["option"] for action in shown] == ["mail"]


def test_an_event_whose_handles_all_fall_away_is_refused_with_what_to_send():
    engine = house()
    handles = (Handle("shoe_size", "42"), Handle("user_id", "null"))
    event = Event(
        id="e1",
        kind="page",
        channel="web",
        source="library",
        at_ms=1,
        received_ms=1,
        handles=handles,
    )
    engine.take([event])
    (refused,) = engine.store.refused(10)
    assert refused.code == "no_identity"
    assert "needs a handle that may be used, got ['shoe_size', 'user_id']" in refused.message
    assert engine.store.counts().get("people", 0) == 0


def test_a_moment_that_nobody_wrote_a_play_for_is_answered_without_a_decision():
    assert msgspec.json.decode(answer_of(None, "no_such_moment")) == {
        "decision": None,
        "outcome": "silence",
        "reason": "no_such_moment",
        "content": {},
    }


def test_a_silent_answer_shows_no_content_and_no_option():
    engine = house(holdout=1.0)
    engine.add_play(HERO)
    told = engine.decide("user_id:ana", "home-hero")
    assert (told.outcome, told.option, told.content) == ("silence", "silence", {})
    assert told.reason == "holdout_global"


def test_a_record_without_a_verb_is_an_error_that_names_it():
    engine = house().walker.engine
    with pytest.raises(TypeError, match="no verb for int"):
        Step(engine, 0, 200, {}).walk(Work(rows_of([]), 7))
