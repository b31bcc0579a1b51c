"""One commit as SQL: every table in bulk, keys in order, so that neighbours share their pages."""

from collections.abc import Iterable, Mapping
from operator import itemgetter
from typing import Any

import apsw
import msgspec

from equipoise.nouns.changes import Changes
from equipoise.nouns.events import Value
from equipoise.stores import (
    COLUMN_TYPES,
    REFUSED_KEPT,
    Unstorable,
    check_columns,
    fitting,
    not_forward,
)
from equipoise.stores.sqlite.aggregates import write_aggregates
from equipoise.stores.sqlite.erasing import erase
from equipoise.stores.sqlite.hypotheses import write_hypotheses
from equipoise.stores.sqlite.sharing import write_shares

_row = msgspec.structs.astuple
_json = msgspec.json.Encoder().encode


def write(connection: apsw.Connection, changes: Changes, columns: Mapping[str, str]) -> None:
    """Write all of it inside the caller's transaction; `columns` are the named ones with their kinds.

    Raises `StoreError` for a commit that does not go forward, and whatever SQLite raises.
    """
    _move(connection, changes)
    for whom in changes.erased:
        erase(connection, whom)
    many = connection.executemany
    if changes.log:
        many("INSERT INTO log VALUES (?, ?, ?, ?, ?)", map(_row, changes.log))
    _write_people(connection, changes)
    write_columns(connection, changes.columns, columns)
    _write_states(connection, changes.states)
    if changes.receipts:
        many("INSERT INTO receipt VALUES (?, ?, ?, ?, ?, ?)", map(_row, changes.receipts))
    if changes.tiles:
        many("INSERT OR REPLACE INTO tile VALUES (?, ?, ?)", map(_row, changes.tiles))
    if changes.actions:
        many(
            "INSERT INTO outbox VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
            "status = excluded.status, due_ms = excluded.due_ms, atom = excluded.atom, "
            "body = excluded.body",
            (
                (id_, action.status, action.due_ms, action.atom, _json(action).decode())
                for id_, action in sorted(changes.actions.items())
            ),
        )
    if changes.timers_cleared:
        many(
            "DELETE FROM timer WHERE due_ms = ? AND atom = ? AND key = ?",
            map(_row, changes.timers_cleared),
        )
    if changes.timers_set:
        many("INSERT OR IGNORE INTO timer VALUES (?, ?, ?)", sorted(map(_row, changes.timers_set)))
    _write_rest(connection, changes)


def _move(connection: apsw.Connection, changes: Changes) -> None:
    moved: list[Any] = connection.execute(
        "UPDATE position SET cursor = :cursor, seq = :seq, leaves = leaves + :more, "
        "frontier = iif(:frontier = x'', frontier, :frontier), "
        "checkpoint = iif(:checkpoint = '', checkpoint, :checkpoint) "
        "WHERE cursor <= :cursor AND seq <= :seq RETURNING leaves",
        {
            "cursor": changes.cursor,
            "seq": changes.seq,
            "more": len(changes.leaves),
            "frontier": changes.frontier,
            "checkpoint": changes.checkpoint,
        },
    ).fetchall()
    if not moved:
        stands: list[Any] = connection.execute("SELECT cursor, seq FROM position").fetchall()
        raise not_forward(changes, *stands[0])
    if changes.leaves:
        first = moved[0][0] - len(changes.leaves)
        connection.executemany("INSERT INTO leaf VALUES (?, ?)", enumerate(changes.leaves, first))


def _write_states(connection: apsw.Connection, states: Mapping[int, bytes | None]) -> None:
    ordered = sorted(states.items(), key=itemgetter(0))
    kept = [item for item in ordered if item[1] is not None]
    if kept:
        connection.executemany(
            "INSERT INTO state VALUES (?, ?) ON CONFLICT (person) DO UPDATE SET body = excluded.body",
            kept,
        )
    if len(kept) < len(ordered):
        gone = [(person,) for person, body in ordered if body is None]
        connection.executemany("DELETE FROM state WHERE person = ?", gone)
        connection.executemany("DELETE FROM profile WHERE person = ?", gone)


def _write_people(connection: apsw.Connection, changes: Changes) -> None:
    many = connection.executemany
    if changes.atoms:
        many(
            "INSERT INTO atom VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET person = excluded.person",
            ((id_, changes.atoms[id_].person) for id_ in sorted(changes.atoms)),
        )
    if changes.handles:
        many(
            "INSERT INTO handle VALUES (?, ?, ?) "
            "ON CONFLICT (kind, value) DO UPDATE SET atom = excluded.atom",
            sorted((kind, value, atom) for (kind, value), atom in changes.handles.items()),
        )
    for join in changes.joins:
        connection.execute(
            "INSERT INTO joined VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)",
            _with_evidence(_row(join), 5),
        )
    for held in changes.held_joins:
        connection.execute(
            "INSERT INTO held_join VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)",
            _with_evidence(_row(held), 5),
        )
    if changes.cannot_links:
        many(
            "INSERT INTO cannot_link VALUES (NULL, ?, ?, ?, ?, ?)", map(_row, changes.cannot_links)
        )


