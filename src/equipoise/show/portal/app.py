"""The portal as one application in front of the rest: `/me` and below are its own."""

from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from equipoise.ports import Overloaded
from equipoise.show.forms import FormUnread
from equipoise.show.portal.allowing import Allowing
from equipoise.show.portal.asking import Asking
from equipoise.show.portal.doorway import Doorway
from equipoise.show.portal.entering import Entering, farewell
from equipoise.show.portal.guests import Gone, Guests
from equipoise.show.portal.house import PersonHouse
from equipoise.show.portal.leaving import Leaving
from equipoise.show.portal.links import Links
from equipoise.show.portal.pages import PersonPages
from equipoise.show.portal.seeing import Seeing
from equipoise.show.portal.seeking import Seeking
from equipoise.show.portal.sharing import Sharing
from equipoise.show.portal.understanding import Understanding
from equipoise.show.portal.visits import Visits
from equipoise.show.portal.wishing import Wishing


def portal_app(portal: PersonHouse, fallback: ASGIApp) -> ASGIApp:
    """Serve `/me` to people, and hand every other path to `fallback`."""
    pages, guests = PersonPages(portal), Guests(portal)
    links, visits = Links(portal.seconds), Visits(portal.seconds)
    parts: list[Any] = [
        Entering(portal, pages, links, visits),
        Seeing(portal, pages, guests),
        Understanding(portal, pages, guests),
        Allowing(portal, pages, guests),
        Wishing(portal, pages, guests),
        Seeking(portal, guests),
        Asking(portal, pages, guests),
        Sharing(portal, pages, guests),
        Leaving(portal, pages, guests, visits),
    ]
    routes = [route for part in parts for route in part.routes()]
    app = Starlette(routes=routes, exception_handlers=_troubles(portal, pages, visits))
    return Doorway(app, portal.house, visits, fallback)


def _troubles(portal: PersonHouse, pages: PersonPages, visits: Visits) -> Any:
    """What is shown where something is not there, full, malformed, or belongs to nobody any more."""

    async def not_there(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 404
        trouble = {403: "me.stale", 404: "me.not_there"}.get(status, "me.not_so")
        return pages.page(request, "me_trouble.html", status, trouble=trouble)

    async def full(request: Request, error: Exception) -> Response:
        answer = pages.page(request, "me_trouble.html", 503, trouble="me.full")
        if isinstance(error, Overloaded):
            answer.headers["retry-after"] = str(error.retry_after_s)
        return answer

    async def malformed(request: Request, error: Exception) -> Response:
        del error
        return pages.page(request, "me_trouble.html", 400, trouble="me.malformed")

    async def gone(request: Request, error: Exception) -> Response:
        del error
        return farewell(request, portal.house, visits, "/me/enter")

    return {HTTPException: not_there, Overloaded: full, FormUnread: malformed, Gone: gone}
