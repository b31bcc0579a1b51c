"""A store that lives in the process and dies with it, as exact as the others."""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from operator import attrgetter

import apsw
import msgspec

from equipoise.nouns.changes import (
    Changes,
    LogRow,
    PlayRow,
    Position,
    ReceiptRow,
    Timer,
)
from equipoise.nouns.decisions import Action
from equipoise.nouns.events import Handle, Refused, Value
from equipoise.nouns.lessons import LessonRow, ModelRow
from equipoise.nouns.people import Atom, CannotLink, HeldJoin, Join
from equipoise.stores import (
    COLUMN_TYPES,
    REFUSED_KEPT,
    Unstorable,
    check_columns,
    fitting,
    not_forward,
)
from equipoise.stores.memory.erasing import Erasing


class MemoryStore(Erasing):
    """`ports.Store` in plain dictionaries; as exact as the others, and gone when closed."""

    def __init__(self) -> None:
        super().__init__()
        self._position = Position()
        self._log: dict[int, LogRow] = {}
        self._states: dict[int, bytes] = {}
        self._atoms: dict[int, Atom] = {}
        self._handles: dict[Handle, int] = {}
        self._joins: list[Join] = []
        self._cannot_links: list[CannotLink] = []
        self._held_joins: list[HeldJoin] = []
        self._receipts: dict[int, ReceiptRow] = {}
        self._leaves: list[bytes] = []
        self._tiles: dict[tuple[int, int], bytes] = {}
        self._actions: dict[int, Action] = {}
        self._timers: set[tuple[int, int, str]] = set()
        self._refused: deque[Refused] = deque(maxlen=REFUSED_KEPT)
        self._seen: list[tuple[int, bytes]] = []
        self._spent: dict[str, int] = {}
        self._plays: list[PlayRow] = []
        self._models: list[ModelRow] = []
        self._lessons: dict[int, LessonRow] = {}
        self._fields: dict[str, str] = {}
        self._columns: dict[int, dict[str, Value]] = {}
        self._counts: dict[str, int] = {}

    def position(self) -> Position:
        """Where the store stands after its last commit."""
        return self._position

    def commit(self, changes: Changes) -> None:
        """Apply all of it, or raise `StoreError` and apply nothing."""
        self._check(changes)
        self._keep_rights(changes)
        for row in changes.log:
            self._log[row.seq] = row
        self._keep_people(changes)
        self._keep_ledger(changes)
        self._actions.update(changes.actions)
        self._timers.difference_update(map(msgspec.structs.astuple, changes.timers_cleared))
        self._timers.update(map(msgspec.structs.astuple, changes.timers_set))
        self._refused.extend(changes.refused)
        if changes.seen:
            self._seen.append((changes.now_ms, changes.seen))
        self._spent.update(changes.spent)
        self._plays.extend(changes.plays)
        self._models.extend(changes.models)
        self._lessons.update({row.seq: row for row in changes.lessons})
        for name, more in changes.counts.items():
            self._counts[name] = self._counts.get(name, 0) + more
        self._position = Position(
            cursor=changes.cursor,
            seq=changes.seq,
            leaves=len(self._leaves),
            frontier=changes.frontier or self._position.frontier,
            checkpoint=changes.checkpoint or self._position.checkpoint,
        )

    def _check(self, changes: Changes) -> None:
        stands = self._position
        if changes.cursor < stands.cursor or changes.seq < stands.seq:
            raise not_forward(changes, stands.cursor, stands.seq)
        numbered: tuple[
            tuple[Sequence[LogRow | ReceiptRow | LessonRow], Mapping[int, object]], ...
        ] = (
            (changes.log, self._log),
            (changes.receipts, self._receipts),
            (changes.lessons, self._lessons),
        )
        for rows, kept in numbered:
            seqs = {row.seq for row in rows}
            if len(seqs) < len(rows) or not seqs.isdisjoint(kept):
                raise Unstorable(f"commit at seq {changes.seq}: a record number is there twice")
        blobs = [row.body for row in (*changes.log, *changes.rewritten)]
        blobs += [model.body for model in changes.models]
        blobs += [lesson.body for lesson in changes.lessons]
        blobs += [blob for receipt in changes.receipts for blob in (receipt.body, receipt.salt)]
        blobs += [state for state in changes.states.values() if state is not None]
        blobs += [
            *changes.leaves,
            *(tile.hashes for tile in changes.tiles),
            changes.seen,
            changes.frontier,
        ]
        for blob in blobs:
            if not isinstance(blob, bytes):
                raise Unstorable(
                    f"commit at seq {changes.seq}: needs bytes, got {blob!r:.80}; encode it"
                )
        for person, named in changes.columns.items():
            for name in named:
                if name not in self._fields:
                    raise Unstorable(
                        f"person {person}: column {name!r} was not named; call name_columns"
                    )

    def _keep_people(self, changes: Changes) -> None:
        for person, fields in changes.columns.items():
            kept = self._columns.setdefault(person, {})
            for name, value in fields.items():
                kept[name] = fitting(self._fields[name], value)
        for person, state in changes.states.items():
            if state is None:
                self._states.pop(person, None)
                self._columns.pop(person, None)
            else:
                self._states[person] = state
        self._atoms.update(changes.atoms)
        self._handles.update(changes.handles)
        self._joins.extend(changes.joins)
        self._cannot_links.extend(changes.cannot_links)
        self._held_joins.extend(changes.held_joins)

    def _keep_ledger(self, changes: Changes) -> None:
        for receipt in changes.receipts:
            self._receipts[receipt.seq] = receipt
        self._leaves.extend(changes.leaves)
        for tile in changes.tiles:
            self._tiles[tile.level, tile.index] = tile.hashes

    def log(self, seqs: Sequence[int]) -> dict[int, LogRow]:
        """The rows with these numbers, as far as they still exist."""
        return {seq: self._log[seq] for seq in seqs if seq in self._log}

    def log_after(self, seq: int, most: int) -> list[LogRow]:
        """The next `most` rows with a number above `seq`, oldest first."""
        after = sorted(known for known in self._log if known > seq)
        return [self._log[known] for known in after[:most]]

    def recent(self, most: int) -> list[LogRow]:
        """The newest `most` rows, newest first."""
        return [self._log[seq] for seq in sorted(self._log, reverse=True)[:most]]

    def atoms_of(self, handles: Iterable[Handle]) -> dict[Handle, Atom]:
        """The atom (with its person) of each handle that is known."""
        known = {handle: self._handles[handle] for handle in handles if handle in self._handles}
        return {handle: self._atoms[atom] for handle, atom in known.items() if atom in self._atoms}

    def atoms(self, ids: Iterable[int]) -> dict[int, Atom]:
        """The atoms with these ids, with their present person."""
        return {id_: self._atoms[id_] for id_ in ids if id_ in self._atoms}

    def states(self, people: Iterable[int]) -> dict[int, bytes]:
        """The encoded states of these people, as far as they exist."""
        return {person: self._states[person] for person in people if person in self._states}

    def cannot_links(self, atoms: Iterable[int]) -> list[CannotLink]:
        """Every cannot-link that touches one of these atoms, in the order written."""
        touched = set(atoms)
        return [link for link in self._cannot_links if {link.left, link.right} & touched]

    def joins(self, atoms: Iterable[int]) -> list[Join]:
        """Every join that touches one of these atoms, oldest first."""
        touched = set(atoms)
        found = [join for join in self._joins if {join.left, join.right} & touched]
        return sorted(found, key=attrgetter("seq"))

    def held_joins(self, most: int, atoms: Iterable[int] | None = None) -> list[HeldJoin]:
        """The newest joins that were held back, of all or of some atoms, newest first."""
        touched = None if atoms is None else set(atoms)
        found = (
            one
            for one in reversed(self._held_joins)
            if touched is None or {one.left, one.right} & touched
        )
        return list(islice(found, most))

    def find(self, where: str, params: Mapping[str, Value], most: int) -> list[int]:
        """People whose typed columns satisfy a compiled condition; the columns are laid out anew."""
        sheet = apsw.Connection(":memory:")
        names = list(self._fields)
        columns = "".join(f', "{name}" {COLUMN_TYPES[self._fields[name]]}' for name in names)
        sheet.execute(f"CREATE TABLE profile (person INTEGER PRIMARY KEY{columns})")
        sheet.executemany(
            f"INSERT INTO profile VALUES (?{', ?' * len(names)})",
            [
                (person, *(fields.get(name) for name in names))
                for person, fields in self._columns.items()
            ],
        )
        query = f"SELECT person FROM profile WHERE {where} ORDER BY person LIMIT {int(most)}"
        return [person for (person,) in sheet.execute(query, params)]

    def leaf(self, index: int) -> bytes | None:
        """The bytes of one leaf, or None."""
        return self._leaves[index] if 0 <= index < len(self._leaves) else None

    def leaves(self, start: int, stop: int) -> list[bytes]:
        """The leaves from `start` up to but not including `stop`."""
        return self._leaves[max(start, 0) : max(stop, 0)]

    def tile(self, level: int, index: int) -> bytes | None:
        """The 8,192 bytes of one complete tile, or None."""
        return self._tiles.get((level, index))

    def receipts(self, seqs: Sequence[int]) -> dict[int, ReceiptRow]:
        """The receipts with these numbers, as far as they still exist."""
        return {seq: self._receipts[seq] for seq in seqs if seq in self._receipts}

    def receipts_after(self, seq: int, most: int) -> list[ReceiptRow]:
        """The next `most` receipts with a number above `seq`, oldest first."""
        after = sorted(known for known in self._receipts if known > seq)
        return [self._receipts[known] for known in after[:most]]

    def newest_receipts(self, most: int) -> list[ReceiptRow]:
        """The newest receipts, newest first."""
        return list(islice(reversed(self._receipts.values()), most))

    def actions(self, ids: Iterable[int]) -> dict[int, Action]:
        """The actions with these ids."""
        return {id_: self._actions[id_] for id_ in ids if id_ in self._actions}

    def due(self, now_ms: int, most: int) -> list[Action]:
        """Actions `ready`, or `sending` past their lease, with `due_ms <= now_ms`, oldest first."""
        found = [
            action
            for action in self._actions.values()
            if action.status in ("ready", "sending") and action.due_ms <= now_ms
        ]
        return sorted(found, key=attrgetter("due_ms", "id"))[:most]

    def with_status(self, status: str, most: int) -> list[Action]:
        """The newest actions with this status, newest first."""
        found = [action for action in self._actions.values() if action.status == status]
        return sorted(found, key=attrgetter("id"), reverse=True)[:most]

    def waiting_for(self, atoms: Iterable[int]) -> list[Action]:
        """Actions with status `waiting` of these atoms, oldest first."""
        touched = set(atoms)
        found = [
            action
            for action in self._actions.values()
            if action.status == "waiting" and action.atom in touched
        ]
        return sorted(found, key=attrgetter("id"))

    def timers(self, now_ms: int, most: int) -> list[Timer]:
        """Timers due at or before `now_ms`, ordered by (due, atom, key)."""
        return [Timer(*timer) for timer in islice(sorted(self._timers), most) if timer[0] <= now_ms]

    def next_due_ms(self) -> int | None:
        """When the next timer rings, or None."""
        return min(self._timers)[0] if self._timers else None

    def plays(self) -> list[PlayRow]:
        """Every version of every play, oldest first."""
        return list(self._plays)

    def models(self) -> list[ModelRow]:
        """The newest version of every model, in order of their names."""
        newest = {row.name: row for row in self._models}
        return [newest[name] for name in sorted(newest)]

    def model(self, version: str) -> ModelRow | None:
        """One version of a model, by its SHA-256 in hex."""
        return next((row for row in self._models if row.version == version), None)

    def lessons(self, kind: str, play: str, after: int, most: int) -> list[LessonRow]:
        """The next `most` rows of a kind and play with a number above `after`, in order of it."""
        found = sorted(self._lessons.items())
        mine = (row for seq, row in found if seq > after and (row.kind, row.play) == (kind, play))
        return list(islice(mine, most))

    def lessons_of(self, decisions: Iterable[int]) -> list[LessonRow]:
        """Every lesson of these decisions, in order of its number."""
        wanted = {decision for decision in decisions if decision > 0}
        return [row for _, row in sorted(self._lessons.items()) if row.decision in wanted]

    def seen(self, since_ms: int) -> Iterable[bytes]:
        """The hashes of message ids committed at or after `since_ms`, one bytes object a commit."""
        return [hashes for at_ms, hashes in self._seen if at_ms >= since_ms]

    def forget_seen(self, before_ms: int) -> None:
        """Drop the hashes of message ids committed before `before_ms`."""
        self._seen = [(at_ms, hashes) for at_ms, hashes in self._seen if at_ms >= before_ms]

    def spent(self) -> dict[str, int]:
        """What has been used of every shared resource."""
        return dict(self._spent)

    def refused(self, most: int) -> list[Refused]:
        """The newest refused items, newest first."""
        return list(islice(reversed(self._refused), most))

    def counts(self) -> dict[str, int]:
        """Running totals by name."""
        return dict(self._counts)

    def name_columns(self, fields: Mapping[str, str]) -> None:
        """Keep these profile fields as typed columns (`number`, `text`, `boolean`) from now on."""
        check_columns(self._fields, fields)
        self._fields.update(fields)

    def fill_columns(self, columns: Mapping[int, Mapping[str, Value]]) -> None:
        """Write typed columns of people who are already there, outside a step."""
        for person, fields in columns.items():
            kept = self._columns.setdefault(person, {})
            kept.update({name: fitting(self._fields[name], fields[name]) for name in fields})

    def people_after(self, person: int, most: int) -> list[int]:
        """Ids of people above `person`, in order, at most `most`."""
        return sorted(known for known in self._states if known > person)[:most]

    def close(self) -> None:
        """Nothing to release."""
