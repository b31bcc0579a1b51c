"""The door for a command: learn now. The server learns from its own store; nothing is handed in."""

from collections.abc import Awaitable, Callable

from starlette.types import ASGIApp, Receive, Scope, Send

from equipoise.doors import answers, keys
from equipoise.doors.answers import Answer, Refusal
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
            _permit(scope, sources)
            answer = Answer(body=await learn())
        except Refusal as refusal:
            answer = answers.refused(refusal)
        except Overloaded as full:
            after = [(b"retry-after", str(full.retry_after_s).encode())]
            answer = answers.refused(Refusal(429, "overloaded", str(full), after))
        await answers.say(send, answer, None)

    return app


def _permit(scope: Scope, sources: Callable[[str], Source | None]) -> None:
    if scope["method"] != "POST":
        told = f"this path takes POST, not {scope['method']}"
        raise Refusal(405, "method_not_allowed", told, [(b"allow", b"POST")])
    authorization = dict(scope["headers"]).get(b"authorization")
    key = keys.key_in_header(authorization) or keys.bearer_token(authorization)
    source = sources(key) if key else None
    if source is None:
        raise Refusal(
            401, "unknown_key", "a server write key is needed, in the header Authorization"
        )
    if source.trust != "server":
        raise Refusal(403, "source_not_trusted", "a server key is needed; this one is public")
