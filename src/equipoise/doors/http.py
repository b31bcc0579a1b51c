"""The HTTP door for the tracking wire, as one plain ASGI application without a framework."""

from time import perf_counter
from traceback import format_tb

import msgspec
import structlog
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.types import ASGIApp, Receive, Scope, Send

from equipoise.arrive.segment import BadBody, Call, Envelope, Limits, check, wrap
from equipoise.arrive.segment.checking import is_rudder
from equipoise.arrive.signals.gpc import says_gpc
from equipoise.doors import answers, browser, keys, openapi, requests
from equipoise.doors.answers import Answer, Refusal
from equipoise.doors.bodies import Disconnected, NotGzip, TooLarge, inflated, read_body
from equipoise.doors.gate import Gate, Sources
from equipoise.doors.meters import Meters
from equipoise.doors.routes import BARE, Does, Route, methods_of
from equipoise.nouns import access
from equipoise.nouns.events import IntakeRow, RowKind, Source
from equipoise.ports import Clock, Desk, Overloaded

_SCOPES: dict[Does, access.Scope] = {"decide": "decide", "page": "read"}
"""What a key must be allowed, where it is not sending events."""

_READ = frozenset(
    (
        b"authorization",
        b"content-encoding",
        b"content-length",
        b"host",
        b"origin",
        b"user-agent",
        b"x-retry-count",
    )
)
_PLAIN = (b"", b"identity", b"gzip", b"x-gzip")
_NEEDS_NO_KEY = frozenset(("health", "metrics", "version", "openapi", "docs", "measure"))
_log = structlog.get_logger("equipoise.door")


class _Asked(msgspec.Struct):
    """One request on its way through the door."""

    route: Route
    headers: dict[bytes, bytes]
    scope: Scope
    receive: Receive

    @property
    def query(self) -> dict[str, str]:
        return keys.query_of(self.scope.get("query_string", b""))

    @property
    def gpc(self) -> bool:
        return says_gpc(self.scope["headers"])


class _Wire:
    """The door with what it was handed."""

    def __init__(
        self, desk: Desk, sources: Sources, limits: Limits, clock: Clock, meters: Meters
    ) -> None:
        self.desk = desk
        self.gate = sources if isinstance(sources, Gate) else Gate.of(sources)
        self.limits = limits
        self.clock = clock
        self.meters = meters

    async def answer(self, asked: _Asked) -> Answer:
        """The answer to one request of the wire; raises `Disconnected` where nobody waits for it."""
        began = perf_counter()
        if b"x-retry-count" in asked.headers:
            self.meters.retries.inc()
        try:
            if asked.route.does == "take":
                answer = await self._take(asked)
            elif asked.route.does in _NEEDS_NO_KEY:
                answer = self._open_to_all(asked.route)
            else:
                answer = await self._keyed(asked)
        except Refusal as refusal:
            answer = answers.refused(refusal)
        except Overloaded as full:
            answer = answers.refused(_come_back(full))
        self.meters.took.observe(perf_counter() - began)
        return answer

    # --- who speaks, and what they say ----------------------------------------------------------

    def _source(self, asked: _Asked, body: bytes) -> tuple[str, Source]:
        """The key and its source: Basic, then the body, then the query, then a bearer token."""
        authorization = asked.headers.get(b"authorization")
        key = (
            keys.key_in_header(authorization)
            or keys.key_in_body(body)
            or keys.key_in_query(asked.query)
            or keys.bearer_token(authorization)
        )
        does = asked.route.does
        source = (
            self.gate(key)
            if does == "source_config"
            else self.gate.admit(key, _SCOPES.get(does, "events:write"))
        )
        if source is None:
            raise Refusal(
                401,
                "unknown_key",
                "a write key is needed (Basic, or writeKey in the body or the query); "
                + ("this one is not known" if key else "none came"),
            )
        return key, source

    async def _read(self, asked: _Asked) -> tuple[bytes, Source]:
        """The inflated body, and who sent it. A key in a header spares reading a stranger's body."""
        limits, headers = self.limits, asked.headers
        key = keys.key_in_header(headers.get(b"authorization"))
        known = self._source(asked, b"")[1] if key else None
        most = limits.of_request(known) if known else limits.rudder_bytes
        encoding = headers.get(b"content-encoding", b"").strip().lower()
        if encoding not in _PLAIN:
            raise Refusal(
                400, "encoding_unknown", f"the encoding is gzip or none, not {encoding!r}"
            )
        declared = headers.get(b"content-length", b"")
        try:
            if declared.isdigit() and int(declared) > most:
                raise TooLarge(f"a request may have {most} bytes, this one has {declared.decode()}")
            body = inflated(await read_body(asked.receive, most), most)
        except TooLarge as problem:
            raise _too_large(str(problem), known) from None
        except NotGzip as problem:
            raise Refusal(400, "bad_gzip", str(problem)) from None
        return body, known or self._source(asked, body)[1]

    # --- events ---------------------------------------------------------------------------------

    async def _take(self, asked: _Asked) -> Answer:
        body, source = await self._read(asked)
        return await self._keep(asked, asked.route.call, body, source)

    async def _keep(self, asked: _Asked, call: Call, body: bytes, source: Source) -> Answer:
        """Check a body, make it durable, and say so."""
        envelope = Envelope(call, body, asked.gpc)
        try:
            checked = check(envelope, source, self.limits)
        except BadBody as problem:
            if problem.code == "too_large":
                raise _too_large(str(problem), source) from None
            raise Refusal(400, problem.code, str(problem)) from None
        if asked.route.history and not source.history:
            source = Source(source.name, source.trust, history=True)
        if checked.count:
            await self.desk.accept(self._row("segment", source, wrap(checked.envelope)))
        meters = self.meters
        meters.events.inc(checked.count)
        meters.bytes.inc(len(body))
        for rejected in checked.rejected:
            meters.rejected.labels(rejected.code).inc()
        return answers.taken(checked.rejected)

    def _row(self, kind: RowKind, source: Source, body: bytes) -> IntakeRow:
        return IntakeRow(0, kind, source, self.clock.now_ms(), body)

    # --- everything else on the wire ------------------------------------------------------------

    async def _keyed(self, asked: _Asked) -> Answer:
        match asked.route.does:
            case "decide":
                body, source = await self._read(asked)
                row = self._row("decide", source, requests.decide_row(body, source, gpc=asked.gpc))
                return Answer(body=await self.desk.ask(row))
            case "page":
                _, source = self._source(asked, b"")
                row = self._row(
                    "page", source, requests.page_row(asked.query, source, gpc=asked.gpc)
                )
                return Answer(body=await self.desk.ask(row), headers=_NOT_KEPT)
            case "pixel":
                _, source = self._source(asked, b"")
                user_agent = asked.headers.get(b"user-agent", b"").decode("latin-1")
                item = browser.item_of_pixel(asked.query, asked.route.call, user_agent)
                await self._keep(asked, asked.route.call, item, source)
                return Answer(body=browser.PIXEL, kind=b"image/gif", headers=_NOT_KEPT)
            case "settings":
                return self._settings(asked)
            case _:
                key, source = self._source(asked, b"")
                return Answer(body=browser.source_config_of(key, source))

    def _settings(self, asked: _Asked) -> Answer:
        key = asked.scope["path"].rstrip("/").split("/")[-2]
        if self.gate(key) is None:
            raise Refusal(401, "unknown_key", "the write key in the path is not known")
        host = asked.headers.get(b"host", b"localhost").decode("latin-1")
        return Answer(body=browser.settings_of(key, host, asked.scope.get("scheme", "http")))

    def _open_to_all(self, route: Route) -> Answer:
        match route.does:
            case "health":
                return Answer(body=b'{"status":"ok"}')
            case "metrics":
                figures = generate_latest(self.meters.registry)
                return Answer(body=figures, kind=CONTENT_TYPE_LATEST.encode())
            case "version":
                return Answer(body=msgspec.json.encode({"version": openapi.running_version()}))
            case "openapi":
                return Answer(body=openapi.document())
            case "docs":
                own = ((b"content-security-policy", openapi.page_policy()),)
                return Answer(body=openapi.page(), kind=b"text/html; charset=utf-8", headers=own)
            case _:
                return answers.OK


