"""What can be asked of a store file; every answer is as of its last commit."""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import apsw
import msgspec

from equipoise.nouns.changes import Erased, LogRow, PlayRow, Position, ReceiptRow, Timer
from equipoise.nouns.decisions import Action
from equipoise.nouns.events import Handle, Refused, Value
from equipoise.nouns.lessons import LessonRow, ModelRow
from equipoise.nouns.people import Atom, CannotLink, HeldJoin, Join
from equipoise.nouns.rights import Request
from equipoise.stores.sqlite import erasing
from equipoise.stores.sqlite.aggregates import AggregatesInSqlite
from equipoise.stores.sqlite.files import File
from equipoise.stores.sqlite.hypotheses import HypothesesInSqlite
from equipoise.stores.sqlite.sharing import SharingInSqlite

_request = msgspec.json.Decoder(Request).decode
_action = msgspec.json.Decoder(Action).decode
_evidence = msgspec.json.Decoder(tuple[Handle, ...]).decode


class Reading(AggregatesInSqlite, HypothesesInSqlite, SharingInSqlite):
    """The reading half of `ports.Store` on one open file; safe beside the process that writes it."""

    def __init__(self, file: File) -> None:
        self._file = file
        self._rows = file.rows

    def position(self) -> Position:
        """Where the store stands after its last commit."""
        return Position(
            *self._rows("SELECT cursor, seq, leaves, frontier, checkpoint FROM position")[0]
        )

    def log(self, seqs: Sequence[int]) -> dict[int, LogRow]:
        """The rows with these numbers, as far as they still exist."""
        query = "SELECT seq, atom, prev, kind, body FROM log WHERE seq IN carray(?)"
        return {row[0]: LogRow(*row) for row in self._in(query, seqs)}

    def log_after(self, seq: int, most: int) -> list[LogRow]:
        """The next `most` rows with a number above `seq`, oldest first."""
        query = "SELECT seq, atom, prev, kind, body FROM log WHERE seq > ? ORDER BY seq LIMIT ?"
        return [LogRow(*row) for row in self._rows(query, (seq, most))]

    def recent(self, most: int) -> list[LogRow]:
        """The newest `most` rows, newest first."""
        query = "SELECT seq, atom, prev, kind, body FROM log ORDER BY seq DESC LIMIT ?"
        return [LogRow(*row) for row in self._rows(query, (most,))]

    def atoms_of(self, handles: Iterable[Handle]) -> dict[Handle, Atom]:
        """The atom (with its person) of each handle that is known."""
        query = (
            "SELECT kind, value, atom.id, person FROM handle JOIN atom ON atom.id = handle.atom "
            "WHERE kind = ? AND value = ?"
        )
        found = self._file.connection.executemany(query, sorted(set(handles)))
        return {Handle(kind, value): Atom(id_, person) for kind, value, id_, person in found}

    def atoms(self, ids: Iterable[int]) -> dict[int, Atom]:
        """The atoms with these ids, with their present person."""
        query = "SELECT id, person FROM atom WHERE id IN carray(?)"
        return {row[0]: Atom(*row) for row in self._in(query, ids)}

    def states(self, people: Iterable[int]) -> dict[int, bytes]:
        """The encoded states of these people, as far as they exist."""
        return dict(self._in("SELECT person, body FROM state WHERE person IN carray(?)", people))

    def cannot_links(self, atoms: Iterable[int]) -> list[CannotLink]:
        """Every cannot-link that touches one of these atoms, in the order written."""
        query = _TOUCHING.format('"left", "right", by, at_ms, note', "cannot_link", "id")
        return [
            CannotLink(left=left, right=right, by=by, at_ms=at_ms, note=note)
            for left, right, by, at_ms, note in self._in(query, atoms)
        ]

    def joins(self, atoms: Iterable[int]) -> list[Join]:
        """Every join that touches one of these atoms, oldest first."""
        columns = 'seq, "left", "right", event, source, evidence, at_ms'
        return [
            Join(
                seq=row[0],
                left=row[1],
                right=row[2],
                event=row[3],
                source=row[4],
                evidence=_evidence(row[5]),
                at_ms=row[6],
            )
            for row in self._in(_TOUCHING.format(columns, "joined", "seq, id"), atoms)
        ]

    def held_joins(self, most: int, atoms: Iterable[int] | None = None) -> list[HeldJoin]:
        """The newest joins that were held back, of all or of some atoms, newest first."""
        columns = 'seq, "left", "right", reason, event, evidence, at_ms'
        if atoms is None:
            query = f"SELECT {columns} FROM held_join ORDER BY id DESC LIMIT ?"
            rows = self._rows(query, (most,))
        else:
            rows = self._in(_TOUCHING.format(columns, "held_join", "id DESC"), atoms)[:most]
        return [
            HeldJoin(
                seq=row[0],
                left=row[1],
                right=row[2],
                reason=row[3],
                event=row[4],
                evidence=_evidence(row[5]),
                at_ms=row[6],
            )
            for row in rows
        ]

    def find(self, where: str, params: Mapping[str, Value], most: int) -> list[int]:
        """People whose typed columns satisfy a compiled condition (SQL), in order of their id."""
        query = f"SELECT person FROM profile WHERE {where} ORDER BY person LIMIT {int(most)}"
        return [person for (person,) in self._rows(query, params)]

    def leaf(self, index: int) -> bytes | None:
        """The bytes of one leaf, or None."""
        return self._one("SELECT hash FROM leaf WHERE id = ?", (index,))

    def leaves(self, start: int, stop: int) -> list[bytes]:
        """The leaves from `start` up to but not including `stop`."""
        query = "SELECT hash FROM leaf WHERE id >= ? AND id < ? ORDER BY id"
        return [leaf for (leaf,) in self._rows(query, (start, stop))]

    def tile(self, level: int, index: int) -> bytes | None:
        """The 8,192 bytes of one complete tile, or None."""
        return self._one("SELECT hashes FROM tile WHERE level = ? AND id = ?", (level, index))

    def receipts(self, seqs: Sequence[int]) -> dict[int, ReceiptRow]:
        """The receipts with these numbers, as far as they still exist."""
        query = "SELECT seq, atom, prev, leaf, body, salt FROM receipt WHERE seq IN carray(?)"
        return {row[0]: ReceiptRow(*row) for row in self._in(query, seqs)}

    def receipts_after(self, seq: int, most: int) -> list[ReceiptRow]:
        """The next `most` receipts with a number above `seq`, oldest first."""
        query = (
            "SELECT seq, atom, prev, leaf, body, salt FROM receipt WHERE seq > ? "
            "ORDER BY seq LIMIT ?"
        )
        return [ReceiptRow(*row) for row in self._rows(query, (seq, most))]

    def newest_receipts(self, most: int) -> list[ReceiptRow]:
        """The newest receipts, newest first."""
        query = "SELECT seq, atom, prev, leaf, body, salt FROM receipt ORDER BY seq DESC LIMIT ?"
        return [ReceiptRow(*row) for row in self._rows(query, (most,))]

    def people_after(self, person: int, most: int) -> list[int]:
        """Ids of people above `person`, in order, at most `most`."""
        query = "SELECT person FROM state WHERE person > ? ORDER BY person LIMIT ?"
        return [found for (found,) in self._rows(query, (person, most))]

    def actions(self, ids: Iterable[int]) -> dict[int, Action]:
        """The actions with these ids."""
        rows = self._in("SELECT id, body FROM outbox WHERE id IN carray(?)", ids)
        return {id_: _action(body) for id_, body in rows}

    def due(self, now_ms: int, most: int) -> list[Action]:
        """Actions `ready`, or `sending` past their lease, with `due_ms <= now_ms`, oldest first."""
        query = (
            "SELECT body FROM outbox WHERE status IN ('ready', 'sending') AND due_ms <= ? "
            "ORDER BY due_ms, id LIMIT ?"
        )
        return [_action(body) for (body,) in self._rows(query, (now_ms, most))]

    def with_status(self, status: str, most: int) -> list[Action]:
        """The newest actions with this status, newest first."""
        # SQLite must see in the text that an index covers the question; `sent` and `cancelled` have
        # none, and are found from the newest action backwards.
        covered = _COVERED.get(status, "")
        query = f"SELECT body FROM outbox WHERE {covered} status = ? ORDER BY id DESC LIMIT ?"
        return [_action(body) for (body,) in self._rows(query, (status, most))]

    def waiting_for(self, atoms: Iterable[int]) -> list[Action]:
        """Actions with status `waiting` of these atoms, oldest first."""
        query = "SELECT body FROM outbox WHERE status = 'waiting' AND atom IN carray(?) ORDER BY id"
        return [_action(body) for (body,) in self._in(query, atoms)]

    def timers(self, now_ms: int, most: int) -> list[Timer]:
        """Timers due at or before `now_ms`, ordered by (due, atom, key)."""
        query = "SELECT * FROM timer WHERE due_ms <= ? ORDER BY due_ms, atom, key LIMIT ?"
        return [Timer(*row) for row in self._rows(query, (now_ms, most))]

    def next_due_ms(self) -> int | None:
        """When the next timer rings, or None."""
        due_ms: int | None = self._rows("SELECT min(due_ms) FROM timer")[0][0]
        return due_ms

    def plays(self) -> list[PlayRow]:
        """Every version of every play, oldest first."""
        query = "SELECT name, version, seq, status, text FROM play ORDER BY n"
        return [PlayRow(*row) for row in self._rows(query)]

    def models(self) -> list[ModelRow]:
        """The newest version of every model, in order of their names."""
        newest = "SELECT max(n) FROM model GROUP BY name"
        return self._models(f"n IN ({newest}) ORDER BY name", ())

    def model(self, version: str) -> ModelRow | None:
        """One version of a model, by its SHA-256 in hex."""
        return next(iter(self._models("version = ? ORDER BY n LIMIT 1", (version,))), None)

    def _models(self, where: str, params: tuple[str, ...]) -> list[ModelRow]:
        query = f"SELECT name, version, seq, at_ms, body FROM model WHERE {where}"
        return [ModelRow(*row) for row in self._rows(query, params)]

    def lessons(self, kind: str, play: str, after: int, most: int) -> list[LessonRow]:
        """The next `most` rows of a kind and play with a number above `after`, in order of it."""
        query = "SELECT * FROM lesson WHERE kind = ? AND play = ? AND seq > ? ORDER BY seq LIMIT ?"
        return [LessonRow(*row) for row in self._rows(query, (kind, play, after, most))]

    def lessons_of(self, decisions: Iterable[int]) -> list[LessonRow]:
        """Every lesson of these decisions, in order of its number."""
        query = "SELECT * FROM lesson WHERE decision > 0 AND decision IN carray(?) ORDER BY seq"
        return [LessonRow(*row) for row in self._in(query, decisions)]

    def seen(self, since_ms: int) -> Iterable[bytes]:
        """The hashes of message ids committed at or after `since_ms`, one bytes object a commit."""
        query = "SELECT hashes FROM seen WHERE at_ms >= ? ORDER BY n"
        return [hashes for (hashes,) in self._rows(query, (since_ms,))]

    def requests(self, seqs: Iterable[int]) -> dict[int, Request]:
        """The requests with these numbers."""
        rows = self._in("SELECT seq, body FROM request WHERE seq IN carray(?)", seqs)
        return {seq: _request(body) for seq, body in rows}

    def requests_of(self, atoms: Iterable[int]) -> list[Request]:
        """Every request of these atoms, newest first."""
        query = "SELECT body FROM request WHERE atom IN carray(?) ORDER BY seq DESC"
        return [_request(body) for (body,) in self._in(query, atoms)]

    def requests_owed(self, most: int) -> list[Request]:
        """Requests that still wait for an answer, the one that is due first first."""
        query = (
            "SELECT body FROM request WHERE status IN ('open', 'in_progress', 'expired') "
            "ORDER BY due_ms, seq LIMIT ?"
        )
        return [_request(body) for (body,) in self._rows(query, (most,))]

    def newest_requests(self, most: int) -> list[Request]:
        """The newest requests, whatever their status, newest first."""
        query = "SELECT body FROM request ORDER BY seq DESC LIMIT ?"
        return [_request(body) for (body,) in self._rows(query, (most,))]

    def traces(self, whom: Erased) -> dict[str, int]:
        """How many rows of each table a commit that erases them would delete."""
        return erasing.traces(self._file.connection, whom)

    def handles_after(self, after: Handle | None, most: int) -> list[tuple[Handle, int]]:
        """The next `most` handles with their atoms, in order of (kind, value), after one of them."""
        query = (
            "SELECT kind, value, atom FROM handle WHERE (kind, value) > (?, ?) "
            "ORDER BY kind, value LIMIT ?"
        )
        kind, value = after or Handle("", "")
        rows = self._rows(query, (kind, value, most))
        return [(Handle(kind, value), atom) for kind, value, atom in rows]

    def spent(self) -> dict[str, int]:
        """What has been used of every shared resource."""
        return dict(self._pairs("SELECT resource, used FROM spent"))

    def refused(self, most: int) -> list[Refused]:
        """The newest refused items, newest first."""
        query = (
            "SELECT source, code, message, received_ms, id, item FROM refused "
            "ORDER BY n DESC LIMIT ?"
        )
        return [
            Refused(source=source, code=code, message=message, received_ms=at_ms, id=id_, item=item)
            for source, code, message, at_ms, id_, item in self._rows(query, (most,))
        ]

    def counts(self) -> dict[str, int]:
        """Running totals by name."""
        return dict(self._pairs("SELECT name, n FROM tally"))

    def close(self) -> None:
        """Release the file."""
        self._file.close()

    def _one(self, query: str, params: tuple[int, ...]) -> bytes | None:
        rows = self._rows(query, params)
        return rows[0][0] if rows else None

    def _pairs(self, query: str) -> list[Any]:
        return self._rows(query)

    def _in(self, query: str, numbers: Iterable[int]) -> list[Any]:
        """Rows of a query whose one `?` stands for a set of numbers, in the order of their keys."""
        wanted = array("q", sorted(set(numbers)))
        return self._rows(query, (apsw.carray(wanted),)) if wanted else []


_COVERED = {
    "ready": "status IN ('ready', 'sending') AND",
    "sending": "status IN ('ready', 'sending') AND",
    "review": "status IN ('review', 'dead') AND",
    "dead": "status IN ('review', 'dead') AND",
    "waiting": "status = 'waiting' AND",
}
_TOUCHING = (
    "WITH asked AS MATERIALIZED (SELECT value FROM carray(?)) SELECT {0} FROM {1} "
    'WHERE "left" IN asked OR "right" IN asked ORDER BY {2}'
)
