"""Hypotheses and splits in the step: people become one because somebody said so, or go apart again."""

from collections.abc import Iterable
from typing import Any, Protocol

import msgspec
from msgspec.structs import replace

from equipoise.account.joins import join_receipt
from equipoise.canon import canonical
from equipoise.nouns.changes import LogRow
from equipoise.nouns.events import Handle
from equipoise.nouns.hypotheses import (
    FoundJoins,
    Hypothesis,
    JoinAnswer,
    JoinRecord,
    KeptHypothesis,
)
from equipoise.nouns.people import Atom, CannotLink, Join
from equipoise.nouns.records import Split
from equipoise.nouns.sheet import PLACES, Here, Sheet
from equipoise.nouns.state import AtomState, PersonState
from equipoise.ports import Store
from equipoise.recognise.applying import (
    are_apart,
    are_unlike,
    refuse,
    refused_by,
    split,
    take_back,
    unite,
)
from equipoise.recognise.clustering import Around, Holds
from equipoise.recognise.parting import move, parting

UNITED = Hypothesis | JoinAnswer | Split
"""What this verb is given: one pair that was found, an answer, or the wish to take somebody apart."""

EVIDENCE = "hypothesis"
"""The kind of evidence of a join that a hypothesis led to; its value is the score."""

_state = msgspec.msgpack.Decoder(PersonState).decode
_json = msgspec.json.Encoder().encode
_pack = msgspec.msgpack.Encoder().encode


