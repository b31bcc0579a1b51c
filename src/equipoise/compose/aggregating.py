"""Questions about many people on their way: the budget first, then the counting, then the answer.

Beside a running engine people are counted in a process of its own, so that neither door nor step waits:
`python -m equipoise.compose.aggregating NOW_MS` takes settings and question as MessagePack on its standard
input, and gives the noisy cells on its standard output.
"""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from importlib.util import find_spec
from typing import Any

import msgspec

from equipoise.compose.aggregates import answer, fields_read, limits_of, read_question
from equipoise.compose.apart import EndedBadly, apart
from equipoise.compose.library import known_here, rules_of
from equipoise.doors.aggregates import AggregateBody, AggregateCell, AggregateReply
from equipoise.doors.answers import Refusal
from equipoise.nouns.aggregates import (
    MICRO,
    AskAggregate,
    Cell,
    KeepRelease,
    Question,
    Release,
    Spending,
)
from equipoise.nouns.events import IntakeRow, Source
from equipoise.plays.conditions import fields_of
from equipoise.ports import Clock, Desk, Store
from equipoise.rights.aggregates.asking import (
    Unaskable,
    budget_of,
    day_of,
    millionths,
    spent,
)
from equipoise.rights.aggregates.noising import NoOpenDP, floor, widths
from equipoise.runners.aggregating import Replied
from equipoise.runners.embedded import Embedded
from equipoise.runners.inline import InlineDesk
from equipoise.settings import Settings
from equipoise.stores import open_store

EPOCH = date(1970, 1, 1)
NICE = 5
"""How much less urgent than the engine counting is, as `nice` has it."""

STATUS = {"aggregate_odd": 400, "aggregate_day_open": 400, "aggregate_day_gone": 400}
"""The HTTP status of a refusal; 403 for all others."""

CountPeople = Callable[[Question, int], Awaitable[tuple[Cell, ...]]]
"""Counts and adds noise, for a question as of a time (ms)."""

_pack = msgspec.msgpack.Encoder().encode
_reply = msgspec.json.Decoder(Replied).decode


class NotCounted(Exception):
    """Counting broke after the budget was spent; the same question is not charged again."""


class _Work(msgspec.Struct):
    """What the process apart is handed."""

    settings: dict[str, Any]
    question: Question


class Figures:
    """Answers questions of one house, one after the other, through its desk."""

    def __init__(self, settings: Settings, store: Store, desk: Desk, clock: Clock) -> None:
        self._settings = settings
        self._store = store
        self._desk = desk
        self._clock = clock
        self._known = known_here(settings=settings)
        self._one = asyncio.Lock()
        self.counting: CountPeople = self._apart

    async def ask(self, source: Source, body: AggregateBody) -> AggregateReply:
        """Answer one question of a recipient, known by its key; raises `Refusal`."""
        plain = msgspec.structs.asdict(body)
        where = plain.pop("where")
        text = msgspec.json.encode(where).decode() if where is not None else ""
        return await self.ask_as(source.name, plain, text)

    async def ask_as(self, recipient: str, plain: dict[str, Any], where: str) -> AggregateReply:
        """Answer one question in a recipient's name; raises `Refusal`.

        `plain` are the fields of `AggregateBody` save `where`, which is a condition as text.
        """
        try:
            question = self.question(recipient, plain, where)
            release = await self.release(question, recipient)
        except Unaskable as no:
            raise Refusal(STATUS.get(no.code, 403), no.code, str(no)) from None
        except NoOpenDP as missing:
            raise Refusal(501, "aggregates_need_opendp", str(missing)) from None
        except NotCounted as trouble:
            raise Refusal(500, "aggregate_not_counted", str(trouble)) from None
        return told(release, self._left(release))

    def question(self, recipient: str, plain: dict[str, Any], where: str) -> Question:
        """The question that plain values mean; raises `Unaskable`."""
        own = {
            "recipient": recipient,
            "epsilon": millionths(plain["epsilon"]),
            "day": day_in(plain["day"], self._clock.now_ms()),
        }
        return read_question(plain | own, where, self._known)

    async def release(self, question: Question, by: str) -> Release:
        """Spend, count and keep, each in the log before the next; raises `Unaskable` and `NotCounted`.

        What was acknowledged before the budget was spent is walked before anybody is counted, so that a
        withdrawal holds for the next question.
        """
        if find_spec("opendp") is None:
            raise NoOpenDP
        async with self._one:
            asked = AskAggregate(question=question, fields=fields_read(question), by=by)
            release = await self._put(asked)
            if release.released_ms:
                return release
            cells = await self.counting(release.question, self._clock.now_ms())
            return await self._put(KeepRelease(spent=release.seq, cells=cells))

    async def _put(self, record: AskAggregate | KeepRelease) -> Release:
        row = IntakeRow(0, "aggregate", Source("aggregates"), self._clock.now_ms(), _pack(record))
        reply = _reply(await self._desk.ask(row))
        if not reply.ok or reply.release is None:
            raise Unaskable(reply.code or "aggregate_odd", reply.reason)
        return reply.release

    async def _apart(self, question: Question, now_ms: int) -> tuple[Cell, ...]:
        given = _pack(_Work(self._settings.values, question))
        try:
            out = await apart("equipoise.compose.aggregating", given, str(now_ms))
        except EndedBadly as error:
            raise NotCounted(
                f"counting {error}. Ask the same again today: it is paid for"
            ) from None
        return msgspec.msgpack.decode(out, type=tuple[Cell, ...])

    async def here(self, question: Question, now_ms: int) -> tuple[Cell, ...]:
        """Count in this process: for a store that it alone holds."""
        return answer(self._store, rules_of(self._settings), question, now_ms)

    def _left(self, release: Release) -> int:
        year = datetime.fromtimestamp(self._clock.now_ms() / 1000, UTC).year
        mine = [
            one
            for one in spendings(self._store, self._settings, year)
            if one.recipient == release.question.recipient
        ]
        return mine[0].budget - mine[0].epsilon if mine else 0


