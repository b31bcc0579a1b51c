"""Who may ask for figures about many people, and what was spent and released, as SQL."""

from typing import Any, Protocol

import apsw
import msgspec

from equipoise.nouns.aggregates import AggregateGrant, Release
from equipoise.nouns.changes import Changes

_json = msgspec.json.Encoder().encode
_grant = msgspec.json.Decoder(AggregateGrant).decode
_release = msgspec.json.Decoder(Release).decode


class _Asks(Protocol):
    def _rows(self, query: str, params: tuple[Any, ...] = ()) -> list[Any]: ...


class AggregatesInSqlite:
    """The part of a store in a file that reads what left as aggregates."""

    def aggregate_grants(self: _Asks) -> list[AggregateGrant]:
        """The newest grant of every recipient, ended or not, in order of their names."""
        found = self._rows("SELECT body FROM aggregate_grant ORDER BY recipient")
        return [_grant(body) for (body,) in found]

    def releases(self: _Asks, year: int | None = None) -> list[Release]:
        """Every question whose budget was spent, or those of one calendar year, oldest first."""
        query = "SELECT body FROM release WHERE year = ifnull(?, year) ORDER BY seq"
        return [_release(body) for (body,) in self._rows(query, (year,))]

    def release_of(self: _Asks, key: str) -> Release | None:
        """What was spent on this question, and its answer if there is one."""
        found = self._rows("SELECT body FROM release WHERE key = ?", (key,))
        return _release(found[0][0]) if found else None


def write_aggregates(connection: apsw.Connection, changes: Changes) -> None:
    """Write what a commit changes of aggregates, inside the caller's transaction."""
    if changes.aggregate_grants:
        connection.executemany(
            "INSERT INTO aggregate_grant VALUES (?, ?) ON CONFLICT (recipient) DO UPDATE SET "
            "body = excluded.body",
            ((one.recipient, _json(one).decode()) for one in changes.aggregate_grants),
        )
    if changes.releases:
        connection.executemany(
            "INSERT INTO release VALUES (?, ?, ?, ?) ON CONFLICT (seq) DO UPDATE SET "
            "body = excluded.body",
            ((one.seq, one.key, one.year, _json(one).decode()) for one in changes.releases),
        )
