"""Calendar periods are those of the person's clock, whatever the clocks do."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.periods import local_date, period_before, period_of

HOUR_MS = 3_600_000


def local(zone, *date):
    return int(datetime(*date, tzinfo=ZoneInfo(zone)).timestamp() * 1000)


def test_a_month_is_that_of_the_clock_where_the_person_is():
    at_ms = local("Europe/Paris", 2026, 11, 30, 23, 30)
    paris = period_of(at_ms, "month", "Europe/Paris")
    tokyo = period_of(at_ms, "month", "Asia/Tokyo")
    assert paris == (
        local("Europe/Paris", 2026, 11, 1),
        local("Europe/Paris", 2026, 12, 1),
    )
    assert tokyo.starts_ms == local("Asia/Tokyo", 2026, 12, 1)


def test_a_week_begins_on_monday():
    week = period_of(local("Europe/Paris", 2026, 11, 22, 12), "week", "Europe/Paris")
    assert week == (local("Europe/Paris", 2026, 11, 16), local("Europe/Paris", 2026, 11, 23))


def test_a_week_in_which_the_clocks_change_is_an_hour_longer():
    week = period_of(local("Europe/Paris", 2026, 10, 25, 12), "week", "Europe/Paris")
    assert week.ends_ms - week.starts_ms == (7 * 24 + 1) * HOUR_MS


def test_a_zone_that_does_not_exist_counts_by_utc():
    at_ms = local("UTC", 2026, 11, 22)
    assert period_of(at_ms, "month", "Europe/Atlantis") == period_of(at_ms, "month", "UTC")
    assert local_date(at_ms, "../etc") == "2026-11-22"


@given(
    st.integers(0, 4_000_000_000_000),
    st.sampled_from(("month", "week")),
    st.sampled_from(("Europe/Paris", "Asia/Kathmandu", "America/St_Johns", "Pacific/Apia", "UTC")),
)
def test_periods_cover_every_instant_once(at_ms, per, zone):
    period = period_of(at_ms, per, zone)
    assert period.starts_ms <= at_ms < period.ends_ms
    assert period_of(period.ends_ms, per, zone).starts_ms == period.ends_ms
    assert period_of(period.starts_ms, per, zone) == period
    assert period_before(period, per, zone).ends_ms == period.starts_ms


@pytest.mark.parametrize("per", ["month", "week"])
def test_the_last_millisecond_belongs_to_the_period(per):
    period = period_of(local("Europe/Paris", 2026, 3, 10), per, "Europe/Paris")
    assert period_of(period.ends_ms - 1, per, "Europe/Paris") == period
