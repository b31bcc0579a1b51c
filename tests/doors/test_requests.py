"""What a channel may ask, and what a public key may not."""

from typing import Any

import msgspec
import pytest

from doors.asking import Client, basic
from equipoise.nouns.events import Handle
from equipoise.nouns.records import DecideRequest, PageRequest
from equipoise.ports import Overloaded


@pytest.fixture
def client() -> Client:
    return Client()


def test_a_request_to_decide_is_a_row_of_its_own_and_its_answer_is_the_step_s(
    client: Client,
) -> None:
    asked = {
        "moment": "home-hero",
        "userId": 7,
        "anonymousId": "a",
        "email": "a@b.fr",
        "facts": {"basket": 12.5, "new": True},
        "channel": "app",
    }
    client.desk.reply = b'{"outcome":"act"}'
    reply = client.post("/v1/decide", asked)
    assert (reply.status, reply.body) == (200, b'{"outcome":"act"}')
    (row,) = client.desk.rows
    assert (row.kind, row.source.name) == ("decide", "till")
    assert msgspec.msgpack.decode(row.body, type=DecideRequest) == DecideRequest(
        moment="home-hero",
        handles=(Handle("anonymous_id", "a"), Handle("user_id", "7"), Handle("email", "a@b.fr")),
        facts={"basket": 12.5, "new": True},
        channel="app",
    )


@pytest.mark.parametrize("named", ["userId", "email", "phone", "card", "device"])
def test_a_public_key_may_ask_only_for_its_anonymous_id(client: Client, named: str) -> None:
    asked = {"moment": "m", "anonymousId": "a"}
    assert client.post("/v1/decide", asked, key="public").status == 200
    reply = client.post("/v1/decide", asked | {named: "x"}, key="public")
    assert (reply.status, reply.json()["code"]) == (403, "source_not_trusted")
    assert len(client.desk.rows) == 1


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (b"{", "bad_json"),
        ({"anonymousId": "a"}, "bad_json"),
        ({"moment": "", "anonymousId": "a"}, "bad_json"),
        ({"moment": "m"}, "identity_missing"),
        ({"moment": "m", "anonymousId": " "}, "identity_missing"),
        ({"moment": "m", "anonymousId": "a", "facts": {"deep": {}}}, "bad_json"),
        ({"moment": "m", "anonymousId": "a", "facts": {"n": 2**63}}, "bad_json"),
    ],
)
def test_a_request_that_says_too_little_is_400(client: Client, asked: Any, code: str) -> None:
    reply = client.post("/v1/decide", asked)
    assert (reply.status, reply.json()["code"]) == (400, code)
    assert client.desk.rows == []


def test_a_key_in_the_body_will_do_for_a_decision(client: Client) -> None:
    asked = {"moment": "m", "anonymousId": "a", "writeKey": "public"}
    assert client.ask("POST", "/v1/decide", asked).status == 200
    assert client.ask("POST", "/v1/decide", asked | {"writeKey": "x"}).status == 401


def test_a_page_asks_for_what_waits(client: Client) -> None:
    client.desk.reply = b'{"shown":[]}'
    reply = client.ask("GET", "/v1/page?anonymousId=a%20b&writeKey=public")
    assert (reply.status, reply.body) == (200, b'{"shown":[]}')
    assert reply.headers["cache-control"] == "no-store"
    (row,) = client.desk.rows
    assert msgspec.msgpack.decode(row.body, type=PageRequest).handles == (("anonymous_id", "a b"),)


def test_a_public_key_sees_only_its_own_page(client: Client) -> None:
    reply = client.ask("GET", "/v1/page?userId=u&writeKey=public")
    assert (reply.status, reply.json()["code"]) == (403, "source_not_trusted")
    assert client.ask("GET", "/v1/page?userId=u", headers=basic("server")).status == 200
    assert client.ask("GET", "/v1/page", headers=basic("server")).status == 400


def test_a_full_intake_tells_who_asks_to_come_back(client: Client) -> None:
    client.desk.trouble = Overloaded(2)
    reply = client.post("/v1/decide", {"moment": "m", "anonymousId": "a"})
    assert (reply.status, reply.headers["retry-after"]) == (429, "2")
