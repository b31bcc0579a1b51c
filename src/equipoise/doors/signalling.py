"""What a browser or a consent tool says: handed in on purpose, or told with any request of the wire."""

from typing import Annotated

import msgspec
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from equipoise.arrive.segment import BadBody, Envelope, Limits, check, parse, wrap
from equipoise.arrive.signals import (
    Heard,
    NotATCString,
    Speaker,
    events_of,
    read_adpc,
    read_tc,
    says_gpc,
)
from equipoise.doors import answers, browser, keys, requests
from equipoise.doors.answers import Answer, Refusal
from equipoise.doors.bodies import Disconnected, NotGzip, TooLarge, inflated, read_body
from equipoise.doors.gate import Gate
from equipoise.doors.routes import Route, methods_of
from equipoise.doors.terms_door import TermsDoor, Text, body_of, handles_of, row_of, source_of
from equipoise.nouns.events import Event, Handle, IntakeRow, Source
from equipoise.nouns.records import DecideRequest, PageRequest
from equipoise.ports import Overloaded

AGAIN_MS = 3_600_000
"""Within this time the same words of the same person are heard once: a browser says them on every page."""

SAID_MOST = 10_000
"""The most statements that are remembered for that; past it the oldest is forgotten, and heard again."""

PEOPLE_MOST = 100
"""The most people of one request that a header speaks for."""

_json = msgspec.json.Encoder().encode
_pack = msgspec.msgpack.Encoder().encode
_decide = msgspec.msgpack.Decoder(DecideRequest).decode
_page = msgspec.msgpack.Decoder(PageRequest).decode

Person = tuple[Handle, ...]
"""Whom a statement is about, by their handles."""


class Signals(msgspec.Struct, frozen=True, rename="camel"):
    """What `POST /v1/terms/signals` reads beside the headers `Sec-GPC` and `ADPC` of the request itself."""

    anonymous_id: requests.Id = None
    user_id: requests.Id = None
    email: Text | None = None
    gpc: bool = False
    adpc: Annotated[str, msgspec.Meta(max_length=4096)] = ""
    tcf: Annotated[str, msgspec.Meta(max_length=16_384)] = ""
    locale: Text = "en"


class Understood(msgspec.Struct, frozen=True):
    """One thing that was understood: the kind of the event that it became, and the purpose, if any."""

    kind: str
    purpose: str = ""


class SignalsReply(msgspec.Struct, frozen=True):
    """What `POST /v1/terms/signals` answers once what was understood is on disk."""

    success: bool
    understood: tuple[Understood, ...]


def adpc_of(scope: Scope) -> str:
    """What the headers `ADPC` of a request say together; an empty text where there is none."""
    said = [value for name, value in scope["headers"] if name == b"adpc"]
    return b", ".join(said).decode("latin-1")


async def signalled(door: TermsDoor, scope: Scope, receive: Receive) -> Answer:
    """Take in what a browser says; 200 once it is durable, with what was understood."""
    body: Signals = await body_of(receive, Signals)
    source = source_of(door, scope)
    handles = handles_of(body.anonymous_id, body.user_id, body.email, source)
    said = ", ".join(part for part in (adpc_of(scope), body.adpc) if part)
    try:
        tc = read_tc(body.tcf) if body.tcf else None
    except NotATCString as fault:
        raise Refusal(400, "tc_string_malformed", str(fault)) from None
    heard = Heard(
        gpc=body.gpc or says_gpc(scope["headers"]), adpc=read_adpc(said) if said else None, tc=tc
    )
    locale = body.locale[:2].lower()
    events = _told(door, heard, source, (handles, locale))
    if events:
        await door.desk.accept(row_of(door, "events", source, _pack(events)))
    told = tuple(Understood(event.kind, str(event.facts.get("purpose", ""))) for event in events)
    return Answer(body=_json(SignalsReply(success=True, understood=told)))


def _told(door: TermsDoor, heard: Heard, source: Source, who: tuple[Person, str]) -> list[Event]:
    speaker = Speaker(who[0], source.name, source.trust, door.clock.now_ms(), who[1])
    return events_of(heard, speaker, door.meaning)


# --- the header of any request --------------------------------------------------------------------


