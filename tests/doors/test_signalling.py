"""The header `ADPC` is heard on any request, holds for that very request, and is heard once an hour."""

import asyncio

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry
from starlette.applications import Starlette
from starlette.testclient import TestClient

from doors.asking import Desk, basic
from doors.test_negotiating import Room
from equipoise.arrive.segment import Limits
from equipoise.arrive.signals import Meaning, Notice
from equipoise.doors.gate import Gate
from equipoise.doors.http import wire_app
from equipoise.doors.pacing import Pace
from equipoise.doors.signalling import AGAIN_MS, SAID_MOST, Listening
from equipoise.doors.terms_door import TermsDoor
from equipoise.doors.wellknown import Published
from equipoise.nouns.agreements import Policy
from equipoise.nouns.events import Event, Handle, Source
from equipoise.ports import Overloaded
from equipoise.runners.inline import InlineDesk
from equipoise.testing.fakes import FakeClock
from house import NOON_MS, THANKS, house, receipts, welcome

KEYS = {"s": Source("till"), "p": Source("site", "public")}
NOTICES = {"news": Notice("newsletter", {"en": "We write monthly.", "fr": "Chaque mois."})}
SERVER, PUBLIC = basic("s"), basic("p")
OBJECT = {"ADPC": "object=direct-marketing"}


class Reader(msgspec.Struct, frozen=True):
    """A key that may ask and not send."""

    name: str = "shelf"
    trust: str = "server"
    shown: str = "reader"

    def may(self, scope):
        return scope in ("decide", "read")


class Front:
    """The wire with the ear in front of it, over a desk that keeps rows."""

    def __init__(self, desk=None, gate=None):
        self.clock = FakeClock(NOON_MS)
        self.desk = desk or Desk()
        gate = gate or Gate.of(KEYS.get)
        door = TermsDoor(
            store=None,
            desk=self.desk,
            clock=self.clock,
            sources=gate.asking("events:write"),
            published=Published(policy=Policy(), since=None),
            meaning=Meaning(notices=NOTICES),
            sign=bytes,
            proof=lambda _: None,
        )
        wire = wire_app(self.desk, gate, Limits(), self.clock, CollectorRegistry(), Starlette())
        self.client = TestClient(Listening(door, gate, Limits(), wire))

    def heard(self):
        rows = [row for row in self.desk.rows if row.kind == "events"]
        return [
            event for row in rows for event in msgspec.msgpack.decode(row.body, type=list[Event])
        ]

    def purposes(self):
        return [(event.kind, event.facts["purpose"]) for event in self.heard()]


REQUESTS = {
    "/v1/track": {"json": {"anonymousId": "a1", "event": "x"}},
    "/v1/batch": {"json": {"batch": [{"type": "page", "anonymousId": "a1"}] * 2}},
    "/v1/decide": {"json": {"moment": "m", "anonymousId": "a1"}},
}


@pytest.mark.parametrize(
    "path", [*REQUESTS, "/v1/page?anonymousId=a1", "/pixel/v1/page?anonymousId=a1"]
)
def test_every_request_that_says_who_is_there_is_heard_before_it_is_taken(path):
    front = Front()
    ask = front.client.post if path in REQUESTS else front.client.get
    answer = ask(path, headers=PUBLIC | OBJECT, **REQUESTS.get(path, {}))
    assert answer.status_code == 200
    kinds = [row.kind for row in front.desk.rows]
    assert (kinds[0], len(kinds)) == ("events", 2), "and the request itself is taken as ever"
    assert front.purposes() == [("terms.objected", "marketing")]
    (event,) = front.heard()
    assert (event.handles, event.trust) == ((Handle("anonymous_id", "a1"),), "public")


def test_a_request_without_the_header_is_nothing_but_itself():
    front = Front()
    assert (
        front.client.post("/v1/track", headers=PUBLIC, **REQUESTS["/v1/track"]).status_code == 200
    )
    assert [row.kind for row in front.desk.rows] == ["segment"]


def test_the_same_words_are_heard_once_an_hour_and_other_words_at_once():
    front = Front()

    def say(said, who="a1"):
        body = {"json": {"anonymousId": who, "event": "x"}}
        front.client.post("/v1/track", headers=PUBLIC | {"ADPC": said}, **body)
        return len(front.heard())

    assert [say("withdraw=*"), say("withdraw=*"), say("withdraw=*", "a2")] == [1, 1, 2]
    assert say("withdraw=news") == 3
    asyncio.run(front.clock.advance(AGAIN_MS))
    assert say("withdraw=*") == 4