def day_in(text: str, now_ms: int) -> int:
    """The day (from 1970) of an ISO date, yesterday (UTC) for an empty text; raises `Unaskable`."""
    if not text:
        return day_of(now_ms) - 1
    try:
        return (date.fromisoformat(text) - EPOCH).days
    except ValueError:
        raise Unaskable(
            "aggregate_odd", f"day needs a date such as 2026-11-21, came {text!r}"
        ) from None


def spendings(store: Store, settings: Settings, year: int) -> list[Spending]:
    """What may be and was spent on each recipient in a calendar year, in order of their names.

    It is the same for everybody: figures do not say whom they count.
    """
    limits, releases = limits_of(settings), store.releases(year)
    found = []
    for grant in store.aggregate_grants():
        mine = [one for one in releases if one.question.recipient == grant.recipient]
        found.append(
            Spending(
                recipient=grant.recipient,
                purpose=grant.purpose,
                year=year,
                questions=len(mine),
                epsilon=spent(mine),
                budget=0 if grant.ended_ms else budget_of(grant, limits),
                last_ms=max((one.at_ms for one in mine), default=0),
            )
        )
    return found


def summary(release: Release) -> dict[str, Any]:
    """What officers are told of a question that was paid for: all but its figures."""
    question = release.question
    of = f" of {question.field} from {question.lower:g} to {question.upper:g}" * bool(
        question.field
    )
    by = f", {len(question.keys)} groups of {question.group}" if question.group else ""
    only = f", where {' and '.join(fields_of(question.where))} allow it" if question.where else ""
    return {
        "receipt": release.id,
        "recipient": question.recipient,
        "purpose": question.purpose,
        "at_ms": release.at_ms,
        "day": (EPOCH + timedelta(days=question.day)).isoformat(),
        "question": f"{question.measure}{of}{by}{only}",
        "epsilon": question.epsilon / MICRO,
        "answered": bool(release.released_ms),
    }


def figures_of(settings: Settings, engine: Embedded) -> Figures:
    """The same over an engine in this process."""
    figures = Figures(settings, engine.store, InlineDesk(engine, engine.clock), engine.clock)
    figures.counting = figures.here
    return figures


def told(release: Release, left: int) -> AggregateReply:
    """A release as a recipient is told of it; `left` is what it may still spend, in millionths."""
    question = release.question
    return AggregateReply(
        receipt=release.id,
        recipient=question.recipient,
        purpose=question.purpose,
        measure=question.measure,
        day=(EPOCH + timedelta(days=question.day)).isoformat(),
        epsilon=question.epsilon / MICRO,
        mechanism="discrete Laplace",
        cells=tuple(_told(question, cell) for cell in release.cells),
        left=max(0, left) / MICRO,
        least_group=floor(question),
    )


def _told(question: Question, cell: Cell) -> AggregateCell:
    off = widths(question, cell)
    if off is None:
        return AggregateCell(cell.key, None, None, None, None)
    return AggregateCell(cell.key, cell.n, cell.value, off.n, off.value)


def main(now_ms: int) -> None:
    """Count for the work on standard input, and write the noisy cells to standard output."""
    work = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=_Work)
    settings = Settings(work.settings)
    store, intake = open_store(settings.text("store"), "reader")
    try:
        cells = answer(store, rules_of(settings), work.question, now_ms)
    finally:
        store.close()
        intake.close()
    sys.stdout.buffer.write(_pack(cells))


if __name__ == "__main__":
    os.nice(NICE)
    main(int(sys.argv[1]))