_NOT_KEPT = ((b"cache-control", b"no-store"),)


def _come_back(full: Overloaded) -> Refusal:
    seconds = max(1, round(full.retry_after_s))
    return Refusal(429, "overloaded", str(full), [(b"retry-after", str(seconds).encode())])


def _too_large(message: str, source: Source | None) -> Refusal:
    return Refusal(413 if source and is_rudder(source) else 400, "too_large", message)


def wire_app(
    desk: Desk,
    sources: Sources,
    limits: Limits,
    clock: Clock,
    metrics: CollectorRegistry,
    fallback: ASGIApp,
) -> ASGIApp:
    """The application that serves the wire, and hands every other path to `fallback`.

    `sources` says who a write key is, and as a `Gate` what it may and how fast; `metrics` is the
    registry that `/metrics` shows and in which the door counts. Every event that is answered with 200
    was on disk before, save those in `rejected`, which are on disk as well and will be found among the
    refused.
    """
    wire = _Wire(desk, sources, limits, clock, Meters(metrics))

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        methods = methods_of(scope["path"]) if scope["type"] == "http" else None
        if methods is None:
            await fallback(scope, receive, send)
            return
        method: str = scope["method"]
        route = methods.get("GET" if method == "HEAD" else method)
        if route is None and method != "OPTIONS" and scope["path"].rstrip("/") in BARE:
            await fallback(scope, receive, send)
            return
        headers = {name: value for name, value in scope["headers"] if name in _READ}
        does = "other"
        try:
            if route is not None:
                does = route.does
                answer = await wire.answer(_Asked(route, headers, scope, receive))
            else:
                answer = _no_route(methods, method)
        except Disconnected:
            return
        except Exception as fault:  # noqa: BLE001 - the outermost loop of the door; a test sees it happen
            # Whatever breaks, a client reads JSON and tries again, and the operator reads where: not
            # the message and not the locals, which may hold what a person said.
            where = "".join(format_tb(fault.__traceback__))
            _log.error("the door failed", does=does, fault=type(fault).__name__, where=where)
            answer = answers.refused(Refusal(500, "internal", "the server failed: try again later"))
        wire.meters.answered(does, answer.status)
        await answers.say(send, answer, headers.get(b"origin"), head=method == "HEAD")

    return app


def _no_route(methods: dict[str, Route], method: str) -> Answer:
    if not methods:
        return answers.refused(
            Refusal(404, "not_found", "the wire has no such path: /docs lists all of them")
        )
    if method == "OPTIONS":
        return answers.preflight(tuple(methods))
    allowed = [*methods, "OPTIONS"]
    return answers.refused(
        Refusal(
            405,
            "method_not_allowed",
            f"this path takes {', '.join(allowed)}, not {method}",
            [(b"allow", ", ".join(allowed).encode())],
        )
    )
