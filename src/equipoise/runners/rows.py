"""The kinds of intake rows that are not events: their nouns, and which of them are a step of their own."""

from collections.abc import Iterator, Sequence
from typing import Any

from equipoise.nouns import records
from equipoise.nouns.aggregates import AggregateRecord
from equipoise.nouns.agreements import Negotiate
from equipoise.nouns.events import IntakeRow
from equipoise.nouns.hypotheses import FoundJoins, Hypothesis, JoinRecord
from equipoise.nouns.rights import AskRight, RightRecord
from equipoise.nouns.shares import ReadShare, ShareRecord, StopSharing

PAIRS_AT_ONCE = 200
"""How many pairs one row of the intake hands in; each is a record of its own in the log."""

ALONE = frozenset({"tick", "play", "model", "split", "right", "aggregate", "join"})
"""Rows that read what the rows before them wrote: each is a step of its own."""

BODIES: dict[str, Any] = {
    "decide": records.DecideRequest,
    "page": records.PageRequest,
    "tick": records.Tick,
    "play": records.PlayVersion,
    "model": records.ModelVersion,
    "attempt": records.Attempt,
    "delivery": records.Delivery,
    "human": records.HumanAnswer,
    "split": records.Split,
    "right": RightRecord,
    "agreement": Negotiate,
    "share": ShareRecord,
    "aggregate": AggregateRecord,
    "join": JoinRecord,
}
"""The noun in the MessagePack body of each kind of row that is not events."""

NAMING = (
    records.DecideRequest,
    records.PageRequest,
    AskRight,
    Negotiate,
    ReadShare,
    StopSharing,
)
"""Records that name by handles whom they are about."""

ACTING = (records.Attempt, records.Delivery, records.HumanAnswer)
"""Records that name an action."""


def each_of(record: Any) -> Sequence[Any]:
    """What is given a number of its own: each pair of those that were found, else the record."""
    return record.pairs if isinstance(record, FoundJoins) else (record,)


def cut(rows: Sequence[IntakeRow]) -> Iterator[list[IntakeRow]]:
    """Cut at rows that must see what was written before them, so that batching changes nothing."""
    batch: list[IntakeRow] = []
    for row in rows:
        if row.kind in ALONE:
            if batch:
                yield batch
            yield [row]
            batch = []
        else:
            batch.append(row)
    if batch:
        yield batch


def handed_in(pairs: Sequence[Hypothesis], by: str = "search") -> Iterator[FoundJoins]:
    """The records that hand in what a search found, none of them too large for one step."""
    for at in range(0, len(pairs), PAIRS_AT_ONCE):
        yield FoundJoins(pairs=tuple(pairs[at : at + PAIRS_AT_ONCE]), by=by)
