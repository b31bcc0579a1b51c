"""A person's log folded again into fresh states: events, terms, agreements and requests, as they came.

It is the first fold once more, through the same verbs, and writes nothing. What was refused then is
refused again; a restriction that held then holds again, and what was folded under it stays unfolded.
"""

from collections.abc import Callable, Collection, Mapping, Sequence

import msgspec

from equipoise.agreeing import converse, overhear
from equipoise.engine import Engine
from equipoise.nouns.agreements import Negotiate
from equipoise.nouns.changes import LogRow, ReceiptRow
from equipoise.nouns.events import Event, Handle, Trust
from equipoise.nouns.records import PageRequest
from equipoise.nouns.rights import AnswerRight, AskRight, RightRecord
from equipoise.nouns.sheet import PLACES, Here, Sheet
from equipoise.nouns.state import AtomState, PersonState

_event = msgspec.msgpack.Decoder(Event).decode
_asked = msgspec.msgpack.Decoder(PageRequest).decode
_negotiate = msgspec.msgpack.Decoder(Negotiate).decode
_right = msgspec.msgpack.Decoder(RightRecord).decode

Contested = Callable[[int], str]
"""The play and option (`PLAY|OPTION`) that a decision chose, by its number; empty where it is not known."""


def timed(rows: Collection[LogRow]) -> list[int]:
    """The numbers of the receipts that say when those records arrived which do not say it themselves.

    An agreement and a signal each have a receipt with the number after their own.
    """
    return [row.seq + 1 for row in rows if row.kind in ("agreement", "decide", "page")]


def arrivals(receipts: Mapping[int, ReceiptRow]) -> dict[int, int]:
    """When records arrived (ms) by their numbers, as receipts say that follow from them."""
    return {
        seq - seq % PLACES: int(msgspec.json.decode(row.body, type=_At).at_ms)
        for seq, row in receipts.items()
    }


class _At(msgspec.Struct):
    at_ms: int = 0


class Refolding:
    """Folds one person's records again; hand them in by their numbers, lowest first.

    `times` says by the number of a record when it arrived (ms), for records without a time of their own:
    the time of the record before stands for one that is not in it.
    """

    def __init__(self, engine: Engine, contested: Contested, times: Mapping[int, int]) -> None:
        self._engine = engine
        self._contested = contested
        self._times = times
        self._now_ms = 0

    def row(self, person: PersonState, atom: AtomState, row: LogRow) -> None:
        """Fold one record of the log into its atom, which is one of the person's."""
        match row.kind:
            case "event":
                event = _event(row.body)
                here = self._here(row.seq, event.received_ms)
                self._engine.remember(person, atom, event, here)
            case "decide" | "page":
                asked = _asked(row.body)
                if asked.gpc:
                    trust = guessed_trust(asked.handles)
                    here = self._here(row.seq)
                    overhear(person, atom, trust, self._engine.rules, here)
            case "agreement":
                said = _negotiate(row.body)
                trust = guessed_trust(said.handles)
                converse(person, atom, said, trust, self._engine.rules, self._here(row.seq))
            case "right":
                hold_back(person.atoms, atom, row.seq, _right(row.body), self._contested)

    def _here(self, seq: int, at_ms: int | None = None) -> Here:
        told = self._times.get(seq - seq % PLACES) if at_ms is None else at_ms
        self._now_ms = max(self._now_ms, told or 0)
        return Here(seq, self._now_ms if told is None else told, Sheet(), {})


def guessed_trust(handles: Sequence[Handle]) -> Trust:
    """How far a source was trusted that named these handles: a browser names nothing but its own id.

    The log does not keep it. Taken for a browser's, a choice narrows what a known person allows and widens
    nothing, so that a wrong guess folds less.
    """
    return "public" if all(handle.kind == "anonymous_id" for handle in handles) else "server"


def hold_back(
    atoms: Sequence[AtomState],
    atom: AtomState,
    seq: int,
    record: RightRecord,
    contested: Contested,
) -> None:
    """Follow through the log what a request holds back: a restriction, a contest, and the end of each."""
    match record:
        case AskRight(kind="restriction"):
            atom.rights.restricted = seq
        case AskRight(kind="contest", decision=decision):
            key = contested(decision)
            if key:
                atom.rights.contested[key] = seq
        case AnswerRight(verb="fulfil" | "refuse" | "withdraw" as verb, request=request):
            # Only who fulfils a contest says how it ended; a refusal that names an outcome has none.
            for_good = verb == "fulfil" and record.outcome == "changed"
            release(atoms, request, for_good=for_good)


def release(atoms: Sequence[AtomState], request: int, *, for_good: bool) -> None:
    """End what a request held back; a contest that changed the decision holds it back for good."""
    for atom in atoms:
        if atom.rights.restricted == request:
            atom.rights.restricted = 0
        if not for_good:
            atom.rights.contested = {
                key: seq for key, seq in atom.rights.contested.items() if seq != request
            }
