"""The first page: all that is known, where it came from, and the button that puts it right."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from equipoise.nouns.events import Value
from equipoise.nouns.rights import AskRight
from equipoise.show.forms import first
from equipoise.show.portal.doorway import checked_form
from equipoise.show.portal.guests import Guest, Guests
from equipoise.show.portal.house import PersonHouse
from equipoise.show.portal.knowing import Knowing
from equipoise.show.portal.pages import PersonPages

RECEIPTS_MOST = 200
"""How far back receipts are read for what models expected."""

VALUE_MOST = 500


class Seeing:
    """`/me` and `/me/correct`."""

    def __init__(self, portal: PersonHouse, pages: PersonPages, guests: Guests) -> None:
        self._portal = portal
        self._house = portal.house
        self._pages = pages
        self._guests = guests

    def routes(self) -> list[Route]:
        """The routes of the first page."""
        return [
            Route("/me", self.page),
            Route("/me/correct", self.correct, methods=["POST"]),
        ]

    async def page(self, request: Request) -> Response:
        """Everything that is known, by where it came from."""
        guest = self._guests.of(request)
        receipts = self._guests.receipts(guest, RECEIPTS_MOST)
        lessons = len(self._house.store.lessons_of([row.seq for row in receipts]))
        language = self._pages.language(request)
        told = Knowing(guest.state, guest.standing, language, self._portal.profile_purpose)
        # Which fields are alike stays untold: it would tell of the other, who may be somebody else.
        return self._pages.page(
            request,
            "me_data.html",
            chapters=told.chapters(receipts, lessons),
            joins=self._house.store.joins(guest.atoms),
            likely=self._house.store.hypotheses_of(guest.atoms),
        )

    async def correct(self, request: Request) -> Response:
        """One value put right by the person, or taken away where it is left empty."""
        guest = self._guests.of(request)
        fields = await checked_form(request)
        field, said = first(fields, "field", 200), first(fields, "value", VALUE_MOST)
        if not field.startswith("traits."):
            raise HTTPException(404)
        ask = AskRight(
            kind="correction",
            handles=(guest.visit.handle,),
            values={field: _like(said, guest, field)},
            at_once=True,
        )
        told = await self._guests.ask(ask)
        said = "corrected" if told.get("ok") else "not_so"
        return RedirectResponse(f"/me?said={said}", 303)


def _like(said: str, guest: Guest, field: str) -> Value:
    """What was typed, as the kind of value that was there; None where it was left empty."""
    if not said:
        return None
    before = guest.standing.get(field)
    if isinstance(before, bool):
        return said.lower() in ("true", "yes", "oui", "1")
    if isinstance(before, int | float):
        try:
            return float(said.replace(",", ".")) if "." in said.replace(",", ".") else int(said)
        except ValueError:
            return said
    return said
