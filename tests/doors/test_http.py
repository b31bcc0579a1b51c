"""The wire, point by point: paths, keys, answers, limits, and what a public key may say."""

import base64
import gzip
import json

import pytest
import structlog

from doors.asking import NOW_MS, Client, basic, query
from equipoise.nouns.events import Event, Refused
from equipoise.ports import Overloaded

TRACK = {"userId": "u1", "event": "Seen", "messageId": "m1"}
BATCH = {"batch": [{"type": "track", **TRACK}]}
OK = {"success": True}


@pytest.fixture
def client() -> Client:
    return Client()


CALLS = ("track", "identify", "page", "screen", "group", "alias")


@pytest.mark.parametrize("prefix", ["/v1", ""])
@pytest.mark.parametrize("call", CALLS)
def test_every_call_has_a_path_and_a_letter(client: Client, prefix: str, call: str) -> None:
    for path in (f"{prefix}/{call}", f"{prefix}/{call[0]}", f"{prefix}/{call}/"):
        reply = client.post(path, TRACK)
        assert (reply.status, reply.json()) == (200, OK)
    kinds = {event.kind for event in client.desk.events()}
    assert kinds == {"Seen" if call == "track" else call}


@pytest.mark.parametrize(
    "path", ["/v1/batch", "/v1/b", "/v1/batch/b", "/batch", "/b", "/batch/b", "/v1/import"]
)
def test_a_batch_is_taken_at_every_spelling_of_its_path(client: Client, path: str) -> None:
    assert client.post(path, BATCH).json() == OK
    (event,) = client.desk.events()
    assert (event.id, event.received_ms, event.source) == ("m1", NOW_MS, "till")
    assert event.history == (path == "/v1/import")


def test_a_beacon_brings_its_key_in_the_query(client: Client) -> None:
    assert client.ask("POST", "/beacon/v1/batch?writeKey=server", BATCH).status == 200
    assert len(client.desk.events()) == 1


def test_a_merge_call_names_the_handles_that_are_one_person(client: Client) -> None:
    pairs = [{"type": "email", "value": "a@b.fr"}, {"type": "mobile", "value": "+33612345678"}]
    assert client.post("/v1/merge", {"mergeProperties": pairs}).status == 200
    (event,) = client.desk.events()
    assert dict(event.handles) == {"email": "a@b.fr", "phone": "+33612345678"}


@pytest.mark.parametrize("call", ["track", "page"])
def test_a_pixel_brings_one_call_and_is_answered_with_an_image(client: Client, call: str) -> None:
    asked = query(
        writeKey="public", anonymousId="a1", event="Opened", name="Home", properties__mail="m 7"
    )
    reply = client.ask("GET", f"/pixel/v1/{call}{asked}", headers={"user-agent": "Mail/1"})
    assert (reply.status, reply.headers["content-type"]) == (200, "image/gif")
    assert reply.body.startswith(b"GIF89a")
    (event,) = client.desk.events()
    assert event.kind == ("Opened" if call == "track" else "page")
    assert event.facts["mail"] == "m 7"
    assert event.context["user_agent"] == "Mail/1"


def test_a_pixel_may_carry_its_call_as_base64(client: Client) -> None:
    item = {"writeKey": "server", **TRACK}
    data = base64.urlsafe_b64encode(json.dumps(item).encode()).decode().rstrip("=")
    assert client.ask("GET", f"/pixel/v1/track?writeKey=server&data={data}").status == 200
    assert client.desk.events()[0].id == "m1"


@pytest.mark.parametrize(
    "path", ["/v1/projects/public/settings", "/v1/projects/projects/public/settings"]
)
def test_a_browser_is_told_to_send_to_the_host_it_asked(client: Client, path: str) -> None:
    reply = client.ask("GET", path, headers={"host": "shop.example:8080", "origin": "https://x"})
    segment = reply.json()["integrations"]["Segment.io"]
    assert (segment["apiKey"], segment["apiHost"]) == ("public", "shop.example:8080/v1")
    assert segment["protocol"] == "http"
    assert reply.json()["plan"]["track"]["__default"] == {"enabled": True}
    assert reply.headers["access-control-allow-origin"] == "https://x"
    assert client.ask("GET", path.replace("public", "nobody")).status == 401


def test_a_rudder_browser_is_told_that_nothing_goes_elsewhere(client: Client) -> None:
    reply = client.ask("GET", "/sourceConfig/?p=npm&v=3&writeKey=public")
    assert reply.json()["source"]["destinations"] == []
    assert client.ask("GET", "/sourceConfig").status == 401


def test_metrics_of_a_client_are_answered_and_not_kept(client: Client) -> None:
    assert client.ask("POST", "/v1/m", {"series": []}).json() == OK
    assert client.desk.rows == []


