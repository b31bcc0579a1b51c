"""One step over states already read: each record finds its person, and the engine does the rest."""

from collections.abc import Mapping

import msgspec

from equipoise.act.outbox import cancel
from equipoise.agreeing import Turn, converse, overhear
from equipoise.answering import RIGHT
from equipoise.carrying import Carrying
from equipoise.engine import Engine
from equipoise.nouns import records
from equipoise.nouns.aggregates import AggregateRecord
from equipoise.nouns.agreements import Negotiate
from equipoise.nouns.changes import Erased, LogRow, Timer
from equipoise.nouns.decisions import Action, Decision
from equipoise.nouns.events import Event, Handle, IntakeRow, Refused
from equipoise.nouns.hypotheses import Hypothesis, JoinAnswer, KeptHypothesis
from equipoise.nouns.people import Atom, CannotLink, HeldJoin, Join
from equipoise.nouns.rights import AnswerRight, AskRight, Request
from equipoise.nouns.shares import Share, ShareNotice, ShareRead, ShareRecord
from equipoise.nouns.sheet import PLACES, Here, Sheet
from equipoise.nouns.state import AtomState, PersonState
from equipoise.recognise.applying import apply
from equipoise.recognise.joining import recognise
from equipoise.runners.aggregating import Aggregating, Figures
from equipoise.runners.forgetting import Forgotten
from equipoise.runners.righting import Asking, Righting
from equipoise.runners.sharing import Sharing
from equipoise.runners.uniting import Uniting

Record = (
    Event
    | records.DecideRequest
    | records.PageRequest
    | records.Attempt
    | records.Delivery
    | records.HumanAnswer
    | records.Split
    | records.Occasion
    | records.PlayVersion
    | records.ModelVersion
    | AskRight
    | AnswerRight
    | Negotiate
    | Hypothesis
    | JoinAnswer
    | ShareRecord
    | AggregateRecord
    | Timer
)
"""What one number of the log is given to."""

MOST_TOLD = 64
"""Held joins of one atom beyond which an operator is told no more: they know where to look."""

SCHEDULE = "schedule:"
"""Prefix of the keys of timers that belong to a play and to nobody."""

_json = msgspec.json.Encoder().encode
_pack = msgspec.msgpack.Encoder().encode


class Work(msgspec.Struct, gc=False):
    """One record on its way: the intake row it came in, its cleaned handles."""

    row: IntakeRow
    record: Record
    handles: tuple[Handle, ...] = ()


