"""What a person takes away, gathered from a store: their whole half, with proofs, as one archive."""

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from equipoise.account import verify_receipt
from equipoise.account.bundle import write_bundle
from equipoise.account.proof import write_proof
from equipoise.account.publishing import Publisher
from equipoise.compose.consents import controller_of, texts_of
from equipoise.compose.library import rules_of
from equipoise.nouns.changes import LogRow, ReceiptRow
from equipoise.nouns.events import Event
from equipoise.nouns.lessons import Lesson
from equipoise.nouns.state import PersonState
from equipoise.plays.phrases import sentence
from equipoise.ports import Store
from equipoise.remember.fields import CATALOGUE, field
from equipoise.remember.gathering import Gathered
from equipoise.remember.terms import is_terms
from equipoise.remember.view import View
from equipoise.rights.export.packing import pack
from equipoise.rights.export.taking import Known, Logged, Receipt, Taking
from equipoise.rights.records import consents_jsonld, records_of
from equipoise.settings import Settings
from equipoise.show.addresses import person_name

TIMES = ("at_ms", "received_ms", "last_ms")
"""The times that a receipt may tell."""

SUPPOSED = ("state", "score", "how", "by", "found_ms", "answered_ms")
"""What a person takes along of a hypothesis: what is alike would tell of the other."""

Row = TypeVar("Row", LogRow, ReceiptRow)

_event = msgspec.msgpack.Decoder(Event).decode
_lesson = msgspec.msgpack.Decoder(Lesson).decode
_state = msgspec.msgpack.Decoder(PersonState).decode


def _records(logged: Iterable[LogRow]) -> Iterator[Logged]:
    """Records that are no events. What a split or a hypothesis says of others is left out."""
    for row in logged:
        if row.kind in ("event", "join"):
            continue
        body = msgspec.msgpack.decode(row.body)
        if row.kind == "split":
            body = {name: value for name, value in body.items() if name in ("by", "type")}
        yield Logged(row.seq, row.kind, body)


class NobodyHere(LookupError):
    """There is no such person in this store, or not any more."""


class Exporter:
    """Makes people's archives from one store.

    Without a publisher the receipts go without proofs.
    """

    def __init__(
        self,
        store: Store,
        settings: Settings,
        publisher: Publisher | None = None,
    ) -> None:
        self._store = store
        self._settings = settings
        self._publisher = publisher

    def archive(self, person: int) -> bytes:
        """The archive (zip) of one person: the same state gives the same bytes. Raises `NobodyHere`."""
        taking = self.taking(person)
        return pack(taking, _said, self._consents(taking))

    def taking(self, person: int) -> Taking:
        """Everything of one person, oldest first. Raises `NobodyHere`."""
        blob = self._store.states([person]).get(person)
        if blob is None:
            raise NobodyHere(f"person {person}: there is nobody of this number here")
        state = _state(blob)
        atoms = frozenset(atom.id for atom in state.atoms)
        logged = _chained(self._store.log, [atom.event_seq for atom in state.atoms], atoms)
        events = tuple((row.seq, _event(row.body)) for row in logged if row.kind == "event")
        heads = [atom.decision_seq for atom in state.atoms]
        receipts = self._receipts(_chained(self._store.receipts, heads, atoms))
        decided = [one.seq for one in receipts if one.body.get("type") == "decision"]
        requests = tuple(sorted(self._store.requests_of(atoms), key=lambda one: one.seq))
        as_of_ms = max(
            (
                *(event.received_ms for _, event in events),
                *(int(one.body.get(name, 0)) for one in receipts for name in TIMES),
                *(max(one.asked_ms, one.answered_ms) for one in requests),
            ),
            default=0,
        )
        view = View(state, as_of_ms, rules_of(self._settings))
        return Taking(
            company=self._settings.text("company"),
            origin=self._settings.text("origin"),
            person=person_name(person),
            as_of_ms=as_of_ms,
            state=state,
            events=events,
            records=tuple(
                sorted((*_records(logged), *self._supposed(atoms)), key=lambda one: one.seq)
            ),
            receipts=receipts,
            known=tuple(known_of(state, view)),
            actions=self._store.actions(decided),
            lessons=tuple(
                _lesson(row.body)
                for row in self._store.lessons_of(decided)
                if row.atom in atoms and row.kind == "lesson"
            ),
            requests=requests,
            aims=view.aims,
            intents=view.intents,
            vkey=self._publisher.vkey if self._publisher is not None else "",
            checker=inspect.getsource(verify_receipt) if self._publisher is not None else "",
        )

    def _supposed(self, atoms: Iterable[int]) -> Iterator[Logged]:
        """That they were compared, what came of it, and who said so; nothing of the other."""
        for one in self._store.hypotheses_of(atoms):
            told = {name: getattr(one, name) for name in SUPPOSED}
            yield Logged(one.seq, "hypothesis", told)

    def _consents(self, taking: Taking) -> dict[str, Any]:
        """What the person allowed, as consent records in JSON-LD."""
        settings = self._settings
        told = [(seq, event) for seq, event in taking.events if is_terms(event.kind)]
        rules, texts = rules_of(settings), texts_of(settings)
        records = records_of(told, taking.person, taking.origin, rules, texts)
        return consents_jsonld(records, controller_of(settings))

    def _receipts(self, rows: Sequence[ReceiptRow]) -> tuple[Receipt, ...]:
        bodies = {row.seq: msgspec.json.decode(row.body) for row in rows}
        if self._publisher is None:
            return tuple(Receipt(seq, body) for seq, body in bodies.items())
        bundles = self._publisher.bundles(list(bodies))
        return tuple(
            Receipt(seq, body, write_bundle(bundles[seq]), write_proof(bundles[seq].proof))
            for seq, body in bodies.items()
            if seq in bundles
        )


