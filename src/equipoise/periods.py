"""Calendar months and weeks of a time zone: when the one around an instant begins and ends.

Times are milliseconds since 1970, UTC. A week begins on Monday. Answers are kept by the hour, because
many people are asked about in the same hour.
"""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

Per = Literal["month", "week"]
"""The periods in which something can be counted."""

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")

# No zone changes the day within a quarter of an hour of the clock that we share.
_QUARTER_MS = 900_000


class Period(NamedTuple):
    """From `starts_ms` up to but not including `ends_ms`."""

    starts_ms: int
    ends_ms: int


def period_of(at_ms: int, per: Per, zone: str) -> Period:
    """The calendar month or week that an instant falls in where `zone` (IANA) is; UTC if it is unknown.

    >>> period_of(1_790_000_000_000, "month", "Europe/Paris")
    Period(starts_ms=1788213600000, ends_ms=1790805600000)
    """
    return _period(at_ms // _QUARTER_MS, per, zone)


def period_before(period: Period, per: Per, zone: str) -> Period:
    """The period that ends where this one begins."""
    return period_of(period.starts_ms - 1, per, zone)


@lru_cache(maxsize=256)
def zone_of(name: str) -> ZoneInfo:
    """The time zone of this IANA name; UTC where there is none (names come from browsers)."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown; not a key; a folder such as "Europe"
        return ZoneInfo("UTC")


def read_until(value: Any, zone: str) -> int | None:
    """The end (ms) that a day (ISO 8601: through its end where `zone` is) or a time with its offset names.

    None for whatever is neither.

    >>> read_until("2026-12-31", "Europe/Paris"), read_until("2026-12-31T00:00:00Z", "UTC")
    (1798758000000, 1798675200000)
    """
    if not isinstance(value, str):
        return None
    try:
        if _DATE.fullmatch(value):
            day = datetime.fromisoformat(value).replace(tzinfo=zone_of(zone)) + timedelta(days=1)
            return int(day.timestamp()) * 1000
        when = datetime.fromisoformat(value)
        return None if when.tzinfo is None else int(when.timestamp() * 1000)
    except (ValueError, OverflowError):
        return None


def write_until(until_ms: int) -> str:
    """An end as a time with its offset, to the millisecond, which `read_until` reads to the same.

    >>> write_until(1_798_758_000_000)
    '2026-12-31T23:00:00+00:00'
    """
    seconds, ms = divmod(until_ms, 1000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=ms * 1000).isoformat()


@lru_cache(maxsize=4096)
def _period(quarter: int, per: Per, zone: str) -> Period:
    local = datetime.fromtimestamp(quarter * _QUARTER_MS // 1000, UTC).astimezone(zone_of(zone))
    # In a gap (clocks that skip midnight) fold=0 reads as the instant of the change.
    today = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    if per == "week":
        first = today - timedelta(days=today.weekday())
        after = first + timedelta(days=7)
    else:
        first = today.replace(day=1)
        after = (first + timedelta(days=32)).replace(day=1)
    return Period(int(first.timestamp()) * 1000, int(after.timestamp()) * 1000)


def local_date(at_ms: int, zone: str) -> str:
    """The date (ISO 8601) of an instant where `zone` is; UTC if it is unknown.

    >>> local_date(1_790_805_600_000, "Europe/Paris")
    '2026-10-01'
    """
    return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(zone_of(zone)).date().isoformat()
