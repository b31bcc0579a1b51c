"""Requests in the step: whose they are, what has to be read for them, and what the asker is told."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple, Protocol

import msgspec

from equipoise.account import receipts
from equipoise.answering import RIGHT, Answering, Done, Evidence
from equipoise.canon import canonical
from equipoise.engine import Engine
from equipoise.nouns.changes import LogRow, Timer
from equipoise.nouns.events import Handle, Trust
from equipoise.nouns.people import Atom
from equipoise.nouns.rights import AnswerRight, AskRight, Request
from equipoise.nouns.shares import Demand, ShareNotice
from equipoise.nouns.sheet import Draft, Here, Sheet
from equipoise.nouns.state import AtomState, PersonState
from equipoise.ports import Store
from equipoise.refolding import arrivals, timed
from equipoise.rights.requests import NotSo, answered, asked
from equipoise.runners.forgetting import Forgotten, Gone, forget, logged
from equipoise.runners.sharing import notices

_state = msgspec.msgpack.Decoder(PersonState).decode
_json = msgspec.json.Encoder().encode
_pack = msgspec.msgpack.Encoder().encode


def _not_replayed(receipt: Mapping[str, Any], state: PersonState) -> str:  # noqa: ARG001 - the shape
    return ""


def _nobody(atoms: Sequence[int]) -> tuple[str, ...]:  # noqa: ARG001 - the shape
    return ()


def _no_stone(handles: Sequence[Handle], at_ms: int) -> None:
    del handles, at_ms


def _never(handles: Sequence[Handle], at_ms: int) -> frozenset[Handle]:
    del handles, at_ms
    return frozenset()


class RightHabits(msgspec.Struct, frozen=True, kw_only=True):
    """What compose hands the step for requests.

    `replay` makes a decision again and says `same` or what differs; `recipients` names those with whom the
    data of some atoms were shared; `entomb` keeps the keyed digests of handles that were erased at a time
    (ms), durably, before the erasure is committed; `gone` says which handles were erased after a time.
    """

    replay: Callable[[Mapping[str, Any], PersonState], str] = _not_replayed
    recipients: Callable[[Sequence[int]], tuple[str, ...]] = _nobody
    entomb: Callable[[Sequence[Handle], int], None] = _no_stone
    gone: Gone = _never


class Asking(NamedTuple):
    """One row of the kind `right`: what it says, its cleaned handles, and how far its source is trusted."""

    record: AskRight | AnswerRight
    handles: tuple[Handle, ...]
    trust: Trust


class OneStep(Protocol):
    """What is changed of a step by a request; `runners.step.Step` is one."""

    sheet: Sheet
    states: dict[int, PersonState]
    known: dict[Handle, Atom]
    people: dict[int, int]
    requests: dict[int, Request]
    rewritten: list[LogRow]
    share_notices: dict[str, ShareNotice]

    def state_of(self, atom: int) -> tuple[PersonState, AtomState] | None:
        """The person and atom of an atom that was read for this step, or None."""
        ...

    def forget(self, forgotten: Forgotten) -> None:
        """Let a person go with this commit."""
        ...


class Righting:
    """Walks rows of the kind `right`, each a step of its own, and the timers of their clocks."""

    def __init__(self, engine: Engine, store: Store, habits: RightHabits) -> None:
        self._answering = Answering(engine)
        self._store = store
        self._habits = habits

    def walk(self, step: OneStep, asking: Asking, here: Here) -> bytes:
        """Take one ask or answer into the log; the reply, as JSON."""
        try:
            if asking.trust == "public":
                raise NotSo("a public key asks for nobody; prove a handle, or ask an officer")
            if isinstance(asking.record, AskRight):
                return self._ask(step, asking.record, asking.handles, here)
            return self._answer(step, asking.record, here)
        except NotSo as error:
            return _json({"ok": False, "reason": str(error)})

    def ring(self, step: OneStep, timer: Timer, here: Here) -> None:
        """The clock of a request rings."""
        step.sheet.timers_cleared.append(timer)
        request = self._request(step, int(timer.key.removeprefix(RIGHT)))
        found = None if request is None else step.state_of(request.atom)
        if request is not None and found is not None and request.due_ms <= here.now_ms:
            state, atom = found
            late = self._answering.run_out(state, atom, request, here)
            step.requests[late.seq] = late

    def _request(self, step: OneStep, seq: int) -> Request | None:
        return step.requests.get(seq) or self._store.requests([seq]).get(seq)

    def atoms(self, wish: AskRight | AnswerRight) -> set[int]:
        """The atoms that have to be read before it is walked, beside those of its handles."""
        if isinstance(wish, AskRight):
            return {wish.person} if wish.person else set()
        return {request.atom for request in self._store.requests([wish.request]).values()}

    # --- whose it is --------------------------------------------------------------------------

    def _whom(
        self, step: OneStep, ask: AskRight, handles: tuple[Handle, ...]
    ) -> tuple[PersonState, AtomState]:
        atoms = {step.known[handle].id for handle in handles if handle in step.known}
        if not atoms and ask.person and ask.person in step.people:
            atoms = {ask.person}
        people = {step.people[atom] for atom in atoms}
        if len(people) > 1:
            raise NotSo("these handles are of more than one person; ask for each by itself")
        found = step.state_of(min(atoms)) if atoms else None
        if found is None:
            raise NotSo("nobody here is known by that")
        return found

    def _ask(self, step: OneStep, ask: AskRight, handles: tuple[Handle, ...], here: Here) -> bytes:
        state, atom = self._whom(step, ask, handles)
        if ask.kind == "restriction" and ask.lift:
            return self._lift(step, state, here, ask.by)
        if ask.kind == "erasure" and ask.at_once:
            return self._erase(step, state, asked(ask, here.seq, 0, here.now_ms), here)
        evidence = self._evidence(state, ask.kind, ask.decision, at_once=ask.at_once)
        done = self._answering.ask(state, atom, ask, evidence, here)
        if ask.kind == "restriction":
            self._tell(step, state, "restrict", here)
        if ask.kind == "correction" and ask.at_once:
            self._tell(step, state, "correct", here)
        return self._keep(step, done)

    def _lift(self, step: OneStep, state: PersonState, here: Here, by: str) -> bytes:
        held = [atom.rights.restricted for atom in state.atoms if atom.rights.restricted]
        if not held:
            raise NotSo("nothing is restricted")
        # One restriction a record: where several atoms brought one each, each is ended by itself.
        answer = AnswerRight(request=held[0], verb="withdraw", by=by)
        return self._answer(step, answer, here)

    def _answer(self, step: OneStep, answer: AnswerRight, here: Here) -> bytes:
        request = self._request(step, answer.request)
        found = None if request is None else step.state_of(request.atom)
        if request is None or found is None:
            raise NotSo(f"r_{answer.request}: there is no such request, or its person was erased")
        state, atom = found
        if request.kind == "erasure" and answer.verb == "fulfil":
            answered(request, answer, here.now_ms)
            return self._erase(step, state, request, here)
        at_once = answer.verb == "fulfil"
        evidence = self._evidence(state, request.kind, 0, at_once=at_once)
        said = (request, answer)
        if at_once and request.kind == "correction":
            self._tell(step, state, "correct", here)
        return self._keep(step, self._answering.answer(state, atom, said, evidence, here))

    def _keep(self, step: OneStep, done: Done) -> bytes:
        request = done.request
        step.requests[request.seq] = request
        step.rewritten.extend(done.rewritten)
        return _json(
            {
                "ok": True,
                "request": request.id,
                "status": request.status,
                "due_ms": request.due_ms,
                "outcome": request.outcome,
                "replayed": request.replayed,
                "recipients": request.recipients,
            }
        )

    def _tell(self, step: OneStep, state: PersonState, demand: Demand, here: Here) -> None:
        """Let each partner who was given something of the person know what it has to do (article 19)."""
        reads = self._store.share_reads_of([atom.id for atom in state.atoms])
        step.share_notices |= notices(reads, demand, here.seq, here.now_ms)

    # --- what is read -------------------------------------------------------------------------

    def _evidence(self, state: PersonState, kind: str, decision: int, *, at_once: bool) -> Evidence:
        atoms = [atom.id for atom in state.atoms]
        told = kind in ("restriction", "correction")
        recipients = self._habits.recipients(atoms) if told else ()
        rows: tuple[LogRow, ...] = ()
        whole = True
        times: dict[int, int] = {}
        if kind == "correction" and at_once:
            chains = [logged(self._store, atom.event_seq) for atom in state.atoms]
            whole = all(not chain or chain[-1].prev == 0 for chain in chains)
            rows = tuple(row for chain in chains for row in chain)
            times = arrivals(self._store.receipts(timed(rows)))
        if not decision:
            return Evidence(recipients=recipients, rows=rows, whole=whole, times=times)
        row = self._store.receipts([decision]).get(decision)
        if row is None or row.atom not in atoms:
            return Evidence(recipients=recipients)
        told_of: dict[str, Any] = msgspec.json.decode(row.body)
        if told_of.get("type") != "decision":
            return Evidence(recipients=recipients)
        replayed = self._habits.replay(told_of, state)
        return Evidence(frozen=row.body, replayed=replayed, recipients=recipients)

    def _states(self, step: OneStep, people: list[int]) -> dict[int, PersonState]:
        """The states of others as they stand in this step."""
        found = {person: step.states[person] for person in people if person in step.states}
        missing = self._store.states(set(people) - found.keys())
        return found | {person: _state(blob) for person, blob in missing.items()}

    # --- erasure ------------------------------------------------------------------------------

    def _erase(self, step: OneStep, state: PersonState, request: Request, here: Here) -> bytes:
        """Everything of the person goes in this commit; what stays of the request names nobody."""
        recipients = self._habits.recipients([atom.id for atom in state.atoms])
        self._tell(step, state, "delete", here)
        forgotten = forget(self._store, state, partial(self._states, step))
        self._habits.entomb(forgotten.erased.handles, here.now_ms)
        step.forget(forgotten)
        bare = Request(
            seq=request.seq,
            kind="erasure",
            status="fulfilled",
            atom=0,
            asked_ms=request.asked_ms,
            due_ms=request.due_ms,
            proof=request.proof,
            answered_ms=here.now_ms,
        )
        step.requests[bare.seq] = bare
        step.sheet.log.append(
            LogRow(here.seq, 0, 0, "right", _pack(AskRight(kind="erasure", by="house")))
        )
        seq = here.number()
        body = canonical(receipts.erasure_receipt(bare, seq, here.now_ms))
        step.sheet.drafts.append(Draft(seq, 0, 0, body))
        for name in ("erased", "request:erasure"):
            step.sheet.count(name)
        step.sheet.count("people", -1)
        return _json(
            {
                "ok": True,
                "request": bare.id,
                "status": bare.status,
                "due_ms": bare.due_ms,
                "recipients": recipients,
                "report": forgotten.report,
                "erased": True,
            }
        )
