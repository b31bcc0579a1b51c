"""What was decided about the person, why, and what they can do about each decision."""

from typing import Any, get_args

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from equipoise.nouns.changes import ReceiptRow
from equipoise.nouns.rights import AskRight, Ground
from equipoise.show.addresses import record_number
from equipoise.show.chains import heads_of, read_onward, walk
from equipoise.show.forms import first
from equipoise.show.portal.doorway import checked_form
from equipoise.show.portal.guests import Guest, Guests
from equipoise.show.portal.house import PersonHouse
from equipoise.show.portal.pages import PersonPages
from equipoise.show.portal.spoken import worded

RECEIPTS = 30
"""How many receipts one page tells."""

TEXT_MOST = 4000
GROUNDS: tuple[str, ...] = get_args(Ground)


class Understanding:
    """`/me/decisions`, `/me/decisions/{seq}` with its forms, and `/me/proofs/{seq}.json`."""

    def __init__(self, portal: PersonHouse, pages: PersonPages, guests: Guests) -> None:
        self._house = portal.house
        self._pages = pages
        self._guests = guests

    def routes(self) -> list[Route]:
        """The routes of decisions."""
        return [
            Route("/me/decisions", self.list),
            Route("/me/decisions/{seq}", self.page),
            Route("/me/decisions/{seq}/contest", self.contest, methods=["POST"]),
            Route("/me/decisions/{seq}/review", self.review, methods=["POST"]),
            Route("/me/decisions/{seq}/stop", self.stop, methods=["POST"]),
            Route("/me/proofs/{seq}.json", self.proof),
        ]

    async def list(self, request: Request) -> Response:
        """What was done and what was not, newest first, each with its sentence."""
        guest = self._guests.of(request)
        at = request.query_params.get("at", "")
        heads = read_onward(at) if at else heads_of(guest.state)
        heads = {head for head in heads if head[0] == "r"}
        found = walk(self._house.store, heads, frozenset(guest.atoms), RECEIPTS)
        language = self._pages.language(request)
        teller = self._pages.teller(language)
        rows = [row for row in found.rows if isinstance(row, ReceiptRow)]
        stories = [worded(teller.receipt(row), language) for row in rows]
        return self._pages.page(
            request, "me_decisions.html", stories=stories, onward=found.onward, later=bool(at)
        )

    def _mine(self, request: Request, guest: Guest) -> ReceiptRow:
        """The receipt that is asked for, if it is this person's."""
        seq = record_number(request.path_params["seq"])
        row = self._house.store.receipts([seq]).get(seq) if seq is not None else None
        if row is None or row.atom not in guest.atoms:
            raise HTTPException(404)
        return row

    async def page(self, request: Request) -> Response:
        """One receipt: the sentence, the reasons, the contrast, and what one can do."""
        guest = self._guests.of(request)
        row = self._mine(request, guest)
        language = self._pages.language(request)
        story = worded(self._pages.teller(language).receipt(row), language)
        asked = [
            asked
            for asked in self._house.store.requests_of(guest.atoms)
            if asked.decision == row.seq
        ]
        return self._pages.page(
            request,
            "me_decision.html",
            story=story,
            explained=self._house.sentences.explain(story.raw, language.code),
            row=row,
            grounds=GROUNDS,
            asked=asked,
            now_ms=guest.now_ms,
        )

    async def contest(self, request: Request) -> Response:
        """Contest the decision: it is frozen, replayed, and looked at by a human."""
        guest = self._guests.of(request)
        row = self._mine(request, guest)
        fields = await checked_form(request)
        ground = first(fields, "ground")
        if ground not in GROUNDS:
            raise HTTPException(404)
        ask = AskRight(
            kind="contest",
            handles=(guest.visit.handle,),
            decision=row.seq,
            ground=msgspec.convert(ground, Ground),
            text=first(fields, "text", TEXT_MOST),
        )
        return _back(row, await self._guests.ask(ask), "contested")

    async def review(self, request: Request) -> Response:
        """Ask that a human looks at the decision."""
        guest = self._guests.of(request)
        row = self._mine(request, guest)
        fields = await checked_form(request)
        ask = AskRight(
            kind="review",
            handles=(guest.visit.handle,),
            decision=row.seq,
            text=first(fields, "text", TEXT_MOST),
        )
        return _back(row, await self._guests.ask(ask), "asked")

    async def stop(self, request: Request) -> Response:
        """No more of the purpose of this decision, on any channel."""
        guest = self._guests.of(request)
        row = self._mine(request, guest)
        await checked_form(request)
        raw: dict[str, Any] = msgspec.json.decode(row.body)
        if not raw.get("purpose"):
            raise HTTPException(404)
        facts = {"purpose": raw["purpose"], "channel": "*", "decision": raw["id"]}
        await self._guests.say(guest, "terms.objected", facts)
        return RedirectResponse(f"/me/decisions/{row.seq}?said=stopped", 303)

    async def proof(self, request: Request) -> Response:
        """The file that proves a receipt to anybody, without our help."""
        row = self._mine(request, self._guests.of(request))
        body = self._house.ledger.bundle(row.seq)
        if body is None:
            raise HTTPException(404)
        headers = {"content-disposition": f'attachment; filename="receipt-{row.seq}.json"'}
        return Response(body, media_type="application/json", headers=headers)


def _back(row: ReceiptRow, told: dict[str, Any], said: str) -> Response:
    return RedirectResponse(
        f"/me/decisions/{row.seq}?said={said if told.get('ok') else 'not_so'}", 303
    )
