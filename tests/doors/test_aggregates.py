"""A server key with the scope asks about many people at the door; nobody else does."""

import msgspec
import pytest

from doors.asking import SOURCES, Client, basic
from equipoise.doors.aggregates import (
    AggregateBody,
    AggregateCell,
    AggregateReply,
    aggregates_app,
)
from equipoise.doors.answers import Refusal
from equipoise.ports import Overloaded

REPLY = AggregateReply(
    receipt="f_17", recipient="till", purpose="analytics", measure="count", day="2026-11-21",
    epsilon=0.1, mechanism="discrete Laplace", left=2.9, least_group=30,
    cells=(AggregateCell("north", 120, None, 30, None), AggregateCell("port", *[None] * 4)),
)  # fmt: skip
PATH = "/v1/aggregates"


class Recipient(Client):
    """Asks a wire with the door for aggregates in front, which notes what it is asked."""

    def __init__(self):
        super().__init__()
        self.asked = []
        self.trouble = None
        self.app = aggregates_app(self._answer, SOURCES.get, self.app)

    async def _answer(self, source, body):
        self.asked.append((source.name, body))
        if self.trouble is not None:
            raise self.trouble
        return REPLY


def test_a_question_is_answered_with_its_figures_and_what_is_left():
    client = Recipient()
    reply = client.ask("POST", PATH, b'{"purpose":"analytics","keys":["b","a"]}', basic("server"))
    assert (reply.status, reply.headers["cache-control"]) == (200, "no-store")
    assert msgspec.json.decode(reply.body, type=AggregateReply) == REPLY
    assert client.asked == [("till", AggregateBody(purpose="analytics", keys=("b", "a")))]


@pytest.mark.parametrize(
    ("method", "headers", "body", "status", "code"),
    [
        ("POST", {}, b"{}", 401, "unknown_key"),
        ("POST", basic("strange"), b"{}", 401, "unknown_key"),
        ("POST", basic("public"), b"{}", 403, "source_not_trusted"),
        ("GET", basic("server"), b"", 405, "method_not_allowed"),
        ("POST", basic("server"), b"[", 400, "bad_json"),
        ("POST", basic("server"), b"{}", 400, "bad_json"),
        ("POST", basic("server"), b'{"purpose":"a","epsilon":0}', 400, "bad_json"),
        ("POST", basic("server"), b'{"purpose":"a","measure":"median"}', 400, "bad_json"),
        ("POST", basic("server"), b'{"purpose":"a","lower":1e999}', 400, "bad_json"),
        ("POST", basic("server"), b'{"purpose":"a","were":{}}', 400, "bad_json"),
        ("POST", basic("server"), b"[" * 70_000, 413, "too_large"),
    ],
)
def test_what_is_no_question_of_a_server_key_is_not_asked(method, headers, body, status, code):
    client = Recipient()
    reply = client.ask(method, PATH, body, headers)
    assert (reply.status, reply.json()["code"]) == (status, code)
    assert client.asked == []


@pytest.mark.parametrize(
    ("trouble", "status"), [(Overloaded(7), 429), (Refusal(403, "aggregate_budget", "no"), 403)]
)
def test_what_stands_in_the_way_is_told(trouble, status):
    client = Recipient()
    client.trouble = trouble
    reply = client.ask("POST", PATH, b'{"purpose":"a"}', basic("server"))
    assert (reply.status, reply.json()["message"]) == (status, str(trouble))


def test_every_other_path_is_handed_on():
    client = Recipient()
    assert client.ask("GET", "/health").json() == {"status": "ok"}
    assert client.asked == []