def test_a_statement_that_could_not_be_kept_is_heard_when_it_comes_again():
    front = Front()
    front.desk.trouble = Overloaded(3)
    full = front.client.post("/v1/track", headers=PUBLIC | OBJECT, **REQUESTS["/v1/track"])
    assert (full.status_code, full.headers["retry-after"]) == (429, "3")
    front.desk.trouble = None
    front.client.post("/v1/track", headers=PUBLIC | OBJECT, **REQUESTS["/v1/track"])
    assert len(front.heard()) == 1


def test_consent_speaks_for_one_person_in_their_language_and_denials_for_all():
    front = Front()
    both = {"batch": [{"type": "page", "userId": name} for name in ("ana", "bob")]}
    said = SERVER | {"ADPC": "consent=news, object=direct-marketing", "Accept-Language": "fr-FR,en"}
    front.client.post("/v1/batch", json=both, headers=said)
    assert front.purposes() == [("terms.objected", "marketing")] * 2
    front.client.post("/v1/page", json={"userId": "eve"}, headers=said)
    granted = next(event for event in front.heard() if event.kind == "terms.granted")
    assert (granted.facts["notice"]["text"], granted.handles) == (
        "Chaque mois.",
        (Handle("user_id", "eve"),),
    )


def test_a_key_that_may_not_send_can_say_no_for_somebody_and_not_yes():
    front = Front(gate=Gate({"r": Reader()}.get))
    said = basic("r") | {"ADPC": "consent=news, object=direct-marketing"}
    assert front.client.get("/v1/page?userId=ana", headers=said).status_code == 200
    assert front.purposes() == [("terms.objected", "marketing")]


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        (basic("unknown"), b'{"anonymousId":"a1","event":"x"}', 401),
        (PUBLIC, b"{", 400),
        (PUBLIC, b"\x1f\x8b broken", 400),
        (PUBLIC, b'{"event":"x"}', 200),
        (PUBLIC, b" " * 5_000_000, 400),
    ],
)
def test_what_cannot_be_read_is_left_to_the_door_that_says_why(headers, body, status):
    front = Front()
    answer = front.client.post("/v1/track", content=body, headers=headers | OBJECT)
    assert answer.status_code == status
    assert not front.heard()


@given(said=st.binary(max_size=300), body=st.binary(max_size=300))
def test_no_header_and_no_body_breaks_the_door(said, body):
    front = Front()
    headers = {key.encode(): value.encode() for key, value in PUBLIC.items()} | {b"ADPC": said}
    answer = front.client.post("/v1/track", content=body, headers=headers)
    assert answer.status_code in (200, 400)


def test_strangers_do_not_fill_the_memory():
    listening = Listening(None, None, Limits(), Starlette())
    for number in range(SAID_MOST + 5):
        listening._remember(((Handle("anonymous_id", str(number)),), "object=*"), number)
    assert len(listening._said_ms) == SAID_MOST


def test_a_denial_holds_for_the_very_decision_that_it_comes_with():
    clock = FakeClock(NOON_MS)
    engine = house(clock=clock)
    engine.add_play(THANKS)
    engine.take(welcome("ana"))
    front = Front(InlineDesk(engine, clock))
    body = {"type": "track", "userId": "ana", "event": "Order Completed", "messageId": "o1"}
    said = SERVER | {"ADPC": "object=direct-marketing"}
    assert front.client.post("/v1/track", json=body, headers=said).status_code == 200
    assert engine.store.counts()["silence:withdrawn"] == 1
    assert [one["kind"] for one in receipts(engine) if one["type"] == "terms"][
        -1
    ] == "terms.objected"


def test_an_address_without_a_key_has_a_pace():
    room = Room(pace=Pace(1.0, 2.0, lambda: 0.0))
    answers = [
        room.client.post("/v1/terms/signals", json={"anonymousId": "a1", "gpc": True})
        for _ in range(3)
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert (answers[-1].json()["code"], answers[-1].headers["retry-after"]) == ("too_fast", "1")
    keyed = {"userId": "ana", "gpc": True}
    assert room.client.post("/v1/terms/signals?writeKey=s", json=keyed).status_code == 200
