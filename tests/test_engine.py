"""The whole walk: what must hold from an event to a receipt, on the store that keeps nothing."""

from itertools import pairwise

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.nouns.events import Handle, IntakeRow, Source
from equipoise.nouns.records import Attempt, Delivery, HumanAnswer, PageRequest
from equipoise.testing.fakes import FakeClock
from house import (
    DAY_MS,
    HERO,
    HOUR_MS,
    NOON_MS,
    PUBLIC,
    SERVER,
    THANKS,
    granted,
    head,
    house,
    identify,
    receipts,
    send,
    track,
    welcome,
)


def last_decision(engine):
    return next(r for r in reversed(receipts(engine)) if r["type"] == "decision")


def answer(engine, kind, record):
    return msgspec.json.decode(engine.ask(kind, record))


def test_an_order_leads_to_a_mail_with_a_receipt():
    engine = house()
    engine.add_play(THANKS)
    engine.take([*welcome("ana"), track("ana", "Order Completed", 1, revenue=30)])
    (action,) = engine.store.with_status("ready", 10)
    decision = last_decision(engine)
    assert decision["outcome"] == "act"
    assert decision["basis"]["legal"] == "consent"
    assert action.content == {"subject": "Thanks", "body": "Thank you"}
    assert Handle("email", "ana@example.org") in action.handles
    assert f"d_{action.id}" == decision["id"]


def test_without_consent_there_is_silence_with_its_reason():
    engine = house()
    engine.add_play(THANKS)
    engine.take([identify("ana", email="ana@example.org"), track("ana", "Order Completed", 1)])
    decision = last_decision(engine)
    assert (decision["outcome"], decision["reason"]) == ("silence", "consent_missing")
    assert engine.store.with_status("ready", 10) == []


def test_a_withdrawal_holds_at_the_next_decision_of_the_same_batch():
    engine = house()
    engine.add_play(THANKS)
    engine.take(
        [
            *welcome("ana"),
            track("ana", "terms.withdrawn", 1, purpose="marketing", channel="email"),
            track("ana", "Order Completed", 1),
        ]
    )
    assert last_decision(engine)["outcome"] == "silence"


def test_every_change_of_terms_has_a_receipt_with_the_notice_served():
    engine = house()
    notice = {"id": "n1", "sha256": "ab" * 32, "language": "fr"}
    engine.take(
        [track("ana", "terms.granted", 1, purpose="marketing", channel="email", notice=notice)]
    )
    (receipt,) = receipts(engine)
    assert receipt["type"] == "terms"
    assert receipt["notice"] == notice
    assert receipt["said"]["purpose"] == "marketing"


def test_a_thousand_moments_race_for_the_last_contact_and_one_wins():
    engine = house(**{"budget.per_day": 1})
    engine.add_play(THANKS)
    engine.take(welcome("ana"))
    engine.take([track("ana", "Order Completed", n) for n in range(1000)])
    assert len(engine.store.with_status("ready", 2000)) == 1


def test_a_thousand_people_race_for_the_last_of_a_stock_and_none_is_oversold():
    engine = house()
    engine.add_play(THANKS.replace("share: 1,", "share: 1, stock: 7,"))
    people = [f"p{n}" for n in range(1000)]
    for person in people:
        engine.take(welcome(person))
    engine.take([track(person, "Order Completed", 1) for person in people])
    assert len(engine.store.with_status("ready", 2000)) == 7
    assert "out_of_stock" in {r.get("reason") for r in receipts(engine, 5000)}


def test_the_same_silence_of_a_day_is_one_leaf_with_a_count():
    clock = FakeClock(NOON_MS)
    engine = house(clock=clock)
    engine.add_play(THANKS)
    engine.take([identify("ana")])
    engine.take([track("ana", "Order Completed", n) for n in range(50)])
    assert [r["type"] for r in receipts(engine)] == ["decision"]
    clock._now_ms += DAY_MS
    engine.tick()
    closing = receipts(engine)[-1]
    assert (closing["type"], closing["n"], closing["reason"]) == ("silences", 50, "consent_missing")
    assert engine.store.counts()["silences"] == 50