def _with_evidence(row: tuple[Any, ...], at: int) -> tuple[Any, ...]:
    return (*row[:at], _json(row[at]).decode(), *row[at + 1 :])


def _write_rest(connection: apsw.Connection, changes: Changes) -> None:
    many = connection.executemany
    if changes.refused:
        many(
            "INSERT INTO refused VALUES (NULL, ?, ?, ?, ?, ?, ?)",
            (
                (item.source, item.code, item.message, item.received_ms, item.id, item.item)
                for item in changes.refused
            ),
        )
        connection.execute(
            "DELETE FROM refused WHERE n <= (SELECT max(n) FROM refused) - ?", (REFUSED_KEPT,)
        )
    if changes.seen:
        connection.execute("INSERT INTO seen VALUES (NULL, ?, ?)", (changes.now_ms, changes.seen))
    if changes.spent:
        many(
            "INSERT INTO spent VALUES (?, ?) ON CONFLICT (resource) DO UPDATE SET used = excluded.used",
            sorted(changes.spent.items()),
        )
    if changes.plays:
        many("INSERT INTO play VALUES (NULL, ?, ?, ?, ?, ?)", map(_row, changes.plays))
    if changes.models:
        many("INSERT INTO model VALUES (NULL, ?, ?, ?, ?, ?)", map(_row, changes.models))
    if changes.lessons:
        many("INSERT INTO lesson VALUES (?, ?, ?, ?, ?, ?)", map(_row, changes.lessons))
    if changes.rewritten:
        many(
            "UPDATE log SET body = ?2, kind = ?3 WHERE seq = ?1",
            ((row.seq, row.body, row.kind) for row in changes.rewritten),
        )
    if changes.requests:
        many(
            "INSERT INTO request VALUES (?, ?, ?, ?, ?) ON CONFLICT (seq) DO UPDATE SET "
            "atom = excluded.atom, status = excluded.status, due_ms = excluded.due_ms, "
            "body = excluded.body",
            (
                (seq, request.atom, request.status, request.due_ms, _json(request).decode())
                for seq, request in sorted(changes.requests.items())
            ),
        )
    write_shares(connection, changes)
    write_aggregates(connection, changes)
    write_hypotheses(connection, changes)
    if changes.counts:
        many(
            "INSERT INTO tally VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET n = n + excluded.n",
            sorted(changes.counts.items()),
        )


def write_columns(
    connection: apsw.Connection,
    people: Mapping[int, Mapping[str, Value]],
    columns: Mapping[str, str],
) -> None:
    """One statement for each set of fields that came together; steps mostly hand in one set."""
    by_fields: dict[tuple[str, ...], list[tuple[Value, ...]]] = {}
    for person in sorted(people):
        fields = people[person]
        names = tuple(sorted(fields))
        for name in names:
            if name not in columns:
                raise Unstorable(
                    f"person {person}: column {name!r} was not named; call name_columns"
                )
        row = (person, *(fitting(columns[name], fields[name]) for name in names))
        by_fields.setdefault(names, []).append(row)
    for names, rows in by_fields.items():
        quoted = [f'"{name}"' for name in names]
        update = ", ".join(f"{name} = excluded.{name}" for name in quoted)
        connection.executemany(
            f"INSERT INTO profile ({', '.join(['person', *quoted])}) "
            f"VALUES (?{', ?' * len(quoted)}) ON CONFLICT (person) DO "
            + (f"UPDATE SET {update}" if update else "NOTHING"),
            rows,
        )


def add_columns(
    connection: apsw.Connection, known: Mapping[str, str], fields: Mapping[str, str]
) -> None:
    """Give `profile` a column for each new field, inside the caller's transaction.

    Raises `StoreError` as `check_columns` does.
    """
    check_columns(known, fields)
    for name, kind in sorted(fields.items()):
        if name not in known:
            connection.execute(f'ALTER TABLE profile ADD COLUMN "{name}" {COLUMN_TYPES[kind]}')


def named_columns(connection: apsw.Connection) -> dict[str, str]:
    """The profile columns that the file has, with their kinds."""
    kinds = {sql: kind for kind, sql in COLUMN_TYPES.items()}
    rows: Iterable[Any] = connection.execute("SELECT name, type FROM pragma_table_info('profile')")
    return {name: kinds[sql] for name, sql in rows if name != "person"}