class Step:
    """Everything that one commit will change, gathered record by record."""

    def __init__(
        self, engine: Engine, seq: int, most_handles: int, spent: Mapping[str, int]
    ) -> None:
        self.engine = engine
        self.carrying = Carrying(engine)
        self.seq = seq
        self.most_handles = most_handles
        self.spent = spent
        self.sheet = Sheet()
        self.states: dict[int, PersonState] = {}
        self.known: dict[Handle, Atom] = {}
        self.people: dict[int, int] = {}
        self.actions: dict[int, Action] = {}
        self.waiting: list[Action] = []
        self.replies: dict[int, bytes] = {}
        self.dirty: set[int] = set()
        self.gone: set[int] = set()
        self.handles: dict[Handle, int] = {}
        self.atoms: dict[int, Atom] = {}
        self.joins: list[Join] = []
        self.held_joins: list[HeldJoin] = []
        self.cannot_links: list[CannotLink] = []
        self.righting: Righting | None = None
        self.requests: dict[int, Request] = {}
        self.rewritten: list[LogRow] = []
        self.erased: list[Erased] = []
        self.sharing: Sharing | None = None
        self.uniting: Uniting | None = None
        self.hypotheses: dict[int, KeptHypothesis] = {}
        self.shares: dict[int, Share] = {}
        self.aggregating: Aggregating | None = None
        self.figures = Figures()
        self.share_reads: list[ShareRead] = []
        self.share_notices: dict[str, ShareNotice] = {}

    def walk(self, work: Work) -> None:
        """Give the record its number and hand it to the verb that it asks for."""
        self.seq += PLACES
        here = Here(self.seq, work.row.received_ms, self.sheet, self.spent)
        match work.record:
            case Event() as event:
                self._event(event, work.handles, here)
            case records.DecideRequest() as asked:
                self._decide(asked, work, here)
            case records.PageRequest() as fetched:
                self._page(fetched, work, here)
            case records.Attempt() as attempt:
                self._attempt(attempt, work.row, here)
            case records.Delivery() | records.HumanAnswer() as how:
                self._about(how.action, work.row, here, how)
            case Negotiate() as said:
                self._negotiate(said, work, here)
            case AskRight() | AnswerRight() as wish if self.righting is not None:
                asking = Asking(wish, work.handles, work.row.source.trust)
                self.replies[work.row.id] = self.righting.walk(self, asking, here)
            case said if isinstance(said, ShareRecord | AggregateRecord):
                self.replies[work.row.id] = self._give(said, work, here)
            case Timer() as timer:
                self._ring(timer, here)
            case records.Occasion() as occasion:
                self._occasion(occasion, here)
            case records.Split() | Hypothesis() | JoinAnswer() as said if self.uniting is not None:
                self.replies[work.row.id] = self.uniting.walk(self, said, here)
            case _:
                msg = f"the step has no verb for {type(work.record).__name__}"
                raise TypeError(msg)

    # --- recognise ----------------------------------------------------------------------------

    def find(
        self, event: Event, handles: tuple[Handle, ...], seq: int
    ) -> tuple[PersonState, AtomState]:
        """The person and atom of these handles, after whatever joining they bring about."""
        known = self.known
        first = known.get(handles[0])
        if first is not None and len(handles) == 1:
            return self._pick(self.states[first.person], first.id)
        found = recognise(event, handles, seq, known, self.states.__getitem__, self.most_handles)
        if found.fresh or found.merged:
            state = apply(found, event, seq, self.states)
            self.place(state, found.fresh, seq)
            gone = {person for person in found.merged if person not in (state.person, seq)}
            self.gone |= gone
            self.sheet.count("people", int(state.person == seq) - len(gone))
        else:
            state = self.states[found.person]
        self.joins.extend(found.joins)
        state, atom = self._pick(state, found.atom)
        for held in found.held:
            self._tell(held, atom)
        return state, atom

    def _tell(self, held: HeldJoin, atom: AtomState) -> None:
        """Tell an operator once of each join that is held: a shared device would tell it daily."""
        self.sheet.count("held_joins")
        key = f"{held.left} {held.right} {held.reason}"
        if key not in atom.told and len(atom.told) < MOST_TOLD:
            atom.told.append(key)
            self.held_joins.append(held)

    def _pick(self, state: PersonState, atom: int) -> tuple[PersonState, AtomState]:
        self.dirty.add(state.atoms[0].id)
        for candidate in state.atoms:
            if candidate.id == atom:
                return state, candidate
        msg = f"person {state.person} has no atom {atom}: the handle table and the state disagree"
        raise LookupError(msg)

    def place(self, state: PersonState, fresh: tuple[Handle, ...], atom: int) -> None:
        """Point every atom and handle of a person at it, in the maps and in what is committed."""
        person = state.person
        for member in state.atoms:
            if self.people.get(member.id) != person:
                self.people[member.id] = person
                self.atoms[member.id] = placed = Atom(member.id, person)
                for handle in member.handles:
                    self.known[handle] = placed
        for handle in fresh:
            self.handles[handle] = atom

    def state_of(self, atom: int) -> tuple[PersonState, AtomState] | None:
        """The person and atom of an atom that was read for this step, or None."""
        person = self.people.get(atom)
        state = self.states.get(person) if person is not None else None
        return None if state is None else self._pick(state, atom)

    # --- the verbs ----------------------------------------------------------------------------

    def _event(self, event: Event, handles: tuple[Handle, ...], here: Here) -> None:
        if not handles:
            self.sheet.refused.append(
                Refused(
                    source=event.source,
                    code="no_identity",
                    message=(
                        f"{event.source}: event {event.kind!r} needs a handle that may be used, got "
                        f"{[handle.kind for handle in event.handles]}. Send a userId or anonymousId "
                        "that is not a placeholder."
                    ),
                    received_ms=event.received_ms,
                    id=event.id,
                    item=_json(event)[:4096],
                )
            )
            return
        state, atom = self.find(event, handles, here.seq)
        self.engine.take(state, atom, event, here)

    def _stand_in(self, work: Work, kind: str) -> Event:
        row = work.row
        return Event(
            id=f"{kind}-{row.id}",
            kind=kind,
            channel="",
            source=row.source.name,
            at_ms=row.received_ms,
            received_ms=row.received_ms,
            handles=work.handles,
            trust=row.source.trust,
        )

    def _decide(self, asked: records.DecideRequest, work: Work, here: Here) -> None:
        decision: Decision | None = None
        if work.handles:
            stand_in = self._stand_in(work, "decide")
            state, atom = self.find(stand_in, work.handles, here.seq)
            self.sheet.log.append(LogRow(here.seq, atom.id, atom.event_seq, "decide", _pack(asked)))
            atom.event_seq = here.seq
            if asked.gpc:
                overhear(state, atom, work.row.source.trust, self.engine.rules, here)
            decision = self.engine.ask(state, atom, asked, work.row.source.trust, here)
        reason = "no_such_moment" if work.handles else "no_identity"
        self.replies[work.row.id] = answer_of(decision, reason)

    def _negotiate(self, said: Negotiate, work: Work, here: Here) -> None:
        turn = Turn(ok=False, code="no_identity", message="name who speaks by a usable handle")
        if work.handles:
            state, atom = self.find(self._stand_in(work, "agreement"), work.handles, here.seq)
            turn = converse(state, atom, said, work.row.source.trust, self.engine.rules, here)
        self.replies[work.row.id] = _json(turn)

    def _page(self, asked: records.PageRequest, work: Work, here: Here) -> None:
        shown = []
        if work.handles and all(handle in self.known for handle in work.handles):
            state, atom = self.find(self._stand_in(work, "page"), work.handles, here.seq)
            trust = work.row.source.trust
            if asked.gpc and overhear(state, atom, trust, self.engine.rules, here):
                here.log(atom, "page", asked)
            mine = {atom.id: atom for atom in state.atoms}
            blind = trust == "public" and any(a.known for a in state.atoms)
            for action in [] if blind else self._waiting(mine):
                after = self.carrying.look_again(state, mine[action.atom], action, here)
                if after.status == "sent":
                    shown.append(
                        {
                            "id": after.key,
                            "option": after.option.name,
                            "content": after.content,
                            "felt": f"/felt/{after.key}",
                        }
                    )
        self.replies[work.row.id] = _json({"shown": shown})

    def _waiting(self, atoms: Mapping[int, AtomState]) -> list[Action]:
        known = {action.id: action for action in self.waiting} | self.sheet.actions
        return [
            action
            for _, action in sorted(known.items())
            if action.status == "waiting" and action.atom in atoms
        ]

    def _attempt(self, attempt: records.Attempt, row: IntakeRow, here: Here) -> None:
        action = self.sheet.actions.get(attempt.action) or self.actions.get(attempt.action)
        found = None if action is None else self.state_of(action.atom)
        if action is None or found is None:
            if action is not None:
                self.sheet.actions[action.id] = cancel(action, "gone")
            self.replies[row.id] = _json({"go": False, "reason": "gone"})
            return
        state, atom = found
        after = self.carrying.look_again(state, atom, action, here)
        go = after.status == "sending" and after is not action
        self.replies[row.id] = _json({"go": go, "reason": after.detail, "action": after})

    def _about(
        self,
        action_id: int,
        row: IntakeRow,
        here: Here,
        said: records.Delivery | records.HumanAnswer,
    ) -> None:
        action = self.sheet.actions.get(action_id) or self.actions.get(action_id)
        found = None if action is None else self.state_of(action.atom)
        if action is None or found is None:
            self.replies[row.id] = _json({"ok": False, "reason": "gone"})
            return
        _, atom = found
        if isinstance(said, records.Delivery):
            after = self.carrying.delivered(atom, action, said, here)
        else:
            after = self.carrying.human(atom, action, said, here)
        self.replies[row.id] = _json({"ok": True, "status": after.status})

    def _give(self, said: ShareRecord | AggregateRecord, work: Work, here: Here) -> bytes:
        trust = work.row.source.trust
        if isinstance(said, ShareRecord):
            return (
                self.sharing.walk(self, said, (work.handles, trust), here) if self.sharing else b""
            )
        return self.aggregating.walk(self.figures, said, trust, here) if self.aggregating else b""

    def forget(self, forgotten: Forgotten) -> None:
        """Let a person go with this commit, and keep what of others was put right."""
        self.erased.append(forgotten.erased)
        self.gone.add(forgotten.erased.person)
        self.rewritten.extend(forgotten.rewritten)
        self.sheet.actions |= forgotten.actions
        for handle in forgotten.erased.handles:
            self.known.pop(handle, None)
        for other in forgotten.neighbours:
            self.states[other.person] = other
            self.dirty.add(other.person)

    def _ring(self, timer: Timer, here: Here) -> None:
        if timer.key.startswith(RIGHT) and self.righting is not None:
            self.righting.ring(self, timer, here)
            return
        found = self.state_of(timer.atom)
        if found is None:
            self.sheet.timers_cleared.append(timer)
            return
        state, atom = found
        self.engine.ring(state, atom, timer, here)

    def _occasion(self, occasion: records.Occasion, here: Here) -> None:
        state = self.states.get(occasion.person)
        live = self.engine.playbook.named(occasion.play)
        if state is not None and live is not None:
            self.dirty.add(state.person)
            self.engine.scheduled(state, live, here)


def answer_of(decision: Decision | None, otherwise: str) -> bytes:
    """What a channel that asked is told: JSON with the outcome, the reason and the content."""
    if decision is None:
        return _json({"decision": None, "outcome": "silence", "reason": otherwise, "content": {}})
    chosen = next((w for w in decision.weighed if w.option == decision.chosen), None)
    shown = decision.outcome == "act"
    return _json(
        {
            "decision": decision.id,
            "play": decision.play,
            "outcome": decision.outcome,
            "reason": decision.reason,
            "detail": decision.detail,
            "option": decision.chosen if shown else "silence",
            "channel": chosen.channel if shown and chosen else "",
            "content": decision.content if shown else {},
            "propensity": chosen.propensity if chosen else 1.0,
            "chance": len([w for w in decision.weighed if w.propensity > 0]) > 1,
            "best": _best(decision) if decision.outcome != "review" else "",
        }
    )


def _best(decision: Decision) -> str:
    """The option that a model expected to be worth most; empty where none was asked."""
    scores = {w.option: w.appraisal.score for w in decision.weighed if w.appraisal is not None}
    return max(scores, key=lambda option: scores[option]) if scores else ""
