"""Belonging: one budget of attention over all plays and channels."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec.structs import replace

from equipoise.decide.guards.belonging import belonging
from equipoise.nouns.decisions import ALLOWED, Answer
from equipoise.nouns.plays import Limits
from equipoise.nouns.rules import Rules
from equipoise.testing.standing import EMAIL, NOON_MS, PLAY, FakeStanding, ask

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
WIDE = Rules(per_day=9, per_7d=9, per_28d=9)


def person(*ages_ms, **more):
    """Somebody who was contacted that long before noon, by other plays."""
    contacts = tuple((NOON_MS - age_ms, "other") for age_ms in sorted(ages_ms, reverse=True))
    return FakeStanding(contacts=contacts, **more)


def local(year, month, day, hour=0, zone="Europe/Paris"):
    """An instant by the clock of a zone, in ms."""
    return int(datetime(year, month, day, hour, tzinfo=ZoneInfo(zone)).timestamp() * 1000)


def test_somebody_who_was_not_contacted_may_be():
    assert belonging(ask(person())) is ALLOWED
    assert belonging(ask(person(2 * DAY_MS))) is ALLOWED


def test_one_contact_a_day_holds_until_the_local_midnight():
    verdict = belonging(ask(person(3 * HOUR_MS)))
    assert (verdict.answer, verdict.reason) == (Answer.HOLD, "budget_day")
    assert verdict.until_ms == local(2023, 11, 15)
    assert verdict.detail == {"most": "1"}


def test_yesterday_is_yesterday_where_the_person_is():
    contacted = person(13 * HOUR_MS)
    assert belonging(ask(contacted)) is ALLOWED
    tokyo = replace(contacted, timezone="Asia/Tokyo", contacts=((NOON_MS - 5 * HOUR_MS, "p"),))
    assert belonging(ask(tokyo)).until_ms == local(2023, 11, 15, zone="Asia/Tokyo")
    assert belonging(ask(replace(tokyo, contacts=((NOON_MS - 21 * HOUR_MS, "p"),)))) is ALLOWED


@pytest.mark.parametrize(
    ("day", "hours"), [((2024, 3, 31), 23), ((2024, 10, 27), 25), ((2024, 6, 1), 24)]
)
def test_a_day_of_23_or_25_hours_ends_at_its_own_midnight(day, hours):
    start = local(*day)
    for later_ms in (0, hours * HOUR_MS - 1):
        contacted = FakeStanding(contacts=((start, "p"),))
        verdict = belonging(ask(contacted, start + later_ms))
        assert verdict.until_ms == start + hours * HOUR_MS
    assert belonging(ask(contacted, start + hours * HOUR_MS)) is ALLOWED


def test_the_week_and_the_month_roll():
    week = replace(WIDE, per_7d=2)
    verdict = belonging(ask(person(6 * DAY_MS, 2 * DAY_MS), rules=week))
    assert (verdict.reason, verdict.until_ms) == ("budget_week", NOON_MS + DAY_MS)
    assert belonging(ask(person(7 * DAY_MS, 2 * DAY_MS), rules=week)) is ALLOWED
    month = replace(WIDE, per_28d=2)
    verdict = belonging(ask(person(27 * DAY_MS, 9 * DAY_MS), rules=month))
    assert (verdict.reason, verdict.until_ms) == ("budget_month", NOON_MS + DAY_MS)
    assert belonging(ask(person(28 * DAY_MS, 9 * DAY_MS), rules=month)) is ALLOWED


def test_the_persons_own_budget_only_makes_it_quieter():
    contacted = person(6 * DAY_MS, per_week=1)
    verdict = belonging(ask(contacted, rules=WIDE))
    assert (verdict.reason, verdict.until_ms) == ("own_budget", NOON_MS + DAY_MS)
    generous = person(3 * HOUR_MS, per_week=50)
    assert belonging(ask(generous)).reason == "budget_day"


def test_what_frees_up_last_is_told():
    contacted = person(6 * DAY_MS, 5 * DAY_MS, HOUR_MS)
    verdict = belonging(ask(contacted))
    assert (verdict.reason, verdict.until_ms) == ("budget_week", NOON_MS + DAY_MS)


@pytest.mark.parametrize(
    ("rules", "per_week", "reason"),
    [
        (replace(WIDE, per_day=0), None, "budget_day"),
        (replace(WIDE, per_7d=0), None, "budget_week"),
        (replace(WIDE, per_28d=0), None, "budget_month"),
        (WIDE, 0, "own_budget"),
    ],
)
def test_a_budget_of_nothing_never_frees_up(rules, per_week, reason):
    for contacted in (person(per_week=per_week), person(HOUR_MS, per_week=per_week)):
        verdict = belonging(ask(contacted, rules=rules))
        assert (verdict.answer, verdict.reason, verdict.until_ms) == (Answer.REFUSE, reason, None)


def test_what_a_page_shows_is_no_contact():
    page = replace(EMAIL, channel="page")
    assert belonging(ask(person(HOUR_MS, per_week=0), option=page)) is ALLOWED


AGES = st.lists(st.integers(0, 30 * DAY_MS), max_size=12)
RULES = st.builds(
    Rules, per_day=st.integers(0, 3), per_7d=st.integers(0, 5), per_28d=st.integers(0, 8)
)
OWN = st.none() | st.integers(0, 4)


@given(AGES, RULES, OWN)
def test_a_hold_ends_at_the_first_moment_the_budget_frees_up(ages, rules, own):
    contacted = person(*ages, per_week=own)
    verdict = belonging(ask(contacted, rules=rules))
    assume(verdict.answer is Answer.HOLD)
    assert belonging(ask(contacted, verdict.until_ms, rules=rules)) is ALLOWED
    assert belonging(ask(contacted, verdict.until_ms - 1, rules=rules)).answer is Answer.HOLD


@given(AGES, RULES, OWN)
def test_it_allows_exactly_where_every_count_is_under_its_budget(ages, rules, own):
    """Compared with counting contacts one by one, by the date on the person's calendar."""
    zone = ZoneInfo("Europe/Paris")
    today = datetime.fromtimestamp(NOON_MS / 1000, UTC).astimezone(zone).date()
    days = [
        datetime.fromtimestamp((NOON_MS - age) / 1000, UTC).astimezone(zone).date() for age in ages
    ]
    week = sum(age < 7 * DAY_MS for age in ages)
    free = (
        sum(day == today for day in days) < rules.per_day
        and week < rules.per_7d
        and sum(age < 28 * DAY_MS for age in ages) < rules.per_28d
        and (own is None or week < own)
    )
    assert (belonging(ask(person(*ages, per_week=own), rules=rules)) is ALLOWED) == free


