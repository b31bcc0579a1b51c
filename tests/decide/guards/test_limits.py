"""Limits: a play does no more than it says, to one person and in all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from equipoise.decide.guards.limits import limits
from equipoise.nouns.decisions import ALLOWED, Answer, Moment
from equipoise.nouns.plays import Cap, Limits
from equipoise.testing.standing import EMAIL, NOON_MS, PLAY, FakeStanding, ask

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


def limited(*caps, **more):
    return replace(PLAY, limits=Limits(per_person=caps, **more))


def person(*ages_ms, play=PLAY.name):
    """Somebody whom a play contacted that long before noon."""
    ages = sorted(ages_ms, reverse=True)
    return FakeStanding(contacts=tuple((NOON_MS - age_ms, play) for age_ms in ages))


def test_a_play_without_limits_allows():
    assert limits(ask(person(HOUR_MS))) is ALLOWED


def test_a_play_stops_at_its_total():
    play = limited(total=10)
    assert limits(ask(play=play, spent={"play:welcome": 9, "play:other": 99})) is ALLOWED
    verdict = limits(ask(play=play, spent={"play:welcome": 10}))
    assert (verdict.answer, verdict.reason) == (Answer.REFUSE, "play_total")
    assert limits(ask(play=limited(total=0))).reason == "play_total"


def test_an_option_stops_when_its_stock_is_gone():
    option = replace(EMAIL, stock=3)
    assert limits(ask(option=option, spent={"stock:welcome/mail": 2})) is ALLOWED
    verdict = limits(ask(option=option, spent={"stock:welcome/mail": 3}))
    assert (verdict.answer, verdict.reason) == (Answer.REFUSE, "out_of_stock")
    assert verdict.detail == {"option": "mail"}


def test_a_cap_that_frees_up_while_the_moment_is_valid_holds():
    play = limited(Cap(2, 7.0))
    assert limits(ask(person(6 * DAY_MS + 20 * HOUR_MS), play=play)) is ALLOWED
    verdict = limits(ask(person(6 * DAY_MS + 20 * HOUR_MS, HOUR_MS), play=play))
    assert (verdict.answer, verdict.reason) == (Answer.HOLD, "play_cap")
    assert verdict.until_ms == NOON_MS + 4 * HOUR_MS
    assert verdict.detail == {"most": "2", "days": "7"}


def test_a_cap_that_frees_up_too_late_refuses():
    verdict = limits(ask(person(HOUR_MS), play=limited(Cap(1, 7.0))))
    assert (verdict.answer, verdict.reason, verdict.until_ms) == (Answer.REFUSE, "play_cap", None)
    patient = limited(Cap(1, 7.0), valid_for_hours=24.0 * 7)
    assert limits(ask(person(HOUR_MS), play=patient)).answer is Answer.HOLD


def test_the_validity_of_a_moment_runs_from_when_it_first_opened():
    opened = Moment(
        id="m", kind="k", event="e", channel="web", at_ms=NOON_MS, opened_ms=NOON_MS - 20 * HOUR_MS
    )
    play, once = limited(Cap(1, 1.0)), person(19 * HOUR_MS)
    assert limits(ask(once, play=play)).answer is Answer.HOLD
    assert limits(ask(once, play=play, moment=opened)).answer is Answer.REFUSE


def test_of_two_caps_the_one_that_frees_up_last_counts():
    play = limited(Cap(1, 0.5), Cap(2, 1.0))
    verdict = limits(ask(person(23 * HOUR_MS, HOUR_MS), play=play))
    assert (verdict.until_ms, verdict.detail["days"]) == (NOON_MS + 11 * HOUR_MS, "0.5")
    verdict = limits(ask(person(11 * HOUR_MS, 11 * HOUR_MS), play=play))
    assert (verdict.until_ms, verdict.detail["days"]) == (NOON_MS + 13 * HOUR_MS, "1")


def test_a_cap_of_nothing_refuses():
    assert limits(ask(play=limited(Cap(0, 1.0)))).answer is Answer.REFUSE


def test_caps_count_the_contacts_of_this_play_only_and_spare_pages():
    play = limited(Cap(1, 7.0))
    assert limits(ask(person(HOUR_MS, play="other"), play=play)) is ALLOWED
    page = replace(EMAIL, channel="page")
    assert limits(ask(person(HOUR_MS), play=play, option=page)) is ALLOWED


@given(
    st.lists(st.integers(0, 10 * DAY_MS), max_size=8),
    st.lists(st.builds(Cap, st.integers(1, 4), st.sampled_from([0.5, 1.0, 7.0])), max_size=3),
)
def test_a_hold_ends_at_the_first_moment_the_caps_allow(ages, caps):
    contacted, play = person(*ages), limited(*caps, valid_for_hours=1000.0)
    verdict = limits(ask(contacted, play=play))
    if verdict is ALLOWED:
        for cap in caps:
            assert sum(age < cap.days * DAY_MS for age in ages) < cap.times
        return
    assert limits(ask(contacted, verdict.until_ms, play=play)) is ALLOWED
    assert limits(ask(contacted, verdict.until_ms - 1, play=play)).answer is Answer.HOLD


@pytest.mark.parametrize("spent", [{}, {"play:welcome": 5, "stock:welcome/mail": 5}])
def test_using_more_never_enables(spent):
    play, option = limited(total=3), replace(EMAIL, stock=3)
    fuller = {key: spent.get(key, 0) + 1 for key in ("play:welcome", "stock:welcome/mail")}
    before = limits(ask(play=play, option=option, spent=spent))
    assert limits(ask(play=play, option=option, spent=fuller)).answer >= before.answer
