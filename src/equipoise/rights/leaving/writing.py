"""Rows of a whole export, as the commits that write them into an empty store."""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from equipoise.nouns.aggregates import AggregateGrant, Release
from equipoise.nouns.changes import Changes, LogRow, PlayRow, ReceiptRow, Timer
from equipoise.nouns.decisions import Action
from equipoise.nouns.events import Handle, IntakeRow, Refused, Source
from equipoise.nouns.hypotheses import KeptHypothesis
from equipoise.nouns.lessons import LessonRow, ModelRow
from equipoise.nouns.people import Atom, CannotLink, HeldJoin, Join
from equipoise.nouns.rights import Request
from equipoise.nouns.shares import Share, ShareNotice, ShareRead
from equipoise.rights.leaving.tables import Row

_action = msgspec.json.Decoder(Action).decode
_request = msgspec.json.Decoder(Request).decode
_share = msgspec.json.Decoder(Share).decode
_share_read = msgspec.json.Decoder(ShareRead).decode
_share_notice = msgspec.json.Decoder(ShareNotice).decode
_grant = msgspec.json.Decoder(AggregateGrant).decode
_release = msgspec.json.Decoder(Release).decode
_hypothesis = msgspec.json.Decoder(KeptHypothesis).decode
_evidence = msgspec.json.Decoder(tuple[Handle, ...]).decode


def changes_of(name: str, rows: Iterable[Row], now_ms: int) -> Changes:
    """One commit with rows of one table; the position stays at the beginning until all is written.

    Digests of message ids count from `now_ms`, so that none is forgotten sooner than it would have been.
    """
    return Changes(cursor=0, seq=0, now_ms=now_ms, **_FIELDS[name](list(rows)))


def intake_rows(rows: Iterable[Row]) -> list[IntakeRow]:
    """What had not been walked, for the new intake, which numbers it anew."""
    return [
        IntakeRow(0, kind, Source(source, trust, history=history), at_ms, body)
        for kind, source, trust, history, at_ms, body in rows
    ]


def _joined(row: Row) -> Join:
    seq, left, right, source, event, evidence, at_ms = row
    return Join(
        seq=seq,
        left=left,
        right=right,
        event=event,
        source=source,
        evidence=_evidence(evidence),
        at_ms=at_ms,
    )


def _held(row: Row) -> HeldJoin:
    seq, left, right, reason, event, evidence, at_ms = row
    return HeldJoin(
        seq=seq,
        left=left,
        right=right,
        reason=reason,
        event=event,
        evidence=_evidence(evidence),
        at_ms=at_ms,
    )


def _receipt(row: Row) -> ReceiptRow:
    seq, atom, prev, leaf, told, salt = row
    return ReceiptRow(seq, atom, prev, leaf, told.encode(), salt)


def _refused(row: Row) -> Refused:
    source, code, message, at_ms, id_, item = row
    return Refused(source=source, code=code, message=message, received_ms=at_ms, id=id_, item=item)


_FIELDS: dict[str, Callable[[list[Row]], dict[str, Any]]] = {
    "log": lambda rows: {"log": [LogRow(*row[:5]) for row in rows]},
    "states": lambda rows: {"states": {row[0]: row[1] for row in rows}},
    "atoms": lambda rows: {"atoms": {row[0]: Atom(*row) for row in rows}},
    "handles": lambda rows: {"handles": {Handle(row[0], row[1]): row[2] for row in rows}},
    "joins": lambda rows: {"joins": [_joined(row) for row in rows]},
    "cannot_links": lambda rows: {
        "cannot_links": [
            CannotLink(left=row[0], right=row[1], by=row[2], at_ms=row[3], note=row[4])
            for row in rows
        ]
    },
    "held_joins": lambda rows: {"held_joins": [_held(row) for row in rows]},
    "receipts": lambda rows: {"receipts": [_receipt(row) for row in rows]},
    "actions": lambda rows: {"actions": {row[0]: _action(row[1]) for row in rows}},
    "timers": lambda rows: {"timers_set": [Timer(*row) for row in rows]},
    "refused": lambda rows: {"refused": [_refused(row) for row in rows]},
    "seen": lambda rows: {"seen": b"".join(row[0] for row in rows)},
    "spent": lambda rows: {"spent": dict(rows)},
    "plays": lambda rows: {"plays": [PlayRow(*row) for row in rows]},
    "models": lambda rows: {"models": [ModelRow(*row) for row in rows]},
    "lessons": lambda rows: {"lessons": [LessonRow(*row[:6]) for row in rows]},
    "requests": lambda rows: {"requests": {row[0]: _request(row[1]) for row in rows}},
    "shares": lambda rows: {"shares": [_share(row[1]) for row in rows]},
    "share_reads": lambda rows: {"share_reads": [_share_read(row[1]) for row in rows]},
    "share_notices": lambda rows: {"share_notices": [_share_notice(row[1]) for row in rows]},
    "aggregate_grants": lambda rows: {"aggregate_grants": [_grant(row[1]) for row in rows]},
    "releases": lambda rows: {"releases": [_release(row[1]) for row in rows]},
    "hypotheses": lambda rows: {"hypotheses": {row[0]: _hypothesis(row[4]) for row in rows}},
    "counts": lambda rows: {"counts": dict(rows)},
}
