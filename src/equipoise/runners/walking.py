"""The step of an embedded house: read what a batch needs, walk it in log order, commit it at once."""

import logging
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from equipoise.account.commitment import commit
from equipoise.account.ledger import Sealed
from equipoise.account.tree import Frontier, read_frontier
from equipoise.arrive.duplicates import Seen
from equipoise.engine import Engine
from equipoise.nouns import records
from equipoise.nouns.changes import Changes, PlayRow, Position, ReceiptRow, Timer
from equipoise.nouns.events import Event, Handle, IntakeRow, Refused
from equipoise.nouns.lessons import ModelRow
from equipoise.nouns.people import Atom
from equipoise.nouns.plays import Play
from equipoise.nouns.rights import AnswerRight, AskRight
from equipoise.nouns.shares import StopSharing
from equipoise.nouns.state import PersonState
from equipoise.ports import Entropy, Store
from equipoise.recognise.handles import clean
from equipoise.rights.aggregates.asking import Limits
from equipoise.runners.aggregating import Aggregating
from equipoise.runners.forgetting import spared
from equipoise.runners.recent import Recent
from equipoise.runners.righting import RightHabits, Righting
from equipoise.runners.rows import ACTING, BODIES, NAMING, cut, each_of
from equipoise.runners.schooling import ReadModel, School, no_model
from equipoise.runners.sharing import ShareHabits, Sharing
from equipoise.runners.staging import Columns, Stage
from equipoise.runners.step import SCHEDULE, Step, Work
from equipoise.runners.uniting import UNITED, Uniting
from equipoise.stores import StoreError, Unstorable

Parser = Callable[[IntakeRow], list[Event | Refused]]
"""Reads the body of an intake row; what it cannot take comes back as `Refused`."""

Seal = Callable[[Frontier, Sequence[bytes]], Sealed]
"""Appends leaves to the tree whose right edge is given, and signs the new head."""


class Habits(msgspec.Struct, frozen=True, kw_only=True):
    """What compose hands a walker beside the engine and the store.

    `columns` gives one state's values for typed columns, by name; `read_play` reads a
    play's text, `read_model` the body of a model by its name and puts it into force; both raise
    `ValueError`. `people_kept` bounds the decoded states in memory.
    """

    parsers: Mapping[str, Parser]
    entropy: Entropy
    seal: Seal
    seen: Seen
    read_play: Callable[[str], Play]
    columns: Columns
    read_model: ReadModel = no_model
    rights: RightHabits = RightHabits()
    shares: ShareHabits = ShareHabits()
    aggregates: Limits = Limits()
    most_handles: int = 200
    dedupe_ms: int = 86_400_000
    people_kept: int = 50_000


HOUR_MS = 3_600_000
_pack = msgspec.msgpack.Encoder().encode
_log = logging.getLogger("equipoise.step")


