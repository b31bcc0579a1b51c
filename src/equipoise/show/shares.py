"""What partners may read, what they read, and where an officer lets them: questions first."""

from typing import Any

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from equipoise.nouns.events import IntakeRow
from equipoise.nouns.shares import (
    Duties,
    EndShare,
    OpenShare,
    RenewToken,
    Share,
    ShareNotice,
    ShareRead,
    ShareRecord,
)
from equipoise.show.addresses import record_number
from equipoise.show.forms import FieldUnread, end_of_day, first, read_form
from equipoise.show.house import Grants, House
from equipoise.show.people import CONSOLE, operator_of
from equipoise.show.rendering import Pages
from equipoise.show.who import Who, who_all

READS_MOST = 50
TEXT_MOST = 500
LINES_MOST = 4_000
DAY_MS = 86_400_000
RENEW_MS = 7 * DAY_MS
"""How long the former token of a share lives on beside a new one, in ms."""


class Shown(msgspec.Struct, frozen=True):
    """One share with its questions as text, and what its partner has not done yet of what it must.

    `last_ms` is noon (UTC) of its last day, which is the same day in most places; 0 where it has no end.
    """

    share: Share
    alive: bool
    asks: tuple[tuple[str, str], ...]
    owed: tuple[ShareNotice, ...]
    last_ms: int


class Line(msgspec.Struct, frozen=True):
    """One read with the person it was about; None for nobody, or once erased."""

    read: ShareRead
    who: Who | None


class Shares:
    """`/shares`: what is shared, a form for another, an end, and every read with its outcome."""

    def __init__(self, house: House, pages: Pages) -> None:
        self._house = house
        self._pages = pages

    def routes(self) -> list[Route]:
        """The routes of shares."""
        return [
            Route("/shares", self.shares),
            Route("/shares/new", self.open, methods=["POST"]),
            Route("/shares/{share}/end", self.end, methods=["POST"]),
            Route("/shares/{share}/token", self.renew, methods=["POST"]),
        ]

    async def shares(self, request: Request) -> Response:
        """All shares, those that live first, and the newest reads."""
        return self._page(request, said=request.query_params.get("said", ""))

    def _page(self, request: Request, **shown: Any) -> Response:
        store, now_ms = self._house.store, self._house.clock.now_ms()
        known = store.shares()
        reads = store.share_reads([share.seq for share in known], READS_MOST)
        found = [self._shown(share, now_ms) for share in reversed(known)]
        return self._pages.page(
            request,
            "shares.html",
            **(
                {"said": "", "trouble": "", "token": "", "typed": {}}
                | shown
                | {
                    "shares": sorted(found, key=lambda one: not one.alive),
                    "reads": self._with_people(reads),
                    "names": {share.seq: share for share in known},
                    "can_open": self._house.grants is not None,
                    "figures": self._house.spendings(now_ms) if self._house.spendings else (),
                }
            ),
        )

    def _shown(self, share: Share, now_ms: int) -> Shown:
        grants = self._house.grants
        asks = tuple(
            (one.name, grants.text(one) if grants is not None else "") for one in share.questions
        )
        owed = tuple(one for one in self._house.store.share_notices(share.seq) if not one.acked_ms)
        last_ms = (share.until_ms - 1) // DAY_MS * DAY_MS + DAY_MS // 2 if share.until_ms else 0
        return Shown(share, share.lives(now_ms), asks, owed, last_ms)

    def _with_people(self, reads: list[ShareRead]) -> list[Line]:
        store = self._house.store
        atoms = store.atoms(read.atom for read in reads if read.atom)
        people = who_all(store, {atom.person for atom in atoms.values()})
        return [
            Line(read, people.get(atoms[read.atom].person) if read.atom in atoms else None)
            for read in reads
        ]

    # --- what an officer does -----------------------------------------------------------------

    async def open(self, request: Request) -> Response:
        """Let a partner read; its token is shown once, on the page that answers."""
        grants = self._grants()
        fields = await read_form(request)
        typed = {name: first(fields, name, LINES_MOST) for name in fields}
        token, kept = grants.token()
        try:
            wish = self._wish(typed, grants)
        except ValueError as fault:
            return self._page(request, said="not_so", trouble=str(fault), typed=typed)
        wish = msgspec.structs.replace(wish, token=kept, by=operator_of(request))
        told = await self._ask(wish)
        if not told.get("ok"):
            return self._page(request, said="not_so", trouble=told.get("reason", ""), typed=typed)
        return self._page(request, said="opened", token=token)

    def _wish(self, typed: dict[str, str], grants: Grants) -> OpenShare:
        """What a form asks for, without its token; raises `ValueError` with what to do."""
        mode = typed.get("mode") or "answers"
        lines = [line.strip() for line in typed.get("asked", "").splitlines() if line.strip()]
        answers = mode == "answers"
        days = typed.get("delete_days", "30") or "0"
        if mode not in ("answers", "fields") or not days.isdecimal() or len(days) > 5:
            raise FieldUnread("the days until a partner deletes need a whole number, such as 30")
        _, none = grants.token()
        return OpenShare(
            recipient=typed.get("recipient", "")[:TEXT_MOST],
            purpose=typed.get("purpose", "")[:TEXT_MOST],
            token=none,
            by="",
            mode=mode,  # type: ignore[arg-type]
            questions=tuple(grants.question(line) for line in lines) if answers else (),
            fields=() if answers else tuple(lines),
            why=typed.get("why", "")[:TEXT_MOST],
            duties=Duties(
                no_onward="no_onward" in typed,
                no_profiling="no_profiling" in typed,
                delete_days=int(days),
            ),
            until_ms=end_of_day(typed.get("until", "")),
        )

    async def end(self, request: Request) -> Response:
        """End a share for good."""
        fields = await read_form(request)
        number = self._number(request)
        note = first(fields, "note", TEXT_MOST)
        wish = EndShare(share=number, by=operator_of(request), note=note)
        return self._back(request, await self._ask(wish), "ended")

    async def renew(self, request: Request) -> Response:
        """One more token, shown once; the former ones live a week longer."""
        token, kept = self._grants().token()
        until_ms = self._house.clock.now_ms() + RENEW_MS
        wish = RenewToken(
            share=self._number(request), token=kept, until_ms=until_ms, by=operator_of(request)
        )
        told = await self._ask(wish)
        if not told.get("ok"):
            return self._back(request, told, "")
        return self._page(request, said="renewed", token=token)

    def _grants(self) -> Grants:
        if self._house.grants is None:
            raise HTTPException(404)
        return self._house.grants

    def _number(self, request: Request) -> int:
        number = record_number(request.path_params["share"])
        if number is None:
            raise HTTPException(404)
        return number

    async def _ask(self, record: ShareRecord) -> dict[str, Any]:
        now_ms = self._house.clock.now_ms()
        row = IntakeRow(0, "share", CONSOLE, now_ms, msgspec.msgpack.encode(record))
        return msgspec.json.decode(await self._house.desk.ask(row), type=dict[str, Any])

    def _back(self, request: Request, told: dict[str, Any], said: str) -> Response:
        if not told.get("ok"):
            return self._page(request, said="not_so", trouble=str(told.get("reason", "")))
        return RedirectResponse(f"/shares?said={said}", 303)
