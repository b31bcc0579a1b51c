"""One person's step is a value: it needs no store, repeats to the byte, and is what the house does."""

import subprocess
import sys

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.act.outbox import Retries
from equipoise.decide.choosers import find_choosers
from equipoise.decide.deciding import Deciders
from equipoise.decide.guards import find_guards
from equipoise.engine import Engine
from equipoise.nouns.events import Event, Handle
from equipoise.nouns.records import Attempt, DecideRequest, Delivery, HumanAnswer, Occasion
from equipoise.nouns.rules import Rules
from equipoise.nouns.sheet import PLACES
from equipoise.nouns.state import AtomState, PersonState
from equipoise.plays.playbook import Playbook
from equipoise.plays.reading import read_play
from equipoise.remember.folding import Folds
from equipoise.stepping import Numbered, step
from house import (
    DAY_MS,
    HERO,
    HOUR_MS,
    MINUTE_MS,
    NOON_MS,
    THANKS,
    house,
    identify,
    receipts,
    track,
)

ATOM = PLACES
ANA = msgspec.msgpack.encode(
    PersonState(
        [
            AtomState(
                id=ATOM,
                handles=[Handle("user_id", "ana"), Handle("email", "ana@example.org")],
                known=True,
            )
        ]
    )
)
NIGHT_MS = NOON_MS + 10 * HOUR_MS


def engine(*plays, **rules):
    """The pure engine alone: no store, no clock, no key file."""
    made = Engine(
        Rules(**rules),
        Folds(),
        Deciders.of(find_guards(), find_choosers()),
        b"seed",
        Retries(),
    )
    made.playbook = Playbook.of(read_play(text) for text in plays)
    return made


def event(n, kind, at_ms=NOON_MS, **facts):
    return Event(
        id=f"e{n}",
        kind=kind,
        channel="web",
        source="server",
        at_ms=at_ms,
        received_ms=at_ms,
        handles=(Handle("user_id", "ana"),),
        facts=facts,
    )


def numbered(records, now_ms=NOON_MS, start=2):
    return [
        Numbered(seq=PLACES * n, now_ms=now_ms, atom=ATOM, record=record)
        for n, record in enumerate(records, start)
    ]


GRANT = event(1, "terms.granted", purpose="marketing", channel="*")
ORDER = event(2, "Order Completed", revenue=30)
MENU = [
    GRANT,
    ORDER,
    event(3, "terms.withdrawn", purpose="marketing", channel="email"),
    event(4, "page"),
    DecideRequest(moment="home-hero", handles=(Handle("user_id", "ana"),)),
    Occasion(play="thanks", person=ATOM),
    Attempt(3 * PLACES + 1),
    Delivery(action=3 * PLACES + 1, result="failed", detail="550"),
]


def outputs(stepped):
    """Everything that comes out, as bytes."""
    return msgspec.msgpack.encode(stepped)


@given(st.lists(st.sampled_from(MENU), max_size=12))
@settings(max_examples=60, deadline=None)
def test_the_same_arguments_give_the_same_bytes(records):
    first = step(engine(THANKS, HERO), ANA, numbered(records))
    again = step(engine(THANKS, HERO), ANA, numbered(records))
    assert outputs(first) == outputs(again)


@given(st.lists(st.sampled_from(MENU), max_size=12), st.integers(0, 12))
@settings(max_examples=60, deadline=None)
def test_two_steps_over_the_stored_state_are_one_step(records, cut):
    whole = step(engine(THANKS, HERO), ANA, numbered(records))
    first = step(engine(THANKS, HERO), ANA, numbered(records)[:cut])
    second = step(
        engine(THANKS, HERO),
        first.state,
        numbered(records)[cut:],
        first.sheet.spent,
        first.sheet.actions,
    )
    assert second.state == whole.state
    assert first.sheet.drafts + second.sheet.drafts == whole.sheet.drafts
    assert first.sheet.decisions + second.sheet.decisions == whole.sheet.decisions
    assert first.sheet.actions | second.sheet.actions == whole.sheet.actions


def test_it_is_what_the_embedded_house_commits():
    """State, receipts and actions of a person walked by the house, from the same numbers."""
    whole = house()
    whole.add_play(THANKS)
    whole.take([identify("ana", email="ana@example.org")])
    (person,) = whole.store.people_after(0, 10)
    before, seq = whole.store.states([person])[person], whole.store.position().seq
    whole.take(
        [
            track("ana", "terms.granted", 1, purpose="marketing", channel="*"),
            track("ana", "Order Completed", 1, revenue=30),
            track("ana", "Order Completed", 2, revenue=20),
        ]
    )
    rows = whole.store.log([seq + PLACES * n for n in (1, 2, 3)])
    alone = step(
        whole.walker.engine,
        before,
        [
            Numbered(
                seq=row.seq,
                now_ms=NOON_MS,
                atom=row.atom,
                record=msgspec.msgpack.decode(row.body, type=Event),
            )
            for row in rows.values()
        ],
    )
    assert len(rows) == 3
    assert alone.state == whole.store.states([person])[person]
    assert [msgspec.json.decode(draft.body) for draft in alone.sheet.drafts] == receipts(whole)
    (action,) = whole.store.with_status("ready", 10)
    assert alone.sheet.actions == {action.id: action}


def test_neither_a_store_nor_a_network_nor_a_clock_is_loaded_for_it():
    """What another runner has to carry to its workers is this module and what it imports."""
    script = "import sys, equipoise.stepping; print(*sys.modules)"
    run = subprocess.run(
        [sys.executable, "-I", "-c", script], check=True, capture_output=True, text=True
    )
    modules = set(run.stdout.split())
    strange = {"apsw", "sqlite3", "asyncio", "uvicorn", "aiohttp", "equipoise.settings"}
    assert modules & strange == set()
    rooms = {name.split(".")[1] for name in modules if name.startswith("equipoise.")}
    assert rooms & {"stores", "senders", "doors", "runners", "compose"} == set()


