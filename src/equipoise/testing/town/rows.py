"""From a request of the wire to the intake row that the door would write for it."""

from typing import Any

import msgspec

from equipoise.arrive.segment import Envelope, wrap
from equipoise.nouns.events import Handle, IntakeRow, Source
from equipoise.nouns.records import DecideRequest, PageRequest
from equipoise.nouns.rights import AskRight

NAMED = {"userId": "user_id", "anonymousId": "anonymous_id"}
"""How requests to decide and for a page name whom they are for."""

_pack = msgspec.msgpack.Encoder().encode


def row_of(path: str, source: Source, body: bytes, now_ms: int) -> IntakeRow:
    """The row for a body that is posted to `path`; raises `ValueError` for a path not of the town."""
    if path == "/v1/import":
        source = Source(source.name, source.trust, history=True)
    if path in ("/v1/batch", "/v1/import"):
        return IntakeRow(0, "segment", source, now_ms, wrap(Envelope("batch", body)))
    asked: dict[str, Any] = msgspec.json.decode(body)
    handles = tuple(Handle(kind, asked[name]) for name, kind in NAMED.items() if name in asked)
    if path == "/v1/decide":
        request = DecideRequest(
            moment=asked["moment"], handles=handles, channel=asked.get("channel", "web")
        )
        return IntakeRow(0, "decide", source, now_ms, _pack(request))
    if path == "/v1/page":
        return IntakeRow(0, "page", source, now_ms, _pack(PageRequest(handles=handles)))
    if path == "/me/requests":
        ask = msgspec.convert({"type": "ask", **asked}, AskRight)
        return IntakeRow(0, "right", source, now_ms, _pack(ask))
    raise ValueError(
        f"the town posts to /v1/batch, import, decide, page and /me/requests, not to {path!r}"
    )
