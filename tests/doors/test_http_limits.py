"""How large an event, a request and a batch may be, as sent and as inflated."""

import gzip
import json

import pytest

from doors.asking import Client, basic
from equipoise.arrive.segment import Limits
from equipoise.nouns.events import Event, Refused

OK = {"success": True}
BATCH = {"batch": [{"type": "track", "userId": "u1", "event": "Seen"}]}


@pytest.fixture
def client() -> Client:
    return Client()


SMALL = Limits(event_bytes=300, request_bytes=1000, batch_events=3, rudder_bytes=5000)


def of_size(n_bytes: int) -> dict[str, object]:
    """A call of exactly so many bytes as compact JSON."""
    item = {"type": "track", "userId": "u", "event": "E", "properties": {"x": ""}}
    item["properties"] = {"x": "y" * (n_bytes - len(json.dumps(item, separators=(",", ":"))))}
    return item


def compact(items: list[dict[str, object]]) -> bytes:
    return json.dumps({"batch": items}, separators=(",", ":")).encode()


def test_an_event_may_have_its_limit_and_not_a_byte_more() -> None:
    client = Client(SMALL)
    assert client.post("/v1/batch", compact([of_size(300)])).json() == OK
    reply = client.post("/v1/batch", compact([of_size(301), of_size(100)]))
    assert [r["code"] for r in reply.json()["rejected"]] == ["event_too_large"]
    assert [type(item) for item in client.desk.parsed()] == [Event, Refused, Event]
    one = client.post("/v1/track", compact([of_size(301)])[len('{"batch":[') : -2])
    assert [r["code"] for r in one.json()["rejected"]] == ["event_too_large"]


@pytest.mark.parametrize("squeeze", [bytes, gzip.compress])
@pytest.mark.parametrize(("key", "status", "most"), [("server", 400, 1000), ("rudder", 413, 5000)])
def test_a_request_past_its_limit_is_refused_in_json(
    squeeze, key: str, status: int, most: int
) -> None:
    client = Client(SMALL)
    for n_bytes, expected in ((most, 200), (most + 1, status)):
        raw = compact([of_size(n_bytes - len('{"batch":[]}'))])
        reply = client.post("/v1/batch", squeeze(raw), key=key)
        assert (len(raw), reply.status) == (n_bytes, expected)
    assert reply.json()["code"] == "too_large"


def test_the_limit_holds_for_a_key_in_the_body_too() -> None:
    client = Client(SMALL)
    raw = compact([of_size(2000)])[:-1] + b',"writeKey":"server"}'
    assert client.ask("POST", "/v1/batch", raw).status == 400
    assert client.ask("POST", "/v1/batch", raw.replace(b"server", b"rudder")).status == 200


def test_a_batch_may_have_its_number_of_events_and_not_one_more() -> None:
    client = Client(SMALL)
    assert client.post("/v1/batch", compact([of_size(90)] * 3)).status == 200
    reply = client.post("/v1/batch", compact([of_size(90)] * 4))
    assert (reply.status, reply.json()["code"]) == (400, "too_many_events")


def test_a_body_that_says_it_is_too_large_is_not_read() -> None:
    client = Client(SMALL)
    reply = client.ask("POST", "/v1/batch", b"{", basic("server") | {"content-length": "1001"})
    assert reply.json()["code"] == "too_large"


@pytest.mark.parametrize(
    "body", [gzip.compress(b'{"batch":[]}')[:-9], b"\x1f\x8bnothing"], ids=["cut", "not at all"]
)
def test_a_body_that_is_not_really_gzip_is_400(client: Client, body: bytes) -> None:
    reply = client.post("/v1/batch", body, content_encoding="gzip")
    assert (reply.status, reply.json()["code"]) == (400, "bad_gzip")


def test_another_compression_is_400(client: Client) -> None:
    assert (
        client.post("/v1/batch", BATCH, content_encoding="br").json()["code"] == "encoding_unknown"
    )
