"""What browsers' clients fetch before they send, and the pixel they send through an image."""

import base64
import binascii
from typing import Any
from urllib.parse import urlsplit

import msgspec
from starlette.types import ASGIApp, Receive, Scope, Send

from equipoise.arrive.segment import Call
from equipoise.nouns.events import Source

PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
"""A transparent GIF of one pixel."""

_TRACKS = {"__default": {"enabled": True}}
_LEVELS_MOST = 4
_encode = msgspec.json.Encoder().encode


def settings_of(write_key: str, host: str, protocol: str) -> bytes:
    """The settings document that analytics-next fetches, as JSON; it sends to `host`/v1 from then on."""
    segment = {
        "apiKey": write_key,
        "apiHost": f"{host}/v1",
        "protocol": protocol,
        "versionSettings": {"version": "4.4.7", "componentTypes": ["browser"]},
    }
    return _encode(
        {
            "integrations": {"Segment.io": segment},
            "plan": {"track": _TRACKS, "identify": _TRACKS, "group": _TRACKS},
            "analyticsNextEnabled": True,
            "apiHost": f"{host}/v1",
            "protocol": protocol,
        }
    )


def seen_at(public_url: str, app: ASGIApp) -> ASGIApp:
    """The app, whose settings documents name the address that people see instead of the one asked.

    Without it, browsers behind a proxy that ends TLS would be told to send over plain HTTP.
    """
    parts = urlsplit(public_url)
    host = f"{parts.netloc}{parts.path.rstrip('/')}".encode()

    async def seen(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and "/projects/" in scope["path"]:
            others = [pair for pair in scope["headers"] if pair[0] != b"host"]
            scope = {**scope, "scheme": parts.scheme, "headers": [*others, (b"host", host)]}
        await app(scope, receive, send)

    return seen


def source_config_of(write_key: str, source: Source) -> bytes:
    """The document that RudderStack's browser client fetches, as JSON: nothing is sent elsewhere."""
    return _encode(
        {
            "source": {
                "id": source.name,
                "name": source.name,
                "writeKey": write_key,
                "enabled": True,
                "config": {
                    "statsCollection": {
                        "errors": {"enabled": False},
                        "metrics": {"enabled": False},
                    }
                },
                "connections": [],
                "destinations": [],
            }
        }
    )


def item_of_pixel(query: dict[str, str], call: Call, user_agent: str) -> bytes:
    """The JSON of the one item that an image's address carries.

    `data` holds it as base64 (Segment's pixel); otherwise every parameter is a field, and a name with
    dots is a field of a field, `properties.price=3` (RudderStack's). What is not base64 of JSON is
    handed on as it is, and refused with everything else that is no JSON.
    """
    if data := query.get("data"):
        try:
            return base64.b64decode(data + "=" * (-len(data) % 4), altchars=b"-_")
        except (binascii.Error, ValueError):
            return data.encode()
    item: dict[str, Any] = {"type": call, "context": {"userAgent": user_agent, "channel": "web"}}
    for name, value in query.items():
        if name.lower() != "writekey":
            _place(item, name.split(".", _LEVELS_MOST), value)
    return _encode(item)


def _place(item: dict[str, Any], path: list[str], value: str) -> None:
    for name in path[:-1]:
        inner = item.setdefault(name, {})
        if not isinstance(inner, dict):
            return
        item = inner
    item[path[-1]] = value
