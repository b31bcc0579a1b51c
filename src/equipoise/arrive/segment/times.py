"""When it happened: ISO-8601 in its variants, and the correction of a sender's clock."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)
_FIRST_MS = 100_000_000_000
"""Numbers below are seconds, numbers from here on milliseconds: 1973 in one, 5138 in the other."""


class Happened(NamedTuple):
    """The times of one item in ms since 1970, UTC; None where the sender gave none that is readable."""

    at_ms: int
    original_ms: int | None
    sent_ms: int | None


def to_ms(value: str | float | None) -> int | None:
    """Milliseconds since 1970, UTC; None where there is no readable time.

    Read are ISO 8601 with `Z`, an offset or none (then UTC), with any number of decimals, and
    numbers as seconds or milliseconds. Times before 1970 count as 0.
    """
    if value is None:
        return None
    if not isinstance(value, str):
        return _number_ms(value)
    try:
        when = datetime.fromisoformat(value)
    except ValueError:
        return _odd_ms(value)
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return max(0, (when - _EPOCH) // _MS)


def _odd_ms(text: str) -> int | None:
    text = text.strip().upper()
    try:
        if text.replace(".", "", 1).isdecimal():
            return _number_ms(float(text))
        when = datetime.fromisoformat(text)
    except ValueError:
        return None
    return max(0, (when.replace(tzinfo=when.tzinfo or UTC) - _EPOCH) // _MS)


def _number_ms(value: float) -> int | None:
    if not 0 <= value < _FIRST_MS * 1000:
        return None
    return int(value * 1000 if value < _FIRST_MS else value)


def happened(
    timestamp_ms: int | None, original_ms: int | None, sent_ms: int | None, received_ms: int
) -> Happened:
    """When an item happened, by the clock of the one who received it.

    `at = received - (sent - original)`, where original is `originalTimestamp`, or else the
    `timestamp` as it was sent (Segment). A `timestamp` beside an `originalTimestamp` was corrected by
    the sender and is kept (RudderStack). Without `sentAt` the sender's time is trusted; without any
    time it happened when it arrived. Nothing happens later than it arrives, or before 1970.
    """
    if timestamp_ms is not None and original_ms is not None:
        return Happened(min(timestamp_ms, received_ms), original_ms, sent_ms)
    original_ms = timestamp_ms if original_ms is None else original_ms
    if original_ms is None:
        return Happened(received_ms, None, sent_ms)
    at_ms = original_ms if sent_ms is None else received_ms - sent_ms + original_ms
    return Happened(max(0, min(at_ms, received_ms)), original_ms, sent_ms)
