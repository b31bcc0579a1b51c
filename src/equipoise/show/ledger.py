"""The ledger for outsiders: its signed head, its tiles, its key, and how to check them."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from equipoise.show.house import House
from equipoise.show.rendering import Pages

PROVEN = 64
"""How many of the newest receipts the page proves when it is opened."""

RECEIPTS = 30
_OPEN = {"access-control-allow-origin": "*"}
FOR_EVER = _OPEN | {"cache-control": "public, max-age=31536000, immutable"}
"""A tile never changes; the width of a part is in its address."""

NEVER_KEPT = _OPEN | {"cache-control": "no-cache"}


class Ledger:
    """`/ledger` for people; `/checkpoint`, `/vkey` and `/tile/...` (C2SP tlog-tiles) for everybody."""

    def __init__(self, house: House, pages: Pages) -> None:
        self._house = house
        self._pages = pages

    def routes(self) -> list[Route]:
        """The routes of the ledger."""
        return [
            Route("/ledger", self.page),
            Route("/checkpoint", self.checkpoint),
            Route("/checkpoint/newest", self.newest),
            Route("/vkey", self.vkey),
            Route("/tile/{rest:path}", self.tile),
        ]

    async def page(self, request: Request) -> Response:
        """The head, the key, a sample proven just now, and the newest receipts."""
        store = self._house.store
        teller = self._pages.teller(self._pages.language(request))
        return self._pages.page(
            request,
            "ledger.html",
            checkpoint=self._house.ledger.head(),
            health=self._house.ledger.health(PROVEN),
            vkey=self._house.ledger.vkey,
            address=(self._house.public_url or str(request.base_url)).rstrip("/"),
            receipts=[(row, teller.receipt(row)) for row in store.newest_receipts(RECEIPTS)],
        )

    async def checkpoint(self, request: Request) -> Response:
        """The signed head, with its witnesses; 404 before the first receipt."""
        del request
        return _head(self._house.ledger.head())

    async def newest(self, request: Request) -> Response:
        """The newest signed head, for witnesses to look at; 404 before the first receipt."""
        del request
        return _head(self._house.ledger.newest())

    async def vkey(self, request: Request) -> Response:
        """The key that verifies the head, as one line."""
        del request
        return PlainTextResponse(f"{self._house.ledger.vkey}\n", headers=NEVER_KEPT)

    async def tile(self, request: Request) -> Response:
        """One tile or bundle of entries."""
        body = self._house.ledger.file(f"tile/{request.path_params['rest']}")
        if body is None:
            raise HTTPException(404)
        return Response(body, media_type="application/octet-stream", headers=FOR_EVER)


def _head(text: str) -> Response:
    if not text:
        raise HTTPException(404)
    return PlainTextResponse(text, headers=NEVER_KEPT)
