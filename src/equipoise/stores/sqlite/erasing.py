"""Everything of one person, found by the chains of their atoms, counted, and deleted.

Two chains head in the state: each log row and each receipt names the one before it, so that a walk of
10,000 rows is 10,000 look-ups by number inside SQLite. The rest is found by atom.
"""

from array import array
from collections.abc import Iterable
from typing import Any

import apsw

from equipoise.nouns.changes import Erased
from equipoise.stores import Naming

_CHAIN = """
WITH RECURSIVE chain (seq, prev, atom) AS (
  SELECT seq, prev, atom FROM {0} WHERE seq IN carray(?1) AND atom IN carray(?2)
  UNION
  SELECT row.seq, row.prev, row.atom FROM chain JOIN {0} AS row
  ON row.seq = chain.prev AND row.atom = chain.atom
) SELECT seq FROM chain
"""
_PAIR = (
    '{1} IN (SELECT {1} FROM {0} WHERE "left" IN carray(?1) '
    'UNION SELECT {1} FROM {0} WHERE "right" IN carray(?1))'
)

Found = dict[str, tuple[str, "array[int]"]]
"""By table: the condition on its rows, whose one place stands for these numbers."""


def traces(connection: apsw.Connection, whom: Erased) -> dict[str, int]:
    """How many rows of each table are this person's."""
    counts = {
        # Both chains were walked row by row, which counted them.
        table: len(numbers)
        if table in ("log", "receipt")
        else _count(connection, table, where, numbers)
        for table, (where, numbers) in _found(connection, whom).items()
    }
    counts["handle"] = len(_handles(connection, whom))
    counts["refused"] = len(_refused(connection, whom))
    return counts


def erase(connection: apsw.Connection, whom: Erased) -> None:
    """Delete every row of this person, inside the caller's transaction."""
    refused = [(n,) for n in _refused(connection, whom)]
    handles = _handles(connection, whom)
    for table, (where, numbers) in _found(connection, whom).items():
        if numbers:
            connection.execute(f"DELETE FROM {table} WHERE {where}", (apsw.carray(numbers),))
    connection.executemany("DELETE FROM handle WHERE kind = ? AND value = ?", handles)
    connection.executemany("DELETE FROM refused WHERE n = ?", refused)


def _found(connection: apsw.Connection, whom: Erased) -> Found:
    atoms = _numbers(whom.atoms)
    logged = _chain(connection, "log", whom.logged, atoms)
    receipted = _chain(connection, "receipt", whom.receipted, atoms)
    one = _numbers([whom.person])
    by_atom = ("atom IN carray(?1)", atoms)
    return {
        "log": ("seq IN carray(?1)", logged),
        "receipt": ("seq IN carray(?1)", receipted),
        "outbox": ("id IN carray(?1)", receipted),
        "lesson": by_atom,
        "timer": by_atom,
        "request": by_atom,
        "share_read": by_atom,
        "joined": (_PAIR.format("joined", "id"), atoms),
        "cannot_link": (_PAIR.format("cannot_link", "id"), atoms),
        "held_join": (_PAIR.format("held_join", "id"), atoms),
        "hypothesis": (_PAIR.format("hypothesis", "seq"), atoms),
        "atom": ("id IN carray(?1)", atoms),
        "state": ("person IN carray(?1)", one),
        "profile": ("person IN carray(?1)", one),
    }


def _chain(
    connection: apsw.Connection, table: str, heads: Iterable[int], atoms: "array[int]"
) -> "array[int]":
    first = _numbers(head for head in heads if head)
    if not first or not atoms:
        return first[:0]
    rows = connection.execute(_CHAIN.format(table), (apsw.carray(first), apsw.carray(atoms)))
    return _numbers(seq for (seq,) in rows)


def _count(connection: apsw.Connection, table: str, where: str, numbers: "array[int]") -> int:
    if not numbers:
        return 0
    query = f"SELECT count(*) FROM {table} WHERE {where}"
    rows: list[Any] = connection.execute(query, (apsw.carray(numbers),)).fetchall()
    return int(rows[0][0])


def _handles(connection: apsw.Connection, whom: Erased) -> list[tuple[str, str]]:
    """The person's handles that still lead to one of their atoms."""
    atoms = set(whom.atoms)
    query = "SELECT kind, value, atom FROM handle WHERE kind = ? AND value = ?"
    rows = connection.executemany(query, sorted(set(whom.handles)))
    return [(kind, value) for kind, value, atom in rows if atom in atoms]


def _refused(connection: apsw.Connection, whom: Erased) -> list[int]:
    naming = Naming(whom.handles)
    rows = connection.execute("SELECT n, message, id, item FROM refused")
    return [n for n, message, id_, item in rows if naming.names(message, id_, item)]


def _numbers(values: Iterable[int]) -> "array[int]":
    return array("q", sorted(set(values)))
