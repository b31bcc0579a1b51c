"""Where staff look at what waits for a human, and at what left, did not leave, or was not taken."""

from collections.abc import Mapping

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from equipoise.nouns.decisions import Action
from equipoise.nouns.events import IntakeRow
from equipoise.nouns.plays import Play
from equipoise.nouns.records import HumanAnswer
from equipoise.show.addresses import record_number
from equipoise.show.forms import first, read_form
from equipoise.show.glance import actions_of
from equipoise.show.house import House
from equipoise.show.languages import Language
from equipoise.show.people import CONSOLE, NOTE_MOST, operator_of
from equipoise.show.reasons import titled
from equipoise.show.rendering import Pages
from equipoise.show.who import Who, who_all

ROWS_MOST = 50
REFUSED_MOST = 200
MAILS_MOST = 60


class Waiting(msgspec.Struct, frozen=True):
    """An action with the person it is for."""

    action: Action
    who: Who


class Version(msgspec.Struct, frozen=True):
    """One version of a play; `opens` says when it decides, `play` is None where it cannot be read."""

    name: str
    title: str
    version: str
    status: str
    seq: int
    text: str
    opens: str
    play: Play | None


class Desk:
    """`/desk`, `/outbox`, `/refused`, `/plays` and, in the town, `/mailbox`."""

    def __init__(self, house: House, pages: Pages) -> None:
        self._house = house
        self._pages = pages

    def routes(self) -> list[Route]:
        """The routes of the desk."""
        routes = [
            Route("/desk", self.desk),
            Route("/desk/{action}", self.answer, methods=["POST"]),
            Route("/outbox", self.outbox),
            Route("/refused", self.refused),
            Route("/plays", self.plays),
        ]
        return [*routes, Route("/mailbox", self.mailbox)] if self._house.mails else routes

    def _with(self, status: str) -> list[Waiting]:
        actions = self._house.store.with_status(status, ROWS_MOST)
        atoms = self._house.store.atoms(action.atom for action in actions)
        people = who_all(self._house.store, (atom.person for atom in atoms.values()))
        return [
            Waiting(action, people[atoms[action.atom].person])
            for action in actions
            if action.atom in atoms
        ]

    async def desk(self, request: Request) -> Response:
        """What waits for a human."""
        said = request.query_params.get("said", "")
        return self._pages.page(request, "desk.html", waiting=self._with("review"), said=said)

    async def answer(self, request: Request) -> Response:
        """Approve or decline: the answer enters the log, and its receipt the ledger."""
        action = record_number(request.path_params["action"])
        fields = await read_form(request)
        said = first(fields, "answer")
        if action is None or said not in ("approve", "decline"):
            raise HTTPException(404)
        answer = HumanAnswer(
            action=action,
            answer="approve" if said == "approve" else "decline",
            by=operator_of(request),
            note=first(fields, "note", NOTE_MOST),
        )
        now_ms = self._house.clock.now_ms()
        row = IntakeRow(0, "human", CONSOLE, now_ms, msgspec.msgpack.encode(answer))
        told = msgspec.json.decode(await self._house.desk.ask(row), type=dict[str, object])
        outcome = said if told.get("ok") else "gone"
        return RedirectResponse(f"/desk?said={outcome}", 303)

    async def outbox(self, request: Request) -> Response:
        """What is on its way, what waits on a page, and what never arrived."""
        groups = {status: self._with(status) for status in ("dead", "sending", "ready", "waiting")}
        counts = self._house.store.counts()
        return self._pages.page(
            request, "outbox.html", groups=groups, actions=actions_of(self._house.store, counts)
        )

    async def refused(self, request: Request) -> Response:
        """Items that could not be taken, with what they were."""
        return self._pages.page(
            request,
            "refused.html",
            items=self._house.store.refused(REFUSED_MOST),
            total=self._house.store.counts().get("refused", 0),
            reason=self._pages.teller(self._pages.language(request)).reason,
        )

    async def plays(self, request: Request) -> Response:
        """Every play, its newest version first."""
        language = self._pages.language(request)
        plays: dict[str, list[Version]] = {}
        for row in reversed(self._house.store.plays()):
            try:
                play = self._house.read_play(row.text)
            except ValueError:
                play = None
            plays.setdefault(row.name, []).append(
                Version(
                    row.name,
                    titled(play, language) if play else "",
                    row.version,
                    row.status,
                    row.seq,
                    row.text,
                    opens(play, language) if play else "",
                    play,
                )
            )
        return self._pages.page(
            request,
            "plays.html",
            plays=dict(sorted(plays.items())),
            felt=felt_of(self._house.store.counts()),
            mistakes=dict(self._house.mistakes),
        )

    async def mailbox(self, request: Request) -> Response:
        """The mails of the town, which never left the house."""
        mails = self._house.mails(MAILS_MOST) if self._house.mails else ()
        people = who_all(self._house.store, (mail.person for mail in mails))
        return self._pages.page(request, "mailbox.html", mails=mails, people=people)


def felt_of(counts: Mapping[str, int]) -> dict[str, dict[str, dict[str, int]]]:
    """How contacts felt, by play, option and answer; what nobody answered is left out."""
    found: dict[str, dict[str, dict[str, int]]] = {}
    for name, n in sorted(counts.items()):
        what, _, answer = name.removeprefix("felt:").rpartition(":")
        play, slash, option = what.partition("/")
        if name.startswith("felt:") and slash and n > 0:
            found.setdefault(play, {}).setdefault(option, {})[answer] = n
    return found


def opens(play: Play, language: Language) -> str:
    """When a play decides, in words."""
    moment = play.moment
    if moment.event is not None:
        return language.text("plays.on_event", {"event": moment.event})
    if moment.decide is not None:
        return language.text("plays.on_decide", {"moment": moment.decide})
    return language.text(
        "plays.on_schedule", {"hours": language.number(moment.every_hours or 0, 2)}
    )