class NotJoined(ValueError):
    """A hypothesis cannot be answered so; `code` is a reason code, the message says what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class OneStep(Protocol):
    """What is read and changed of a step by this verb; `runners.step.Step` is one."""

    sheet: Sheet
    most_handles: int
    states: dict[int, PersonState]
    people: dict[int, int]
    gone: set[int]
    dirty: set[int]
    joins: list[Join]
    cannot_links: list[CannotLink]
    hypotheses: dict[int, KeptHypothesis]

    def state_of(self, atom: int) -> tuple[PersonState, AtomState] | None:
        """The person and atom of an atom that was read for this step, or None."""
        ...

    def place(self, state: PersonState, fresh: tuple[Handle, ...], atom: int) -> None:
        """Point every atom and handle of a person at it, in the maps and in what is committed."""
        ...


class Uniting:
    """Walks rows of the kinds `join` and `split`, each a step of its own."""

    def __init__(self, store: Store, holds: Holds | None = None) -> None:
        self._store = store
        self._holds = holds or Holds()

    def atoms(self, said: UNITED) -> set[int]:
        """The atoms that have to be read before it is walked."""
        if isinstance(said, Hypothesis):
            return {said.left, said.right}
        if isinstance(said, JoinAnswer):
            kept = self._store.hypotheses([said.hypothesis]).values()
            return {atom for one in kept for atom in (one.left, one.right)}
        return {said.person}

    def walk(self, step: OneStep, said: UNITED, here: Here) -> bytes:
        """Take one record into the log; the reply, as JSON."""
        try:
            if isinstance(said, Hypothesis):
                return self._found(step, said, here)
            if isinstance(said, JoinAnswer):
                return self._answer(step, said, here)
            return self._split(step, said, here)
        except NotJoined as error:
            step.sheet.count(f"not_joined:{error.code}")
            return _json({"ok": False, "reason": error.code, "message": str(error)})
        except ValueError as error:
            return _json({"ok": False, "reason": str(error)})

    # --- found --------------------------------------------------------------------------------

    def _found(self, step: OneStep, pair: Hypothesis, here: Here) -> bytes:
        """Keep a pair, or bring one up to date; of people who are one, apart or gone there is nothing."""
        left, right = step.state_of(pair.left), step.state_of(pair.right)
        if left is None or right is None or left[0] is right[0] or _barred(left[0], right[0]):
            step.sheet.count("hypotheses_passed_over")
            return _json({"ok": True})
        kept = self._same(step, left[0], right[0])
        score = round(pair.score, 4)
        if kept is None:
            kept = KeptHypothesis(
                seq=here.seq,
                left=min(left[1].id, right[1].id),
                right=max(left[1].id, right[1].id),
                score=score,
                evidence=pair.evidence,
                found_ms=here.now_ms,
                held=pair.held,
            )
            step.sheet.count("hypotheses")
        else:
            again = replace(kept, score=score, evidence=pair.evidence, held=pair.held)
            if again == kept:
                return _json({"ok": True})
            kept = again
        step.hypotheses[kept.seq] = kept
        self._log((left[1], right[1]), FoundJoins(pairs=(replace(pair, score=score),)), here)
        return _json({"ok": True})

    def _same(self, step: OneStep, left: PersonState, right: PersonState) -> KeptHypothesis | None:
        """The hypothesis about these two people that still waits."""
        theirs = {left.person, right.person}
        for one in self._about(step, (left, right)):
            if one.waits and {step.people.get(one.left), step.people.get(one.right)} == theirs:
                return one
        return None

    def _about(self, step: OneStep, states: Iterable[PersonState]) -> list[KeptHypothesis]:
        """Every hypothesis that touches these people, as it stands in this step, oldest first."""
        atoms = {atom.id for state in states for atom in state.atoms}
        found = {one.seq: one for one in self._store.hypotheses_of(atoms)}
        found |= {
            seq: one
            for seq, one in step.hypotheses.items()
            if one.left in atoms or one.right in atoms
        }
        return [found[seq] for seq in sorted(found)]

    # --- answered -----------------------------------------------------------------------------

    def _answer(self, step: OneStep, said: JoinAnswer, here: Here) -> bytes:
        kept = self._store.hypotheses([said.hypothesis]).get(said.hypothesis)
        found = None if kept is None else (step.state_of(kept.left), step.state_of(kept.right))
        if kept is None or found is None or found[0] is None or found[1] is None:
            raise NotJoined(
                "gone", f"h_{said.hypothesis}: there is none, or somebody of it was erased"
            )
        (left, one), (right, other) = found[0], found[1]
        if said.verb == "reopen":
            _may_reopen(kept, one, other)
        elif not kept.waits:
            again = kept.state == "refused" and kept.how != "split"
            what = "; reopen it to answer it again" if again else ""
            raise NotJoined("answered", f"{kept.id} was {kept.state} before, by {kept.by}{what}")
        if left is right:
            raise NotJoined("joined", f"{kept.id}: the two are one person by now")
        answered = replace(
            kept, by=said.by, how=said.how, answered_ms=here.now_ms, note=said.note, state="later"
        )
        reply: dict[str, Any] = {"ok": True, "hypothesis": kept.id}
        if said.verb == "confirm":
            self._make_sure(step, kept, (left, right))
            answered = replace(answered, state="confirmed")
            self._join(step, answered, (left, right), here)
        elif said.verb == "refuse":
            answered = replace(answered, state="refused")
            refuse(left, right, kept.seq)
        elif said.verb == "reopen":
            answered = replace(answered, state="open")
            self._take_back(step, kept.seq, (one, other))
        step.hypotheses[kept.seq] = answered
        self._log((one, other), said, here)
        if said.verb == "confirm":
            for atom in (one, other):
                self._receipt(atom, step.people[atom.id], answered, "joined", here)
        step.sheet.count(f"hypotheses_{'reopened' if answered.reopened else answered.state}")
        people = sorted({step.people[one.id], step.people[other.id]})
        return _json(reply | {"state": answered.state, "people": people})

    def _make_sure(
        self, step: OneStep, kept: KeptHypothesis, pair: tuple[PersonState, PersonState]
    ) -> None:
        """Raise `NotJoined` where the two must not become one as things stand now."""
        left, right = pair
        who = kept.id
        if are_apart(left, right):
            raise NotJoined(
                "cannot_link", f"{who}: the two were taken apart; a split counts for good"
            )
        if are_unlike(left, right):
            names = " and ".join(f"h_{seq}" for seq in refused_by(left, right))
            raise NotJoined(
                "unlike",
                f"{who}: somebody said of a part of each that they are two people"
                + (f", by refusing {names}; if that was wrong, reopen {names}" if names else ""),
            )
        if any(atom.rights.restricted for state in pair for atom in state.atoms):
            raise NotJoined(
                "restricted", f"{who}: one of them restricts what is done with their data"
            )
        handles = sum(len(atom.handles) for state in pair for atom in state.atoms)
        if handles > step.most_handles:
            raise NotJoined(
                "too_large",
                f"{who}: {handles} handles in one; `people.handles` is {step.most_handles}",
            )
        held = self._held(step, kept, pair)
        if held:
            raise NotJoined(
                held, f"{who}: the people around it do not hold together; refuse others first"
            )

    def _take_back(self, step: OneStep, refusal: int, pair: tuple[AtomState, AtomState]) -> None:
        """Undo a refusal, also for atoms that were split off since: each side knows those of the other."""
        touched = {other for atom in pair for other in (atom.id, *atom.unlike)}
        found: dict[int, AtomState] = {}
        for atom in sorted(touched):
            state = self._person(step, atom)
            for member in state.atoms if state is not None else ():
                if {refusal, -refusal} & {*member.refusals}:
                    found[member.id] = member
                    step.dirty.add(step.people[member.id])
        take_back(found.values(), refusal)

    def _held(
        self, step: OneStep, kept: KeptHypothesis, pair: tuple[PersonState, PersonState]
    ) -> str:
        """Why the people around the two, as they stand now, do not hold together; empty where they do."""
        holds = self._holds._replace(score=min(kept.score, self._holds.score))
        seen = Around()
        waiting, reached = list(pair), {state.person for state in pair}
        while waiting and len(seen.sizes) <= holds.most:
            state = waiting.pop()
            seen.sizes[state.person] = 1
            for one in self._about(step, (state,)):
                left, right = (self._person(step, atom) for atom in (one.left, one.right))
                if left is None or right is None or (one.score < holds.score and one.waits):
                    continue
                seen.take(one, left.person, right.person, state.person)
                for other in (left, right) if one.waits else ():
                    if other.person not in reached:
                        reached.add(other.person)
                        waiting.append(other)
        low, high = sorted(state.person for state in pair)
        return seen.held((low, high), holds)

    def _person(self, step: OneStep, atom: int) -> PersonState | None:
        """The person of an atom as they stand in this step, for looking only."""
        person = step.people.get(atom)
        if person is None:
            found: Atom | None = self._store.atoms([atom]).get(atom)
            person = None if found is None else found.person
        if person is None:
            return None
        if person not in step.states:
            blob = self._store.states([person]).get(person)
            if blob is None:
                return None
            step.states[person] = state = _state(blob)
            for member in state.atoms:
                step.people[member.id] = person
        return step.states[person]

    def _join(
        self,
        step: OneStep,
        said: KeptHypothesis,
        pair: tuple[PersonState, PersonState],
        here: Here,
    ) -> None:
        younger = max(state.person for state in pair)
        state = unite(*pair, here.seq)
        step.states.pop(younger)
        step.gone.add(younger)
        step.dirty.add(state.person)
        step.place(state, (), 0)
        step.joins.append(
            Join(
                seq=here.seq,
                left=said.left,
                right=said.right,
                event=said.id,
                source=said.by,
                evidence=(Handle(EVIDENCE, f"{said.score:.4f}"),),
                at_ms=here.now_ms,
            )
        )
        step.sheet.count("people", -1)

    # --- taken apart --------------------------------------------------------------------------

    def _split(self, step: OneStep, wish: Split, here: Here) -> bytes:
        before = step.states.get(wish.person)
        if before is None:
            return _json({"ok": False, "reason": "no such person"})
        leaves = parting(before, wish.atoms, wish.handles)
        state = move(before, leaves, here.seq)
        leaving = (*leaves.atoms, here.seq) if leaves.moved else leaves.atoms
        parts, links = split(state, leaving, wish.by, here.now_ms)
        step.cannot_links.extend(links)
        step.gone.add(wish.person)
        for part in parts:
            step.states[part.person] = part
            step.gone.discard(part.person)
            step.dirty.add(part.person)
            mine = {atom.id for atom in part.atoms}
            step.place(part, leaves.moved if here.seq in mine else (), here.seq)
        if leaves.moved:
            self._keep_away(step, parts[1].atoms[-1], wish, here)
        step.sheet.count("people", len(parts) - 1)
        head = parts[0].atoms[0]
        here.log(head, "split", wish)
        self._no_more(step, parts, wish, here)
        return _json({"ok": True, "people": [part.person for part in parts]})

    def _keep_away(self, step: OneStep, fresh: AtomState, wish: Split, here: Here) -> None:
        """Let everybody from whom a new atom is apart know it too: the others look from their side."""
        mine = {member.id for member in step.states[step.people[fresh.id]].atoms}
        for where in ("apart", "unlike"):
            for atom in getattr(fresh, where):
                other = None if atom in mine else self._person(step, atom)
                for member in other.atoms if other is not None else ():
                    if member.id == atom and fresh.id not in getattr(member, where):
                        setattr(member, where, sorted({*getattr(member, where), fresh.id}))
                        step.dirty.add(step.people[atom])
                        if where == "apart":
                            step.cannot_links.append(
                                CannotLink(left=atom, right=fresh.id, by=wish.by, at_ms=here.now_ms)
                            )

    def _no_more(self, step: OneStep, parts: list[PersonState], wish: Split, here: Here) -> None:
        """A split says of every hypothesis between its two sides that it does not hold."""
        sides = {part.person for part in parts}
        for one in self._about(step, parts):
            theirs = {step.people.get(one.left), step.people.get(one.right)}
            if one.state == "refused" or theirs != sides:
                continue
            step.hypotheses[one.seq] = parted = replace(
                one, state="refused", by=wish.by, how="split", answered_ms=here.now_ms
            )
            if one.state == "confirmed" and here.used < PLACES - 2:
                for part, atom in zip(parts, (part.atoms[0] for part in parts), strict=True):
                    self._receipt(atom, part.person, parted, "parted", here)

    # --- account ------------------------------------------------------------------------------

    @staticmethod
    def _log(atoms: tuple[AtomState, AtomState], said: JoinRecord, here: Here) -> None:
        """Hang one record on the chains of both, each with a number of its own."""
        one, other = atoms
        here.log(one, "join", said)
        seq = here.number()
        here.sheet.log.append(LogRow(seq, other.id, other.event_seq, "join", _pack(said)))
        other.event_seq = seq

    @staticmethod
    def _receipt(atom: AtomState, person: int, said: KeptHypothesis, did: str, here: Here) -> None:
        seq = here.number()
        whom = (person, atom.id)
        here.receipt(atom, seq, canonical(join_receipt(said, did, seq, whom, here.now_ms)))


def _may_reopen(kept: KeptHypothesis, one: AtomState, other: AtomState) -> None:
    """Raise `NotJoined` where there is no refusal to be taken back, or a split counts beside it."""
    if kept.state != "refused":
        what = "answer it with confirm, refuse or later" if kept.waits else "a split takes it apart"
        raise NotJoined(
            "not_refused", f"{kept.id} is {kept.state}: only a refusal can be reopened; {what}"
        )
    if other.id in one.apart or one.id in other.apart:
        raise NotJoined(
            "cannot_link",
            f"{kept.id} cannot be reopened: a split took the two apart, which counts for good",
        )


def _barred(left: PersonState, right: PersonState) -> bool:
    restricted = any(atom.rights.restricted for state in (left, right) for atom in state.atoms)
    return restricted or are_apart(left, right) or are_unlike(left, right)
