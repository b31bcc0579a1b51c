"""Who may ask about the person, who was given what, and the one button that ends it."""

from functools import partial
from typing import Any

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from equipoise.nouns.changes import ReceiptRow
from equipoise.nouns.shares import EVERYBODY, Recipient, StopSharing
from equipoise.rights.shares import recipients
from equipoise.show.forms import first
from equipoise.show.portal.doorway import checked_form
from equipoise.show.portal.guests import Guest, Guests
from equipoise.show.portal.house import PersonHouse
from equipoise.show.portal.pages import PersonPages
from equipoise.show.portal.spoken import question

READS_MOST = 50
"""How many reads the page tells, newest first; the person's copy has all of them."""

NAME_MOST = 500


class Asker(msgspec.Struct, frozen=True):
    """One partner: for which purposes it may ask now, what it was given, and whether the person said no."""

    name: str
    purposes: tuple[str, ...]
    given: Recipient | None
    stopped: bool


class Sharing:
    """`/me/shares` and its button."""

    def __init__(self, portal: PersonHouse, pages: PersonPages, guests: Guests) -> None:
        self._house = portal.house
        self._pages = pages
        self._guests = guests

    def routes(self) -> list[Route]:
        """The routes of shares."""
        return [
            Route("/me/shares", self.page),
            Route("/me/shares/stop", self.stop, methods=["POST"]),
        ]

    async def page(self, request: Request) -> Response:
        """Who may ask, who was given what under which duties, and every read with its receipt."""
        guest = self._guests.of(request)
        store = self._house.store
        reads = store.share_reads_of(guest.atoms)
        rows = store.receipts([read.seq for read in reads[:READS_MOST]])
        stopped = _stopped(guest)
        spendings = self._house.spendings
        language = self._pages.language(request)
        return self._pages.page(
            request,
            "me_shares.html",
            askers=self._askers(guest, recipients(reads), stopped),
            everybody=EVERYBODY in stopped,
            shared=[_told(rows[seq]) for seq in sorted(rows, reverse=True)],
            more=len(reads) > READS_MOST,
            figures=spendings(guest.now_ms) if spendings is not None else (),
            sentence=self._pages.teller(language).reason,
            question=partial(question, language=language),
        )

    def _askers(
        self, guest: Guest, given: tuple[Recipient, ...], stopped: frozenset[str]
    ) -> list[Asker]:
        """Everybody who may ask now or was given something, and everybody to whom the person said no."""
        purposes: dict[str, set[str]] = {}
        for share in self._house.store.shares():
            if share.lives(guest.now_ms):
                purposes.setdefault(share.recipient, set()).add(share.purpose)
        had = {one.name: one for one in given}
        names = (purposes.keys() | had.keys() | stopped) - {EVERYBODY}
        return [
            Asker(name, tuple(sorted(purposes.get(name, ()))), had.get(name), name in stopped)
            for name in sorted(names, key=str.casefold)
        ]

    async def stop(self, request: Request) -> Response:
        """Say no to one partner, or to all, or take that back."""
        guest = self._guests.of(request)
        fields = await checked_form(request)
        name, verb = first(fields, "recipient", NAME_MOST), first(fields, "verb")
        if not name or verb not in ("stop", "lift"):
            raise HTTPException(404)
        wish = StopSharing(recipient=name, lift=verb == "lift", handles=(guest.visit.handle,))
        told = await self._guests.ask(wish)
        said = verb if told.get("ok") else "not_so"
        return RedirectResponse(f"/me/shares?said={said}", 303)


def _stopped(guest: Guest) -> frozenset[str]:
    return frozenset(name for atom in guest.state.atoms for name in atom.rights.stopped)


def _told(row: ReceiptRow) -> dict[str, Any]:
    told: dict[str, Any] = msgspec.json.decode(row.body)
    return told
