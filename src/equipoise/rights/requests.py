"""One request, from being asked to its end: which step may follow which, and by when.

The clock is that of GDPR article 12(3): one month from the day of arrival, which two further months may be
added to once, with a reason. A request whose clock runs out is late and still owed an answer. Every function
is pure and gives a new `Request`.
"""

from calendar import monthrange
from datetime import UTC, datetime

from msgspec.structs import replace

from equipoise.nouns.rights import AnswerRight, AskRight, Request

MONTHS = 1
"""How long the house has to answer, in months."""

MONTHS_EXTENDED = 3
"""How long it has where it said in time that it needs longer, in months from the arrival."""

LONGEST_TEXT = 4_000
"""Characters of a person's own words that are kept."""


class NotSo(ValueError):
    """A request cannot be asked, or answered, like that; the message says why and what to do."""


def months_later(at_ms: int, months: int) -> int:
    """The same day and time some months later, UTC; the month's last day where it has no such day.

    >>> from datetime import datetime, UTC
    >>> at_ms = int(datetime(2026, 1, 31, 12, tzinfo=UTC).timestamp() * 1000)
    >>> datetime.fromtimestamp(months_later(at_ms, 1) / 1000, UTC).isoformat()
    '2026-02-28T12:00:00+00:00'
    """
    at = datetime.fromtimestamp(at_ms / 1000, UTC)
    years, month = divmod(at.month - 1 + months, 12)
    year, month = at.year + years, month + 1
    day = min(at.day, monthrange(year, month)[1])
    later = at.replace(year=year, month=month, day=day)
    return round(later.timestamp() * 1000)


def asked(ask: AskRight, seq: int, atom: int, now_ms: int) -> Request:
    """The request as it is opened, its clock running. Raises `NotSo` where something is missing."""
    if ask.kind in ("contest", "review") and ask.decision <= 0:
        raise NotSo(f"a {ask.kind} needs the decision that it is about, such as d_48")
    if ask.kind == "correction" and not ask.values and not ask.strike:
        raise NotSo(
            "a correction needs the right values by field (traits.city), or ids of events that never "
            "happened"
        )
    wrong = [field for field in ask.values if not field.startswith("traits.") or len(field) < 8]
    if wrong:
        raise NotSo(
            f"{', '.join(sorted(wrong))}: only what was stated of a person (traits.NAME) can be set; what "
            "follows from events is corrected by striking those that never happened"
        )
    return Request(
        seq=seq,
        kind=ask.kind,
        status="open",
        atom=atom,
        asked_ms=now_ms,
        due_ms=months_later(now_ms, MONTHS),
        by=ask.by,
        proof=ask.proof,
        decision=ask.decision,
        ground=ask.ground,
        text=ask.text[:LONGEST_TEXT],
        values=dict(ask.values),
        strike=ask.strike,
        purpose=ask.purpose,
        channel=ask.channel,
    )


def answered(request: Request, answer: AnswerRight, now_ms: int) -> Request:
    """The request after an answer; raises `NotSo` where that cannot follow."""
    if answer.verb == "withdraw" and request.kind == "restriction":
        # A restriction that was granted goes on until the person ends it.
        if request.status not in ("fulfilled", "open", "in_progress", "expired"):
            raise _over(request)
    elif not request.owed:
        raise _over(request)
    if answer.verb in ("refuse", "extend") and not answer.reason.strip():
        raise NotSo(f"{request.id}: to {answer.verb} it, say why: the person is told the reason")
    match answer.verb:
        case "begin":
            if request.status != "open":
                raise NotSo(f"{request.id}: was begun already; fulfil or refuse it")
            return replace(request, status="in_progress", answered_by=answer.by)
        case "extend":
            return _extended(request, answer)
        case "fulfil":
            return _fulfilled(request, answer, now_ms)
        case "refuse":
            return _ended(request, "refused", answer, now_ms)
        case "withdraw":
            ended = _ended(request, "withdrawn", answer, now_ms)
            return replace(ended, outcome="withdrawn") if request.kind == "contest" else ended


def run_out(request: Request, now_ms: int) -> Request:
    """The request once its clock has run out unanswered; the same one where it has not."""
    if request.status in ("open", "in_progress") and now_ms >= request.due_ms:
        return replace(request, status="expired")
    return request


def _over(request: Request) -> NotSo:
    return NotSo(f"{request.id}: is {request.status} already, and that is its end. Ask anew")


def _extended(request: Request, answer: AnswerRight) -> Request:
    if request.extended or request.status == "expired":
        raise NotSo(
            f"{request.id}: can be put off once, before its clock has run out; answer it now"
        )
    due_ms = months_later(request.asked_ms, MONTHS_EXTENDED)
    return replace(
        request, extended=True, due_ms=due_ms, reason=answer.reason, answered_by=answer.by
    )


def _fulfilled(request: Request, answer: AnswerRight, now_ms: int) -> Request:
    if request.kind != "contest":
        return _ended(request, "fulfilled", answer, now_ms)
    if answer.outcome not in ("upheld", "changed"):
        raise NotSo(
            f"{request.id}: a contest ends with an outcome: upheld (the decision stands) or changed"
        )
    return replace(_ended(request, "fulfilled", answer, now_ms), outcome=answer.outcome)


def _ended(request: Request, status: str, answer: AnswerRight, now_ms: int) -> Request:
    return replace(
        request,
        status=status,
        reason=answer.reason or request.reason,
        answered_by=answer.by,
        answered_ms=now_ms,
    )
