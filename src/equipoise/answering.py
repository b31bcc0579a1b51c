"""What a person asks of the house, from the asking to the end: the verbs of a request, in log order.

Restrictions and objections hold at once. A contested option is not done again to this person until a human
has answered. Corrections go into the log itself, and the profile is folded again from it.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from equipoise.account import receipts
from equipoise.canon import canonical
from equipoise.engine import Engine
from equipoise.nouns.changes import LogRow, Timer
from equipoise.nouns.events import Event, Handle
from equipoise.nouns.rights import AnswerRight, AskRight, Request
from equipoise.nouns.sheet import Here
from equipoise.nouns.state import AtomState, PersonState
from equipoise.refolding import Refolding, release
from equipoise.remember.terms import is_terms
from equipoise.rights import correcting, requests
from equipoise.rights.requests import NotSo

RIGHT = "right:"
"""Prefix of the keys of timers that end a request's clock."""

_pack = msgspec.msgpack.Encoder().encode
_event = msgspec.msgpack.Decoder(Event).decode


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """What was read for one request before anything is done about it.

    `frozen` is the receipt of the decision it is about, `replayed` what came out when that was made again
    (`same`, or what differs); `recipients` are those whom the person's data were shared with; `rows` the
    log rows of all the person's atoms, `whole` whether none of them is missing, `times` when those of them
    arrived (ms) that do not say it.
    """

    frozen: bytes = b""
    replayed: str = ""
    recipients: tuple[str, ...] = ()
    rows: tuple[LogRow, ...] = ()
    whole: bool = True
    times: dict[int, int] = {}


class Done(msgspec.Struct, frozen=True):
    """A request after a step, and the log rows that take the place of former ones."""

    request: Request
    rewritten: tuple[LogRow, ...] = ()