@given(AGES, RULES, OWN, st.integers(0, 30 * DAY_MS))
def test_one_more_contact_never_enables(ages, rules, own, more):
    before = belonging(ask(person(*ages, per_week=own), rules=rules))
    after = belonging(ask(person(*ages, more, per_week=own), rules=rules))
    assert after.answer >= before.answer
    if before.answer is after.answer is Answer.HOLD:
        assert after.until_ms >= before.until_ms


@pytest.mark.parametrize(
    ("days", "reason"),
    [(29.9, "allowed"), (30.0, "lapsed"), (400, "lapsed"), (None, "lapsed")],
)
def test_a_relationship_without_a_sign_of_life_lapses_when_the_play_says(days, reason):
    play = replace(PLAY, limits=Limits(lapses_after_days=30.0))
    silent = person(fields={"life.days_since": days})
    assert belonging(ask(silent, play=play)).reason == reason
    assert belonging(ask(silent)) is ALLOWED, "this play states no period"


def test_who_comes_by_is_shown_the_page_however_long_ago():
    play = replace(PLAY, limits=Limits(lapses_after_days=30.0))
    silent = person(fields={"life.days_since": 90.0})
    assert belonging(ask(silent, play=play, option=replace(EMAIL, channel="page"))) is ALLOWED


@pytest.mark.parametrize("said", ["not_now", "too_much"])
def test_whoever_asked_for_rest_is_left_in_peace_until_it_ends(said):
    resting = FakeStanding(rest=(NOON_MS + HOUR_MS, said))
    verdict = belonging(ask(resting))
    assert (verdict.answer, verdict.reason) == (Answer.HOLD, said)
    assert verdict.until_ms == NOON_MS + HOUR_MS
    page = replace(EMAIL, channel="page")
    assert belonging(ask(resting, option=page)) is ALLOWED, "what a page shows is no contact"


def test_what_is_part_of_the_contract_goes_on_during_a_rest():
    rules = Rules(bases={"marketing": "contract"})
    assert (
        belonging(ask(FakeStanding(rest=(NOON_MS + HOUR_MS, "too_much")), rules=rules)) is ALLOWED
    )


def test_of_a_rest_and_a_full_budget_the_one_that_ends_last_is_told():
    full = person(3 * HOUR_MS, rest=(NOON_MS + HOUR_MS, "not_now"))
    assert belonging(ask(full)).reason == "budget_day"
    later = person(3 * HOUR_MS, rest=(NOON_MS + 2 * DAY_MS, "too_much"))
    assert belonging(ask(later)).reason == "too_much"
