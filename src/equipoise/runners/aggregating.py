"""Aggregates in the step: who may ask, the budget before the answer, and the answer once it is counted."""

from datetime import UTC, datetime
from typing import Any

import msgspec
from msgspec.structs import replace

from equipoise.account.aggregates import aggregate_receipt
from equipoise.canon import canonical
from equipoise.nouns.aggregates import (
    AggregateGrant,
    AggregateRecord,
    AllowAggregates,
    AskAggregate,
    EndAggregates,
    KeepRelease,
    Release,
)
from equipoise.nouns.changes import LogRow
from equipoise.nouns.events import Trust
from equipoise.nouns.sheet import Draft, Here
from equipoise.ports import Store
from equipoise.rights.aggregates.asking import (
    Limits,
    Unaskable,
    affordable,
    checked,
    groups_of,
    key_of,
    may_ask,
    on_a_closed_day,
)

_json = msgspec.json.Encoder().encode
_pack = msgspec.msgpack.Encoder().encode


class Figures(msgspec.Struct):
    """What a step changes of grants (by recipient) and of releases (by number)."""

    grants: dict[str, AggregateGrant] = {}
    releases: dict[int, Release] = {}


class Aggregating:
    """Walks rows of the kind `aggregate`, each a step of its own, so that the store says what is spent."""

    def __init__(self, store: Store, limits: Limits) -> None:
        self._store = store
        self._limits = limits

    def walk(self, figures: Figures, said: AggregateRecord, trust: Trust, here: Here) -> bytes:
        """Take one record into the log; the reply, as JSON."""
        try:
            if trust == "public":
                raise Unaskable("aggregates_not_allowed", "a public key asks for no figures")
            match said:
                case AllowAggregates():
                    return self._allow(figures, said, here)
                case EndAggregates():
                    return self._end(figures, said, here)
                case AskAggregate():
                    return self._ask(figures, said, here)
                case KeepRelease():
                    return self._keep(figures, said, here)
        except Unaskable as no:
            here.sheet.count(f"aggregate_refused:{no.code}")
            return _json({"ok": False, "code": no.code, "reason": str(no)})

    # --- officers -----------------------------------------------------------------------------

    def _allow(self, figures: Figures, said: AllowAggregates, here: Here) -> bytes:
        if not said.recipient.strip() or not said.purpose.strip():
            raise Unaskable("aggregate_odd", "a recipient and a purpose are needed")
        grant = AggregateGrant(
            seq=here.seq,
            recipient=said.recipient,
            purpose=said.purpose,
            by=said.by,
            at_ms=here.now_ms,
            fields=tuple(sorted(set(said.fields))),
            epsilon=max(0, said.epsilon),
            until_ms=said.until_ms,
        )
        figures.grants[grant.recipient] = grant
        self._log(said, here)
        return _json({"ok": True, "recipient": grant.recipient})

    def _end(self, figures: Figures, said: EndAggregates, here: Here) -> bytes:
        grant = self._grant(said.recipient)
        if grant is None or grant.ended_ms:
            raise Unaskable("aggregates_not_allowed", f"{said.recipient} may not ask for figures")
        figures.grants[grant.recipient] = replace(grant, ended_ms=here.now_ms, ended_by=said.by)
        self._log(said, here)
        return _json({"ok": True, "recipient": grant.recipient})

    def _grant(self, recipient: str) -> AggregateGrant | None:
        found = (one for one in self._store.aggregate_grants() if one.recipient == recipient)
        return next(found, None)

    # --- recipients ---------------------------------------------------------------------------

    def _ask(self, figures: Figures, said: AskAggregate, here: Here) -> bytes:
        """Spend a question's budget, once: what was spent on the same question is not spent again."""
        question = checked(said.question)
        grant = self._grant(question.recipient)
        may_ask(question, said.fields, grant, here.now_ms)
        former = self._store.release_of(key_of(question))
        if former is not None and former.released_ms:
            return answer_of(former)
        on_a_closed_day(question, here.now_ms)
        if former is not None:
            return answer_of(former)
        year = datetime.fromtimestamp(here.now_ms / 1000, UTC).year
        if grant is not None:
            affordable(question, grant, self._store.releases(year), self._limits)
        release = Release(
            seq=here.seq,
            key=key_of(question),
            year=year,
            question=question,
            by=said.by,
            at_ms=here.now_ms,
        )
        figures.releases[release.seq] = release
        self._log(said, here)
        here.sheet.count("aggregates")
        return answer_of(release)

    def _keep(self, figures: Figures, said: KeepRelease, here: Here) -> bytes:
        """Keep the first answer to a question, with its receipt; whoever counted it too gets that one."""
        found = [one for one in self._store.releases() if one.seq == said.spent]
        if not found:
            raise Unaskable("aggregate_odd", "nothing was spent on this answer, so it is not given")
        release = found[0]
        grant = self._grant(release.question.recipient)
        if grant is None or not grant.lives(here.now_ms):
            raise Unaskable(
                "aggregates_not_allowed", f"{release.question.recipient} may ask no more"
            )
        if release.released_ms:
            return answer_of(release)
        if tuple(cell.key for cell in said.cells) != groups_of(release.question):
            raise Unaskable("aggregate_odd", "the answer has other groups than the question")
        seq = here.number()
        done = replace(release, cells=said.cells, released_ms=here.now_ms, receipt=seq)
        body = canonical(aggregate_receipt(done, seq, here.now_ms))
        here.sheet.drafts.append(Draft(seq, 0, 0, body))
        figures.releases[done.seq] = done
        self._log(said, here)
        return answer_of(done)

    def _log(self, said: Any, here: Here) -> None:
        here.sheet.log.append(LogRow(here.seq, 0, 0, "aggregate", _pack(said)))


def answer_of(release: Release) -> bytes:
    """The reply about a question that was paid for: JSON with the release; without cells, count them now."""
    return _json({"ok": True, "release": release})


class Replied(msgspec.Struct, frozen=True):
    """What the step replies to a record about aggregates."""

    ok: bool
    release: Release | None = None
    code: str = ""
    reason: str = ""