class Listening:
    """Hears the header `ADPC` wherever `Sec-GPC` is heard, before the request itself is answered.

    So a denial holds for the very decision that is asked with it. A consent counts if the request is
    about one person and its key may send events. What cannot be read is left to the door behind, which
    says why.
    """

    def __init__(self, door: TermsDoor, gate: Gate, limits: Limits, app: ASGIApp) -> None:
        self._door = door
        self._gate = gate
        self._limits = limits
        self._app = app
        self._said_ms: dict[tuple[Person, str], int] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hear what one request says, and hand it on with its body as it came."""
        route = _route_of(scope) if scope["type"] == "http" else None
        said = adpc_of(scope) if route is not None else ""
        if route is None or not said:
            await self._app(scope, receive, send)
            return
        try:
            body = await read_body(receive, self._limits.rudder_bytes)
            await self._hear(said, route, scope, body)
        except Disconnected:
            return
        except TooLarge as problem:
            await _refuse(send, scope, Refusal(400, "too_large", str(problem)))
            return
        except Overloaded as full:
            after = [(b"retry-after", str(full.retry_after_s).encode())]
            await _refuse(send, scope, Refusal(429, "overloaded", str(full), after))
            return
        except Refusal as refusal:
            await _refuse(send, scope, refusal)
            return
        await self._app(scope, _again(body, receive), send)

    async def _hear(self, said: str, route: Route, scope: Scope, body: bytes) -> None:
        try:
            plain = inflated(body, self._limits.rudder_bytes)
        except (NotGzip, TooLarge):
            return
        key = _key_of(scope, plain)
        source = self._gate(key)
        people = [] if source is None else self._people(route, scope, plain, source)
        now_ms = self._door.clock.now_ms()
        fresh = [who for who in people if now_ms - self._said_ms.get((who, said), 0) >= AGAIN_MS]
        if source is None or not fresh:
            return
        adpc = read_adpc(said)
        if len(people) > 1 or not self._gate.may(key, "events:write"):
            adpc = msgspec.structs.replace(adpc, consent=())
        locale = _locale_of(scope)
        heard = Heard(adpc=adpc)
        events = [
            event for who in fresh for event in _told(self._door, heard, source, (who, locale))
        ]
        if events:
            await self._door.desk.accept(row_of(self._door, "events", source, _pack(events)))
        for who in fresh:
            self._remember((who, said), now_ms)

    def _people(self, route: Route, scope: Scope, body: bytes, source: Source) -> list[Person]:
        """Everybody whom a request is about, each once; nobody where it cannot be read."""
        query = keys.query_of(scope.get("query_string", b""))
        try:
            match route.does:
                case "decide":
                    return [_decide(requests.decide_row(body, source)).handles]
                case "page":
                    return [_page(requests.page_row(query, source)).handles]
                case "pixel":
                    body = browser.item_of_pixel(query, route.call, "")
            checked = check(Envelope(route.call, body, gpc=False), source, self._limits)
        except (Refusal, BadBody):
            return []
        row = IntakeRow(0, "segment", source, self._door.clock.now_ms(), wrap(checked.envelope))
        events = [one for one in parse(row) if isinstance(one, Event) and one.handles]
        return list(dict.fromkeys(event.handles for event in events))[:PEOPLE_MOST]

    def _remember(self, what: tuple[Person, str], now_ms: int) -> None:
        self._said_ms.pop(what, None)
        self._said_ms[what] = now_ms
        if len(self._said_ms) > SAID_MOST:
            del self._said_ms[next(iter(self._said_ms))]


def _route_of(scope: Scope) -> Route | None:
    """The route of a request where `Sec-GPC` is heard, or None."""
    route = (methods_of(scope["path"]) or {}).get(scope["method"])
    heard = route is not None and route.does in ("take", "pixel", "decide", "page")
    return route if heard else None


def _key_of(scope: Scope, body: bytes) -> str:
    authorization = dict(scope["headers"]).get(b"authorization")
    return (
        keys.key_in_header(authorization)
        or keys.key_in_body(body)
        or keys.key_in_query(keys.query_of(scope.get("query_string", b"")))
        or keys.bearer_token(authorization)
    )


def _locale_of(scope: Scope) -> str:
    """The first language that a browser asks for, by its two letters."""
    asked: bytes = dict(scope["headers"]).get(b"accept-language", b"en")
    return asked[:2].decode("latin-1").lower()


def _again(body: bytes, receive: Receive) -> Receive:
    """The body that was read, once more; then whatever comes after it."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def once_more() -> Message:
        return waiting.pop() if waiting else await receive()

    return once_more


async def _refuse(send: Send, scope: Scope, refusal: Refusal) -> None:
    origin = dict(scope["headers"]).get(b"origin")
    await answers.say(send, answers.refused(refusal), origin)
