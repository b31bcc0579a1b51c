"""What stands in front of every page: headers, the origin of what is posted, and who is signed in."""

from urllib.parse import quote, urlsplit

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from equipoise.show.house import House
from equipoise.show.sessions import SESSION, Sessions

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
"""Scripts and styles come only from our own files; nothing is written into a page or framed."""

_HEADERS = {
    b"content-security-policy": POLICY.encode(),
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"same-origin",
    b"cross-origin-opener-policy": b"same-origin",
    b"permissions-policy": b"camera=(), geolocation=(), microphone=()",
}
_HSTS = b"max-age=31536000; includeSubDomains"
OPEN_PATHS = frozenset(("/login", "/checkpoint", "/checkpoint/newest", "/vkey"))
OPEN_FOLDERS = ("/assets/", "/tile/")
"""What anybody may see: the way in, our own files, and the ledger, which holds nothing personal."""

_READING = frozenset(("GET", "HEAD"))


def is_secure(request: Request, house: House) -> bool:
    """Whether people reach the house over TLS, by the request or by the address that is set."""
    return request.url.scheme == "https" or house.public_url.startswith("https:")


def cookie_name(request: Request, house: House) -> str:
    """The session's cookie; over TLS its name binds it to this host alone."""
    return "__Host-equipoise" if is_secure(request, house) else "equipoise"


def from_our_pages(request: Request, house: House) -> bool:
    """Whether a form was sent by one of our own pages, by what only a browser can say.

    `Sec-Fetch-Site` where it is sent, else the `Origin`; a request with neither is refused.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("origin", "")
    hosts = {request.headers.get("host", ""), urlsplit(house.public_url).netloc} - {""}
    return urlsplit(origin).netloc in hosts


def may_see(request: Request, house: House) -> bool:
    """Whether this request may be shown what the house knows; the guard has looked at its cookie."""
    return house.open_console or request.scope.get(SESSION) is not None


class Guarded:
    """Lets a request through to the pages, or sends it to the login; adds the headers to each answer."""

    def __init__(self, app: ASGIApp, house: House, sessions: Sessions) -> None:
        self._app = app
        self._house = house
        self._sessions = sessions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        secure = is_secure(request, self._house)

        async def guarded_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = _with_headers(message["headers"], secure=secure)
            await send(message)

        refusal = self._refusal(request)
        if refusal is None:
            await self._app(scope, receive, guarded_send)
        else:
            await refusal(scope, receive, guarded_send)

    def _refusal(self, request: Request) -> Response | None:
        if request.method not in _READING and not from_our_pages(request, self._house):
            return PlainTextResponse(
                "Refused: this form was not sent by one of our own pages. Open the page again and "
                "send it from there.\n",
                403,
            )
        path = request.url.path
        cookie = request.cookies.get(cookie_name(request, self._house))
        session = self._sessions.of(cookie) if cookie else None
        request.scope[SESSION] = session
        is_open = path in OPEN_PATHS or path.startswith(OPEN_FOLDERS)
        if is_open or may_see(request, self._house):
            return None
        if request.method not in _READING or path == "/live":
            return PlainTextResponse("Sign in again.\n", 401)
        asked = f"{path}?{request.url.query}" if request.url.query else path
        return RedirectResponse(f"/login?next={quote(asked, safe='')}", 303)


def _with_headers(headers: list[tuple[bytes, bytes]], *, secure: bool) -> list[tuple[bytes, bytes]]:
    said = {name.lower() for name, _ in headers}
    added = [(name, value) for name, value in _HEADERS.items() if name not in said]
    if b"cache-control" not in said:
        added.append((b"cache-control", b"no-store"))
    if secure:
        added.append((b"strict-transport-security", _HSTS))
    return [*headers, *added]
