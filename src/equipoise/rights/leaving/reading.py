"""All that a store and its intake hold, as rows, through their ports alone."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

import msgspec

from equipoise.nouns.changes import LogRow, ReceiptRow
from equipoise.nouns.lessons import LessonKind, ModelRow
from equipoise.nouns.shares import ShareRead
from equipoise.nouns.state import PersonState
from equipoise.ports import Intake, Store
from equipoise.rights.leaving.tables import Row, named, text_of

CHUNK = 4096
"""How many records are asked for at once."""

MOST = 2**31
"""More than any list that is asked for whole."""

AFTER_ALL = 2**62
"""A time (ms) after every timer."""

LESSON_KINDS: tuple[LessonKind, ...] = ("lesson", "tried")

_state = msgspec.msgpack.Decoder(PersonState).decode
_plain = msgspec.msgpack.decode
Pair = TypeVar("Pair")


def tables_of(store: Store, intake: Intake) -> dict[str, Iterator[Row]]:
    """The rows of every table by its name; each is read as it is iterated over."""
    return {
        "log": _log(store),
        "states": _states(store),
        "atoms": _atoms(store),
        "handles": _handles(store),
        "joins": _joins(store),
        "cannot_links": _cannot_links(store),
        "held_joins": _held_joins(store),
        "receipts": _receipts(store),
        "actions": _actions(store),
        "timers": ((one.due_ms, one.atom, one.key) for one in store.timers(AFTER_ALL, MOST)),
        "refused": _refused(store),
        "seen": ((one[at : at + 8],) for one in store.seen(0) for at in range(0, len(one), 8)),
        "spent": iter(sorted(store.spent().items())),
        "plays": (msgspec.structs.astuple(one) for one in store.plays()),
        "models": (msgspec.structs.astuple(one) for one in _models(store)),
        "lessons": _lessons(store),
        "requests": (
            (one.seq, text_of(one))
            for one in sorted(store.newest_requests(MOST), key=lambda one: one.seq)
        ),
        "shares": ((one.seq, text_of(one)) for one in store.shares()),
        "share_reads": ((one.seq, text_of(one)) for one in _share_reads(store)),
        "share_notices": (
            (one.seq, text_of(one))
            for share in store.shares()
            for one in store.share_notices(share.seq)
        ),
        "aggregate_grants": ((one.recipient, text_of(one)) for one in store.aggregate_grants()),
        "releases": ((one.seq, text_of(one)) for one in store.releases()),
        "hypotheses": _hypotheses(store),
        "counts": iter(sorted(store.counts().items())),
        "intake": _intake(store, intake),
    }


def _logged(store: Store) -> Iterator[LogRow]:
    last = -1
    while rows := store.log_after(last, CHUNK):
        yield from rows
        last = rows[-1].seq


def _log(store: Store) -> Iterator[Row]:
    for row in _logged(store):
        told = row.body.decode() if row.kind == "model" else text_of(_plain(row.body))
        yield (row.seq, row.atom, row.prev, row.kind, row.body, told)


def _people(store: Store) -> Iterator[list[int]]:
    last = -1
    while people := store.people_after(last, CHUNK):
        yield people
        last = people[-1]


def _states(store: Store) -> Iterator[Row]:
    for people in _people(store):
        states = store.states(people)
        for person in people:
            yield (person, states[person], text_of(named(_state(states[person]))))


def _atom_ids(store: Store) -> Iterator[list[int]]:
    for people in _people(store):
        states = store.states(people)
        yield [atom.id for person in people for atom in _state(states[person]).atoms]


def _atoms(store: Store) -> Iterator[Row]:
    for ids in _atom_ids(store):
        found = store.atoms(ids)
        yield from ((id_, found[id_].person) for id_ in sorted(found))


def _handles(store: Store) -> Iterator[Row]:
    after = None
    while found := store.handles_after(after, CHUNK):
        yield from ((handle.kind, handle.value, atom) for handle, atom in found)
        after = found[-1][0]


def _touching(
    store: Store, read: Callable[[Sequence[int]], list[Pair]], left: Callable[[Pair], int]
) -> Iterator[Pair]:
    """What joins two atoms, once each: where its left atom is among those asked about."""
    for ids in _atom_ids(store):
        among = set(ids)
        yield from (one for one in read(ids) if left(one) in among)


def _joins(store: Store) -> Iterator[Row]:
    found = sorted(_touching(store, store.joins, lambda one: one.left), key=lambda one: one.seq)
    for one in found:
        shown = text_of(one.evidence)
        yield (one.seq, one.left, one.right, one.source, one.event, shown, one.at_ms)


def _cannot_links(store: Store) -> Iterator[Row]:
    found = _touching(store, store.cannot_links, lambda one: one.left)
    for one in sorted(found, key=lambda one: one.at_ms):
        yield (one.left, one.right, one.by, one.at_ms, one.note)


def _held_joins(store: Store) -> Iterator[Row]:
    for one in reversed(store.held_joins(MOST)):
        shown = text_of(one.evidence)
        yield (one.seq, one.left, one.right, one.reason, one.event, shown, one.at_ms)


def _hypotheses(store: Store) -> Iterator[Row]:
    found = _touching(store, store.hypotheses_of, lambda one: one.left)
    for one in sorted(found, key=lambda one: one.seq):
        yield (one.seq, one.left, one.right, one.state, text_of(one))


def _receipts(store: Store) -> Iterator[Row]:
    for rows in _receipted(store):
        for row in rows:
            yield (row.seq, row.atom, row.prev, row.leaf, row.body.decode(), row.salt)


def _receipted(store: Store) -> Iterator[list[ReceiptRow]]:
    last = -1
    while rows := store.receipts_after(last, CHUNK):
        yield rows
        last = rows[-1].seq


def _actions(store: Store) -> Iterator[Row]:
    """An action has the number of the decision that it follows from, and none is without a receipt."""
    for rows in _receipted(store):
        found = store.actions([row.seq for row in rows])
        yield from ((id_, text_of(found[id_])) for id_ in sorted(found))


def _share_reads(store: Store) -> Iterable[ShareRead]:
    return reversed(store.share_reads([share.seq for share in store.shares()], MOST))


def _refused(store: Store) -> Iterator[Row]:
    for one in reversed(store.refused(MOST)):
        yield (one.source, one.code, one.message, one.received_ms, one.id, one.item)


def _models(store: Store) -> Iterable[ModelRow]:
    """Every version, as the log names them: a decision replays with the one that appraised it."""
    found: dict[int, ModelRow] = {row.seq: row for row in store.models()}
    for row in _logged(store):
        if row.kind == "model":
            model = store.model(str(msgspec.json.decode(row.body)["sha256"]))
            if model is not None:
                found[model.seq] = model
    return [found[seq] for seq in sorted(found)]


def _lessons(store: Store) -> Iterator[Row]:
    for play in sorted({row.name for row in store.plays()}):
        for kind in LESSON_KINDS:
            last = 0
            while rows := store.lessons(kind, play, last, CHUNK):
                for row in rows:
                    told = text_of(_plain(row.body))
                    yield (row.seq, row.atom, row.kind, row.play, row.decision, row.body, told)
                last = rows[-1].seq


def _intake(store: Store, intake: Intake) -> Iterator[Row]:
    cursor = store.position().cursor
    while rows := intake.read(cursor, 1 << 20):
        for row in rows:
            source = row.source
            told = (row.kind, source.name, source.trust, source.history, row.received_ms)
            yield (*told, row.body)
        cursor = rows[-1].id
