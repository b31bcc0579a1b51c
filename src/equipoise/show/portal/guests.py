"""Who is there, and how what they say enters the log: as an intake row, like everything else."""

import secrets
from typing import Any

import msgspec
from starlette.requests import Request

from equipoise.nouns.agreements import Negotiate
from equipoise.nouns.changes import ReceiptRow
from equipoise.nouns.events import Event, IntakeRow, RowKind, Source
from equipoise.nouns.rights import RightRecord
from equipoise.nouns.shares import StopSharing
from equipoise.nouns.state import PersonState
from equipoise.ports import Standing
from equipoise.show.chains import Walk, heads_of, walk
from equipoise.show.portal.doorway import visit_of
from equipoise.show.portal.house import PersonHouse
from equipoise.show.portal.visits import Visit
from equipoise.show.who import person_state

SOURCE = Source("portal")
"""Under which name the log knows what people say here."""


class Gone(Exception):
    """The handle that was proven belongs to nobody any more."""


class Guest(msgspec.Struct, frozen=True):
    """The person behind a visit, as they are at this moment."""

    visit: Visit
    state: PersonState
    standing: Standing
    now_ms: int

    @property
    def atoms(self) -> list[int]:
        """The atoms that the person consists of."""
        return [atom.id for atom in self.state.atoms]


class Guests:
    """Finds the person of a visit anew at each request: joins, splits and erasures count at once."""

    def __init__(self, portal: PersonHouse) -> None:
        self._portal = portal
        self._house = portal.house

    def of(self, request: Request) -> Guest:
        """The person behind the visit of a request; raises `Gone`."""
        visit, house = visit_of(request), self._house
        atom = house.store.atoms_of([visit.handle]).get(visit.handle)
        state = person_state(house.store, atom.person) if atom is not None else None
        if state is None:
            raise Gone
        now_ms = house.clock.now_ms()
        return Guest(visit, state, house.view(state, now_ms), now_ms)

    def receipts(self, guest: Guest, most: int) -> list[ReceiptRow]:
        """The newest receipts of a person, newest first."""
        heads = {head for head in heads_of(guest.state) if head[0] == "r"}
        found: Walk = walk(self._house.store, heads, frozenset(guest.atoms), most)
        return [row for row in found.rows if isinstance(row, ReceiptRow)]

    async def say(self, guest: Guest, kind: str, facts: dict[str, Any]) -> None:
        """An event that the person states; returns once the next decision knows it."""
        now_ms = self._house.clock.now_ms()
        event = Event(
            id=f"portal-{secrets.token_hex(12)}",
            kind=kind,
            channel="web",
            source=SOURCE.name,
            at_ms=now_ms,
            received_ms=now_ms,
            handles=(guest.visit.handle,),
            facts=facts,
            provenance="stated",
        )
        row = IntakeRow(0, "events", SOURCE, now_ms, msgspec.msgpack.encode([event]))
        await self._house.desk.accept(row)
        await self._portal.settled()

    async def ask(self, wish: RightRecord | Negotiate | StopSharing) -> dict[str, Any]:
        """Ask for a right, proffer an agreement, or say no to a partner; what the step answered."""
        now_ms = self._house.clock.now_ms()
        kind: RowKind = "agreement" if isinstance(wish, Negotiate) else "right"
        if isinstance(wish, StopSharing):
            kind = "share"
        row = IntakeRow(0, kind, SOURCE, now_ms, msgspec.msgpack.encode(wish))
        told = await self._house.desk.ask(row)
        return msgspec.json.decode(told, type=dict[str, Any])
