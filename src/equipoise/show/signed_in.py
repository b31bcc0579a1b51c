"""Who is signed in: an operator sees and ends their own sessions, an admin those of everybody."""

from collections.abc import Callable

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from equipoise.nouns.access import Role
from equipoise.show.rendering import Pages
from equipoise.show.sessions import SESSION, Session, Sessions


class Listed(msgspec.Struct, frozen=True):
    """One living session as it is told; ages in whole minutes."""

    name: str
    operator: str
    role: Role
    address: str
    since_min: int
    used_min: int
    is_this: bool


class SignedIn:
    """`/sessions`: the list of living sessions that one may end, and the form that ends one."""

    def __init__(self, pages: Pages, sessions: Sessions, seconds: Callable[[], float]) -> None:
        self._pages = pages
        self._sessions = sessions
        self._seconds = seconds

    def routes(self) -> list[Route]:
        """The routes of sessions."""
        return [
            Route("/sessions", self.page, methods=["GET"]),
            Route("/sessions/{name}/end", self.end, methods=["POST"]),
        ]

    def _theirs(self, request: Request) -> dict[str, Session]:
        """The sessions that the one who asks may see and end."""
        asking: Session | None = request.scope.get(SESSION)
        living = self._sessions.living()
        if asking is None or asking.role() == "admin":
            return living
        return {name: one for name, one in living.items() if one.operator == asking.operator}

    async def page(self, request: Request) -> Response:
        """Every session that may be ended from here."""
        now_s, this = self._seconds(), request.scope.get(SESSION)
        listed = [
            Listed(
                name=name,
                operator=one.operator,
                role=one.role() or "admin",
                address=one.address,
                since_min=int((now_s - one.born_s) // 60),
                used_min=int((now_s - one.used_s) // 60),
                is_this=one is this,
            )
            for name, one in self._theirs(request).items()
        ]
        return self._pages.page(request, "sessions.html", sessions=listed)

    async def end(self, request: Request) -> Response:
        """End one of them, also its open streams."""
        name = request.path_params["name"]
        if name not in self._theirs(request):
            raise HTTPException(404)
        self._sessions.end_named(name)
        return RedirectResponse("/sessions", 303)
