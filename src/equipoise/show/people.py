"""Finding people, and a page for each; a join is taken apart here."""

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from equipoise.nouns.events import IntakeRow, Source
from equipoise.nouns.records import Split
from equipoise.nouns.state import PersonState
from equipoise.recognise.applying import SplitRefused
from equipoise.recognise.parting import parting
from equipoise.show.addresses import person_name, person_number
from equipoise.show.forms import first, read_form
from equipoise.show.house import House
from equipoise.show.person import local_minutes, portrait, timeline
from equipoise.show.rendering import Pages
from equipoise.show.sessions import SESSION
from equipoise.show.who import Who, person_state, who_all, who_of

CONSOLE = Source("console")
"""The source of what staff do on these pages."""

RECENT = 400
PEOPLE = 30
NOTE_MOST = 500


def operator_of(request: Request) -> str:
    """Who is signed in; an open console has nobody, and says so."""
    session = request.scope.get(SESSION)
    return session.operator if session else "open console"


def person_of(house: House, text: str) -> int | None:
    """The person that a text names: a public name, a number, or any handle; None where nobody is."""
    handles = house.handles(text)
    found = house.store.atoms_of(handles) if handles else {}
    for handle in handles:
        if handle in found:
            return found[handle].person
    number = person_number(text)
    atom = None if number is None else house.store.atoms([number]).get(number)
    return None if atom is None else atom.person


def lately(house: House, most: int) -> list[Who]:
    """People of the newest records, the latest first."""
    atoms = [row.atom for row in house.store.recent(RECENT) if row.atom]
    placed = house.store.atoms(set(atoms))
    people = dict.fromkeys(placed[atom].person for atom in atoms if atom in placed)
    newest = list(people)[:most]
    shown = who_all(house.store, newest)
    return [shown[person] for person in newest]


class People:
    """`/people`, `/people/{id}` and the form that takes a join apart."""

    def __init__(self, house: House, pages: Pages) -> None:
        self._house = house
        self._pages = pages

    def routes(self) -> list[Route]:
        """The routes of people."""
        return [
            Route("/people", self.search),
            Route("/people/{name}", self.page, methods=["GET"]),
            Route("/people/{name}/split", self.split, methods=["POST"]),
        ]

    async def search(self, request: Request) -> Response:
        """Straight to the person who is asked for, else the people who were here lately."""
        house, wanted = self._house, request.query_params.get("q", "").strip()[:512]
        if wanted:
            person = person_of(house, wanted)
            if person is not None:
                return RedirectResponse(f"/people/{person_name(person)}", 303)
        after = person_number(request.query_params.get("after", ""))
        if after is not None:
            ids = house.store.people_after(after, PEOPLE)
            shown = who_all(house.store, ids)
            people = [shown[person] for person in ids]
        else:
            people = lately(house, PEOPLE)
        return self._pages.page(
            request,
            "people.html",
            people=people,
            wanted=wanted,
            after=after,
            onward=people[-1].name if after is not None and len(people) == PEOPLE else "",
            total=house.store.counts().get("people", 0),
        )

    def _find(self, name: str) -> tuple[int, PersonState]:
        number = person_number(name)
        atom = self._house.store.atoms([number]).get(number) if number is not None else None
        state = person_state(self._house.store, atom.person) if atom else None
        if state is None:
            raise HTTPException(404)
        return number or 0, state

    async def page(self, request: Request) -> Response:
        """A person: what is known, allowed, and done, with the reasons."""
        house = self._house
        number, state = self._find(request.path_params["name"])
        if number != state.person:
            return RedirectResponse(f"/people/{person_name(state.person)}", 303)
        now_ms = house.clock.now_ms()
        standing = house.view(state, now_ms)
        teller = self._pages.teller(self._pages.language(request))
        at = request.query_params.get("at", "")
        return self._pages.page(
            request,
            "person.html",
            who=who_of(state),
            told=portrait(house.store, state, standing, house.rules, now_ms),
            past=timeline(house.store, state, teller, at),
            reason=teller.reason,
            local=local_minutes,
            later=bool(at),
            said=request.query_params.get("said", "")[:300],
        )

    async def split(self, request: Request) -> Response:
        """Hand the wish to the desk, and show whoever is left; what cannot be undone is said first."""
        _, state = self._find(request.path_params["name"])
        fields = await read_form(request)
        chosen = set(fields.get("handle", []))
        known = [handle for atom in state.atoms for handle in atom.handles]
        wish = Split(
            person=state.person,
            atoms=tuple(int(text) for text in fields.get("atom", []) if _is_number(text)),
            by=operator_of(request),
            note=first(fields, "note", NOTE_MOST),
            handles=tuple(one for one in known if f"{one.kind}:{one.value}" in chosen),
        )
        try:
            leaves = parting(state, wish.atoms, wish.handles)
        except SplitRefused:
            raise HTTPException(404) from None
        if leaves.moved and not first(fields, "sure"):
            whole = [one for atom in state.atoms if atom.id in leaves.atoms for one in atom.handles]
            return self._pages.page(
                request, "split.html", who=who_of(state), wish=wish, moved=leaves.moved, whole=whole
            )
        now_ms = self._house.clock.now_ms()
        row = IntakeRow(0, "split", CONSOLE, now_ms, msgspec.msgpack.encode(wish))
        answer = msgspec.json.decode(await self._house.desk.ask(row), type=dict[str, object])
        said = "split" if answer.get("ok") else "not_split"
        return RedirectResponse(f"/people/{person_name(state.person)}?said={said}", 303)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 17
