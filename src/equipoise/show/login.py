"""The way in: an operator's token, pasted or carried in the address's fragment, for a session."""

import hashlib
from collections.abc import Callable
from functools import partial
from time import monotonic

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from equipoise.show.forms import first, read_form
from equipoise.show.guarding import cookie_name, is_secure
from equipoise.show.house import House
from equipoise.show.rendering import Pages
from equipoise.show.sessions import Sessions, Tries


def local_path(asked: str) -> str:
    """The page to go on to: a path on this host, or the first page.

    >>> local_path("/people?q=ana"), local_path("//evil.example"), local_path("https://evil.example")
    ('/people?q=ana', '/', '/')
    """
    strange = asked.startswith("//") or "\\" in asked or any(ord(sign) < 32 for sign in asked)
    return "/" if strange or not asked.startswith("/") else asked


class Login:
    """`/login` and `/logout`."""

    def __init__(
        self,
        house: House,
        pages: Pages,
        sessions: Sessions,
        seconds: Callable[[], float] = monotonic,
    ) -> None:
        self._house = house
        self._pages = pages
        self._sessions = sessions
        self._tries = Tries(seconds)

    def routes(self) -> list[Route]:
        """The routes of the login."""
        return [
            Route("/login", self.show, methods=["GET"]),
            Route("/login", self.enter, methods=["POST"]),
            Route("/logout", self.leave, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """The form; it says nothing about anybody."""
        return self._form(request, local_path(request.query_params.get("next", "/")))

    def _form(
        self, request: Request, onward: str, trouble: str = "", status: int = 200
    ) -> Response:
        return self._pages.page(request, "login.html", status, next=onward, trouble=trouble)

    async def enter(self, request: Request) -> Response:
        """Exchange a token for a session; a wrong one counts against the address that sent it."""
        fields = await read_form(request)
        onward = local_path(first(fields, "next", 2000))
        address = request.client.host if request.client else ""
        wait_s = self._tries.wait_s(address)
        if wait_s > 0:
            answer = self._form(request, onward, "login.wait", 429)
            answer.headers["retry-after"] = str(int(wait_s) + 1)
            return answer
        operator = self._house.operator(first(fields, "token"))
        if operator is None:
            self._tries.failed(address)
            return self._form(request, onward, "login.wrong", 403)
        answer = RedirectResponse(onward, 303)
        old = request.cookies.get(cookie_name(request, self._house))
        if old:
            self._sessions.end(old)
        digest = hashlib.sha256(first(fields, "token").encode()).hexdigest()
        role = partial(self._house.role, operator, digest)
        answer.set_cookie(
            cookie_name(request, self._house),
            self._sessions.begin(operator, role, address),
            max_age=int(self._house.terms.age_s),
            secure=is_secure(request, self._house),
            httponly=True,
            samesite="lax",
        )
        return answer

    async def leave(self, request: Request) -> Response:
        """End the session, here and in every page that is still open."""
        name = cookie_name(request, self._house)
        self._sessions.end(request.cookies.get(name, ""))
        answer = RedirectResponse("/login", 303, {"clear-site-data": '"cache", "storage"'})
        answer.delete_cookie(
            name, secure=is_secure(request, self._house), httponly=True, samesite="lax"
        )
        return answer
