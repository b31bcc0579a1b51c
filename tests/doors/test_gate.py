"""A key is let in for what its scopes allow and no faster than its pace; nothing of it is said back."""

import msgspec
import pytest

from doors.asking import Client, basic
from equipoise.doors.answers import Refusal
from equipoise.doors.gate import Gate
from equipoise.doors.pacing import NAMES_MOST, Pace
from equipoise.nouns.events import Source


class Clock:
    """Seconds that pass when they are told to."""

    now_s = 0.0

    def __call__(self):
        return self.now_s


class Key(msgspec.Struct, frozen=True):
    """A key with the scopes that are told."""

    name: str = "till"
    trust: str = "server"
    shown: str = "7f3k2m9a"
    scopes: tuple[str, ...] = ("read",)

    def may(self, scope):
        return scope in self.scopes


def test_a_key_is_admitted_for_its_scopes_only():
    gate = Gate({"k": Key()}.get)
    assert gate.admit("k", "read") == gate("k") == Source("till")
    with pytest.raises(Refusal) as refused:
        gate.admit("k", "decide")
    assert (refused.value.status, refused.value.trouble.code) == (403, "scope_missing")
    assert gate.admit("other", "read") is gate("other") is gate.admit("", "read") is None


def test_a_key_that_asks_too_fast_is_told_when_to_come_back():
    clock = Clock()
    gate = Gate({"k": Key(), "l": Key(shown="other")}.get, Pace(2.0, 4.0, clock))
    for _ in range(4):
        gate.admit("k", "read")
    with pytest.raises(Refusal) as refused:
        gate.admit("k", "read")
    assert (refused.value.status, refused.value.trouble.code) == (429, "too_fast")
    assert refused.value.headers == [(b"retry-after", b"1")]
    assert gate.admit("l", "read"), "another key has a pace of its own"
    clock.now_s += 0.5
    assert gate.admit("k", "read")


@pytest.mark.parametrize(
    ("path", "body", "scope"),
    [
        ("/v1/track", {"userId": "a", "event": "x"}, "events:write"),
        ("/v1/decide", {"moment": "m", "userId": "a"}, "decide"),
        ("/v1/page?userId=a", None, "read"),
        ("/pixel/v1/track?userId=a&event=x", None, "events:write"),
    ],
)
def test_every_verb_of_the_wire_asks_its_scope(path, body, scope):
    for scopes, status in (((scope,), 200), (("learn",), 403)):
        client = Client(sources=Gate({"k": Key(scopes=scopes)}.get))
        reply = client.ask(
            "GET" if body is None else "POST", path, msgspec.json.encode(body), basic("k")
        )
        assert reply.status == status
        assert len(client.desk.rows) == (status == 200)


def test_the_wire_says_429_to_a_key_that_asks_too_fast():
    client = Client(sources=Gate({"k": Key(scopes=("decide",))}.get, Pace(1.0, 1.0, Clock())))
    body = msgspec.json.encode({"moment": "m", "userId": "a"})
    replies = [client.ask("POST", "/v1/decide", body, basic("k")) for _ in range(2)]
    assert [reply.status for reply in replies] == [200, 429]
    assert replies[1].headers["retry-after"] == "1"


def test_plain_sources_may_what_their_trust_allows():
    gate = Gate.of({"s": Source("till"), "p": Source("site", "public")}.get)
    assert gate.admit("s", "learn") == Source("till")
    assert gate.asking("read")("p") == Source("site", "public")
    with pytest.raises(Refusal):
        gate.asking("learn")("p")


def test_strangers_do_not_fill_the_memory():
    pace = Pace(1.0, 1.0, Clock())
    for number in range(NAMES_MOST + 5):
        pace.wait_s(str(number))
    assert len(pace._buckets) == NAMES_MOST