def _chained(
    read: Callable[[Sequence[int]], dict[int, Row]], heads: Sequence[int], atoms: frozenset[int]
) -> list[Row]:
    """The rows of these atoms under these heads, oldest first; an erased row ends its chain."""
    found: dict[int, Row] = {}
    for head in heads:
        seq = head
        while seq and seq not in found:
            row = read([seq]).get(seq)
            if row is None or row.atom not in atoms:
                break
            found[seq] = row
            seq = row.prev
    return [found[seq] for seq in sorted(found)]


def known_of(state: PersonState, view: View) -> Iterator[Known]:
    """Every field of the catalogue that is known of a person, by name, as of the view's time."""
    gathered = Gathered(state.atoms)
    for name in field_names(gathered):
        value = view.get(name)
        if value is None:
            continue
        row, trait = field(name).row, name.startswith("traits.")
        last = gathered.last(name.removeprefix("traits.")) if trait else None
        yield Known(
            name=name,
            value=value,
            provenance=view.provenance(name),
            at_ms=last.at_ms if last is not None else 0,
            folded=not trait,
            meaning=row.meaning,
            unit=row.unit,
        )


def field_names(gathered: Gathered) -> list[str]:
    """The full names of all fields of the catalogue that a person can have, in order."""
    kinds = gathered.kinds()
    # An alias such as `orders` says again what its kind says, and MEASURE has no meaning of its own.
    fills = {
        "KIND": sorted(kind for kind in kinds if not kind.startswith("@")),
        "CHANNEL": sorted(kind[1:] for kind in kinds if kind.startswith("@")),
        "NAME": sorted({name for profile in gathered.profiles for name in profile.last}),
        "HANDLE": sorted({handle.kind for atom in gathered.atoms for handle in atom.handles}),
        "MEASURE": [],
    }
    names = []
    for row in CATALOGUE:
        place = next((part for part in row.name.split(".") if part in fills), "")
        filled = [row.name.replace(place, name) for name in fills[place]] if place else [row.name]
        names += filled
    return names


def _said(code: str, language: str, detail: Mapping[str, Any]) -> str:
    return sentence(code, language, {name: str(value) for name, value in detail.items()})
