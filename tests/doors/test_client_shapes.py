"""The bodies and headers of five client libraries, as they put them on the wire."""

import gzip
import json
from typing import Any

import pytest

from doors.asking import NOW_MS, Client, basic

SENT = "2025-11-24T15:59:58.000Z"  # two seconds before it arrives

SEGMENT_PYTHON = {
    "batch": [
        {
            "integrations": {},
            "anonymousId": None,
            "context": {"library": {"name": "analytics-python", "version": "2.4.0"}},
            "type": "page",
            "category": None,
            "name": "Home",
            "properties": {"n": 1},
            "userId": "7",
            "timestamp": "2025-11-24T15:59:57.123000+00:00",
            "messageId": "0b1c9b2e-7d3a-4b6e-9a51-3f0c2d4e5f60",
        }
    ],
    "sentAt": "2025-11-24T15:59:58.000000+00:00",
    "writeKey": "server",
}
SEGMENT_NODE = {
    "batch": [
        {
            "type": "track",
            "event": "Paid",
            "userId": "7",
            "properties": {"n": 1},
            "context": {"library": {"name": "@segment/analytics-node", "version": "3.1.0"}},
            "integrations": {},
            "_metadata": {"nodeVersion": "22.0.0", "jsRuntime": "node"},
            "timestamp": "2025-11-24T15:59:57.123Z",
            "messageId": "node-next-1764000000000-6f3a2d1c-0000-4000-8000-000000000000",
        }
    ],
    "writeKey": "server",
    "sentAt": SENT,
}
RUDDER_PYTHON = {
    "batch": [
        {
            "integrations": {"All": True},
            "channel": "server",
            "anonymousId": "anon-1",
            "userId": "7",
            "context": {
                "library": {"name": "rudder-analytics-python", "version": "2.1.9"},
                "traits": {"email": "a@b.fr", "n": 1},
            },
            "type": "identify",
            "timestamp": "2025-11-24T15:59:57.123456+00:00",
            "messageId": "6a7b",
        }
    ],
    "sentAt": "2025-11-24T15:59:58.000000+00:00",
}
RUDDER_NODE = {
    "batch": [
        {
            "type": "track",
            "event": "Paid",
            "userId": 7,
            "properties": {"n": 1},
            "channel": "server",
            "originalTimestamp": "2025-11-24T15:59:57.123Z",
            "sentAt": SENT,
            "messageId": "8c9d",
        }
    ],
    "timestamp": SENT,
    "sentAt": SENT,
}
SEGMENT_BROWSER = {
    "timestamp": "2025-11-24T15:59:57.123Z",
    "integrations": {},
    "type": "track",
    "event": "Paid",
    "properties": {"n": 1},
    "anonymousId": "3f0c2d4e-0000-4000-8000-000000000000",
    "userId": None,
    "context": {
        "page": {"path": "/", "search": "", "title": "Shop", "url": "https://shop.example/"},
        "userAgent": "Mozilla/5.0",
        "locale": "fr-FR",
        "library": {"name": "analytics.js", "version": "npm:next-1.84.3"},
        "timezone": "Europe/Paris",
    },
    "messageId": "ajs-next-1764000000000-3f0c2d4e",
    "writeKey": "public",
    "sentAt": SENT,
    "_metadata": {"bundled": [], "unbundled": [], "bundledIds": []},
}


def zipped(body: dict[str, Any]) -> bytes:
    return gzip.compress(json.dumps(body).encode())


def plain(body: dict[str, Any]) -> bytes:
    return json.dumps(body).encode()


JSON = {"content-type": "application/json"}
FORM = {"content-type": "application/x-www-form-urlencoded"}
ZIP = {"content-encoding": "gzip"}
PY = {"user-agent": "analytics-python/2.4.0"}
CAPTURES: dict[str, tuple[str, bytes, dict[str, str]]] = {
    "segment-python": ("/v1/batch", plain(SEGMENT_PYTHON), basic("server") | JSON | PY),
    "segment-python gzip": ("/v1/batch", zipped(SEGMENT_PYTHON), basic("server") | JSON | ZIP),
    "segment-python oauth": ("/v1/batch", plain(SEGMENT_PYTHON), {"authorization": "Bearer t"}),
    "segment-node": ("/v1/batch", plain(SEGMENT_NODE), basic("server") | JSON),
    "rudder-python": ("/v1/batch", zipped(RUDDER_PYTHON), basic("server") | JSON | ZIP),
    "rudder-node": ("/v1/batch", zipped(RUDDER_NODE), basic("server") | FORM | ZIP),
    "segment-browser": (
        "/v1/t",
        plain(SEGMENT_BROWSER),
        basic("public") | {"content-type": "text/plain"},
    ),
    "segment-browser batch": (
        "/v1/b",
        plain({"writeKey": "public", "batch": [SEGMENT_BROWSER], "sentAt": SENT}),
        basic("public") | {"content-type": "text/plain"},
    ),
}


@pytest.mark.parametrize("name", CAPTURES)
def test_each_library_is_understood_as_it_speaks(name: str) -> None:
    path, body, headers = CAPTURES[name]
    client = Client()
    reply = client.ask("POST", path, body, headers | {"x-retry-count": "1"})
    assert (reply.status, reply.body) == (200, b'{"success":true}')
    (event,) = client.desk.events()
    assert event.facts["n"] == 1
    assert event.at_ms == NOW_MS - 877
    assert event.original_ms == NOW_MS - 2877
    assert event.channel == ("web" if "browser" in name else "server")
    whom = dict(event.handles)
    assert whom.get("user_id") == (None if "browser" in name else "7")
    assert event.kind in {"Paid", "page", "identify"}
    assert client.figure("equipoise_door_retries_total") == 1


def test_a_batch_that_is_sent_again_brings_the_same_ids() -> None:
    client = Client()
    for _ in range(2):
        client.ask("POST", "/v1/batch", zipped(RUDDER_NODE), basic("server") | ZIP)
    first, second = client.desk.events()
    assert first.id == second.id == "8c9d"
