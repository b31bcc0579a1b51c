"""Who may be one: hypotheses with what speaks for and against them, and the answers."""

from collections.abc import Mapping
from typing import Any, get_args

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from equipoise.nouns.events import IntakeRow
from equipoise.nouns.hypotheses import (
    HypothesisState,
    HypothesisVerb,
    JoinAnswer,
    KeptHypothesis,
    Likeness,
)
from equipoise.nouns.people import HeldJoin
from equipoise.nouns.state import PersonState
from equipoise.recognise.likeness import values_of
from equipoise.recognise.proposing import proposed
from equipoise.show.addresses import record_number
from equipoise.show.forms import first, read_form
from equipoise.show.house import House
from equipoise.show.people import CONSOLE, operator_of
from equipoise.show.rendering import Pages
from equipoise.show.who import Who, person_state, who_all, who_of

LIKELY = ((0.99, "certain"), (0.95, "very"), (0.8, "likely"), (0.0, "possible"))
"""From which probability on which word is said."""

CODES = (
    *("gone", "answered", "not_refused", "joined", "cannot_link", "unlike", "restricted"),
    *("too_large", "cluster_too_large", "cluster_loose", "cluster_bridge"),
)
"""Why a hypothesis is not carried out; `docs/joins.md` tells of each."""

ANSWERS: tuple[HypothesisVerb, ...] = ("confirm", "refuse", "later")
"""What can be said to a hypothesis that waits."""

SHOWN = 50
HELD = 30
NOTE_MOST = 500


class Side(msgspec.Struct, frozen=True):
    """One of the two people: in short, their groups of handles, and what they are compared by."""

    who: Who
    groups: int
    values: Mapping[str, str]


class Asking(msgspec.Struct, frozen=True):
    """One hypothesis on the page; `word` says the probability, `sides` are the two people."""

    kept: KeptHypothesis
    word: str
    sides: tuple[Side, Side]
    evidence: tuple[Likeness, ...]


class Done(msgspec.Struct, frozen=True):
    """One hypothesis that was confirmed, and the person that came of it."""

    kept: KeptHypothesis
    who: Who


class Refused(msgspec.Struct, frozen=True):
    """One hypothesis that somebody refused, and the two people; it can be reopened."""

    kept: KeptHypothesis
    left: Who
    right: Who


class Apart(msgspec.Struct, frozen=True):
    """One join by handles that was held, and the two people; the other may be known by handles alone."""

    held: HeldJoin
    left: Who
    right: Who | None
    why: str


class Joins:
    """`/joins`: what asks for an answer, what was put off, answered or held."""

    def __init__(self, house: House, pages: Pages) -> None:
        self._house = house
        self._pages = pages

    def routes(self) -> list[Route]:
        """The routes of joins."""
        return [
            Route("/joins", self.joins),
            Route("/joins", self.search, methods=["POST"]),
            Route("/joins/{hypothesis}", self.answer, methods=["POST"]),
        ]

    async def joins(self, request: Request) -> Response:
        """The hypotheses that ask for an answer, the likeliest first."""
        said, why = request.query_params.get("said", ""), request.query_params.get("why", "")
        return self._pages.page(
            request,
            "joins.html",
            lists={state: self._asking(state) for state in ("open", "later")},
            done=self._done(),
            refused=self._refused(),
            apart=self._apart(self._pages.language(request).code),
            verbs=ANSWERS,
            said=said,
            why=why if why in CODES else "",
            searcher=self._house.searcher,
        )

    async def search(self, request: Request) -> Response:
        """Begin a search beside the door; the page says how it stands."""
        await read_form(request)
        if self._house.searcher is None:
            raise HTTPException(404)
        self._house.searcher.begin()
        return RedirectResponse("/joins", 303)

    def _asking(self, state: HypothesisState) -> list[Asking]:
        kept = self._house.store.hypotheses_in(state, SHOWN)
        atoms = self._house.store.atoms({atom for one in kept for atom in (one.left, one.right)})
        found = []
        for one in proposed(kept, {atom.id: atom.person for atom in atoms.values()}):
            left, right = (person_state(self._house.store, person) for person in one[1:])
            if left is not None and right is not None:
                word = next(word for least, word in LIKELY if one.kept.score >= least)
                ordered = sorted(one.kept.evidence, key=lambda like: -like.weight)
                sides = (self._side(left), self._side(right))
                found.append(Asking(one.kept, word, sides, tuple(ordered)))
        return found

    def _side(self, state: PersonState) -> Side:
        view = self._house.view(state, self._house.clock.now_ms())
        return Side(who_of(state), len(state.atoms), values_of(state, view.get))

    def _done(self) -> list[Done]:
        kept = self._house.store.hypotheses_answered("confirmed", SHOWN)
        atoms = self._house.store.atoms(one.left for one in kept)
        people = who_all(self._house.store, {atom.person for atom in atoms.values()})
        return [Done(one, people[atoms[one.left].person]) for one in kept if one.left in atoms]

    def _refused(self) -> list[Refused]:
        """The latest that somebody refused, of two who are still two; a split is not taken back here."""
        kept = self._house.store.hypotheses_answered("refused", SHOWN)
        atoms = self._house.store.atoms({atom for one in kept for atom in (one.left, one.right)})
        people = who_all(self._house.store, {atom.person for atom in atoms.values()})
        found = []
        for one in kept:
            left, right = atoms.get(one.left), atoms.get(one.right)
            if one.how != "split" and left and right and left.person != right.person:
                found.append(Refused(one, people[left.person], people[right.person]))
        return found

    def _apart(self, language: str) -> list[Apart]:
        held = self._house.store.held_joins(HELD)
        atoms = self._house.store.atoms({atom for one in held for atom in (one.left, one.right)})
        people = who_all(self._house.store, {atom.person for atom in atoms.values()})
        told = self._house.sentences.held_join
        return [
            Apart(
                one,
                people[atoms[one.left].person],
                people[atoms[one.right].person] if one.right in atoms else None,
                told(one.reason, language),
            )
            for one in held
            if one.left in atoms
        ]

    async def answer(self, request: Request) -> Response:
        """Hand the answer to the desk, and say what came of it."""
        number = record_number(request.path_params["hypothesis"])
        fields = await read_form(request)
        verb = first(fields, "verb")
        if number is None or verb not in get_args(HypothesisVerb):
            raise HTTPException(404)
        said = JoinAnswer(
            hypothesis=number,
            verb=verb,  # type: ignore[arg-type]
            by=operator_of(request),
            note=first(fields, "note", NOTE_MOST),
        )
        now_ms = self._house.clock.now_ms()
        row = IntakeRow(0, "join", CONSOLE, now_ms, msgspec.msgpack.encode(said))
        told: dict[str, Any] = msgspec.json.decode(await self._house.desk.ask(row))
        if told["ok"]:
            return RedirectResponse(f"/joins?said={told['state']}", 303)
        return RedirectResponse(f"/joins?said=not&why={told['reason']}", 303)
