"""A desk that keeps rows in memory, and a client that drives the application without a socket."""

import asyncio
import base64
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import msgspec
from prometheus_client import CollectorRegistry
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from equipoise.arrive.segment import Limits, parse
from equipoise.doors.gate import Sources
from equipoise.doors.http import wire_app
from equipoise.nouns.events import Event, IntakeRow, Refused, Source

NOW_MS = 1_764_000_000_000
SOURCES = {
    "public": Source("site", "public"),
    "server": Source("till", "server"),
    "rudder": Source("rudder_back", "server"),
}


class Desk:
    """Numbers the rows it is handed; raises `trouble` instead where one is set."""

    def __init__(self) -> None:
        self.rows: list[IntakeRow] = []
        self.trouble: Exception | None = None
        self.reply = b'{"outcome":"silence"}'

    async def accept(self, row: IntakeRow) -> int:
        if self.trouble is not None:
            raise self.trouble
        self.rows.append(msgspec.structs.replace(row, id=len(self.rows) + 1))
        return len(self.rows)

    async def ask(self, row: IntakeRow) -> bytes:
        await self.accept(row)
        return self.reply

    def parsed(self) -> list[Event | Refused]:
        return [item for row in self.rows for item in parse(row)]

    def events(self) -> list[Event]:
        parsed = self.parsed()
        assert not [item for item in parsed if isinstance(item, Refused)], parsed
        return [item for item in parsed if isinstance(item, Event)]


class Reply(msgspec.Struct):
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return msgspec.json.decode(self.body)


class Clock:
    def now_ms(self) -> int:
        return NOW_MS


async def fallback(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 299, "headers": []})
    await send({"type": "http.response.body", "body": b"pages"})


def basic(key: str, after: str = ":") -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"{key}{after}".encode()).decode()}


class Client:
    """Asks the application one thing at a time."""

    def __init__(self, limits: Limits | None = None, sources: Sources | None = None) -> None:
        self.desk = Desk()
        self.registry = CollectorRegistry()
        self.app: ASGIApp = wire_app(
            self.desk, sources or SOURCES.get, limits or Limits(), Clock(), self.registry, fallback
        )

    def ask(
        self,
        method: str,
        path: str,
        body: Any = b"",
        headers: dict[str, str] | None = None,
        chunks: Sequence[bytes] = (),
        leaves: bool = False,
    ) -> Reply:
        """The answer; status 0 where none came. `leaves` hangs up after the last chunk."""
        raw = body if isinstance(body, bytes) else msgspec.json.encode(body)
        path, _, query = path.partition("?")
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": query.encode(),
            "scheme": "http",
            "headers": [(k.encode(), v.encode()) for k, v in (headers or {}).items()],
        }
        waiting = list(chunks) if leaves else list(chunks) or [raw]
        sent: list[Message] = []

        async def receive() -> Message:
            if not waiting:
                return {"type": "http.disconnect"}
            return {
                "type": "http.request",
                "body": waiting.pop(0),
                "more_body": leaves or bool(waiting),
            }

        async def send(message: Message) -> None:
            sent.append(message)

        asyncio.run(self.app(scope, receive, send))  # type: ignore[arg-type]  # a coroutine, as ASGI has it
        if not sent:
            return Reply(0, {}, b"")
        told = {k.decode(): v.decode() for k, v in sent[0]["headers"]}
        return Reply(sent[0]["status"], told, b"".join(m.get("body", b"") for m in sent[1:]))

    def post(self, path: str, body: Any, key: str = "server", **headers: str) -> Reply:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.ask("POST", path, body, basic(key) | named)

    def figure(self, name: str, **labels: str) -> float:
        return self.registry.get_sample_value(name, labels) or 0.0


def query(**parameters: str) -> str:
    return "?" + "&".join(f"{k.replace('__', '.')}={quote(v)}" for k, v in parameters.items())
