"""A person is forgotten: what goes of theirs, and what of others has to lose their name.

Most people were never joined with anybody else, and leave nothing in the rows of others. Whoever was split
from somebody once shared events, actions and a split with them, and whoever was nearly joined named a handle
of theirs; these are read and put right.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple, Protocol, TypeVar

import msgspec

from equipoise.nouns.changes import Erased, LogRow, ReceiptRow
from equipoise.nouns.decisions import Action
from equipoise.nouns.events import Event, Handle, IntakeRow
from equipoise.nouns.hypotheses import JoinRecord
from equipoise.nouns.records import Split
from equipoise.nouns.sheet import Sheet
from equipoise.nouns.state import PersonState
from equipoise.ports import Store
from equipoise.recognise.handles import clean, is_strong
from equipoise.rights import erasing

Read = Callable[[list[int]], dict[int, PersonState]]
"""The states of people, as they stand in this step."""

Gone = Callable[[Sequence[Handle], int], frozenset[Handle]]
"""Those of some handles that were erased after a time (ms)."""

MOST_ROWS = 1_000_000
"""Rows of one chain that are walked at most."""

_event = msgspec.msgpack.Decoder(Event).decode
_split = msgspec.msgpack.Decoder(Split).decode
_join: Callable[[bytes], JoinRecord] = msgspec.msgpack.Decoder(JoinRecord).decode
_pack = msgspec.msgpack.Encoder().encode


class OneWork(Protocol):
    """One record on its way, with its row and cleaned handles; `runners.step.Work` is one."""

    row: IntakeRow
    record: Any
    handles: tuple[Handle, ...]


OfWork = TypeVar("OfWork", bound=OneWork)


class Forgotten(msgspec.Struct, frozen=True):
    """What one commit has to change so that a person was never here, and what that comes to by table.

    `neighbours` are others who were split from them, or named one of their handles as well, with every
    mention taken out of their state.
    """

    erased: Erased
    counts: dict[str, int]
    neighbours: tuple[PersonState, ...] = ()
    rewritten: tuple[LogRow, ...] = ()
    actions: dict[int, Action] = {}

    @property
    def report(self) -> dict[str, dict[str, int | str]]:
        """For the person: rows deleted by table, rows of others put right, and what is kept and why."""
        told: dict[str, int | str] = {name: n for name, n in self.counts.items() if n}
        told["others_put_right"] = len(self.neighbours) + len(self.rewritten) + len(self.actions)
        return {"deleted": told, "kept": dict(erasing.KEPT)}


def forget(store: Store, state: PersonState, read: Read) -> Forgotten:
    """Read everything that a commit has to change to forget a person; changes the neighbours in place."""
    whom = erasing.erased_of(state)
    gone, handles = frozenset(whom.atoms), frozenset(whom.handles)
    others = {other for atom in state.atoms for other in (*atom.apart, *atom.unlike)}
    supposed = store.hypotheses_of(gone)
    for one in supposed:
        others |= {one.left, one.right}
    # A join that was held back says who else named one of the handles, and that their rows do.
    for held in store.held_joins(MOST_ROWS, gone):
        others |= {held.left, held.right}
    people = {atom.person for atom in store.atoms(others - gone).values()} - {state.person}
    neighbours = list(read(sorted(people)).values())
    named = _Named(gone, handles, frozenset(one.seq for one in supposed))
    rewritten: list[LogRow] = []
    actions: dict[int, Action] = {}
    for other in neighbours:
        erasing.part_from(other, gone, named.hypotheses)
        for atom in other.atoms:
            rewritten += _rows_without(logged(store, atom.event_seq), named)
            decided = [row.seq for row in receipted(store, atom.decision_seq)]
            for action in store.actions(decided).values():
                kept = erasing.action_without(action, handles)
                if kept is not None:
                    actions[kept.id] = kept
    counts = store.traces(whom)
    return Forgotten(whom, counts, tuple(neighbours), tuple(rewritten), actions)


def spared(works: Iterable[OfWork], gone: Gone, sheet: Sheet) -> Iterator[OfWork]:
    """What arrived, without what came from somebody before they were erased.

    Only a house that was put back finds any: its queue may hold what its former self had walked. A record
    with another person's handles beside goes on without those of the erased.
    """
    for work in works:
        erased = gone(work.handles, work.row.received_ms)
        if not erased:
            yield work
            continue
        sheet.count("dropped:erased")
        work.handles = tuple(handle for handle in work.handles if handle not in erased)
        if work.handles and not any(is_strong(handle) for handle in erased):
            if isinstance(work.record, Event):
                names = as_written(work.record, erased)
                work.record = erasing.without(work.record, names) or work.record
            yield work


def as_written(event: Event, handles: frozenset[Handle]) -> frozenset[Handle]:
    """The handles of an event, as they came, that are these once they are cleaned."""
    return frozenset(
        handle for handle in event.handles if handles.intersection(clean([handle], "server")[0])
    )


class _Named(NamedTuple):
    """By what somebody may be named in the rows of others: atoms, handles, numbers of hypotheses."""

    atoms: frozenset[int]
    handles: frozenset[Handle]
    hypotheses: frozenset[int]


def _rows_without(rows: Iterable[LogRow], gone: _Named) -> Iterable[LogRow]:
    for row in rows:
        kept: msgspec.Struct | None = None
        if row.kind == "event":
            event = _event(row.body)
            kept = erasing.without(event, as_written(event, gone.handles))
        elif row.kind == "split":
            kept = erasing.split_without(_split(row.body), gone.atoms, gone.handles)
        elif row.kind == "join":
            kept = erasing.join_without(_join(row.body), gone.atoms, gone.hypotheses)
        if kept is not None:
            yield msgspec.structs.replace(row, body=_pack(kept))


def logged(store: Store, head: int) -> list[LogRow]:
    """The log rows of one atom, newest first, from its newest one on."""
    rows: list[LogRow] = []
    while head and len(rows) < MOST_ROWS:
        row = store.log([head]).get(head)
        if row is None:
            break
        rows.append(row)
        head = row.prev
    return rows


def receipted(store: Store, head: int) -> list[ReceiptRow]:
    """The receipts of one atom, newest first, from its newest one on."""
    rows: list[ReceiptRow] = []
    while head and len(rows) < MOST_ROWS:
        row = store.receipts([head]).get(head)
        if row is None:
            break
        rows.append(row)
        head = row.prev
    return rows