@pytest.mark.parametrize(
    ("headers", "extra", "path"),
    [
        (basic("server"), {}, "/v1/track"),
        (basic("server", after=""), {}, "/v1/track"),
        ({"authorization": "Bearer token"}, {"writeKey": "server"}, "/v1/track"),
        ({"authorization": "Bearer server"}, {}, "/v1/track"),
        ({}, {"writeKey": "server"}, "/v1/track"),
        ({}, {}, "/v1/track?writeKey=server"),
        (basic("server"), {"writeKey": "nobody"}, "/v1/track"),
    ],
)
def test_the_key_is_found_in_each_of_its_places(
    client: Client, headers: dict[str, str], extra: dict[str, str], path: str
) -> None:
    assert client.ask("POST", path, TRACK | extra, headers).status == 200
    assert client.desk.rows[0].source.name == "till"


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({}, TRACK),
        (basic("nobody"), TRACK),
        ({"authorization": "Basic !"}, TRACK),
        ({}, TRACK | {"writeKey": "nobody"}),
        ({}, TRACK | {"writeKey": 7}),
        ({}, b"not json"),
    ],
)
def test_an_unknown_key_is_401_in_json(
    client: Client, headers: dict[str, str], body: object
) -> None:
    reply = client.ask("POST", "/v1/track", body, headers)
    assert (reply.status, set(reply.json())) == (401, {"code", "message"})
    assert reply.json()["code"] == "unknown_key"
    assert client.desk.rows == []


@pytest.mark.parametrize(
    "kind",
    [
        "application/json",
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/octet-stream",
        "json; charset=utf-8",
    ],
)
def test_the_content_type_makes_no_difference(client: Client, kind: str) -> None:
    squeezed = gzip.compress(json.dumps(BATCH).encode())
    assert client.post("/v1/batch", BATCH, content_type=kind).status == 200
    zipped = client.post("/v1/batch", squeezed, content_type=kind, content_encoding="gzip")
    assert zipped.status == 200
    assert [event.id for event in client.desk.events()] == ["m1", "m1"]


def test_a_body_may_come_in_pieces(client: Client) -> None:
    raw = json.dumps(BATCH).encode()
    pieces = [raw[:10], raw[10:20], raw[20:]]
    assert client.ask("POST", "/v1/batch", headers=basic("server"), chunks=pieces).status == 200
    assert len(client.desk.events()) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"1",
        b'{"batch":7}',
        b"{}",
        b'\xff{"batch":[]}',
        b'{"batch":[{"a":"\xff"}]}',
    ],
)
def test_a_body_that_is_no_batch_is_400(client: Client, body: bytes) -> None:
    reply = client.post("/v1/batch", body)
    assert (reply.status, reply.json()["code"]) == (400, "bad_json")
    assert client.desk.rows == []


def test_an_empty_batch_is_success_and_nothing_is_kept(client: Client) -> None:
    assert client.post("/v1/batch", {"batch": []}).json() == OK
    assert client.desk.rows == []


def test_a_bad_item_in_a_good_batch_is_named_and_kept_for_the_operator(client: Client) -> None:
    items = [
        {"type": "track", **TRACK},
        {"type": "track", "messageId": "m2", "userId": "u1"},
        {"type": "sing", "messageId": "m3", "userId": "u1"},
        {"type": "track", "messageId": "m4", "event": "E"},
        7,
        {"type": "track", "messageId": "m" * 101, "userId": "u1", "event": "E"},
    ]
    reply = client.post("/v1/batch", {"batch": items})
    assert reply.status == 200
    assert reply.json() == {
        "success": True,
        "rejected": [
            {"messageId": "m2", "code": "event_missing"},
            {"messageId": "m3", "code": "type_unknown"},
            {"messageId": "m4", "code": "identity_missing"},
            {"messageId": "", "code": "item_not_an_object"},
            {"messageId": "m" * 100, "code": "message_id_too_long"},
        ],
    }
    parsed = client.desk.parsed()
    refused = [item for item in parsed if isinstance(item, Refused)]
    assert [item.code for item in refused] == [r["code"] for r in reply.json()["rejected"]]
    assert json.loads(refused[1].item) == items[2]
    assert sum(isinstance(item, Event) for item in parsed) == 1
    assert client.figure("equipoise_door_rejected_total", code="type_unknown") == 1


def test_numbers_as_ids_and_nulls_are_taken(client: Client) -> None:
    item = {"type": "track", "userId": 42, "anonymousId": None, "event": "E", "context": None}
    assert client.post("/v1/batch", {"batch": [item]}).json() == OK
    assert dict(client.desk.events()[0].handles) == {"user_id": "42"}


