"""A person is forgotten: what goes of theirs, and what of others has to lose their name.

Most people were never joined with anybody else, and leave nothing in the rows of others. Whoever was split
from somebody once shared events, actions and a split with them; these are read and put right.
"""

from collections.abc import Callable, Iterable

import msgspec

from equipoise.nouns.changes import Erased, LogRow, ReceiptRow
from equipoise.nouns.decisions import Action
from equipoise.nouns.events import Event, Handle
from equipoise.nouns.records import Split
from equipoise.nouns.state import PersonState
from equipoise.ports import Store
from equipoise.rights import erasing

Read = Callable[[list[int]], dict[int, PersonState]]
"""The states of people, as they stand in this step."""

MOST_ROWS = 1_000_000
"""Rows of one chain that are walked at most."""

_event = msgspec.msgpack.Decoder(Event).decode
_split = msgspec.msgpack.Decoder(Split).decode
_pack = msgspec.msgpack.Encoder().encode


class Forgotten(msgspec.Struct, frozen=True):
    """What one commit has to change so that a person was never here, and what that comes to by table.

    `neighbours` are others who were split from them, with every mention taken out of their state.
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
    apart = {other for atom in state.atoms for other in atom.apart}
    people = {atom.person for atom in store.atoms(apart).values()} - {state.person}
    neighbours = list(read(sorted(people)).values())
    rewritten: list[LogRow] = []
    actions: dict[int, Action] = {}
    for other in neighbours:
        erasing.part_from(other, gone)
        for atom in other.atoms:
            rewritten += _rows_without(logged(store, atom.event_seq), gone, handles)
            decided = [row.seq for row in receipted(store, atom.decision_seq)]
            for action in store.actions(decided).values():
                kept = erasing.action_without(action, handles)
                if kept is not None:
                    actions[kept.id] = kept
    counts = store.traces(whom)
    return Forgotten(whom, counts, tuple(neighbours), tuple(rewritten), actions)


def _rows_without(
    rows: Iterable[LogRow], gone: frozenset[int], handles: frozenset[Handle]
) -> Iterable[LogRow]:
    for row in rows:
        kept: msgspec.Struct | None = None
        if row.kind == "event":
            kept = erasing.without(_event(row.body), handles)
        elif row.kind == "split":
            kept = erasing.split_without(_split(row.body), gone)
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