def test_at_night_the_moment_waits_and_rings_again_in_the_morning():
    clock = FakeClock(NOON_MS + 10 * HOUR_MS)
    engine = house(clock=clock)
    engine.add_play(THANKS)
    engine.take([*welcome("ana"), track("ana", "Order Completed", 1)])
    held = last_decision(engine)
    assert (held["outcome"], held["reason"]) == ("held", "quiet_hours")
    assert engine.tick() == 0
    clock._now_ms = held["until_ms"]
    engine.tick()
    rung = last_decision(engine)
    assert rung["outcome"] == "act"
    assert rung["moment"]["rung"] is True
    assert rung["moment"]["id"] == held["moment"]["id"]


def test_a_moment_that_is_over_when_it_rings_ends_in_silence():
    clock = FakeClock(NOON_MS + 10 * HOUR_MS)
    engine = house(clock=clock)
    engine.add_play(THANKS.replace("valid_for_hours: 48", "valid_for_hours: 12"))
    engine.take([*welcome("ana"), track("ana", "Order Completed", 1)])
    clock._now_ms += 3 * DAY_MS
    engine.tick()
    decision = last_decision(engine)
    assert (decision["outcome"], decision["reason"]) == ("silence", "expired")


def test_a_restraint_waits_for_a_human_who_may_decline_it():
    engine = house()
    engine.add_play(THANKS.replace("share: 1,", "share: 1, review: true,"))
    engine.take([*welcome("ana"), track("ana", "Order Completed", 1)])
    (action,) = engine.store.with_status("review", 10)
    assert last_decision(engine)["outcome"] == "review"
    said = HumanAnswer(action=action.id, answer="decline", by="Zoé", note="not now")
    assert answer(engine, "human", said)["status"] == "cancelled"
    assert receipts(engine)[-1]["type"] == "human_decline"
    engine.take([track("ana", "Order Completed", 2)])
    assert len(engine.store.with_status("review", 10)) == 1, "the contact was given back"


def test_the_last_look_cancels_what_the_person_withdrew_meanwhile():
    engine = house()
    engine.add_play(THANKS)
    engine.take([*welcome("ana"), track("ana", "Order Completed", 1)])
    (action,) = engine.store.with_status("ready", 10)
    engine.take([track("ana", "terms.objected", 1, purpose="marketing", channel="email")])
    look = answer(engine, "attempt", Attempt(action.id))
    assert look["go"] is False
    assert engine.store.actions([action.id])[action.id].status == "cancelled"
    assert receipts(engine)[-1]["type"] == "cancelled"


def test_an_attempt_owns_the_action_until_its_lease_ends():
    clock = FakeClock(NOON_MS)
    engine = house(clock=clock)
    engine.add_play(THANKS)
    engine.take([*welcome("ana"), track("ana", "Order Completed", 1)])
    (action,) = engine.store.with_status("ready", 10)
    first = answer(engine, "attempt", Attempt(action.id))
    assert first["go"] is True
    assert answer(engine, "attempt", Attempt(action.id))["go"] is False
    clock._now_ms += 10 * 60_000
    again = answer(engine, "attempt", Attempt(action.id))
    assert again["go"] is True
    assert again["action"]["key"] == first["action"]["key"]
    answer(engine, "delivery", Delivery(action=action.id, result="sent"))
    assert engine.store.actions([action.id])[action.id].status == "sent"


def test_what_failed_for_good_gives_its_contact_back():
    engine = house()
    engine.add_play(THANKS)
    engine.take([*welcome("ana"), track("ana", "Order Completed", 1)])
    (action,) = engine.store.with_status("ready", 10)
    answer(engine, "attempt", Attempt(action.id))
    answer(engine, "delivery", Delivery(action=action.id, result="failed", detail="550"))
    assert engine.store.with_status("dead", 10)[0].id == action.id
    assert receipts(engine)[-1]["type"] == "undelivered"
    engine.take([track("ana", "Order Completed", 2)])
    assert len(engine.store.with_status("ready", 10)) == 1


def test_a_page_gets_an_answer_at_once_and_it_is_read_in_two_languages():
    engine = house()
    engine.add_play(HERO)
    told = engine.decide("user_id:ana", "home-hero")
    assert told.outcome in {"act", "silence"}
    assert told.propensity == pytest.approx(1 / 3)
    assert "33,3 %" in told.why("fr")
    assert engine.decide("user_id:ana", "no-such").reason == "no_such_moment"


