"""A person and the house come to terms in log order: negotiations and Sec-GPC, each with its receipt."""

import asyncio

import msgspec
import pytest

from equipoise.arrive.segment import Envelope, wrap
from equipoise.nouns.agreements import CROSS_SITE, THIRD_PARTY, Negotiate
from equipoise.nouns.events import Handle
from equipoise.nouns.records import DecideRequest, PageRequest
from equipoise.nouns.state import PersonState
from equipoise.testing.fakes import FakeClock
from house import (
    HERO,
    NOON_MS,
    PUBLIC,
    SERVER,
    THANKS,
    house,
    identify,
    receipts,
    send,
    track,
    welcome,
)

ANA = Handle("user_id", "ana")


def state_of(engine, handle=ANA) -> PersonState:
    person = engine.store.atoms_of([handle])[handle].person
    return msgspec.msgpack.decode(engine.store.states([person])[person], type=PersonState)


def ask(engine, row_kind, noun, source=SERVER):
    engine.put(row_kind, msgspec.msgpack.encode(noun), source)


def browse(engine, *, gpc: bool, n: int = 1, user: str = "ana"):
    body = msgspec.json.encode({"batch": [track(user, "Seen", n)]})
    engine.put("segment", wrap(Envelope("batch", body, gpc=gpc)), SERVER)


def signals(engine):
    return [r for r in receipts(engine) if r.get("kind") == "terms.signal"]


def test_gpc_is_heard_once_and_has_one_receipt():
    engine = house()
    for n in range(3):
        browse(engine, gpc=True, n=n)
    (receipt,) = signals(engine)
    assert receipt["said"] == {"signal": "gpc", "method": "Sec-GPC"}
    bars = state_of(engine).atoms[0].terms.signals["gpc"].bars
    assert bars == THIRD_PARTY | CROSS_SITE


def test_without_the_header_nothing_is_barred():
    engine = house()
    browse(engine, gpc=False)
    assert state_of(engine).atoms[0].terms.signals == {}


@pytest.mark.parametrize(
    ("kind", "noun"),
    [
        ("page", PageRequest(handles=(ANA,), gpc=True)),
        ("decide", DecideRequest(moment="home-hero", handles=(ANA,), gpc=True)),
    ],
)
def test_gpc_counts_on_what_a_page_asks_as_well(kind, noun):
    engine = house()
    engine.add_play(HERO)
    engine.take(welcome("ana"))
    ask(engine, kind, noun)
    assert len(signals(engine)) == 1


def test_a_house_may_read_more_into_gpc_and_it_holds_at_the_next_decision():
    engine = house(**{"terms.gpc": "marketing"})
    engine.add_play(THANKS)
    engine.take(welcome("ana"))
    browse(engine, gpc=True)
    engine.take([track("ana", "Order Completed", 1)])
    assert engine.store.counts()["silence:withdrawn"] == 1


def test_a_server_lifts_a_signal_for_the_person_and_the_next_one_bars_again():
    clock = FakeClock(NOON_MS)
    engine = house(clock=clock)
    engine.take(welcome("ana"))
    browse(engine, gpc=True)
    asyncio.run(clock.advance(1000))
    engine.take([track("ana", "terms.signal", 1, signal="gpc", bars=[])])
    assert state_of(engine).atoms[0].terms.signals["gpc"].bars == 0
    asyncio.run(clock.advance(1000))
    browse(engine, gpc=True, n=2)
    assert state_of(engine).atoms[0].terms.signals["gpc"].bars == THIRD_PARTY | CROSS_SITE


def test_a_browser_lifts_no_signal_of_a_known_person():
    engine = house()
    engine.take([identify("ana", "a1", email="ana@example.org")])
    browse(engine, gpc=True)
    lift = {
        "type": "track",
        "anonymousId": "a1",
        "event": "terms.signal",
        "messageId": "m1",
        "properties": {"signal": "gpc", "bars": []},
    }
    send(engine, [lift], source=PUBLIC)
    atoms = state_of(engine).atoms
    assert any(atom.terms.signals["gpc"].bars for atom in atoms if "gpc" in atom.terms.signals)
    assert [item.code for item in engine.store.refused(5)] == ["public_cannot_grant"]


def test_an_agreement_without_profiling_ends_the_profile_at_once():
    engine = house()
    engine.take(welcome("ana"))
    browse(engine, gpc=False, n=1)
    before = state_of(engine).atoms[0].profile.tallies["Seen"].n
    said = Negotiate(does="proffer", handles=(ANA,), agreement="SD-BASE", nonce="n")
    ask(engine, "agreement", said)
    browse(engine, gpc=False, n=2)
    assert state_of(engine).atoms[0].profile.tallies["Seen"].n == before


def test_a_turn_that_cannot_be_leaves_no_receipt_and_no_person_without_handles():
    engine = house()
    ask(engine, "agreement", Negotiate(does="proffer", handles=(), agreement="SD-BASE"))
    ask(engine, "agreement", Negotiate(does="accept", handles=(ANA,), id="n_1"))
    assert receipts(engine) == []
