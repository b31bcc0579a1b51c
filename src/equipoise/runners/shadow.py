"""A play asked on a store's own log: its events are folded again, and nothing is written.

Each person's records are walked in log order into fresh states. At each logged decision the guards
of the play are asked of the person as they stood then; contacts are charged as they really were.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import msgspec
import numpy as np

from equipoise.arrive.files import codes_of
from equipoise.engine import Engine, scalars
from equipoise.nouns.decisions import Moment
from equipoise.nouns.events import Event, Value
from equipoise.nouns.lessons import AT_STAKE, HOLDOUT, Lesson
from equipoise.nouns.plays import Play
from equipoise.nouns.records import DecideRequest
from equipoise.nouns.sheet import Here, Sheet
from equipoise.nouns.state import AtomState, Contact, PersonState
from equipoise.plays.playbook import LivePlay
from equipoise.ports import Store
from equipoise.recognise.handles import clean, is_strong
from equipoise.refolding import Refolding, arrivals, timed
from equipoise.remember import contacts
from equipoise.runners.choosing import CannotRehearse
from equipoise.runners.judged import UNASKED, Judged, Word, ask, column_of, looked_at, questions_of
from equipoise.runners.past import Past

AT_ONCE = 500
"""How many people's records are read at once."""

LESSONS_AT_ONCE = 10_000

_event = msgspec.msgpack.Decoder(Event).decode
_request = msgspec.msgpack.Decoder(DecideRequest).decode
_lesson = msgspec.msgpack.Decoder(Lesson).decode
_state = msgspec.msgpack.Decoder(PersonState).decode


class Logged(msgspec.Struct, frozen=True, eq=False):
    """One logged decision with what came of it: its lesson, and its receipt as JSON has it."""

    lesson: Lesson
    receipt: dict[str, Any]

    @property
    def shares(self) -> dict[str, float]:
        """The probability of every option as it was drawn from."""
        return {told["option"]: float(told["propensity"]) for told in self.receipt["options"]}


class Asked(msgspec.Struct, frozen=True, eq=False):
    """What the guards said at one logged decision, and the features as they stood."""

    logged: Logged
    verdicts: list[Any]
    inputs: dict[str, Value]
    person: int


def shadow(
    store: Store, live: LivePlay, engine: Engine, read_play: Callable[[str], Play]
) -> tuple[Past, Judged]:
    """The matured decisions of all plays with this play's moment, and what its guards say of each.

    Only reads, so it may run beside the engine that writes the store. `engine` lends its rules, folds
    and guards; it decides nothing. Raises `CannotRehearse` where there is no such decision.
    """
    plays = _of_same_moment(store, live.play, read_play)
    lessons = list(_settled(store, plays))
    decisions = _with_receipts(store, lessons)
    if not decisions:
        told = ", ".join(sorted(plays)) or "none"
        raise CannotRehearse(
            f"play {live.play.name!r}: the store has no matured decision of a play with the same moment "
            f"(such plays: {told}). Decisions mature when the window of their goal is over; "
            "rehearse on a file of logged decisions, or wait"
        )
    found: list[Asked] = []
    for mine in _by_person(store, decisions):
        found += _Shadow(store, live, engine, decisions).walk(mine)
    found.sort(key=lambda each: each.logged.lesson.decision)
    return _past(found, live.play), _judged(found, live.play)


def _of_same_moment(store: Store, play: Play, read_play: Callable[[str], Play]) -> dict[str, Play]:
    """The plays of the store that decided at the same moment, each as it stands now."""
    found = {}
    for row in store.plays():
        try:
            other = read_play(row.text)
        except ValueError:
            continue
        if _moment(other) == _moment(play):
            found[row.name] = other
    return found


def _moment(play: Play) -> tuple[object, ...]:
    return play.moment.event, play.moment.decide, play.moment.every_hours is not None


def _settled(store: Store, plays: Iterable[str]) -> Iterator[Lesson]:
    """Each decision once, with its latest outcome; who was held out was not decided for."""
    for name in plays:
        first: dict[int, Lesson] = {}
        after = 0
        while rows := store.lessons("lesson", name, after, LESSONS_AT_ONCE):
            after = rows[-1].seq
            for lesson in map(_lesson, (row.body for row in rows)):
                known = first.get(lesson.decision)
                if known is None and not lesson.revises:
                    first[lesson.decision] = lesson
                elif known is not None:
                    first[lesson.decision] = msgspec.structs.replace(
                        known, n=lesson.n, value=lesson.value, left=lesson.left
                    )
        yield from (lesson for lesson in first.values() if lesson.arm != HOLDOUT)


