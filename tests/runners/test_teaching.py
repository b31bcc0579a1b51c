"""Lessons become versions of models, which enter the log as rows and decide from there on."""

import asyncio
import random
from hashlib import sha256

import msgspec
import pytest

from equipoise.learn.value import ValueModel
from equipoise.nouns.lessons import HOLDOUT
from equipoise.runners.teaching import (
    Course,
    Finding,
    lessons_of,
    row_of,
    study,
    taught_plays,
    told,
)
from equipoise.testing.fakes import FakeClock
from house import DAY_MS, HERO, HOUR_MS, NOON_MS, house, track

LEARNING = (
    HERO
    + """
goal: {event: Order Completed, within_days: 1, value: 20}
features: [orders.count]
chooser: learning
"""
)


def pass_time(engine, ms: int = 2 * DAY_MS) -> None:
    """Move the clock on, and let what is due ring."""
    asyncio.run(engine.clock.advance(ms))
    engine.tick()


def live(engine, people: int, seed: int = 1, best: str = "shoes") -> None:
    """People come once each, buy much more often where they were shown what is best, and time passes."""
    chance = random.Random(seed)
    for n in range(people):
        user = f"u{seed}-{n}"
        option = engine.decide(f"user_id:{user}", "home-hero").option
        if chance.random() < (0.6 if option == best else 0.1):
            engine.take([track(user, "Order Completed", order_id=f"o-{user}", value=20)])
    pass_time(engine)


def by_name(findings) -> dict[str, Finding]:
    """Findings by the name of their model."""
    return {finding.name: finding for finding in findings}


@pytest.fixture
def engine():
    """A house with one play that learns."""
    with house(clock=FakeClock(NOON_MS)) as opened:
        opened.add_play(LEARNING)
        yield opened


def course(engine, **given) -> Course:
    """How the house is taught now."""
    return Course(read_play=engine.walker.habits.read_play, now_ms=engine.clock.now_ms(), **given)


def test_what_was_learnt_decides_from_the_row_on_in_which_it_enters_the_log(engine):
    live(engine, 150)
    before = engine.decide("user_id:eve", "home-hero")
    assert before.propensity == pytest.approx(1 / 3)
    found = by_name(engine.learn())["play/hero"]
    assert found.is_new
    assert found.lessons == 150
    (row,) = engine.store.models()
    assert (row.name, row.version) == ("play/hero", found.version)
    assert row.version == sha256(row.body).hexdigest()
    shown = [engine.decide(f"user_id:new{n}", "home-hero") for n in range(20)]
    assert sum(one.option == "shoes" for one in shown) > 10
    body = msgspec.json.decode(engine.store.newest_receipts(1)[0].body)
    assert body["model"] == found.version
    assert body["options"][0]["contributions"]


def test_the_same_lessons_make_no_new_version_and_more_of_them_do(engine):
    live(engine, 80)
    first = by_name(engine.learn())["play/hero"]
    again = by_name(engine.learn())["play/hero"]
    assert (again.version, again.is_new) == (first.version, False)
    live(engine, 80, seed=2)
    later = by_name(engine.learn())["play/hero"]
    assert later.is_new
    assert later.version != first.version
    assert later.lessons == 160


def test_forgetting_lets_a_change_of_mind_be_learnt_sooner_and_does_not_repeat_itself(engine):
    live(engine, 100)
    engine.learn()
    live(engine, 100, seed=2, best="coats")
    kept = by_name(study(engine.store, course(engine)))["play/hero"]
    forgot = by_name(study(engine.store, course(engine, forget=0.9)))["play/hero"]
    assert kept.is_new
    assert forgot.is_new
    assert forgot.version != kept.version
    engine.hand_in(row_of(forgot, engine.clock.now_ms()))
    assert not by_name(study(engine.store, course(engine, forget=0.9)))["play/hero"].is_new


def test_with_too_few_lessons_nothing_is_learnt_and_what_is_missing_is_said(engine):
    live(engine, 20)
    found = by_name(engine.learn())
    assert found["play/hero"].missing.startswith("20 lessons of at least 50")
    assert not found["play/hero"].version
    assert "people have bought; at least 100 are needed" in found["lifetime"].missing
    assert engine.store.models() == []


def test_with_too_few_answers_nothing_is_learnt_either(engine):
    for n in range(60):
        engine.decide(f"user_id:u{n}", "home-hero")
    pass_time(engine)
    missing = by_name(engine.learn())["play/hero"].missing
    assert missing.startswith("0 answers of at least 5 in 60 lessons")


def test_decisions_whose_window_is_not_over_teach_nothing_yet(engine):
    for n in range(60):
        engine.decide(f"user_id:u{n}", "home-hero")
    assert by_name(engine.learn())["play/hero"].lessons == 0


