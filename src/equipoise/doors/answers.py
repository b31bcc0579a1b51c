"""What the door says: exactly 200 on success, `{"code", "message"}` otherwise, and who may read it."""

from collections.abc import Sequence

import msgspec
from starlette.types import Send

from equipoise.arrive.segment import Rejected

JSON = b"application/json"
SUCCESS = b'{"success":true}'
ALLOWED_HEADERS = b"authorization, content-type, content-encoding, x-retry-count, anonymousid"
"""Headers that browsers' clients send beside the simple ones."""

PREFLIGHT_S = 7200
"""How long a browser may remember a preflight, in seconds."""

Headers = list[tuple[bytes, bytes]]
_encode = msgspec.json.Encoder().encode


class Trouble(msgspec.Struct, frozen=True):
    """Every answer that is not a success."""

    code: str
    message: str


class Taken(msgspec.Struct, frozen=True, omit_defaults=True):
    """The answer to what was taken: durable, save the items named in `rejected`."""

    success: bool
    rejected: tuple[Rejected, ...] = ()


class Refusal(Exception):
    """The request is answered with a status and a `Trouble`; raised from anywhere below the door."""

    def __init__(
        self, status: int, code: str, message: str, headers: Headers | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.trouble = Trouble(code, message)
        self.headers = headers or []


class Answer(msgspec.Struct, frozen=True):
    """One response: status, body, its type and further headers."""

    status: int = 200
    body: bytes = SUCCESS
    kind: bytes = JSON
    headers: Sequence[tuple[bytes, bytes]] = ()


OK = Answer()
"""The one answer that every client library takes for success."""


def taken(rejected: tuple[Rejected, ...]) -> Answer:
    """Success, with the items that will be found among the refused."""
    if not rejected:
        return OK
    return Answer(body=_encode({"success": True, "rejected": rejected}))


def refused(refusal: Refusal) -> Answer:
    """The answer that a refusal asks for."""
    return Answer(refusal.status, _encode(refusal.trouble), JSON, refusal.headers)


def preflight(methods: Sequence[str]) -> Answer:
    """What a browser asks before it sends `Authorization` from another site."""
    return Answer(
        body=b"",
        headers=(
            (b"access-control-allow-methods", ", ".join((*methods, "OPTIONS")).encode()),
            (b"access-control-allow-headers", ALLOWED_HEADERS),
            (b"access-control-max-age", str(PREFLIGHT_S).encode()),
        ),
    )


async def say(send: Send, answer: Answer, origin: bytes | None, *, head: bool = False) -> None:
    """Send one answer; `origin` is echoed, since the write key, not the page, says who may speak."""
    headers = [
        (b"content-type", answer.kind),
        (b"content-length", str(len(answer.body)).encode()),
        *answer.headers,
    ]
    if origin is not None:
        headers += [(b"access-control-allow-origin", origin), (b"vary", b"origin")]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if head else answer.body})
