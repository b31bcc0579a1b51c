"""When it happened: ISO-8601 in its variants, and the correction of a sender's clock."""

from datetime import UTC, datetime

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_MS = 86_400_000
_FIRST_MS = 100_000_000_000
"""Numbers below are seconds, numbers from here on milliseconds: 1973 in one, 5138 in the other."""


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
        return _since_epoch_ms(datetime.fromisoformat(value))
    except ValueError:
        return _odd_ms(value)


def _since_epoch_ms(when: datetime) -> int:
    since = (when if when.tzinfo is not None else when.replace(tzinfo=UTC)) - _EPOCH
    if since.days < 0:
        return 0
    return since.days * _DAY_MS + since.seconds * 1000 + since.microseconds // 1000


def _odd_ms(text: str) -> int | None:
    text = text.strip().upper()
    try:
        if text.replace(".", "", 1).isdecimal():
            return _number_ms(float(text))
        return _since_epoch_ms(datetime.fromisoformat(text))
    except ValueError:
        return None


def _number_ms(value: float) -> int | None:
    if not 0 <= value < _FIRST_MS * 1000:
        return None
    return int(value * 1000 if value < _FIRST_MS else value)


def happened(
    timestamp_ms: int | None, original_ms: int | None, sent_ms: int | None, received_ms: int
) -> tuple[int, int | None]:
    """When an item happened by the receiver's clock, and when by the sender's (None: not told), in ms.

    `at = received - (sent - original)`, where original is `originalTimestamp`, or else the
    `timestamp` as it was sent (Segment). A `timestamp` beside an `originalTimestamp` was corrected by
    the sender and is kept (RudderStack). Without `sentAt` the sender's time is trusted; without any
    time it happened when it arrived. Nothing happens later than it arrives, or before 1970.
    """
    if original_ms is None:
        original_ms = timestamp_ms
        if original_ms is None:
            return received_ms, None
    elif timestamp_ms is not None:
        return min(received_ms, timestamp_ms), original_ms
    at_ms = original_ms if sent_ms is None else received_ms - sent_ms + original_ms
    if at_ms > received_ms:
        return received_ms, original_ms
    return max(0, at_ms), original_ms