def test_decisions_that_looked_at_nobody_teach_nothing_about_people():
    """Those of a time before the play named a feature; a holdout was looked at and left alone."""
    with house(clock=FakeClock(NOON_MS), holdout=0.5) as engine:
        engine.add_play(HERO + "goal: {event: Order Completed, within_days: 1, value: 20}\n")
        live(engine, 30)
        engine.add_play(LEARNING)
        live(engine, 40, seed=2)
        rows = engine.store.lessons("lesson", "hero", 0, 100)
        used = list(lessons_of(engine.store, "hero"))
        assert (len(rows), len(used)) == (70, 40)
        held_out = [lesson for lesson in used if lesson.arm == HOLDOUT]
        assert 0 < len(held_out) < 40
        assert {lesson.option for lesson in held_out} == {"silence"}


def test_a_late_correction_is_learnt_from(engine):
    live(engine, 80)
    before = by_name(engine.learn())["play/hero"].version
    refunds = [
        track(f"u1-{n}", "Order Refunded", order_id=f"o-u1-{n}", value=20) for n in range(80)
    ]
    engine.take(refunds)
    after = by_name(engine.learn())["play/hero"]
    assert after.version != before
    assert after.lessons == 80


@pytest.mark.parametrize(
    ("play", "count"),
    [
        (LEARNING, 1),
        (LEARNING + "status: paused\n", 0),
        (HERO, 0),
        (HERO + "goal: {event: Order Completed}\n", 0),
        (HERO + "goal: {event: Order Completed}\ncontrols: {eligibility_only: 0.1}\n", 0),
        (HERO + "goal: {event: Order Completed}\ncontrols: {propensity_only: 0.1}\n", 1),
    ],
)
def test_only_live_plays_with_a_goal_and_somebody_who_asks_a_model_are_taught(play, count):
    with house() as engine:
        engine.add_play(play)
        plays = list(taught_plays(engine.store, engine.walker.habits.read_play))
        assert len(plays) == count


def test_a_play_that_cannot_be_read_any_more_is_not_taught(engine, caplog):
    def read_play(text):
        raise ValueError("of an older release")

    assert list(taught_plays(engine.store, read_play)) == []
    assert "is not taught: hero" in caplog.text


def test_what_people_are_worth_is_learnt_from_the_tallies_of_their_orders():
    """People who buy again and again and then stop; the value of one person comes from the model."""
    chance = random.Random(3)
    with house(clock=FakeClock(NOON_MS)) as engine:
        engine.add_play(LEARNING)
        calls = []
        for n in range(300):
            rate, day = chance.gammavariate(0.8, 0.03), float(chance.randrange(60))
            worth, leaves = chance.gammavariate(5.0, 8.0), chance.betavariate(0.8, 2.5)
            while day < 360:
                calls.append((day, n, chance.gammavariate(6.0, worth / 6.0)))
                if chance.random() < leaves:
                    break
                day += chance.expovariate(rate)
        calls.sort()
        start_ms = NOON_MS - 360 * DAY_MS
        engine.take(
            {
                **track(f"u{n}", "Order Completed", day, value=round(value, 2)),
                "timestamp": round(start_ms + day * DAY_MS),
            }
            for day, n, value in calls
        )
        found = by_name(engine.learn())["lifetime"]
        assert found.missing == ""
        assert found.is_new
        assert found.lessons == 300
        assert [row.name for row in engine.store.models()] == ["lifetime"]
        stakes = []
        for user in ("u0", "nobody"):
            number = int(engine.decide(f"user_id:{user}", "home-hero").decision[2:])
            receipt = msgspec.json.decode(engine.store.receipts([number])[number].body)
            stakes.append(float(receipt["inputs"]["lifetime.value"]))
        assert stakes[0] > 0.0
        assert stakes[1] == 0.0


def test_a_finding_for_a_program_holds_everything_but_the_model():
    finding = Finding(name="play/p", lessons=3, version="ab", body=b"model")
    assert told(finding) == {
        "model": "play/p",
        "lessons": 3,
        "version": "ab",
        "new": True,
        "missing": "",
        "refused": "",
    }


def test_goals_in_several_currencies_leave_the_worth_of_people_open(engine):
    """What a person is worth has one currency, and it could not be compared with both."""
    other = LEARNING.replace("name: hero", "name: dollars").replace(
        "value: 20", "value: 20, currency: USD"
    )
    engine.add_play(other)
    assert "several currencies (EUR, USD)" in by_name(engine.learn())["lifetime"].missing


def test_what_the_early_goal_told_is_taught_until_the_window_is_over():
    clock = FakeClock(NOON_MS)
    engine = house(clock=clock)
    engine.add_play(
        HERO + "goal: {event: Order Completed, value: 20, early: Product Viewed}\n"
        "features: [orders.count]\nchooser: learning\n"
    )
    for first, last in ((0, 80), (80, 140)):
        for n in range(first, last):
            engine.decide(f"user_id:u{n}", "home-hero")
        clock._now_ms += HOUR_MS
        engine.take([track(f"u{n}", "Product Viewed", n) for n in range(first, last, 3)])
        engine.take([track(f"u{n}", "Order Completed", n) for n in range(first, last, 6)])
        clock._now_ms += (8 if first == 0 else 1) * DAY_MS
        engine.tick()
    (finding, _) = engine.learn()
    model = ValueModel.decode(engine.store.model(finding.version).body)
    assert (finding.lessons, model.lessons, model.surrogate.lessons) == (80, 80, 140)
