"""Local days and quiet hours, compared with walking minute by minute."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from equipoise.decide.local_time import MINUTE_MS, local_day, quiet_until_ms, within

# Changes at night, at midnight, by half an hour, of a whole day, and none at all.
ZONES = [
    "Europe/Paris",
    "America/Sao_Paulo",
    "America/Havana",
    "Australia/Lord_Howe",
    "Africa/Cairo",
    "Pacific/Apia",
    "Asia/Kathmandu",
    "UTC",
]
# Within a day and a half of such a change.
CHANGES = [
    datetime(2024, 3, 31, 1, tzinfo=UTC),
    datetime(2024, 10, 27, 1, tzinfo=UTC),
    datetime(2018, 11, 4, 3, tzinfo=UTC),
    datetime(2018, 2, 18, 2, tzinfo=UTC),
    datetime(2024, 3, 10, 5, tzinfo=UTC),
    datetime(2024, 11, 3, 5, tzinfo=UTC),
    datetime(2024, 4, 6, 15, tzinfo=UTC),
    datetime(2024, 4, 25, 22, tzinfo=UTC),
    datetime(2011, 12, 30, 10, tzinfo=UTC),
]
NOWS = st.builds(
    lambda change, minutes: int((change + timedelta(minutes=minutes)).timestamp()) * 1000,
    st.sampled_from(CHANGES),
    st.integers(-36 * 60, 36 * 60),
)
MINUTES = st.integers(0, 1439)
WINDOWS = st.lists(st.tuples(MINUTES, MINUTES), min_size=1, max_size=2).map(tuple)


def shown(at_ms: int, zone: str) -> datetime:
    """What the clock of a zone shows."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(ZoneInfo(zone))


@given(NOWS, WINDOWS, st.sampled_from(ZONES))
@example(1711848600000, ((1320, 150),), "Europe/Paris")
@settings(deadline=None)
def test_the_end_of_quiet_hours_is_the_first_free_minute(now_ms, windows, zone):
    until_ms = quiet_until_ms(now_ms, windows, zone, "UTC")
    for step in range(3 * 1440):
        at_ms = now_ms + step * MINUTE_MS
        local = shown(at_ms, zone)
        minute = local.hour * 60 + local.minute
        if not any(within(minute, window) for window in windows):
            assert until_ms == at_ms
            return
    assert until_ms is None


@given(NOWS, st.sampled_from(ZONES))
@settings(deadline=None)
def test_a_local_day_holds_exactly_the_instants_of_one_date(now_ms, zone):
    day = local_day(now_ms, zone, "UTC")
    local = shown(now_ms, zone)
    assert day.minute == local.hour * 60 + local.minute
    assert day.starts_ms <= now_ms < day.ends_ms
    assert shown(day.starts_ms, zone).date() == local.date()
    assert shown(day.starts_ms - 1, zone).date() < local.date()
    assert shown(day.ends_ms - 1, zone).date() == local.date()
    assert shown(day.ends_ms, zone).date() > local.date()


@pytest.mark.parametrize(
    ("window", "inside", "outside"),
    [
        ((540, 600), (540, 599), (539, 600)),
        ((1320, 480), (1320, 1439, 0, 479), (480, 1319)),
        ((60, 60), (), (59, 60, 61)),
    ],
)
def test_a_window_has_its_start_and_not_its_end(window, inside, outside):
    assert all(within(minute, window) for minute in inside)
    assert not any(within(minute, window) for minute in outside)
