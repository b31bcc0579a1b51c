"""The headers that every answer of the house has: what a browser may load, say and keep."""

from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; "
    "object-src 'none'"
)
"""Scripts and styles come only from our own files; nothing is written into a page or framed."""

HEADERS = {
    b"content-security-policy": POLICY.encode(),
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"same-origin",
    b"cross-origin-opener-policy": b"same-origin",
    b"permissions-policy": b"camera=(), geolocation=(), microphone=()",
    b"cache-control": b"no-store",
}
"""What an answer is given that does not say it itself."""

HSTS = b"max-age=31536000; includeSubDomains"

Headers = list[tuple[bytes, bytes]]


def with_headers(headers: Headers, *, secure: bool) -> Headers:
    """The headers of an answer, and those of every answer that it lacks; over TLS, only TLS from now."""
    said = {name.lower() for name, _ in headers}
    added = [(name, value) for name, value in HEADERS.items() if name not in said]
    if secure and b"strict-transport-security" not in said:
        added.append((b"strict-transport-security", HSTS))
    return [*headers, *added]


def headed(app: ASGIApp, is_secure: Callable[[Scope], bool]) -> ASGIApp:
    """An application whose every answer has the headers, whoever made it."""

    async def app_with_headers(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return

        async def headed_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", ()))
                message["headers"] = with_headers(headers, secure=is_secure(scope))
            await send(message)

        await app(scope, receive, headed_send)

    return app_with_headers
