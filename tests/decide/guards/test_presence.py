"""Presence: nobody is interrupted in their quiet hours, whatever the clocks do."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from equipoise.decide.guards.presence import presence
from equipoise.nouns.decisions import ALLOWED, Answer
from equipoise.nouns.rules import Rules
from equipoise.testing.standing import EMAIL, NOON_MS, PLAY, FakeStanding, ask


def at(text, zone="Europe/Paris", fold=0):
    """The instant at which the clock of a zone shows a text, in ms."""
    shown = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold)
    return int(shown.timestamp() * 1000)


def test_by_day_a_contact_may_leave():
    assert presence(ask()) is ALLOWED
    assert presence(ask(now_ms=at("2023-11-14T20:59:59"))) is ALLOWED
    assert presence(ask(now_ms=at("2023-11-14T08:00"))) is ALLOWED


@pytest.mark.parametrize(
    "now", ["2023-11-14T21:00", "2023-11-14T23:59:59", "2023-11-15T00:00", "2023-11-15T07:59"]
)
def test_by_night_it_waits_until_the_morning(now):
    verdict = presence(ask(now_ms=at(now)))
    assert (verdict.answer, verdict.reason) == (Answer.HOLD, "quiet_hours")
    assert verdict.until_ms == at("2023-11-15T08:00")


def test_the_clock_is_the_persons():
    verdict = presence(ask(FakeStanding(timezone="America/Los_Angeles")))
    assert verdict.until_ms == at("2023-11-14T08:00", "America/Los_Angeles")


@pytest.mark.parametrize("zone", ["Not/AZone", "Europe", "../etc", "", "\x00"])
def test_a_zone_that_does_not_exist_reads_as_the_house(zone):
    night = at("2023-11-14T22:00")
    assert presence(ask(FakeStanding(timezone=zone), night)).until_ms == at("2023-11-15T08:00")


def test_the_persons_own_quiet_hours_come_on_top():
    siesta = FakeStanding(quiet=(12 * 60, 14 * 60 + 30))
    verdict = presence(ask(siesta))
    assert (verdict.reason, verdict.until_ms) == ("own_quiet_hours", at("2023-11-14T14:30"))
    late = FakeStanding(quiet=(7 * 60, 10 * 60))
    verdict = presence(ask(late, at("2023-11-14T23:00")))
    assert (verdict.reason, verdict.until_ms) == ("quiet_hours", at("2023-11-15T10:00"))


def test_equal_ends_mean_no_quiet_hours():
    night = at("2023-11-14T23:00")
    assert presence(ask(now_ms=night, rules=Rules(quiet=(0, 0)))) is ALLOWED


def test_where_no_minute_is_free_the_contact_is_refused():
    verdict = presence(ask(FakeStanding(quiet=(8 * 60, 21 * 60))))
    assert (verdict.answer, verdict.reason) == (Answer.REFUSE, "quiet_always")


def test_quiet_hours_hold_for_the_service_too_but_not_for_a_page():
    night = at("2023-11-14T23:00")
    assert presence(ask(now_ms=night, play=replace(PLAY, purpose="service"))).until_ms
    assert presence(ask(now_ms=night, option=replace(EMAIL, channel="page"))) is ALLOWED


@pytest.mark.parametrize(
    ("now", "hours"), [("2024-03-30T21:00", 10), ("2024-10-26T21:00", 12), ("2024-06-01T21:00", 11)]
)
def test_the_nights_in_which_clocks_change_end_at_eight_by_the_new_clock(now, hours):
    verdict = presence(ask(now_ms=at(now)))
    assert verdict.until_ms == at(now) + hours * 3_600_000


def test_an_end_that_the_clock_skips_is_the_moment_of_the_change():
    rules = Rules(quiet=(22 * 60, 2 * 60 + 30))
    verdict = presence(ask(now_ms=at("2024-03-31T01:00"), rules=rules))
    assert verdict.until_ms == at("2024-03-31T03:00")


def test_an_end_that_comes_twice_is_the_next_one():
    rules = Rules(quiet=(22 * 60, 2 * 60 + 30))
    first = presence(ask(now_ms=at("2024-10-27T02:10"), rules=rules))
    assert first.until_ms == at("2024-10-27T02:30")
    again = presence(ask(now_ms=at("2024-10-27T02:10", fold=1), rules=rules))
    assert again.until_ms == at("2024-10-27T02:30", fold=1)


def test_quiet_hours_change_with_the_minute_and_not_before():
    edge = at("2023-11-14T21:00")
    assert presence(ask(now_ms=edge - 1)) is ALLOWED
    assert presence(ask(now_ms=edge)).answer is Answer.HOLD
    assert presence(ask(now_ms=NOON_MS + 1)) is ALLOWED
