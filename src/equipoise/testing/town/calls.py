"""What leaves the town: calls in the shape of the Segment wire, each from a source with its trust."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec

from equipoise.nouns.events import Source
from equipoise.nouns.rights import RequestKind

SITE = Source("site", "public")
APP = Source("app", "public")
WEBSHOP = Source("webshop")
TILL = Source("till")
DESK = Source("support")
MAILER = Source("mailer")
PARCELS = Source("parcels")
PORTAL = Source("portal")
PAST = Source("past", history=True)

SOURCES = (SITE, APP, WEBSHOP, TILL, DESK, MAILER, PARCELS, PORTAL, PAST)
"""Who speaks in the town. Browsers and the app have a public key, everything else a server key."""

Path = Literal["/v1/batch", "/v1/decide", "/v1/page", "/v1/import", "/me/requests"]
"""Where on the wire a call goes; `/me/requests` is what somebody asks on their own page."""

CHANNELS = {
    "site": "web", "app": "app", "webshop": "web", "till": "shop", "support": "phone",
    "mailer": "email", "parcels": "server", "portal": "web", "past": "server",
}  # fmt: skip

MOST_ITEMS = 500
"""Most items that are put into one request."""


class Call(msgspec.Struct, frozen=True):
    """One thing said at `at_ms`: an item of a batch, a request to decide, or one for a page.

    `who` is the number of the resident behind it, which stays in the town.
    """

    source: Source
    at_ms: int
    body: dict[str, Any]
    path: Path = "/v1/batch"
    who: int = -1


class Request(msgspec.Struct, frozen=True):
    """What is put on the wire at once: calls of one source and path, in their order."""

    source: Source
    path: Path
    calls: tuple[Call, ...]

    @property
    def body(self) -> bytes:
        """The body as it is posted: a batch, or the one call itself."""
        if self.path not in ("/v1/batch", "/v1/import"):
            return msgspec.json.encode(self.calls[0].body)
        return msgspec.json.encode({"batch": [call.body for call in self.calls]})


def requests_of(calls: Iterable[Call]) -> list[Request]:
    """Calls in order, those of one source that follow each other in one request."""
    gathered: list[list[Call]] = []
    for call in calls:
        last = gathered[-1] if gathered else []
        if (
            last
            and len(last) < MOST_ITEMS
            and call.path in ("/v1/batch", "/v1/import")
            and (last[0].source, last[0].path) == (call.source, call.path)
        ):
            last.append(call)
        else:
            gathered.append([call])
    return [Request(group[0].source, group[0].path, tuple(group)) for group in gathered]


def iso(at_ms: int) -> str:
    """An instant as clients write it."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds")


class Script:
    """The calls of one scene, in the order in which they are told; `key` makes their ids."""

    def __init__(self, key: str, who: int) -> None:
        self.key = key
        self.who = who
        self.calls: list[Call] = []

    def say(
        self,
        source: Source,
        at_ms: int,
        event: str,
        ids: Mapping[str, Any],
        facts: Mapping[str, Any] | None = None,
    ) -> None:
        """An item: `identify` with traits, `page` and `screen` with a name, else a track call."""
        item: dict[str, Any] = {
            "type": event if event in ("identify", "page", "screen") else "track",
            "messageId": f"{self.key}.{len(self.calls)}",
            "timestamp": iso(at_ms),
            "channel": CHANNELS[source.name],
            **ids,
        }
        if item["type"] == "track":
            item["event"] = event
        item["traits" if event == "identify" else "properties"] = dict(facts or {})
        path: Path = "/v1/import" if source.history else "/v1/batch"
        self.calls.append(Call(source, at_ms, item, path, self.who))

    def ask(self, source: Source, at_ms: int, moment: str, ids: Mapping[str, Any]) -> None:
        """The page or app asks what to show at a moment."""
        body = {"moment": moment, "channel": CHANNELS[source.name], **ids}
        self.calls.append(Call(source, at_ms, body, "/v1/decide", self.who))

    def request(
        self, at_ms: int, kind: RequestKind, address: str, said: Mapping[str, Any] | None = None
    ) -> None:
        """Somebody asks the shop on their own page, by the address that they proved."""
        body = {"kind": kind, "handles": [["email", address]], **(said or {})}
        self.calls.append(Call(PORTAL, at_ms, body, "/me/requests", self.who))

    def fetch(self, source: Source, at_ms: int, ids: Mapping[str, Any]) -> None:
        """The page or app fetches what waits for whom is there."""
        self.calls.append(Call(source, at_ms, dict(ids), "/v1/page", self.who))