def test_what_waits_for_a_page_is_shown_once():
    engine = house(**{"basis.default": "interest"})
    engine.add_play(THANKS.replace("channel: email", "channel: page").replace("subject:", "title:"))
    engine.take([track("ana", "Order Completed", 1)])
    wish = PageRequest(handles=(Handle("user_id", "ana"),))
    assert [s["option"] for s in answer(engine, "page", wish)["shown"]] == ["mail"]
    assert answer(engine, "page", wish)["shown"] == []


def test_a_public_key_can_neither_join_nor_grant_nor_read_nor_see_for_a_known_person():
    engine = house()
    engine.add_play(HERO)
    engine.add_play(THANKS)
    engine.take([identify("ana", "a1", email="ana@example.org"), identify("bob", "b1")])
    people = engine.store.counts()["people"]
    spoof = [
        {"type": "identify", "anonymousId": "evil", "userId": "ana", "messageId": "s1"},
        {"type": "track", "anonymousId": "a1", "event": "terms.granted", "messageId": "s2",
         "properties": {"purpose": "marketing", "channel": "*"}},
    ]  # fmt: skip
    send(engine, spoof, PUBLIC)
    assert engine.store.counts()["people"] == people + 1, "the evil id is somebody else"
    assert engine.store.joins([1, *range(16, 400, 16)]) == []
    engine.take([track("ana", "Order Completed", 1)])
    assert last_decision(engine)["reason"] == "consent_missing"
    wish = PageRequest(handles=(Handle("anonymous_id", "a1"),))
    assert msgspec.json.decode(engine.ask("page", wish, PUBLIC)) == {"shown": []}
    from equipoise.nouns.records import DecideRequest

    asked = DecideRequest(moment="home-hero", handles=(Handle("anonymous_id", "a1"),))
    told = msgspec.json.decode(engine.ask("decide", asked, PUBLIC))
    assert (told["outcome"], told["reason"]) == ("silence", "source_not_trusted")
    assert told["content"] == {}


def test_a_split_takes_a_join_apart_for_ever():
    engine = house()
    engine.take([track("ana", "page", 1), {"type": "page", "anonymousId": "a9", "messageId": "x"}])
    engine.take([identify("ana", "a9")])
    atoms = engine.store.atoms_of([Handle("user_id", "ana"), Handle("anonymous_id", "a9")])
    (person,) = {atom.person for atom in atoms.values()}
    leaving = atoms[Handle("anonymous_id", "a9")].id
    assert engine.split(person, [leaving], by="Zoé")["ok"] is True
    engine.take([identify("ana", "a9", city="Sète")])
    after = engine.store.atoms_of([Handle("user_id", "ana"), Handle("anonymous_id", "a9")])
    assert len({atom.person for atom in after.values()}) == 2
    assert engine.store.held_joins(10)[0].reason == "cannot_link"


def test_a_message_id_is_taken_once_across_sources_and_batches():
    engine = house()
    calls = [track("ana", "page", n) for n in range(5)]
    send(engine, calls[:3])
    send(engine, calls, Source("other"))
    assert engine.store.counts()["events"] == 5
    assert engine.store.counts()["duplicates"] == 3


def test_what_cannot_be_taken_is_kept_where_an_operator_sees_it():
    engine = house()
    engine.take([track("null", "page", 1), {"type": "track", "event": "x", "messageId": "n"}])
    codes = {refused.code for refused in engine.store.refused(10)}
    assert codes
    assert engine.store.counts()["refused"] == 2
    assert engine.store.counts().get("events", 0) == 0


def test_history_folds_but_opens_no_moment():
    engine = house()
    engine.add_play(THANKS)
    engine.take(welcome("ana"))
    send(engine, [track("ana", "Order Completed", 1)], Source("import", "server", history=True))
    assert all(r["type"] != "decision" for r in receipts(engine))


def test_a_play_on_a_schedule_finds_its_people_by_sql():
    clock = FakeClock(NOON_MS)
    engine = house(clock=clock)
    engine.take([*welcome("ana"), *welcome("bob")])
    engine.take([track("ana", "Order Completed", 1)])
    engine.add_play(
        THANKS.replace("moment: {event: Order Completed}", "moment: {every_hours: 24}")
        + "audience: {field: orders.count, at_least: 1}\n"
    )
    engine.tick()
    assert [a.moment.kind for a in engine.store.with_status("ready", 10)] == ["schedule"]
    engine.take([track("bob", "Order Completed", 1)])
    clock._now_ms += DAY_MS
    engine.tick()
    assert len(engine.store.with_status("ready", 10)) == 3


