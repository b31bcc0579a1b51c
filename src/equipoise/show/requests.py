"""What people have asked of the house, by when it is owed, and where an officer answers."""

from typing import Any, get_args

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request as WebRequest
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from equipoise.nouns.events import IntakeRow
from equipoise.nouns.rights import AnswerRight, AskRight, Ground, Request, RequestKind, Verb
from equipoise.show.addresses import record_number
from equipoise.show.forms import first, read_form
from equipoise.show.house import House
from equipoise.show.people import CONSOLE, operator_of
from equipoise.show.rendering import Pages
from equipoise.show.who import Who, who_all

OWED_MOST = 100
PAST_MOST = 50
DAY_MS = 86_400_000
TEXT_MOST = 2_000


class Owed(msgspec.Struct, frozen=True):
    """One request with the person whose it is (None once erased) and the days that are left.

    `days` is below 0 where the answer is late; `may` are the answers that can be given now.
    """

    request: Request
    who: Who | None
    days: int
    may: tuple[str, ...] = ()


class Requests:
    """`/requests`: the list with its clocks, a form to ask in somebody's name, and the answers."""

    def __init__(self, house: House, pages: Pages) -> None:
        self._house = house
        self._pages = pages

    def routes(self) -> list[Route]:
        """The routes of requests."""
        return [
            Route("/requests", self.requests),
            Route("/requests/new", self.ask, methods=["POST"]),
            Route("/requests/{request}", self.answer, methods=["POST"]),
        ]

    async def requests(self, request: WebRequest) -> Response:
        """What is owed, the one that is due first first, and what was answered lately."""
        return self._page(request, said=request.query_params.get("said", ""))

    def _page(
        self, request: WebRequest, said: str, report: Any = None, trouble: str = ""
    ) -> Response:
        store = self._house.store
        past = [found for found in store.newest_requests(PAST_MOST) if not found.owed]
        return self._pages.page(
            request,
            "requests.html",
            owed=self._with(store.requests_owed(OWED_MOST)),
            past=self._with(past),
            kinds=get_args(RequestKind),
            grounds=get_args(Ground),
            said=said,
            report=report,
            trouble=trouble,
        )

    def _with(self, found: list[Request]) -> list[Owed]:
        store, now_ms = self._house.store, self._house.clock.now_ms()
        atoms = store.atoms(request.atom for request in found)
        people = who_all(store, {atom.person for atom in atoms.values()})
        return [
            Owed(
                request,
                people[atoms[request.atom].person] if request.atom in atoms else None,
                (request.due_ms - now_ms) // DAY_MS,
                _may(request),
            )
            for request in found
        ]

    async def ask(self, request: WebRequest) -> Response:
        """An officer asks in the name of somebody whom they have made sure of."""
        fields = await read_form(request)
        kind, ground = first(fields, "kind"), first(fields, "ground") or "other"
        if kind not in get_args(RequestKind) or ground not in get_args(Ground):
            raise HTTPException(404)
        field = first(fields, "field")
        ask = AskRight(
            kind=kind,  # type: ignore[arg-type]
            handles=tuple(self._house.handles(first(fields, "person"))),
            by=operator_of(request),
            proof="officer",
            decision=record_number(first(fields, "decision")) or 0,
            ground=ground,  # type: ignore[arg-type]
            text=first(fields, "text", TEXT_MOST),
            values={f"traits.{field.removeprefix('traits.')}": first(fields, "value")}
            if field
            else {},
            purpose=first(fields, "purpose") or "*",
        )
        return await self._told(request, ask)

    async def answer(self, request: WebRequest) -> Response:
        """Begin, put off, fulfil or refuse a request, or end it for a person who lets it rest."""
        number = record_number(request.path_params["request"])
        fields = await read_form(request)
        verb, outcome = first(fields, "verb"), ""
        if verb in ("upheld", "changed"):
            verb, outcome = "fulfil", verb
        if number is None or verb not in get_args(Verb):
            raise HTTPException(404)
        answer = AnswerRight(
            request=number,
            verb=verb,  # type: ignore[arg-type]
            by=operator_of(request),
            reason=first(fields, "reason", TEXT_MOST),
            outcome=outcome,  # type: ignore[arg-type]
        )
        return await self._told(request, answer)

    async def _told(self, request: WebRequest, record: AskRight | AnswerRight) -> Response:
        """Through the desk into the log; what came of it is shown, with the report of an erasure."""
        now_ms = self._house.clock.now_ms()
        row = IntakeRow(0, "right", CONSOLE, now_ms, msgspec.msgpack.encode(record))
        told = msgspec.json.decode(await self._house.desk.ask(row), type=dict[str, Any])
        if not told.get("ok"):
            return self._page(request, said="not_so", trouble=str(told.get("reason", "")))
        if "report" in told:
            return self._page(request, said="erased", report=told["report"])
        return RedirectResponse(f"/requests?said={told['status']}", 303)


def _may(request: Request) -> tuple[str, ...]:
    """Which answers a form offers; `upheld` and `changed` stand for `fulfil` of a contest."""
    if not request.owed:
        return (
            ("withdraw",) if (request.kind, request.status) == ("restriction", "fulfilled") else ()
        )
    ends = ("upheld", "changed") if request.kind == "contest" else ("fulfil",)
    begin = ("begin",) if request.status == "open" else ()
    extend = () if request.extended or request.status == "expired" else ("extend",)
    return (*begin, *ends, "refuse", *extend, "withdraw")
