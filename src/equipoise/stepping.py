"""One person's step as a value: a state and numbered records in, the next state and what follows out.

This is the seam at which the house leaves one machine. It needs no store, no other person, no clock
and no chance; the embedded runner calls the same verbs of the engine over many people at once.
"""

from collections.abc import Iterable, Mapping

import msgspec

from equipoise.agreeing import converse, overhear
from equipoise.carrying import Carrying
from equipoise.engine import Engine
from equipoise.nouns.agreements import Negotiate
from equipoise.nouns.changes import Timer
from equipoise.nouns.decisions import Action
from equipoise.nouns.events import Event, Trust
from equipoise.nouns.records import Attempt, DecideRequest, Delivery, HumanAnswer, Occasion
from equipoise.nouns.sheet import Here, Sheet
from equipoise.nouns.state import AtomState, PersonState

About = Event | DecideRequest | Occasion | Timer | Attempt | Delivery | HumanAnswer | Negotiate
"""A record that is about one person who was recognised already."""

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(PersonState).decode


class Numbered(msgspec.Struct, frozen=True, kw_only=True):
    """One record with its place in the log and the atom that it was recognised to belong to.

    `seq` is its number (a multiple of `PLACES`, growing), `now_ms` its arrival, `trust` how far the
    source of a decide request is trusted.
    """

    seq: int
    now_ms: int
    atom: int
    record: About
    trust: Trust = "server"


class Stepped(msgspec.Struct, frozen=True):
    """The encoded state after the records, and the sheet: decisions, drafts of receipts, actions."""

    state: bytes
    sheet: Sheet


def step(
    engine: Engine,
    state: bytes,
    records: Iterable[Numbered],
    spent: Mapping[str, int] | None = None,
    actions: Mapping[int, Action] | None = None,
) -> Stepped:
    """Walk the records of one person, in order; the same arguments give the same bytes.

    The seed and the plays are the engine's. `spent` is what was used of shared resources as far as
    this person may see it, `actions` those of the person's actions that the records are about; one that
    is in neither is over, and its record changes nothing. Raises `LookupError` where a record names an
    atom that is not the person's.
    """
    person = _decode(state)
    atoms = {atom.id: atom for atom in person.atoms}
    sheet = Sheet()
    for one in records:
        atom = atoms.get(one.atom)
        if atom is None:
            raise LookupError(
                f"record {one.seq} needs atom {one.atom}, but person {person.person} has "
                f"{sorted(atoms)}. Recognise the record first, and step the person it belongs to."
            )
        here = Here(one.seq, one.now_ms, sheet, spent or {})
        match one.record:
            case Attempt(action=key) | Delivery(action=key) | HumanAnswer(action=key):
                action = sheet.actions.get(key) or (actions or {}).get(key)
                if action is not None:
                    _carry(engine, person, atom, (one.record, action), here)
            case _:
                _open(engine, person, atom, one, here)
    return Stepped(_encode(person), sheet)


def _open(engine: Engine, person: PersonState, atom: AtomState, one: Numbered, here: Here) -> None:
    """What may open a moment."""
    match one.record:
        case Event() as event:
            engine.take(person, atom, event, here)
        case DecideRequest() as asked:
            here.log(atom, "decide", asked)
            if asked.gpc:
                overhear(person, atom, one.trust, engine.rules, here)
            engine.ask(person, atom, asked, one.trust, here)
        case Negotiate() as said:
            converse(person, atom, said, one.trust, engine.rules, here)
        case Timer() as timer:
            engine.ring(person, atom, timer, here)
        case Occasion(play=name):
            live = engine.playbook.named(name)
            if live is not None:
                engine.scheduled(person, live, here)


def _carry(
    engine: Engine,
    person: PersonState,
    atom: AtomState,
    about: tuple[About, Action],
    here: Here,
) -> None:
    """What becomes of an action."""
    carrying = Carrying(engine)
    record, action = about
    match record:
        case Attempt():
            carrying.look_again(person, atom, action, here)
        case Delivery() as how:
            carrying.delivered(atom, action, how, here)
        case HumanAnswer() as said:
            carrying.human(atom, action, said, here)
