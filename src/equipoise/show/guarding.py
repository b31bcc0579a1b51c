"""What stands in front of every page: headers, where what is posted comes from, who is signed in, as what."""

from collections.abc import Callable
from urllib.parse import parse_qsl, quote, urlsplit

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from equipoise.show.forms import FORM_FIELD, FORM_HEADER, MOST_BYTES
from equipoise.show.heading import with_headers
from equipoise.show.house import House
from equipoise.show.roles import first_page, may
from equipoise.show.sessions import SESSION, Sessions

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

    `Sec-Fetch-Site` and `Origin` must both be ours, each where it is sent; a request with neither is
    refused. A page that sends no referrer says the origin `null`, which counts beside the other alone.
    """
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None and site not in ("same-origin", "none"):
        return False
    if origin is None or (origin == "null" and site == "same-origin"):
        return site is not None
    hosts = {request.headers.get("host", ""), urlsplit(house.public_url).netloc} - {""}
    return urlsplit(origin).netloc in hosts


def may_see(request: Request, house: House) -> bool:
    """Whether this request may be shown what the house knows; the guard has looked at its cookie."""
    return house.open_console or request.scope.get(SESSION) is not None


class Guarded:
    """Lets a request through to the pages, or sends it to the login; adds the headers to each answer.

    `refuse` makes the answer to somebody who is signed in and may not see the page in their role.
    """

    def __init__(
        self,
        app: ASGIApp,
        house: House,
        sessions: Sessions,
        refuse: Callable[[Request], Response],
    ) -> None:
        self._app = app
        self._house = house
        self._sessions = sessions
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        secure = is_secure(request, self._house)

        async def guarded_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = with_headers(message["headers"], secure=secure)
            await send(message)

        refusal = self._refusal(request)
        session = scope.get(SESSION)
        if refusal is None and session is not None and request.method not in _READING:
            token, receive = await _token_of(request, receive)
            if not session.is_form_of(token):
                refusal = _not_ours()
        if refusal is None:
            await self._app(scope, receive, guarded_send)
        else:
            await refusal(scope, receive, guarded_send)

    def _refusal(self, request: Request) -> Response | None:
        if request.method not in _READING and not from_our_pages(request, self._house):
            return _not_ours()
        path = request.url.path
        cookie = request.cookies.get(cookie_name(request, self._house))
        session = self._sessions.of(cookie) if cookie else None
        request.scope[SESSION] = session
        if path in OPEN_PATHS or path.startswith(OPEN_FOLDERS):
            return None
        if not may_see(request, self._house):
            if request.method not in _READING or path == "/live":
                return PlainTextResponse("Sign in again.\n", 401)
            asked = f"{path}?{request.url.query}" if request.url.query else path
            return RedirectResponse(f"/login?next={quote(asked, safe='')}", 303)
        role = session.role() if session else "admin"
        if role is None or may(role, request.method, path):
            return None
        return RedirectResponse(first_page(role), 303) if path == "/" else self._refuse(request)


def _not_ours() -> Response:
    return PlainTextResponse(
        "Refused: this form was not sent by one of our own pages. Open the page again and "
        "send it from there.\n",
        403,
    )


async def _token_of(request: Request, receive: Receive) -> tuple[str, Receive]:
    """The token of a form, from its header or its first bytes, and the same body to be read again."""
    told = request.headers.get(FORM_HEADER)
    if told is not None:
        return told, receive
    messages, body, more = [], b"", True
    while more and len(body) <= MOST_BYTES:
        message = await receive()
        messages.append(message)
        body += message.get("body", b"")
        more = message["type"] == "http.request" and message.get("more_body", False)

    async def again() -> Message:
        return messages.pop(0) if messages else await receive()

    pairs = parse_qsl(body.decode("utf-8", "replace").partition("&")[0])
    return (pairs[0][1] if pairs and pairs[0][0] == FORM_FIELD else ""), again