class Walker:
    """Walks intake rows through the engine into one store; the only writer of that store."""

    def __init__(self, engine: Engine, store: Store, habits: Habits) -> None:
        self.engine = engine
        self.store = store
        self.habits = habits
        self.position = store.position()
        self._forgot_ms = 0
        self._frontier = self._edge()
        self._known: Recent[Handle, Atom] = Recent(4 * habits.people_kept)
        self._states: Recent[int, PersonState] = Recent(habits.people_kept)
        self._decode = msgspec.msgpack.Decoder(PersonState).decode
        self._encode = msgspec.msgpack.Encoder().encode
        self._spent = store.spent()
        self._stage = Stage(engine, store, habits.read_play, habits.columns)
        self._righting = Righting(engine, store, habits.rights)
        self._sharing = Sharing(engine, store, habits.shares)
        self._uniting = Uniting(store)
        self._aggregating = Aggregating(store, habits.aggregates)
        # A door that ended between an erasure and the wiping of its intake left rows behind.
        self._wipe = self.position.cursor if store.counts().get("erased") else 0
        self._school = School(engine, store, habits.read_model)

    def _edge(self) -> Frontier:
        stored = self.position.frontier
        return read_frontier(stored) if stored else Frontier()

    def take_wipe(self) -> int:
        """The intake row up to which nothing may be left since somebody was erased, told once; else 0."""
        upto, self._wipe = self._wipe, 0
        return upto

    def walk(self, rows: Sequence[IntakeRow]) -> dict[int, bytes]:
        """Walk rows in order; return the answers of those that asked, by row id.

        Rows at or before the store's cursor are passed over, so that a repeat changes nothing.
        """
        replies: dict[int, bytes] = {}
        for batch in cut([row for row in rows if row.id > self.position.cursor]):
            replies |= self._step_or_set_aside(batch)
        return replies

    def _step_or_set_aside(self, batch: Sequence[IntakeRow]) -> dict[int, bytes]:
        """One step; where a row breaks it, the others are walked without it, and it is kept.

        A row that breaks the step would break it again after every start, and everything behind it
        would wait for ever. It is set aside where an operator sees it, whole as far as it fits.
        """
        try:
            return self._step(batch)
        except StoreError as fault:
            if not isinstance(fault, Unstorable):
                raise
            if len(batch) == 1:
                return self._set_aside(batch[0], fault)
        except Exception as fault:  # noqa: BLE001 - the outermost loop of the step; a test sees it
            if len(batch) == 1:
                return self._set_aside(batch[0], fault)
        replies: dict[int, bytes] = {}
        for row in batch:
            replies |= self._step_or_set_aside([row])
        return replies

    def _set_aside(self, row: IntakeRow, fault: Exception) -> dict[int, bytes]:
        broken: list[Timer] = []
        if row.kind == "tick":
            one = _pack(records.Tick(1))
            if row.body != one:
                # Only one of the timers breaks it: the first rings alone, the others with the next tick.
                return self._step_or_set_aside([msgspec.structs.replace(row, body=one)])
            broken = self.store.timers(row.received_ms, 1)
        where = traceback.extract_tb(fault.__traceback__)[-1]
        place = f"{Path(where.filename).name}:{where.lineno}"
        _log.error("a row broke the step and was set aside", extra={"row": row.id, "at": place})
        refused = Refused(
            source=row.source.name,
            code="step_failed",
            message=(
                f"intake row {row.id} ({row.kind}) broke the step at {place} with "
                f"{type(fault).__name__}: {fault}. It was set aside; please report it."
            ),
            received_ms=row.received_ms,
            item=row.body,
        )
        self.store.commit(
            Changes(
                cursor=row.id,
                seq=self.position.seq,
                now_ms=row.received_ms,
                refused=[refused],
                timers_cleared=broken,
                counts={"refused": 1},
                frontier=self.position.frontier,
                checkpoint=self.position.checkpoint,
            )
        )
        self.position = msgspec.structs.replace(self.position, cursor=row.id)
        answer = {"ok": False, "go": False, "outcome": "silence", "reason": "step_failed"}
        return {row.id: msgspec.json.encode(answer)}

    def _step(self, rows: Sequence[IntakeRow]) -> dict[int, bytes]:
        step = Step(self.engine, self.position.seq, self.habits.most_handles, self._spent)
        step.righting, step.sharing, step.uniting = self._righting, self._sharing, self._uniting
        step.aggregating = self._aggregating
        entered: list[PlayRow | ModelRow] = []
        arrived = self._arrive(rows, step, entered)
        works = list(spared(arrived, self.habits.rights.gone, step.sheet))
        works, seen = self._sift(works, step)
        self._read(works, step)
        try:
            for work in works:
                step.walk(work)
            changes = self._changes(rows[-1], step, seen)
            changes.plays = [row for row in entered if isinstance(row, PlayRow)]
            changes.models = [row for row in entered if isinstance(row, ModelRow)]
            self.store.commit(changes)
        except BaseException:
            # States were folded in place: what is in memory is no longer what is stored.
            self._known.clear()
            self._states.clear()
            raise
        self._keep(step, changes)
        return step.replies

    # --- arrive -------------------------------------------------------------------------------

    def _arrive(
        self, rows: Sequence[IntakeRow], step: Step, entered: list[PlayRow | ModelRow]
    ) -> Iterator[Work]:
        for row in rows:
            parser = self.habits.parsers.get(row.kind)
            if parser is not None:
                for thing in parser(row):
                    if isinstance(thing, Refused):
                        step.sheet.refused.append(thing)
                    else:
                        handles, dropped = clean(thing.handles, thing.trust)
                        for reason in dropped:
                            step.sheet.count(f"dropped:{reason}")
                        yield Work(row, thing, handles)
                continue
            record = msgspec.msgpack.decode(row.body, type=BODIES[row.kind])
            match record:
                case records.Tick():
                    yield from self._due(row, record, step)
                case records.PlayVersion():
                    entered += self._stage.enter(row, record, step)
                case records.ModelVersion():
                    entered += self._school.enter(row, record, step)
                case named if isinstance(named, NAMING):
                    handles, _ = clean(named.handles, row.source.trust)
                    yield Work(row, named, handles)
                case _:
                    yield from (Work(row, one) for one in each_of(record))

    def _due(self, row: IntakeRow, tick: records.Tick, step: Step) -> Iterator[Work]:
        for timer in self.store.timers(row.received_ms, tick.most):
            if timer.key.startswith(SCHEDULE):
                yield from self._stage.ring(row, timer, tick.most, step)
            else:
                yield Work(row, timer)

    def _sift(self, works: list[Work], step: Step) -> tuple[list[Work], bytes]:
        """Drop events whose message id was taken in before, here or in an earlier step."""
        events = [work for work in works if isinstance(work.record, Event)]
        if not events:
            return works, b""
        fresh, hashes = self.habits.seen.sift([work.record.id for work in events])  # type: ignore[union-attr]
        repeats = {id(work) for work, new in zip(events, fresh, strict=True) if not new}
        if repeats:
            step.sheet.count("duplicates", len(repeats))
            works = [work for work in works if id(work) not in repeats]
        return works, hashes

    # --- read ---------------------------------------------------------------------------------

    def _read(self, works: Sequence[Work], step: Step) -> None:
        """Everything the batch may touch, each table read once, before anything is decided."""
        wanted: set[Handle] = set()
        atoms: set[int] = set()
        people: set[int] = set()
        action_ids: set[int] = set()
        for work in works:
            wanted.update(work.handles)
            match work.record:
                case Timer(atom=atom):
                    atoms.add(atom)
                case AskRight() | AnswerRight() as wish:
                    atoms.update(self._righting.atoms(wish))
                case said if isinstance(said, ACTING):
                    action_ids.add(said.action)
                case said if isinstance(said, UNITED):
                    atoms.update(self._uniting.atoms(said))
                case records.Occasion(person=person) | StopSharing(person=person):
                    people.add(person)
        step.known = self._handles(wanted)
        if action_ids:
            step.actions = self.store.actions(action_ids)
            atoms.update(action.atom for action in step.actions.values())
        if atoms:
            people.update(atom.person for atom in self.store.atoms(atoms).values())
        people.update(atom.person for atom in step.known.values())
        step.states = self._people(people)
        for person, state in step.states.items():
            for member in state.atoms:
                step.people[member.id] = person
        pages = [work for work in works if isinstance(work.record, records.PageRequest)]
        if pages:
            step.waiting = self.store.waiting_for(step.people)

    def _handles(self, wanted: set[Handle]) -> dict[Handle, Atom]:
        found, missing = self._known.pick(wanted)
        return found | self.store.atoms_of(missing) if missing else found

    def _people(self, people: set[int]) -> dict[int, PersonState]:
        found, missing = self._states.pick(people)
        if missing:
            decode = self._decode
            for person, blob in self.store.states(missing).items():
                found[person] = decode(blob)
        return found

    # --- account ------------------------------------------------------------------------------

    def _changes(self, last: IntakeRow, step: Step, seen: bytes) -> Changes:
        sheet = step.sheet
        if sheet.refused:
            sheet.count("refused", len(sheet.refused))
        encode = self._encode
        states: dict[int, bytes | None] = {
            person: encode(step.states[person]) for person in sorted(step.dirty - step.gone)
        }
        states |= dict.fromkeys(step.gone)
        changes = Changes(
            cursor=last.id,
            seq=step.seq,
            now_ms=last.received_ms,
            log=sheet.log,
            states=states,
            atoms=step.atoms,
            handles=step.handles,
            joins=step.joins,
            cannot_links=step.cannot_links,
            held_joins=step.held_joins,
            hypotheses=step.hypotheses,
            actions=sheet.actions,
            timers_set=sheet.timers_set,
            timers_cleared=sheet.timers_cleared,
            refused=sheet.refused,
            seen=seen,
            spent=sheet.spent,
            lessons=sheet.lessons,
            counts=sheet.counts,
            frontier=self.position.frontier,
            checkpoint=self.position.checkpoint,
            requests=step.requests,
            rewritten=step.rewritten,
            erased=step.erased,
            aggregate_grants=list(step.figures.grants.values()),
            releases=list(step.figures.releases.values()),
            shares=list(step.shares.values()),
            share_reads=step.share_reads,
            share_notices=list(step.share_notices.values()),
        )
        if self._stage.fields:
            changes.columns = {
                person: self._stage.columns(step.states[person])
                for person in step.dirty - step.gone
            }
        self._seal(step, changes)
        return changes

    def _seal(self, step: Step, changes: Changes) -> None:
        """Salt and commit to each receipt, append the leaves, and sign one checkpoint for them all."""
        index = self.position.leaves
        for draft in step.sheet.drafts:
            salt = self.habits.entropy.salt(draft.seq)
            changes.leaves.append(commit(draft.body, salt))
            changes.receipts.append(
                ReceiptRow(draft.seq, draft.atom, draft.prev, index, draft.body, salt)
            )
            index += 1
        if changes.leaves:
            sealed = self.habits.seal(self._frontier, changes.leaves)
            changes.frontier = sealed.frontier.encode()
            changes.checkpoint = sealed.checkpoint
            changes.tiles = sealed.tiles

    def _keep(self, step: Step, changes: Changes) -> None:
        """After the commit: remember what is now true, in bounds."""
        self.position = Position(
            changes.cursor,
            changes.seq,
            self.position.leaves + len(changes.leaves),
            changes.frontier,
            changes.checkpoint,
        )
        self._forget(changes.now_ms)
        if changes.leaves:
            self._frontier = self._edge()
        for whom in step.erased:
            self._wipe = changes.cursor
            for handle in whom.handles:
                self._known.drop(handle)
        for person in step.gone:
            self._states.drop(person)
            step.states.pop(person, None)
        self._known.update(step.known)
        self._states.update(step.states)
        self._spent |= changes.spent
        self.habits.seen.remember(changes.seen, changes.now_ms)

    def _forget(self, now_ms: int) -> None:
        """Every hour, drop the message ids beyond the window in which repeats are dropped."""
        if now_ms - self._forgot_ms < HOUR_MS:
            return
        self._forgot_ms = now_ms
        self.habits.seen.expire(now_ms - self.habits.dedupe_ms)
        self.store.forget_seen(now_ms - self.habits.dedupe_ms)