def _with_receipts(store: Store, lessons: Sequence[Lesson]) -> dict[int, Logged]:
    found = {}
    for start in range(0, len(lessons), LESSONS_AT_ONCE):
        some = lessons[start : start + LESSONS_AT_ONCE]
        receipts = store.receipts([lesson.decision for lesson in some])
        for lesson in some:
            row = receipts.get(lesson.decision)
            if row is not None:
                found[lesson.decision] = Logged(lesson, msgspec.json.decode(row.body))
    return found


def _by_person(store: Store, decisions: Mapping[int, Logged]) -> Iterator[list[PersonState]]:
    """The present states of everybody who was decided for, some at a time."""
    atoms = {logged.lesson.atom for logged in decisions.values()}
    people = sorted({atom.person for atom in store.atoms(atoms).values()})
    for start in range(0, len(people), AT_ONCE):
        states = store.states(people[start : start + AT_ONCE])
        yield [_state(states[person]) for person in sorted(states)]


class _Shadow:
    """Some people, from their first record on."""

    def __init__(
        self, store: Store, live: LivePlay, engine: Engine, decisions: Mapping[int, Logged]
    ) -> None:
        self.store = store
        self.live = live
        self.engine = engine
        self.decisions = decisions
        self.questions = questions_of(engine.deciders, UNASKED)

    def walk(self, people: Sequence[PersonState]) -> Iterator[Asked]:
        """What the guards say at every decision of these people, person by person."""
        logs = _chains(self.store.log, people, "event_seq")
        receipts = _chains(self.store.receipts, people, "decision_seq")
        for state in people:
            rows = [row for atom in state.atoms for row in logs.get(atom.id, ())]
            told = [row for atom in state.atoms for row in receipts.get(atom.id, ())]
            yield from self._person(state, rows, told)

    def _person(
        self, now: PersonState, rows: Sequence[Any], receipts: Sequence[Any]
    ) -> Iterator[Asked]:
        fresh = {atom.id: AtomState(atom.id, joined_seq=atom.joined_seq) for atom in now.atoms}
        handles = {atom.id: set(atom.handles) for atom in now.atoms}
        facts: dict[int, dict[str, Value]] = {}
        there = {row.seq: row for row in receipts}
        times = arrivals({seq: there[seq] for seq in timed(rows) if seq in there})
        refolding = Refolding(self.engine, partial(_chosen, there), times)
        for row in sorted([*rows, *receipts], key=lambda row: row.seq):
            atom = fresh[row.atom]
            if not hasattr(row, "kind"):
                yield from self._receipt(row, fresh, facts)
                continue
            if row.kind == "event":
                event = _event(row.body)
                facts[row.seq] = scalars(event.facts)
                for handle in clean(event.handles, event.trust)[0]:
                    if handle in handles[atom.id] and handle not in atom.handles:
                        atom.handles.append(handle)
                        atom.known |= is_strong(handle)
            elif row.kind == "decide":
                facts[row.seq] = dict(_request(row.body).facts)
            refolding.row(_together(fresh, atom.id, row.seq), atom, row)

    def _receipt(
        self, row: Any, fresh: Mapping[int, AtomState], facts: Mapping[int, dict[str, Value]]
    ) -> Iterator[Asked]:
        """A logged decision is asked about, then its contact is charged as it was, or given back."""
        told, atom = msgspec.json.decode(row.body), fresh[row.atom]
        logged = self.decisions.get(row.seq)
        if logged is not None:
            yield self._asked(logged, _together(fresh, atom.id, row.seq), facts)
        if told["type"] == "decision" and told["outcome"] in ("act", "review"):
            chosen = next(o for o in told["options"] if o["option"] == told["chosen"])
            if chosen["channel"] != "page" and chosen["do"] != "silence":
                contacts.prune(atom, told["at_ms"])
                contact = Contact(told["at_ms"], row.seq, told["play"], chosen["channel"])
                contacts.restore(atom, contact)
        elif told["type"] in ("cancelled", "undelivered", "human_decline"):
            contacts.release(atom, int(told["decision"].removeprefix("d_")))

    def _asked(
        self, logged: Logged, state: PersonState, facts: Mapping[int, dict[str, Value]]
    ) -> Asked:
        told, at_ms = logged.receipt["moment"], int(logged.receipt["at_ms"])
        seq = int(told["id"].partition(".")[0])
        moment = Moment(
            id=f"{seq}.{self.live.play.name}",
            kind=told["kind"],
            event=told["event"],
            channel=told["channel"],
            at_ms=int(told["opened_ms"]),
            opened_ms=int(told["opened_ms"]),
            facts=facts.get(seq, {}),
            rung=bool(told["rung"]),
        )
        here = Here(logged.lesson.decision, at_ms, Sheet(), {})
        asked = self.engine.question(state, self.live, moment, here)
        opens = self.live.where(lambda field: _read(asked.standing, moment, field))
        asked.in_audience = asked.in_audience and opens
        inputs = dict(asked.inputs) or {
            field: asked.standing.get(field) for field in looked_at(self.live.play)
        }
        verdicts = ask(asked, self.questions)
        return Asked(logged, verdicts, inputs, state.person)