CALLS = [
    *welcome("ana"),
    *welcome("bob"),
    identify("ana", "a1"),
    {"type": "page", "anonymousId": "a1", "messageId": "p1"},
    {"type": "page", "anonymousId": "b1", "messageId": "p2"},
    identify("bob", "b1"),
    track("ana", "Order Completed", 1, revenue=10),
    track("ana", "Order Completed", 2, revenue=20),
    track("bob", "terms.withdrawn", 1, purpose="marketing", channel="*"),
    track("bob", "Order Completed", 1, revenue=30),
    granted("bob", 2),
    track("bob", "Order Completed", 2, revenue=40),
    identify("bob", "a1"),
]


@given(st.lists(st.integers(1, len(CALLS) - 1), max_size=6))
@settings(max_examples=30, deadline=None)
def test_how_batches_are_cut_changes_nothing(cuts):
    whole, pieces = house(), house()
    for engine in (whole, pieces):
        engine.add_play(THANKS)
    rows = [whole.intake.append([row_of(call)])[0] for call in CALLS]
    assert len(rows) == len(CALLS)
    whole.catch_up(1_000_000)
    places = sorted({0, *cuts, len(CALLS)})
    for start, stop in pairwise(places):
        pieces.intake.append([row_of(call) for call in CALLS[start:stop]])
        pieces.catch_up(1_000_000)
    assert head(whole) == head(pieces)
    assert whole.store.counts() == pieces.store.counts()
    people = whole.store.people_after(0, 100)
    assert whole.store.states(people) == pieces.store.states(people)


def row_of(call):
    from house import rows_of

    return rows_of([call])


def test_a_row_that_breaks_the_step_is_set_aside_and_the_others_are_walked():
    engine = house()
    good = [row_of(track("ana", "page", n)) for n in range(2)]
    broken = IntakeRow(0, "decide", SERVER, NOON_MS, b"\xc1 no MessagePack")
    ids = engine.intake.append([good[0], broken, good[1]])
    engine.catch_up()
    assert engine.store.counts()["events"] == 2
    assert engine.store.position().cursor == ids[-1]
    (refused,) = engine.store.refused(5)
    assert (refused.code, refused.item) == ("step_failed", broken.body)


def test_a_held_join_is_told_once_however_often_the_device_is_shared():
    engine = house()
    engine.take([identify("ana", "shared")])
    engine.take([identify("bob", "shared", n=n) for n in range(5)])
    assert len(engine.store.held_joins(100)) == 1
    assert engine.store.counts()["held_joins"] == 5


def test_a_receipt_says_which_data_was_used_and_how_it_came_to_be_known():
    engine = house()
    engine.add_play(
        THANKS
        + "audience: {all: [{field: traits.city, is: Sète}, {field: orders.count, at_least: 1}]}\n"
    )
    engine.take([*welcome("ana"), identify("ana", city="Sète"), track("ana", "Order Completed", 1)])
    assert last_decision(engine)["data_used"] == [
        {"field": "traits.city", "value": "Sète", "provenance": "stated"},
        {"field": "orders.count", "value": "1", "provenance": "observed"},
    ]


def test_an_order_with_its_lines_may_wait_and_leave_like_any_other(tmp_path):
    """Lists among an event's facts spoil neither the state that waits nor the action that leaves."""
    place = tmp_path / "shop.db"
    clock = FakeClock(NOON_MS + 10 * HOUR_MS)
    lines = [{"product_id": "p1", "price": 5}]
    with house(place, clock=clock) as engine:
        engine.add_play(THANKS)
        engine.take([*welcome("ana"), track("ana", "Order Completed", products=lines, revenue=5)])
        assert last_decision(engine)["outcome"] == "held"
    with house(place, clock=FakeClock(NOON_MS + 21 * HOUR_MS)) as engine:
        engine.tick()
        (due,) = engine.store.due(NOON_MS + DAY_MS, 5)
        assert due.moment.facts == {"revenue": 5}
        assert answer(engine, "attempt", Attempt(due.id))["action"]["moment"]["facts"] == {
            "revenue": 5
        }
