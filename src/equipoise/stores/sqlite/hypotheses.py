"""Hypotheses about who may be one, as SQL."""

from array import array
from collections.abc import Iterable
from typing import Any, Protocol

import apsw
import msgspec

from equipoise.nouns.changes import Changes
from equipoise.nouns.hypotheses import HypothesisState, KeptHypothesis

_json = msgspec.json.Encoder().encode
_kept = msgspec.json.Decoder(KeptHypothesis).decode


class _Asks(Protocol):
    def _rows(self, query: str, params: tuple[Any, ...] = ()) -> list[Any]: ...


class HypothesesInSqlite:
    """The part of a store in a file that reads hypotheses."""

    def hypotheses(self: _Asks, seqs: Iterable[int]) -> dict[int, KeptHypothesis]:
        """The hypotheses with these numbers."""
        wanted = array("q", sorted(set(seqs)))
        query = "SELECT seq, body FROM hypothesis WHERE seq IN carray(?)"
        found = self._rows(query, (apsw.carray(wanted),)) if wanted else []
        return {seq: _kept(body) for seq, body in found}

    def hypotheses_of(self: _Asks, atoms: Iterable[int]) -> list[KeptHypothesis]:
        """Every hypothesis that touches one of these atoms, oldest first."""
        wanted = array("q", sorted(set(atoms)))
        query = (
            "WITH asked AS MATERIALIZED (SELECT value FROM carray(?)) SELECT body FROM hypothesis "
            'WHERE "left" IN asked OR "right" IN asked ORDER BY seq'
        )
        found = self._rows(query, (apsw.carray(wanted),)) if wanted else []
        return [_kept(body) for (body,) in found]

    def hypotheses_in(self: _Asks, state: HypothesisState, most: int) -> list[KeptHypothesis]:
        """Hypotheses in this state, the likeliest first, ties by number."""
        query = "SELECT body FROM hypothesis WHERE state = ? ORDER BY score DESC, seq LIMIT ?"
        return [_kept(body) for (body,) in self._rows(query, (state, most))]

    def hypotheses_answered(self: _Asks, state: HypothesisState, most: int) -> list[KeptHypothesis]:
        """Hypotheses in this state, the last answered first, ties by number, the highest first."""
        query = (
            "SELECT body FROM hypothesis WHERE state = ? "
            "ORDER BY coalesce(body ->> 'answered_ms', 0) DESC, seq DESC LIMIT ?"
        )
        return [_kept(body) for (body,) in self._rows(query, (state, most))]


def write_hypotheses(connection: apsw.Connection, changes: Changes) -> None:
    """Write what a commit changes of hypotheses, inside the caller's transaction."""
    if changes.hypotheses:
        connection.executemany(
            "INSERT INTO hypothesis VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (seq) DO UPDATE SET "
            "state = excluded.state, score = excluded.score, body = excluded.body",
            (
                (seq, one.left, one.right, one.state, one.score, _json(one).decode())
                for seq, one in sorted(changes.hypotheses.items())
            ),
        )
