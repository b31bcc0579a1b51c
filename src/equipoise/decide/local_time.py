"""Local days and hours of a time zone, exact through every change of the clocks.

Everything here is a function of (instant, zone); the answers for a minute are kept, because many
people are asked about in the same minute.
"""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

MINUTE_MS = 60_000
DAY_MS = 86_400_000
_DAY_MINUTES = 1440
# Each step of the search ends a window or crosses a change of the clocks; three days of both.
_STEPS_MOST = 16

Window = tuple[int, int]
"""Local minutes of the day, from and up to but not including; from > to runs past midnight."""


class LocalDay(NamedTuple):
    """The local day around an instant: the minute of the day, and the day's bounds (ms, UTC)."""

    minute: int
    starts_ms: int
    ends_ms: int


@lru_cache(maxsize=1024)
def _zone(name: str, house: str) -> ZoneInfo:
    """The zone, or the house's where there is none of that name (names come from browsers)."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown; not a key; a folder such as "Europe"
        return ZoneInfo(house)


def local_day(at_ms: int, zone: str, house: str) -> LocalDay:
    """The local day that an instant falls in; an unknown `zone` reads as the `house` zone."""
    return _local_day(at_ms // MINUTE_MS, zone, house)


def quiet_until_ms(at_ms: int, windows: tuple[Window, ...], zone: str, house: str) -> int | None:
    """The first instant from `at_ms` on that is in none of the windows; `at_ms` itself where it is.

    None where there is no such instant: the windows cover the whole day. A window of equal ends is
    empty.
    """
    until = _quiet_until(at_ms // MINUTE_MS, windows, zone, house)
    if until is None:
        return None
    return max(at_ms, until * MINUTE_MS)


def within(minute: int, window: Window) -> bool:
    """True where a local minute of the day is in a window."""
    start, end = window
    if start <= end:
        return start <= minute < end
    return minute >= start or minute < end


@lru_cache(maxsize=4096)
def _local_day(utc_minute: int, zone: str, house: str) -> LocalDay:
    place = _zone(zone, house)
    local = _local(utc_minute, place)
    today = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    tomorrow = today + timedelta(days=1)
    # In a gap (clocks that skip midnight) fold=0 reads as the instant of the change, which is when
    # that day begins.
    return LocalDay(
        local.hour * 60 + local.minute,
        int(today.timestamp()) * 1000,
        int(tomorrow.timestamp()) * 1000,
    )


def _local(utc_minute: int, place: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(utc_minute * 60, UTC).astimezone(place)


def _offset(utc_minute: int, place: ZoneInfo) -> timedelta | None:
    return _local(utc_minute, place).utcoffset()


@lru_cache(maxsize=4096)
def _quiet_until(utc_minute: int, windows: tuple[Window, ...], zone: str, house: str) -> int | None:
    """Walk from window to window at a constant offset, stopping where the clocks change."""
    place = _zone(zone, house)
    at = utc_minute
    for _ in range(_STEPS_MOST):
        local = _local(at, place)
        minute = local.hour * 60 + local.minute
        window = next((window for window in windows if within(minute, window)), None)
        if window is None:
            return at
        target = at + (window[1] - minute) % _DAY_MINUTES
        at = _first_change(at, target, place)
    return None


def _first_change(start: int, stop: int, place: ZoneInfo) -> int:
    """The minute of the change of the clocks between two minutes (a day apart at most), or `stop`."""
    before = _offset(start, place)
    if _offset(stop, place) == before:
        return stop
    while stop - start > 1:
        middle = (start + stop) // 2
        if _offset(middle, place) == before:
            start = middle
        else:
            stop = middle
    return stop
