"""Who may ask about many people, what is left of each budget, and every answer that left with noise."""

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from equipoise.nouns.aggregates import (
    MICRO,
    AggregateGrant,
    AggregateRecord,
    AllowAggregates,
    EndAggregates,
    Spending,
)
from equipoise.nouns.events import IntakeRow
from equipoise.show.forms import FieldUnread, end_of_day, first, read_form
from equipoise.show.house import House
from equipoise.show.people import CONSOLE, operator_of
from equipoise.show.rendering import Pages

ANSWERS_MOST = 100
NAME_MOST = 200
FIELDS_MOST = 4_000


class Recipient(msgspec.Struct, frozen=True):
    """One recipient: what it may ask, whether it still may, and what it spent this year, if that is told."""

    grant: AggregateGrant
    alive: bool
    spending: Spending | None


class Aggregates:
    """`/aggregates`: recipients and their budgets, a form for another, an end, and what left."""

    def __init__(self, house: House, pages: Pages) -> None:
        self._house = house
        self._pages = pages

    def routes(self) -> list[Route]:
        """The routes of figures about many people."""
        return [
            Route("/aggregates", self.aggregates),
            Route("/aggregates/allow", self.allow, methods=["POST"]),
            Route("/aggregates/end", self.end, methods=["POST"]),
        ]

    async def aggregates(self, request: Request) -> Response:
        """All recipients, and the newest answers."""
        return self._page(request)

    def _page(self, request: Request, trouble: str = "", typed: Any = None) -> Response:
        store, now_ms = self._house.store, self._house.clock.now_ms()
        spent = {one.recipient: one for one in self._spendings(now_ms)}
        found = [
            Recipient(grant, grant.lives(now_ms), spent.get(grant.recipient))
            for grant in store.aggregate_grants()
        ]
        return self._pages.page(
            request,
            "aggregates.html",
            recipients=sorted(found, key=lambda one: not one.alive),
            releases=store.releases()[: -ANSWERS_MOST - 1 : -1],
            trouble=trouble,
            typed=typed or {},
            micro=MICRO,
            day_ms=86_400_000,
        )

    def _spendings(self, now_ms: int) -> list[Spending]:
        return list(self._house.spendings(now_ms)) if self._house.spendings is not None else []

    async def allow(self, request: Request) -> Response:
        """Let a recipient ask, or give it another grant in place of the one it has."""
        fields = await read_form(request)
        typed = {name: first(fields, name, FIELDS_MOST) for name in fields}
        try:
            wish = AllowAggregates(
                recipient=typed.get("recipient", "")[:NAME_MOST],
                purpose=typed.get("purpose", "")[:NAME_MOST],
                by=operator_of(request),
                fields=tuple(typed.get("fields", "").replace(",", " ").split()),
                epsilon=_epsilon(typed.get("epsilon", "")),
                until_ms=end_of_day(typed.get("until", "")),
            )
        except FieldUnread as fault:
            return self._page(request, str(fault), typed)
        return self._back(request, await self._ask(wish), typed)

    async def end(self, request: Request) -> Response:
        """Let a recipient ask no more."""
        fields = await read_form(request)
        recipient = first(fields, "recipient", NAME_MOST)
        told = await self._ask(EndAggregates(recipient=recipient, by=operator_of(request)))
        return self._back(request, told)

    async def _ask(self, record: AggregateRecord) -> dict[str, Any]:
        now_ms = self._house.clock.now_ms()
        row = IntakeRow(0, "aggregate", CONSOLE, now_ms, msgspec.msgpack.encode(record))
        return msgspec.json.decode(await self._house.desk.ask(row), type=dict[str, Any])

    def _back(self, request: Request, told: dict[str, Any], typed: Any = None) -> Response:
        if not told.get("ok"):
            return self._page(request, str(told.get("reason", "")), typed)
        return RedirectResponse("/aggregates", 303)


def _epsilon(text: str) -> int:
    """A budget in millionths, 0 (the house's) for none; raises `FieldUnread`.

    >>> _epsilon("0,5"), _epsilon("")
    (500000, 0)
    """
    try:
        found = float(text.replace(",", ".") or 0.0)
    except ValueError:
        found = -1.0
    if not 0.0 <= found <= 1_000.0:
        raise FieldUnread(f"a budget of {text!r}: needs a number from 0 to 1000, such as 0.5")
    return round(found * MICRO)