def _chosen(receipts: Mapping[int, Any], decision: int) -> str:
    """The play and option that one of the person's decisions chose."""
    row = receipts.get(decision)
    told = {} if row is None else msgspec.json.decode(row.body)
    return f"{told['play']}|{told['chosen']}" if told.get("type") == "decision" else ""


def _read(standing: Any, moment: Moment, field: str) -> Value:
    if field.startswith("event."):
        return moment.facts.get(field.removeprefix("event."))
    found: Value = standing.get(field)
    return found


def _together(fresh: Mapping[int, AtomState], atom: int, seq: int) -> PersonState:
    """The atoms that were one person with this one before the record `seq`, oldest first.

    An atom that joined later was somebody else then.
    """
    there = [one for one in fresh.values() if one.id <= seq and one.joined_seq <= seq]
    mine = fresh[atom]
    return PersonState(sorted(there, key=lambda one: one.id) if mine in there else [mine])


def _chains(
    read: Callable[[Sequence[int]], Mapping[int, Any]], people: Sequence[PersonState], head: str
) -> dict[int, list[Any]]:
    """Every record of one chain of each atom, newest first, read in rounds over all of them."""
    found: dict[int, list[Any]] = {}
    wanted = [getattr(atom, head) for state in people for atom in state.atoms]
    while wanted := [seq for seq in wanted if seq]:
        rows = read(wanted)
        for row in rows.values():
            found.setdefault(row.atom, []).append(row)
        wanted = [row.prev for row in rows.values()]
    return found


def _past(found: Sequence[Asked], play: Play) -> Past:
    lessons = [each.logged.lesson for each in found]
    names = sorted({name for each in found for name in each.logged.shares})
    place = {name: number for number, name in enumerate(names)}
    shares = np.zeros((len(found), len(names)))
    for row, each in enumerate(found):
        for name, share in each.logged.shares.items():
            shares[row, place[name]] = share
    taken = np.array([place[lesson.option] for lesson in lessons], dtype=np.intp)
    costs = {option.name: option.cost for option in play.options}
    cost = np.array([costs.get(name, 0.0) for name in names])
    notes = ["costs_of_the_play"] if cost.any() else []
    if any(lesson.play != play.name for lesson in lessons):
        others = sorted({lesson.play for lesson in lessons} - {play.name})
        notes.append(f"decisions_of: {', '.join(others)}")
    stakes = [each.inputs.get(AT_STAKE, 0.0) for each in found]
    return Past(
        name="",
        options=tuple(names),
        taken=taken,
        propensity=np.array([lesson.propensity for lesson in lessons]),
        value=np.array([lesson.value for lesson in lessons]),
        cost=cost[taken],
        left=np.array([lesson.left for lesson in lessons], dtype=np.bool_),
        stake=np.array(
            [x if isinstance(x, int | float) else 0.0 for x in stakes], dtype=np.float64
        ),
        people=codes_of(np.array([each.person for each in found]))[0],
        incumbent=shares,
        notes=tuple(notes),
    )


def _judged(found: Sequence[Asked], play: Play) -> Judged:
    word = Word(play)
    for each in found:
        word.note(each.verdicts)
    names = list(dict.fromkeys(name for each in found for name in each.inputs))
    reason = word.written()
    return Judged(
        allowed=reason < 0,
        reason=reason,
        reasons=tuple(word.reasons),
        inputs={
            name: column_of(len(found), lambda row, name=name: found[row].inputs.get(name))  # type: ignore[misc]  # a lambda has no annotations
            for name in names
        },
        not_asked=dict(UNASKED),
    )