def test_a_held_moment_rings_again_from_the_timer_on_the_sheet():
    late = numbered([GRANT, ORDER], NIGHT_MS)
    night = step(engine(THANKS), ANA, late)
    (timer,) = night.sheet.timers_set
    morning = step(engine(THANKS), night.state, numbered([timer], timer.due_ms, start=9))
    assert [decision.outcome for decision in night.sheet.decisions] == ["held"]
    assert [decision.outcome for decision in morning.sheet.decisions] == ["act"]
    assert morning.sheet.timers_cleared == [timer]


def test_an_action_handed_in_gets_its_last_look_and_its_report():
    mailed = step(engine(THANKS), ANA, numbered([GRANT, ORDER]))
    (action,) = mailed.sheet.actions.values()
    carried = step(
        engine(THANKS),
        mailed.state,
        numbered([Attempt(action.id), Delivery(action=action.id, result="sent")], start=9),
        actions=mailed.sheet.actions,
    )
    assert carried.sheet.actions[action.id].status == "sent"


def test_an_action_that_is_over_is_left_alone():
    said = HumanAnswer(action=999, answer="approve", by="Zoé")
    over = step(engine(THANKS), ANA, numbered([Attempt(999), said]))
    assert over.state == ANA
    assert over.sheet.actions == {}


def test_a_human_answers_what_waited_for_them():
    play = THANKS.replace("share: 1,", "share: 1, review: true,")
    asked = step(engine(play), ANA, numbered([GRANT, ORDER]))
    (action,) = asked.sheet.actions.values()
    said = HumanAnswer(action=action.id, answer="approve", by="Zoé")
    approved = step(
        engine(play), asked.state, numbered([said], start=9), actions={action.id: action}
    )
    assert (action.status, approved.sheet.actions[action.id].status) == ("review", "ready")


def test_a_person_sees_only_what_of_a_shared_stock_was_granted_to_their_step():
    play = THANKS.replace("share: 1,", "share: 1, stock: 7,")
    records = numbered([GRANT, ORDER])
    free = step(engine(play), ANA, records)
    gone = step(engine(play), ANA, records, {"stock:thanks/mail": 7})
    assert free.sheet.decisions[0].outcome == "act"
    assert free.sheet.spent["stock:thanks/mail"] == 1
    assert gone.sheet.decisions[0].reason == "out_of_stock"


def test_a_record_of_somebody_else_is_refused_with_what_to_do():
    stranger = Numbered(seq=160, now_ms=NOON_MS, atom=999, record=ORDER)
    with pytest.raises(LookupError, match=r"needs atom 999, but person 16 has \[16\]"):
        step(engine(THANKS), ANA, [stranger])


def test_a_day_of_silences_is_closed_by_its_timer():
    silent = step(engine(THANKS), ANA, numbered([ORDER, event(9, "Order Completed")]))
    (timer,) = silent.sheet.timers_set
    closed = step(engine(THANKS), silent.state, numbered([timer], NOON_MS + DAY_MS, start=9))
    body = msgspec.json.decode(closed.sheet.drafts[-1].body)
    assert (body["type"], body["n"]) == ("silences", 2)
    assert timer.due_ms > NOON_MS + MINUTE_MS


def crowd(kinds):
    """Ten plays for each kind of event, none of which may do anything without consent."""
    return [
        THANKS.replace("name: thanks", f"name: {kind}{n}").replace("Order Completed", kind)
        for kind in kinds
        for n in range(10)
    ]


def silences(stepped):
    bodies = [msgspec.json.decode(draft.body) for draft in stepped.sheet.drafts]
    return {body["play"]: body["n"] for body in bodies if body["type"] == "silences"}


def test_more_silences_than_one_record_has_numbers_are_closed_by_the_next_ring():
    house_of = engine(*crowd("ab"))
    kinds = [event(n, kind) for n, kind in enumerate("abab")]
    silent = step(house_of, ANA, numbered(kinds))
    timer = silent.sheet.timers_set[0]
    first = step(house_of, silent.state, numbered([timer], NOON_MS + DAY_MS, start=9))
    (again,) = first.sheet.timers_set
    assert again not in first.sheet.timers_cleared
    second = step(house_of, first.state, numbered([again], again.due_ms, start=10))
    assert silences(first) | silences(second) == {f"{k}{n}": 2 for k in "ab" for n in range(10)}
    assert second.sheet.timers_set == []


def test_a_silence_of_the_next_day_keeps_the_count_of_the_day_before_and_crowds_nobody_out():
    house_of = engine(*crowd("ab"))
    kinds = [event(n, kind) for n, kind in enumerate("abab")]
    silent = step(house_of, ANA, numbered(kinds))
    tomorrow = numbered([event(9, "a")], NOON_MS + DAY_MS, start=9)
    woken = step(house_of, silent.state, tomorrow)
    opened = [decision.play for decision in woken.sheet.decisions]
    assert len(opened) >= 7, "closing the silences of others took no number away from its moments"
    timer = silent.sheet.timers_set[0]
    rung = step(house_of, woken.state, numbered([timer], NOON_MS + DAY_MS, start=10))
    more = rung.sheet.timers_set
    rest = step(house_of, rung.state, numbered(more, NOON_MS + DAY_MS + 1, start=11))
    closed = silences(woken) | silences(rung) | silences(rest)
    assert {play: n for play, n in closed.items() if play.startswith("b")} == {
        f"b{n}": 2 for n in range(10)
    }
    assert all(closed[f"a{n}"] in (2, 3) for n in range(10)), "no count of a day is lost"
