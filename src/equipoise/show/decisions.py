"""One receipt as a page, as the file that proves it, and the answer to "why was it not sent?"."""

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from equipoise.nouns.changes import ReceiptRow
from equipoise.show.addresses import record_number
from equipoise.show.house import House
from equipoise.show.people import person_of
from equipoise.show.reasons import why_not
from equipoise.show.rendering import Pages
from equipoise.show.who import person_state, who_all, who_of


class Decisions:
    """`/decisions/{seq}`, `/decisions/{seq}/bundle` and `/why`."""

    def __init__(self, house: House, pages: Pages) -> None:
        self._house = house
        self._pages = pages

    def routes(self) -> list[Route]:
        """The routes of decisions."""
        return [
            Route("/decisions/{seq}", self.page),
            Route("/decisions/{seq}/bundle", self.bundle),
            Route("/why", self.why),
        ]

    def _receipt(self, request: Request) -> ReceiptRow:
        seq = record_number(request.path_params["seq"])
        row = self._house.store.receipts([seq]).get(seq) if seq is not None else None
        if row is None:
            raise HTTPException(404)
        return row

    async def page(self, request: Request) -> Response:
        """The whole receipt, readable, and as it was committed to."""
        row, store = self._receipt(request), self._house.store
        teller = self._pages.teller(self._pages.language(request))
        placed = store.atoms([row.atom]).get(row.atom)
        people = who_all(store, [placed.person]) if placed else {}
        leaf = store.leaf(row.leaf)
        story = teller.receipt(row)
        code = self._pages.language(request).code
        return self._pages.page(
            request,
            "decision.html",
            story=story,
            explained=self._house.sentences.explain(story.raw, code),
            who=people.get(placed.person) if placed else None,
            row=row,
            leaf=leaf.hex() if leaf else "",
            action=store.actions([row.seq]).get(row.seq),
            text=msgspec.json.format(row.body, indent=2).decode(),
        )

    async def bundle(self, request: Request) -> Response:
        """The file that the person takes away; it is checked without the company's help."""
        row = self._receipt(request)
        body = self._house.ledger.bundle(row.seq)
        if body is None:
            raise HTTPException(404)
        name = f"receipt-{row.seq}.json"
        headers = {"content-disposition": f'attachment; filename="{name}"'}
        return Response(body, media_type="application/json", headers=headers)

    async def why(self, request: Request) -> Response:
        """For one person, each play and what became of it."""
        house, wanted = self._house, request.query_params.get("person", "").strip()[:512]
        person = person_of(house, wanted) if wanted else None
        state = person_state(house.store, person) if person is not None else None
        language = self._pages.language(request)
        plays = why_not(house, state, self._pages.teller(language), language) if state else []
        return self._pages.page(
            request,
            "why.html",
            who=who_of(state) if state else None,
            plays=plays,
            wanted=wanted,
        )