# --- answers --------------------------------------------------------------------------------------


def test_a_full_intake_is_429_with_whole_seconds(client: Client) -> None:
    client.desk.trouble = Overloaded(3)
    reply = client.post("/v1/batch", BATCH, x_retry_count="2")
    assert (reply.status, reply.headers["retry-after"]) == (429, "3")
    assert reply.json()["code"] == "overloaded"
    assert client.figure("equipoise_door_retries_total") == 1
    assert client.figure("equipoise_door_requests_total", does="take", status="429") == 1


def test_a_door_that_breaks_says_500_in_json(client: Client) -> None:
    """And what a person said stands neither in the answer nor in the log."""
    client.desk.trouble = OSError("the disk is full")
    with structlog.testing.capture_logs() as logs:
        reply = client.post(
            "/v1/batch", {"batch": [{"type": "track", **TRACK, "userId": "ana-77"}]}
        )
    assert (reply.status, reply.json()["code"]) == (500, "internal")
    assert b"disk" not in reply.body
    (entry,) = logs
    assert entry["fault"] == "OSError"
    assert "asking.py" in entry["where"]
    assert "ana-77" not in str(entry)


@pytest.mark.parametrize("chunks", [[], [b'{"batch":'], [b'{"batch":', b"["]])
def test_a_client_that_leaves_is_not_answered_and_nothing_is_kept(
    client: Client, chunks: list[bytes]
) -> None:
    reply = client.ask("POST", "/v1/batch", headers=basic("server"), chunks=chunks, leaves=True)
    assert (reply.status, reply.body) == (0, b"")
    assert client.desk.rows == []


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("GET", "/v1/batch", "POST, OPTIONS"),
        ("PUT", "/v1/page", "POST, GET, OPTIONS"),
        ("POST", "/health", "GET, OPTIONS"),
    ],
)
def test_another_method_is_405_and_says_which_would_do(
    client: Client, method: str, path: str, allow: str
) -> None:
    reply = client.ask(method, path)
    assert (reply.status, reply.headers["allow"]) == (405, allow)
    assert reply.json()["code"] == "method_not_allowed"


def test_an_unknown_path_of_the_wire_is_404_in_json(client: Client) -> None:
    reply = client.ask("POST", "/v1/sing")
    assert (reply.status, reply.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/"), ("GET", "/me"), ("GET", "/page"), ("GET", "/people/1")]
)
def test_what_is_not_the_wire_goes_to_the_pages(client: Client, method: str, path: str) -> None:
    assert client.ask(method, path).body == b"pages"


def test_a_browser_may_ask_from_any_site_and_remember_it(client: Client) -> None:
    for path in ("/v1/t", "/b", "/v1/decide", "/v1/projects/public/settings"):
        reply = client.ask("OPTIONS", path, headers={"origin": "https://shop.example"})
        assert (reply.status, reply.body) == (200, b"")
        assert reply.headers["access-control-allow-origin"] == "https://shop.example"
        allowed = reply.headers["access-control-allow-headers"]
        assert {"authorization", "content-type", "x-retry-count", "anonymousid"} <= set(
            allowed.split(", ")
        )
        assert int(reply.headers["access-control-max-age"]) > 0


@pytest.mark.parametrize("key", ["server", "nobody"])
def test_every_answer_names_the_site_that_may_read_it(client: Client, key: str) -> None:
    assert "access-control-allow-origin" not in client.post("/v1/t", TRACK, key=key).headers
    reply = client.post("/v1/t", TRACK, key=key, origin="https://shop.example")
    assert reply.headers["access-control-allow-origin"] == "https://shop.example"
    assert reply.headers["vary"] == "origin"


def test_head_is_get_without_a_body(client: Client) -> None:
    whole, head = client.ask("GET", "/health"), client.ask("HEAD", "/health")
    assert (head.status, head.body) == (200, b"")
    assert head.headers["content-length"] == str(len(whole.body))


def test_health_version_and_metrics_need_no_key(client: Client) -> None:
    client.post("/v1/batch", BATCH)
    assert client.ask("GET", "/health").json() == {"status": "ok"}
    assert client.ask("GET", "/version").json()["version"]
    metrics = client.ask("GET", "/metrics")
    assert metrics.headers["content-type"].startswith("text/plain")
    assert b"equipoise_door_events_total 1.0" in metrics.body


def test_global_privacy_control_is_kept_with_the_event(client: Client) -> None:
    client.post("/v1/track", TRACK, sec_gpc="1")
    client.post("/v1/track", TRACK)
    client.post("/v1/track", TRACK | {"context": {"gpc": True}})
    assert [event.context.get("gpc") for event in client.desk.events()] == ["1", None, "1"]
