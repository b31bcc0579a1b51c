"""Grants to partners, what was read of them, and what partners have to do, as SQL."""

from array import array
from collections.abc import Iterable
from typing import Any, Protocol

import apsw
import msgspec

from equipoise.nouns.changes import Changes
from equipoise.nouns.shares import Share, ShareNotice, ShareRead

_json = msgspec.json.Encoder().encode
_share = msgspec.json.Decoder(Share).decode
_read = msgspec.json.Decoder(ShareRead).decode
_notice = msgspec.json.Decoder(ShareNotice).decode


class _Asks(Protocol):
    def _rows(self, query: str, params: tuple[Any, ...] = ()) -> list[Any]: ...


class SharingInSqlite:
    """The part of a store in a file that reads shares."""

    def shares(self: _Asks, seqs: Iterable[int] = ()) -> list[Share]:
        """The shares with these numbers, or all where none is named, ended or not, oldest first."""
        wanted = _numbers(seqs)
        query = f"SELECT body FROM share{' WHERE seq IN carray(?)' if wanted else ''} ORDER BY seq"
        found = self._rows(query, (apsw.carray(wanted),)) if wanted else self._rows(query)
        return [_share(body) for (body,) in found]

    def share_reads(self: _Asks, shares: Iterable[int], most: int) -> list[ShareRead]:
        """The newest reads of these shares, newest first."""
        query = "SELECT body FROM share_read WHERE share IN carray(?) ORDER BY seq DESC LIMIT ?"
        wanted = _numbers(shares)
        found = self._rows(query, (apsw.carray(wanted), most)) if wanted else []
        return [_read(body) for (body,) in found]

    def share_reads_of(self: _Asks, atoms: Iterable[int]) -> list[ShareRead]:
        """Every read about these atoms, newest first."""
        query = "SELECT body FROM share_read WHERE atom > 0 AND atom IN carray(?) ORDER BY seq DESC"
        wanted = _numbers(atoms)
        found = self._rows(query, (apsw.carray(wanted),)) if wanted else []
        return [_read(body) for (body,) in found]

    def share_notices(self: _Asks, share: int) -> list[ShareNotice]:
        """What the partner of a share has to do or did, oldest first."""
        query = "SELECT body FROM share_notice WHERE share = ? ORDER BY seq"
        return [_notice(body) for (body,) in self._rows(query, (share,))]


def write_shares(connection: apsw.Connection, changes: Changes) -> None:
    """Write what a commit changes of shares, inside the caller's transaction."""
    many = connection.executemany
    if changes.shares:
        many(
            "INSERT INTO share VALUES (?, ?) ON CONFLICT (seq) DO UPDATE SET body = excluded.body",
            ((share.seq, _json(share).decode()) for share in changes.shares),
        )
    if changes.share_reads:
        many(
            "INSERT INTO share_read VALUES (?, ?, ?, ?)",
            (
                (read.seq, read.share, read.atom, _json(read).decode())
                for read in changes.share_reads
            ),
        )
    if changes.share_notices:
        many(
            "INSERT INTO share_notice VALUES (?, ?, ?) ON CONFLICT (share, seq) DO UPDATE SET "
            "body = excluded.body",
            (
                (notice.share, notice.seq, _json(notice).decode())
                for notice in changes.share_notices
            ),
        )


def _numbers(values: Iterable[int]) -> "array[int]":
    return array("q", sorted(set(values)))