class Answering:
    """The verbs of a request, for one person at one place of the log."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def ask(
        self, state: PersonState, atom: AtomState, ask: AskRight, evidence: Evidence, here: Here
    ) -> Done:
        """Open a request, and carry out at once what does not wait for anybody. Raises `NotSo`."""
        request = requests.asked(ask, here.seq, atom.id, here.now_ms)
        if request.decision:
            request = _about(request, evidence)
        request = replace(request, recipients=evidence.recipients)
        here.sheet.count(f"request:{request.kind}")
        done = Done(request)
        at_once = AnswerRight(request=request.seq, verb="fulfil", by="house")
        match request.kind:
            case "restriction":
                if any(other.rights.restricted for other in state.atoms):
                    raise NotSo("it is restricted already; lift that first")
                atom.rights.restricted = request.seq
                done = Done(requests.answered(request, at_once, here.now_ms))
                here.log(atom, "right", ask)
            case "objection":
                self.engine.take(state, atom, _objection(request, _one_handle(atom)), here)
                done = Done(requests.answered(request, at_once, here.now_ms))
            case "correction" if ask.at_once:
                fulfilled = requests.answered(request, at_once, here.now_ms)
                done = self._correct(state, atom, fulfilled, evidence, here)
            case "contest":
                atom.rights.contested[f"{request.play}|{request.option}"] = request.seq
                here.log(atom, "right", ask)
            case _:
                here.log(atom, "right", ask)
        if done.request.owed:
            here.sheet.timers_set.append(_clock(request))
        self._account(state, atom, done.request, "asked", here)
        return done

    def answer(
        self,
        state: PersonState,
        atom: AtomState,
        said: tuple[Request, AnswerRight],
        evidence: Evidence,
        here: Here,
    ) -> Done:
        """Take an answer to a request into the log and carry it out. Raises `NotSo`.

        An erasure that is fulfilled is not for this verb: it leaves no state to write to.
        """
        former, answer = said
        request = requests.answered(former, answer, here.now_ms)
        done = Done(request)
        if request.kind == "correction" and request.status == "fulfilled":
            request = replace(request, recipients=evidence.recipients)
            done = self._correct(state, atom, request, evidence, here)
        else:
            here.log(atom, "right", answer)
        if not request.owed:
            release(state.atoms, request.seq, for_good=request.outcome == "changed")
        if request.due_ms != former.due_ms or not request.owed:
            here.sheet.timers_cleared.append(_clock(former))
        if request.owed and request.due_ms != former.due_ms:
            here.sheet.timers_set.append(_clock(request))
        here.sheet.count(f"answer:{answer.verb}")
        self._account(state, atom, done.request, answer.verb, here)
        return done

    def run_out(self, state: PersonState, atom: AtomState, request: Request, here: Here) -> Request:
        """The clock of a request rings: where nobody has answered it is late, and that has a receipt."""
        late = requests.run_out(request, here.now_ms)
        if late is not request:
            here.sheet.count("requests_late")
            self._account(state, atom, late, "run_out", here)
        return late

    def _account(
        self, state: PersonState, atom: AtomState, request: Request, did: str, here: Here
    ) -> None:
        seq = here.number()
        body = receipts.request_receipt(request, did, seq, state.person, here.now_ms)
        here.receipt(atom, seq, canonical(body))

    def _correct(
        self,
        state: PersonState,
        atom: AtomState,
        request: Request,
        evidence: Evidence,
        here: Here,
    ) -> Done:
        """Put the log right, fold the profile again from it, and state the right values."""
        changed = tuple(_put_right(request, evidence.rows))
        if changed and evidence.whole:
            right = {row.seq: row for row in evidence.rows} | {row.seq: row for row in changed}
            self._fold_again(state, [right[seq] for seq in sorted(right)], evidence.times)
        event = correcting.correction(request.values, _one_handle(atom), here.seq, here.now_ms)
        here.log(atom, "event", event)
        self.engine.folds.fold(atom, event, state)
        return Done(request, changed)

    def _fold_again(
        self, state: PersonState, rows: Iterable[LogRow], times: dict[int, int]
    ) -> None:
        """Every profile anew from the log, and what counts towards aims, under the terms of each time."""
        fresh = {
            atom.id: AtomState(atom.id, list(atom.handles), atom.joined_seq, atom.known)
            for atom in state.atoms
        }
        person = PersonState(list(fresh.values()))
        refolding = Refolding(self.engine, _nothing_contested, times)
        for row in rows:
            refolding.row(person, fresh[row.atom], row)
        for atom in state.atoms:
            atom.profile = fresh[atom.id].profile
            atom.meters = fresh[atom.id].meters


def _nothing_contested(decision: int) -> str:  # noqa: ARG001 - the shape
    """What is contested changes no profile."""
    return ""


def _clock(request: Request) -> Timer:
    return Timer(request.due_ms, request.atom, f"{RIGHT}{request.seq}")


def _one_handle(atom: AtomState) -> tuple[Handle, ...]:
    return tuple(atom.handles[:1])


def _about(request: Request, evidence: Evidence) -> Request:
    """The request with the decision that it is about, frozen as its receipt tells it."""
    if not evidence.frozen:
        raise NotSo(
            f"decision d_{request.decision}: is not one of this person's; write the d_... of a receipt"
        )
    told: dict[str, Any] = msgspec.json.decode(evidence.frozen)
    return replace(
        request,
        play=str(told.get("play", "")),
        option=str(told.get("chosen", "")),
        frozen=evidence.frozen,
        replayed=evidence.replayed,
    )


def _objection(request: Request, handles: tuple[Handle, ...]) -> Event:
    return Event(
        id=f"objection-{request.seq}",
        kind="terms.objected",
        channel="",
        source="person",
        at_ms=request.asked_ms,
        received_ms=request.asked_ms,
        handles=handles,
        facts={"purpose": request.purpose, "channel": request.channel, "request": request.id},
        provenance="stated",
    )


def _put_right(request: Request, rows: Sequence[LogRow]) -> Iterable[LogRow]:
    """The rows that a correction changes, as they are to stand."""
    gone = set(request.strike)
    for row in rows:
        if row.kind != "event":
            continue
        event = _event(row.body)
        if event.id in gone and not is_terms(event.kind):
            yield replace(row, kind="right", body=_pack(correcting.struck()))
            continue
        right = correcting.corrected(event, request.values)
        if right is not None:
            yield replace(row, body=_pack(right))
