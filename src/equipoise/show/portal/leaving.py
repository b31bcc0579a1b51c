"""Taking everything away, and leaving: as few steps as coming."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from equipoise.nouns.rights import AskRight
from equipoise.show.portal.copies import Copies
from equipoise.show.portal.doorway import checked_form, visit_of
from equipoise.show.portal.entering import farewell
from equipoise.show.portal.guests import Guest, Guests
from equipoise.show.portal.house import NotMade, PersonHouse
from equipoise.show.portal.pages import PersonPages
from equipoise.show.portal.visits import Visits


class Leaving:
    """`/me/leave` and `/me/export`; both ask for a link that was opened lately."""

    def __init__(
        self, portal: PersonHouse, pages: PersonPages, guests: Guests, visits: Visits
    ) -> None:
        self._portal = portal
        self._pages = pages
        self._guests = guests
        self._visits = visits
        self._copies = Copies(portal.export) if portal.export is not None else None

    def routes(self) -> list[Route]:
        """The routes of the way out."""
        return [
            Route("/me/leave", self.page),
            Route("/me/leave", self.leave, methods=["POST"]),
            Route("/me/export", self.export, methods=["POST"]),
            Route("/me/export", self.making),
            Route("/me/export/file", self.file),
        ]

    async def page(self, request: Request) -> Response:
        """A copy, a pause, or the end: each with what it does and what stays."""
        guest = self._guests.of(request)
        return self._pages.page(
            request,
            "me_leave.html",
            exports=self._portal.export is not None,
            restricted=any(atom.rights.restricted for atom in guest.state.atoms),
        )

    def _again(self, request: Request) -> Response | None:
        """A link that was opened long ago does not open these two doors."""
        if self._visits.fresh(visit_of(request)):
            return None
        return RedirectResponse("/me/enter?next=/me/leave&said=again", 303)

    async def export(self, request: Request) -> Response:
        """Everything as one file."""
        guest = self._guests.of(request)
        await checked_form(request)
        again = self._again(request)
        if again is not None:
            return again
        if self._copies is None:
            raise HTTPException(404)
        self._copies.ask(guest.visit.form, guest.state.person, guest.atoms)
        return await self._handed_over(guest)

    async def making(self, request: Request) -> Response:
        """That a copy is being made; the page fetches nothing by itself, so that nobody is interrupted."""
        guest = self._guests.of(request)
        if self._copies is None or not self._copies.asked(guest.visit.form, guest.atoms):
            return RedirectResponse("/me/leave", 303)
        return self._pages.page(request, "me_making.html")

    async def file(self, request: Request) -> Response:
        """The copy as soon as it is ready; where that takes long, the page again that says so."""
        return await self._handed_over(self._guests.of(request))

    async def _handed_over(self, guest: Guest) -> Response:
        if self._copies is None:
            raise HTTPException(404)
        wait_s = self._portal.patience_s
        try:
            body = await self._copies.fetch(guest.visit.form, guest.atoms, wait_s)
        except KeyError:
            return RedirectResponse("/me/leave", 303)
        except NotMade:
            return RedirectResponse("/me/leave?said=not_made", 303)
        if body is None:
            return RedirectResponse("/me/export", 303)
        headers = {"content-disposition": 'attachment; filename="my-data.zip"'}
        return Response(body, media_type="application/zip", headers=headers)

    async def leave(self, request: Request) -> Response:
        """Delete everything about the person, at once, and end their visits."""
        guest = self._guests.of(request)
        await checked_form(request)
        again = self._again(request)
        if again is not None:
            return again
        ask = AskRight(kind="erasure", handles=(guest.visit.handle,), at_once=True)
        told = await self._guests.ask(ask)
        if not told.get("ok"):
            return RedirectResponse("/me/leave?said=not_so", 303)
        if self._copies is not None:
            self._copies.forget(guest.atoms)
        return farewell(request, self._portal.house, self._visits, "/me/left")
