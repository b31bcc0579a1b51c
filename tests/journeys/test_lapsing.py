"""A relationship without a sign of life ends after the period that the play states, and may begin again."""

import asyncio

from equipoise.testing.fakes import FakeClock
from house import DAY_MS, NOON_MS, house, track, welcome

LETTER = """
name: letter
purpose: marketing
moment: {decide: news}
options:
  - {name: mail, do: notify, channel: email, share: 1,
     subject: {en: News, fr: Nouvelles}, body: {en: N, fr: N}}
chooser: fixed_shares
explore_floor: 0
limits: {lapses_after_days: 30}
"""


def test_a_relationship_lapses_after_the_plays_period_and_comes_back_with_the_person():
    clock = FakeClock(NOON_MS)
    engine = house(clock=clock)
    engine.add_play(LETTER)
    engine.take([*welcome("ana"), track("ana", "page")])
    asyncio.run(clock.advance(29 * DAY_MS))
    assert engine.decide("user_id:ana", "news").outcome == "act"
    asyncio.run(clock.advance(2 * DAY_MS))
    lapsed = engine.decide("user_id:ana", "news")
    assert (lapsed.outcome, lapsed.reason) == ("silence", "lapsed")
    engine.take([track("ana", "page", "again")])
    assert engine.decide("user_id:ana", "news").reason != "lapsed"
    unbounded = LETTER.replace("limits: {lapses_after_days: 30}", "limits: {valid_for_hours: 48}")
    engine.add_play(unbounded)
    asyncio.run(clock.advance(400 * DAY_MS))
    assert engine.decide("user_id:ana", "news").outcome == "act", "no other play ever lapses"


def test_asking_for_silence_does_not_keep_a_relationship_alive():
    clock = FakeClock(NOON_MS)
    engine = house(clock=clock)
    engine.add_play(LETTER)
    engine.take([*welcome("ana"), track("ana", "page")])
    asyncio.run(clock.advance(20 * DAY_MS))
    engine.take([track("ana", "terms.objected", purpose="ads", channel="*")])
    asyncio.run(clock.advance(11 * DAY_MS))
    assert engine.decide("user_id:ana", "news").reason == "lapsed"
