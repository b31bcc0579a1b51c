"""Where witnesses and ledgers meet over HTTP: a log takes cosignatures, a witness takes heads.

`POST /cosignatures` at a house takes one of its heads with cosignature lines under it. `POST
/add-checkpoint` at a witness is C2SP tlog-witness, with the answers that it prescribes.
"""

from collections.abc import Callable
from typing import Final

import structlog
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from equipoise.account.note import MAX_NOTE_BYTES
from equipoise.account.refusal import LedgerRefused
from equipoise.account.witness import (
    Asked,
    Forked,
    NotSigned,
    OldSizeWrong,
    ProofWrong,
    UnknownLog,
    read_asked,
)

PATH: Final = "/cosignatures"
_OLD_SIZE = {"content-type": "text/x.tlog.size"}
_log = structlog.get_logger("equipoise.witness")


class _TooLong(Exception):
    """More bytes came than a note may have."""


def cosignatures_app(take: Callable[[str], tuple[str, ...]], fallback: ASGIApp) -> ASGIApp:
    """Serve `POST /cosignatures`, and hand every other path to `fallback`.

    `take` adds what a witness signed and returns whose names are under the head now; what it refuses
    is answered with 400 and the reason. Anybody may post: only the signatures count.
    """

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != PATH:
            await fallback(scope, receive, send)
            return
        answer = await _taken(Request(scope, receive), take)
        await answer(scope, receive, send)

    return app


async def _taken(request: Request, take: Callable[[str], tuple[str, ...]]) -> Response:
    if request.method != "POST":
        return PlainTextResponse("POST a signed head here.\n", 405, {"allow": "POST"})
    try:
        names = take(await _text(request))
    except _TooLong:
        return PlainTextResponse(f"A head has at most {MAX_NOTE_BYTES} bytes.\n", 413)
    except LedgerRefused as refused:
        return PlainTextResponse(f"{refused}\n", 400)
    except ClientDisconnect:
        return Response(status_code=400)
    return PlainTextResponse("".join(f"{name}\n" for name in names))


def witness_app(add: Callable[[Asked], str], vkey: str) -> ASGIApp:
    """A witness for logs that hand in their heads: `POST /add-checkpoint`; `GET /vkey` tells its key.

    `add` returns the cosignature line, or raises as `Witness.add_checkpoint` does.
    """

    async def add_checkpoint(request: Request) -> Response:
        try:
            return PlainTextResponse(add(read_asked(await _text(request))))
        except _TooLong:
            return PlainTextResponse(f"A request has at most {MAX_NOTE_BYTES} bytes.\n", 413)
        except OldSizeWrong as wrong:
            return Response(f"{wrong.size}\n", 409, _OLD_SIZE)
        except Forked as fork:
            _log.error("a fork was refused", origin=fork.evidence.origin, why=str(fork))
            return PlainTextResponse(f"{fork}\n", 409)
        except LedgerRefused as refused:
            return PlainTextResponse(f"{refused}\n", _status(refused))
        except ClientDisconnect:
            return Response(status_code=400)

    async def key(request: Request) -> Response:
        del request
        return PlainTextResponse(f"{vkey}\n")

    return Starlette(
        routes=[Route("/add-checkpoint", add_checkpoint, methods=["POST"]), Route("/vkey", key)]
    )


def _status(refused: LedgerRefused) -> int:
    if isinstance(refused, UnknownLog):
        return 404
    if isinstance(refused, NotSigned):
        return 403
    return 422 if isinstance(refused, ProofWrong) else 400


async def _text(request: Request) -> str:
    """The body as text; raises `_TooLong`, and `LedgerRefused` where it is not UTF-8."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MAX_NOTE_BYTES:
            raise _TooLong
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise LedgerRefused("the body is not text in UTF-8") from None
