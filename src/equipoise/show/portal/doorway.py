"""What stands in front of every page of the portal: headers, cookies, the origin and token of forms."""

from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from equipoise.show.forms import first, read_form
from equipoise.show.guarding import from_our_pages, is_secure
from equipoise.show.house import House
from equipoise.show.portal.visits import VISIT, Visit, Visits, same

PREFIX = "/me"
OPEN = ("/me/enter", "/me/code", "/me/left")
"""Where one may be without having entered."""

NONCE = "ml"
SESSION_COOKIE = "me"
_READING = frozenset(("GET", "HEAD"))
_HEADERS = {
    b"content-security-policy": (
        b"default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
        b"frame-ancestors 'none'; base-uri 'none'"
    ),
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"permissions-policy": b"camera=(), geolocation=(), microphone=()",
    b"cache-control": b"no-store",
}
_HSTS = b"max-age=31536000; includeSubDomains"


def is_ours(path: str) -> bool:
    """Whether a path belongs to the portal.

    >>> is_ours("/me"), is_ours("/me/terms"), is_ours("/metrics")
    (True, True, False)
    """
    return path == PREFIX or path.startswith(f"{PREFIX}/")


def cookie_named(name: str, request: Request, house: House) -> str:
    """The name of a cookie; over TLS it is bound to this host alone."""
    return f"__Host-{name}" if is_secure(request, house) else f"equipoise_{name}"


def keep_cookie(
    answer: Response, request: Request, house: House, pair: tuple[str, str], age_s: float
) -> None:
    """Set a cookie (name and value) that no script reads; an empty value takes it away."""
    name, value = pair
    answer.set_cookie(
        cookie_named(name, request, house),
        value,
        max_age=int(age_s) if value else 0,
        secure=is_secure(request, house),
        httponly=True,
        samesite="lax",
    )


def visit_of(request: Request) -> Visit:
    """The visit of a request that the doorway let through."""
    visit: Visit = request.scope[VISIT]
    return visit


async def checked_form(request: Request) -> dict[str, list[str]]:
    """The fields of a form of this visit; raises `HTTPException` 403 where its token is another one."""
    fields = await read_form(request)
    if not same(first(fields, "form"), visit_of(request).form):
        raise HTTPException(403)
    return fields


class Doorway:
    """Lets a request through to the portal, or to the way in; every other path goes on."""

    def __init__(self, app: ASGIApp, house: House, visits: Visits, fallback: ASGIApp) -> None:
        self._app = app
        self._house = house
        self._visits = visits
        self._fallback = fallback

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or not is_ours(scope["path"]):
            await self._fallback(scope, receive, send)
            return
        request = Request(scope)
        secure = is_secure(request, self._house)

        async def guarded_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                said = {name.lower() for name, _ in message["headers"]}
                added = [(name, value) for name, value in _HEADERS.items() if name not in said]
                if secure:
                    added.append((b"strict-transport-security", _HSTS))
                message["headers"] = [*message["headers"], *added]
            await send(message)

        await (self._refusal(request) or self._app)(scope, receive, guarded_send)

    def _refusal(self, request: Request) -> Response | None:
        if request.method not in _READING and not _from_here(request, self._house):
            return PlainTextResponse(
                "Refused: this form was not sent by one of our own pages. Open the page again and "
                "send it from there.\n",
                403,
            )
        cookie = request.cookies.get(cookie_named(SESSION_COOKIE, request, self._house), "")
        visit = self._visits.of(cookie) if cookie else None
        request.scope[VISIT] = visit
        path = request.url.path
        if visit is not None or path.startswith(OPEN):
            return None
        onward = path if request.method in _READING else PREFIX
        return RedirectResponse(f"/me/enter?next={quote(onward, safe='')}", 303)


def _from_here(request: Request, house: House) -> bool:
    """As on the console; a page that sends no referrer says `null` where a browser tells nothing else.

    The token in the form stands behind it.
    """
    if "sec-fetch-site" not in request.headers and request.headers.get("origin") == "null":
        return True
    return from_our_pages(request, house)
