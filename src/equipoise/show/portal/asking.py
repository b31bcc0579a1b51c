"""Requests with their clock, and the log: what the house owes the person, and how to check it."""

from collections.abc import Callable
from typing import Any

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from equipoise.nouns.rights import AnswerRight, AskRight, RequestKind
from equipoise.nouns.rights import Request as Right
from equipoise.show.addresses import record_number
from equipoise.show.forms import first
from equipoise.show.portal.doorway import checked_form
from equipoise.show.portal.guests import Guest, Guests
from equipoise.show.portal.house import PersonHouse
from equipoise.show.portal.pages import PersonPages

DAY_MS = 86_400_000
ASKED: tuple[RequestKind, ...] = ("access", "portability")
"""What is asked for here in one's own words; all else has its own button where it belongs."""

RECEIPTS_MOST = 500
"""How many receipts the page about the log proves."""

TEXT_MOST = 4000
HEAD_MOST = 8000


class Owed(msgspec.Struct, frozen=True):
    """One request with the days that are left on its clock (below 0: it is late)."""

    right: Right
    days: int


class Asking:
    """`/me/requests`, `/me/restrict`, `/me/log` and `/me/verify.py`."""

    def __init__(self, portal: PersonHouse, pages: PersonPages, guests: Guests) -> None:
        self._portal = portal
        self._house = portal.house
        self._pages = pages
        self._guests = guests

    def routes(self) -> list[Route]:
        """The routes of requests and the log."""
        return [
            Route("/me/requests", self.requests),
            Route("/me/requests", self.ask, methods=["POST"]),
            Route("/me/requests/{seq}/withdraw", self.withdraw, methods=["POST"]),
            Route("/me/restrict", self.restrict, methods=["POST"]),
            Route("/me/log", self.log),
            Route("/me/log", self.compare, methods=["POST"]),
            Route("/me/verify.py", self.checker),
        ]

    # --- requests -----------------------------------------------------------------------------

    async def requests(self, request: Request) -> Response:
        """Every request with its status and clock, and what else one can ask."""
        guest = self._guests.of(request)
        owed = [
            Owed(right, -(-(right.due_ms - guest.now_ms) // DAY_MS))
            for right in self._house.store.requests_of(guest.atoms)
        ]
        return self._pages.page(
            request,
            "me_requests.html",
            owed=owed,
            kinds=ASKED,
            restricted=any(atom.rights.restricted for atom in guest.state.atoms),
        )

    async def ask(self, request: Request) -> Response:
        """Ask for access or for a copy to take elsewhere, in one's own words."""
        guest = self._guests.of(request)
        fields = await checked_form(request)
        kind = next((kind for kind in ASKED if kind == first(fields, "kind")), None)
        if kind is None:
            raise HTTPException(404)
        text = first(fields, "text", TEXT_MOST)
        return await self._asked(AskRight(kind=kind, handles=(guest.visit.handle,), text=text))

    async def restrict(self, request: Request) -> Response:
        """Restrict what is done with the data (article 18), or lift that again."""
        guest = self._guests.of(request)
        lift = first(await checked_form(request), "lift") == "yes"
        ask = AskRight(kind="restriction", handles=(guest.visit.handle,), lift=lift)
        return await self._asked(ask)

    async def withdraw(self, request: Request) -> Response:
        """Let a request rest."""
        guest = self._guests.of(request)
        await checked_form(request)
        seq = record_number(request.path_params["seq"])
        mine = {right.seq for right in self._house.store.requests_of(guest.atoms)}
        if seq is None or seq not in mine:
            raise HTTPException(404)
        return await self._asked(AnswerRight(request=seq, verb="withdraw", by="person"))

    async def _asked(self, right: AskRight | AnswerRight) -> Response:
        told = await self._guests.ask(right)
        said = "asked" if told.get("ok") else "not_so"
        return RedirectResponse(f"/me/requests?said={said}", 303)

    # --- the log ------------------------------------------------------------------------------

    async def log(self, request: Request) -> Response:
        """The signed head, the person's receipts proven under it, and that nothing was rewritten."""
        return self._log(request, self._guests.of(request), lambda: None)

    async def compare(self, request: Request) -> Response:
        """Whether the log of today continues a head that the person kept."""
        guest = self._guests.of(request)
        head = (await checked_form(request)).get("head", [""])[0][:HEAD_MOST]
        text = head.replace("\r\n", "\n").strip() + "\n"
        return self._log(request, guest, lambda: self._portal.looks.kept(text))

    async def checker(self, request: Request) -> Response:
        """The program that checks a downloaded proof where there is no network, and without our help."""
        self._guests.of(request)
        headers = {"content-disposition": 'attachment; filename="verify.py"'}
        return Response(self._portal.checker, media_type="text/x-python", headers=headers)

    def _log(self, request: Request, guest: Guest, kept: Callable[[], Any]) -> Response:
        rows = self._guests.receipts(guest, RECEIPTS_MOST)
        house = self._house
        return self._pages.page(
            request,
            "me_log.html",
            looked=self._portal.looks.since(rows),
            kept=kept(),
            head=house.ledger.head(),
            vkey=house.ledger.vkey,
            receipts=rows[:30],
            n=len(rows),
            checks=bool(self._portal.checker),
        )
