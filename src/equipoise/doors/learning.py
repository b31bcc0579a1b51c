"""The door for a command: learn now. The server learns from its own store; nothing is handed in."""

from collections.abc import Awaitable, Callable

from starlette.types import ASGIApp, Receive, Scope, Send

from equipoise.doors import answers
from equipoise.doors.answers import Answer, Refusal
from equipoise.doors.permitting import server_key
from equipoise.nouns.events import Source
from equipoise.ports import Overloaded

PATH = "/v1/learn"


def learning_app(
    learn: Callable[[], Awaitable[bytes]],
    sources: Callable[[str], Source | None],
    fallback: ASGIApp,
) -> ASGIApp:
    """Serve `POST /v1/learn` to a server key, and hand every other path to `fallback`.

    `learn` learns and gives what it found, as JSON; `sources` says who a write key is. A public key,
    which stands in pages, may not make the server work.
    """

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].rstrip("/") != PATH:
            await fallback(scope, receive, send)
            return
        try:
            server_key(scope, sources)
            answer = Answer(body=await learn())
        except Refusal as refusal:
            answer = answers.refused(refusal)
        except Overloaded as full:
            after = [(b"retry-after", str(full.retry_after_s).encode())]
            answer = answers.refused(Refusal(429, "overloaded", str(full), after))
        await answers.say(send, answer, None)

    return app
