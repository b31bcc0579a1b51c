"""All pages of the company as one application, behind one guard."""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from equipoise.ports import Overloaded
from equipoise.show.aggregates import Aggregates
from equipoise.show.decisions import Decisions
from equipoise.show.desk import Desk
from equipoise.show.effects import Effects
from equipoise.show.forms import FormUnread
from equipoise.show.guarding import Guarded, may_see
from equipoise.show.house import House
from equipoise.show.joins import Joins
from equipoise.show.ledger import FOR_EVER, Ledger
from equipoise.show.live import Live, Pause
from equipoise.show.login import Login
from equipoise.show.people import People
from equipoise.show.rendering import KINDS, Pages
from equipoise.show.requests import Requests
from equipoise.show.sessions import Sessions
from equipoise.show.shares import Shares
from equipoise.show.signed_in import SignedIn


class Time(msgspec.Struct, frozen=True):
    """The pages' own sense of time: a clock of seconds that never goes back, and how to wait."""

    seconds: Callable[[], float] = monotonic
    pause: Pause = asyncio.sleep


def console_app(house: House, time: Time = Time()) -> ASGIApp:  # noqa: B008 - frozen
    """The console of a house as an ASGI application; `time` is another one in tests."""
    pages = Pages(house)
    sessions = Sessions(time.seconds, house.terms)
    parts: list[Any] = [
        Live(house, pages, time.seconds, time.pause),
        People(house, pages),
        Decisions(house, pages),
        Desk(house, pages),
        Requests(house, pages),
        Joins(house, pages),
        Shares(house, pages),
        Aggregates(house, pages),
        Effects(house, pages),
        Ledger(house, pages),
        Login(house, pages, sessions, time.seconds),
        SignedIn(pages, sessions, time.seconds),
    ]
    routes = [route for part in parts for route in part.routes()]
    app = Starlette(
        routes=[*routes, Route("/assets/{name}", _assets(pages))],
        exception_handlers=_troubles(house, pages),
    )

    def refuse(request: Request) -> Response:
        return pages.page(request, "trouble.html", 403, trouble="trouble.role")

    return Guarded(app, house, sessions, refuse)


def _assets(pages: Pages) -> Callable[[Request], Awaitable[Response]]:
    async def asset(request: Request) -> Response:
        name = request.path_params["name"]
        body = pages.files.get(name)
        if body is None:
            raise HTTPException(404)
        kind = KINDS.get(f".{name.rpartition('.')[2]}", "application/octet-stream")
        return Response(body, media_type=kind, headers=FOR_EVER)

    return asset


def _troubles(house: House, pages: Pages) -> Any:
    """What is shown where something is not there, full, or malformed."""

    async def not_there(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 404
        if not may_see(request, house):
            return PlainTextResponse("There is nothing here.\n", status)
        trouble = "trouble.not_there" if status == 404 else "trouble.not_so"
        return pages.page(request, "trouble.html", status, trouble=trouble)

    async def full(request: Request, error: Exception) -> Response:
        answer = pages.page(request, "trouble.html", 503, trouble="trouble.full")
        if isinstance(error, Overloaded):
            answer.headers["retry-after"] = str(error.retry_after_s)
        return answer

    async def malformed(request: Request, error: Exception) -> Response:
        del error
        return pages.page(request, "trouble.html", 400, trouble="trouble.malformed")

    return {HTTPException: not_there, Overloaded: full, FormUnread: malformed}
