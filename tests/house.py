"""A small house for tests: a real engine on a store of choice, with a clock that is told the time."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from equipoise.arrive.segment import Envelope, wrap
from equipoise.compose import Engine
from equipoise.nouns.events import IntakeRow, Source
from equipoise.settings import read_settings
from equipoise.testing.fakes import FakeClock, SeededEntropy

NOON_MS = int(datetime(2026, 3, 10, 12, tzinfo=UTC).timestamp() * 1000)
"""A Tuesday at noon UTC, one in the afternoon in Paris: nobody's quiet hours."""

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS

THANKS = """
name: thanks
purpose: marketing
moment: {event: Order Completed}
options:
  - {name: mail, do: notify, channel: email, share: 1,
     subject: {en: Thanks, fr: Merci}, body: {en: Thank you, fr: Merci}}
chooser: fixed_shares
explore_floor: 0
limits: {valid_for_hours: 48}
"""
"""A play that always mails after an order, if it may."""

HERO = """
name: hero
purpose: personalisation
moment: {decide: home-hero}
options:
  - {name: shoes, do: notify, channel: page, title: {en: Shoes, fr: Chaussures}, body: {en: S, fr: C}}
  - {name: coats, do: notify, channel: page, title: {en: Coats, fr: Manteaux}, body: {en: C, fr: M}}
"""
"""A play that fills a place on a page."""

SERVER = Source("server")
PUBLIC = Source("browser", "public")


def house(place: Any = "memory:", clock: FakeClock | None = None, **given: Any) -> Engine:
    """An engine whose time, salts and seed are given, so that two of them can be compared."""
    settings = read_settings(environ={}, given={"seed": "test", **given})
    clock = clock or FakeClock(NOON_MS)
    return Engine.open(place, settings=settings, clock=clock, entropy=SeededEntropy())


def track(user: str, event: str, n: object = "", **properties: Any) -> dict[str, Any]:
    """One track call of a known user; `n` tells repeats apart."""
    return {
        "type": "track",
        "userId": user,
        "event": event,
        "messageId": f"{user}/{event}/{n}",
        "properties": properties,
    }


def identify(user: str, anonymous: str | None = None, **traits: Any) -> dict[str, Any]:
    """One identify call."""
    call = {"type": "identify", "userId": user, "messageId": f"{user}/id/{anonymous}/{traits}"}
    return call | {"traits": traits} | ({"anonymousId": anonymous} if anonymous else {})


def granted(user: str, n: object = "", purpose: str = "marketing") -> dict[str, Any]:
    """The person allows a purpose on every channel."""
    return track(user, "terms.granted", n, purpose=purpose, channel="*")


def welcome(user: str) -> list[dict[str, Any]]:
    """A person with an address who allows marketing."""
    return [identify(user, email=f"{user}@example.org"), granted(user)]


def rows_of(
    calls: list[dict[str, Any]], at_ms: int = NOON_MS, source: Source = SERVER
) -> IntakeRow:
    """One intake row that holds these calls."""
    body = wrap(Envelope("batch", msgspec.json.encode({"batch": calls})))
    return IntakeRow(0, "segment", source, at_ms, body)


def send(engine: Engine, calls: list[dict[str, Any]], source: Source = SERVER) -> int:
    """Hand calls in as one request of a source; returns the row's id."""
    row = rows_of(calls, source=source)
    return engine.put(row.kind, row.body, source)


def receipts(engine: Engine, most: int = 1000) -> list[dict[str, Any]]:
    """Every receipt, oldest first."""
    return [msgspec.json.decode(row.body) for row in reversed(engine.store.newest_receipts(most))]


def head(engine: Engine) -> str:
    """The signed head of the ledger."""
    return engine.store.position().checkpoint
