"""A decision's outcome becomes a lesson when its window is over, in the log's order and in one commit."""

import msgspec

from equipoise.following import WINDOWS
from equipoise.nouns.lessons import Lesson, Tried
from equipoise.remember.outcomes import MOST_WINDOWS
from equipoise.testing.fakes import FakeClock
from house import DAY_MS, HOUR_MS, NOON_MS, house, identify, receipts, track, welcome

WINBACK = """
name: winback
purpose: marketing
moment: {event: Product Viewed}
goal: {event: Order Completed, within_days: 7, value: revenue, currency: EUR}
options:
  - {name: mail, do: notify, channel: email, share: 0.5,
     subject: {en: Back, fr: Retour}, body: {en: Come back, fr: Revenez}}
chooser: fixed_shares
explore_floor: 0
features: [orders.count, visits.count]
holdout: 0.3
"""


def lessons(engine, kind="lesson", noun=Lesson):
    return [
        msgspec.msgpack.decode(row.body, type=noun)
        for row in engine.store.lessons(kind, "winback", 0, 10_000)
    ]


def lived(place="memory:", people=24, **given):
    """A week of a shop whose people look, some order, and one asks for the money back."""
    clock = FakeClock(NOON_MS)
    engine = house(place, clock=clock, **given)
    engine.add_play(WINBACK)
    for n in range(people):
        user = f"u{n}"
        engine.take([*welcome(user), identify(user, city="Nice"), track(user, "Product Viewed", 0)])
    clock._now_ms += DAY_MS
    for n in range(0, people, 3):
        engine.take([track(f"u{n}", "Order Completed", n, revenue=30, order_id=f"o{n}")])
    clock._now_ms += DAY_MS
    engine.take([track("u0", "Order Refunded", 1, order_id="o0")])
    engine.take([track("u3", "terms.withdrawn", 1, purpose="marketing", channel="*")])
    clock._now_ms += 6 * DAY_MS
    engine.tick()
    return engine, clock


def test_every_decision_with_a_goal_becomes_one_lesson_when_its_window_is_over():
    engine, _ = lived()
    told = lessons(engine)
    assert len(told) == 24
    assert {lesson.option for lesson in told} == {"mail", "silence"}
    assert sum(lesson.n for lesson in told) == 7
    assert sum(lesson.value for lesson in told) == 210.0
    assert sum(lesson.left for lesson in told) == 1
    held = [lesson for lesson in told if lesson.arm == "holdout"]
    assert held
    assert {(lesson.option, lesson.propensity) for lesson in held} == {("silence", 1.0)}
    drawn = [lesson for lesson in told if lesson.arm == "engine"]
    assert {lesson.propensity for lesson in drawn} == {0.5}
    assert {lesson.inputs["visits.count"] for lesson in drawn} == {0}
    assert {lesson.inputs["contacts.last_7d"] for lesson in drawn} == {0}
    assert engine.store.counts()["lessons"] == 24


def test_every_person_takes_part_in_one_trial_in_the_arm_that_the_hash_gives():
    engine, _ = lived()
    tried = lessons(engine, "tried", Tried)
    assert len(tried) == len({one.person for one in tried}) == 24
    arms = {one.arm for one in tried}
    assert arms == {"engine", "holdout"}
    assert sum(one.value for one in tried) == 210.0


def test_before_the_window_is_over_nothing_is_learnt():
    clock = FakeClock(NOON_MS)
    engine = house(clock=clock)
    engine.add_play(WINBACK)
    engine.take([*welcome("ana"), track("ana", "Product Viewed", 0)])
    clock._now_ms += 7 * DAY_MS
    engine.tick()
    assert lessons(engine) == []
    clock._now_ms += 1
    engine.tick()
    assert len(lessons(engine)) == 1


def test_what_comes_late_revises_the_lesson():
    engine, clock = lived()
    (first,) = [one for one in lessons(engine) if one.value == 30.0 and one.person == min(
        lesson.person for lesson in lessons(engine) if lesson.value == 30.0)]  # fmt: skip
    before = len(lessons(engine))
    order = next(n for n in range(3, 24, 3) if _person(engine, f"u{n}") == first.person)
    engine.take([track(f"u{order}", "Order Refunded", 9, order_id=f"o{order}", total=12)])
    *_, last = lessons(engine)
    assert len(lessons(engine)) == before + 1
    assert (last.revises, last.decision, last.value) == (first.seq, first.decision, 18.0)
    assert clock.now_ms() > first.matured_ms - 1


def _person(engine, user):
    from equipoise.nouns.events import Handle

    handle = Handle("user_id", user)
    return engine.store.atoms_of([handle])[handle].person


def test_one_by_one_and_all_at_once_the_lessons_are_the_same(tmp_path):
    """How rows are cut into steps changes nothing: a second house walks the first one's intake at once."""
    engine, clock = lived()
    rows = engine.intake.read(0, 10**9)
    other = house(clock=clock)
    other.walker.walk(rows)
    assert lessons(other) == lessons(engine)
    assert receipts(other) == receipts(engine)


PAGE = WINBACK.replace("holdout: 0.3", "holdout: 0").replace("channel: email", "channel: page")


def test_the_timer_follows_the_window_that_ends_first():
    clock = FakeClock(NOON_MS)
    engine = house(clock=clock)
    engine.add_play(PAGE)
    engine.add_play(PAGE.replace("winback", "soon").replace("within_days: 7", "within_days: 2"))
    engine.take([*welcome("ana"), track("ana", "Product Viewed", 0)])
    due = [t.due_ms for t in engine.store.timers(NOON_MS + 30 * DAY_MS, 99) if t.key == WINDOWS]
    assert due == [NOON_MS + 2 * DAY_MS + 1]
    clock._now_ms += 3 * DAY_MS
    engine.tick()
    assert lessons(engine) == []
    due = [t.due_ms for t in engine.store.timers(NOON_MS + 30 * DAY_MS, 99) if t.key == WINDOWS]
    assert due == [NOON_MS + 7 * DAY_MS + 1]
    clock._now_ms += 5 * DAY_MS
    engine.tick()
    assert len(lessons(engine)) == 1
    keys = [timer.key for timer in engine.store.timers(NOON_MS + 30 * DAY_MS, 99)]
    assert WINDOWS not in keys


def test_more_windows_than_one_record_has_numbers_for_all_mature():
    clock = FakeClock(NOON_MS)
    engine = house(clock=clock)
    engine.add_play(PAGE)
    engine.take(welcome("ana"))
    for n in range(70):
        clock._now_ms += HOUR_MS // 4
        engine.take([track("ana", "Product Viewed", n)])
    engine.take([track("ana", "Order Completed", 1, revenue=5)])
    clock._now_ms += 9 * DAY_MS
    for _ in range(8):
        engine.tick()
        clock._now_ms += 1
    told = lessons(engine)
    assert len(told) == len({one.decision for one in told}) == MOST_WINDOWS
    assert {one.value for one in told} == {5.0}
    assert [one.credited for one in told if one.mine] == [5.0]
    assert max(told, key=lambda one: one.decided_ms).mine == 1
    assert engine.store.counts()["windows_not_opened"] == 70 - MOST_WINDOWS


def test_a_mail_that_does_nothing_is_not_taken_for_better_than_a_silence_that_is_soon_overtaken():
    """After a mail nothing is decided for a week, after a silence the next day: both are watched alike."""
    clock = FakeClock(NOON_MS)
    engine = house(clock=clock)
    rested = """
audience:
  any:
    - {field: contacts.days_since, at_least: 7}
    - {field: contacts.days_since, known: false}
"""
    engine.add_play(WINBACK.replace("holdout: 0.3", "holdout: 0") + rested)
    people = [f"u{n}" for n in range(8)]
    for user in people:
        engine.take(welcome(user))
    for day in range(5):
        engine.take([track(user, "Product Viewed", day) for user in people])
        clock._now_ms += DAY_MS
    engine.take([track(user, "Order Completed", 1, revenue=30) for user in people])
    clock._now_ms += 12 * DAY_MS
    for _ in range(4):
        engine.tick()
        clock._now_ms += 1
    told = lessons(engine)
    assert {one.option for one in told} == {"mail", "silence"}
    assert {one.value for one in told} == {30.0}
    assert sum(one.credited for one in told) == 30.0 * len(people)


def test_an_early_goal_is_told_when_its_time_is_over_and_taught_until_the_window_is():
    clock = FakeClock(NOON_MS)
    engine = house(clock=clock)
    engine.add_play(
        PAGE.replace("currency: EUR}", "currency: EUR, early: Product Added, early_within_days: 1}")
    )
    engine.take([*welcome("ana"), track("ana", "Product Viewed", 0)])
    clock._now_ms += HOUR_MS
    engine.take([track("ana", "Product Added", 1)])
    clock._now_ms += DAY_MS
    engine.tick()
    (early,) = lessons(engine, "early")
    assert (early.early, early.n, early.revises) == (1, 0, 0)
    assert early.inputs
    assert lessons(engine) == []
    clock._now_ms += 7 * DAY_MS
    engine.tick()
    (lesson,) = lessons(engine)
    assert (lesson.decision, lesson.early, lesson.inputs) == (early.decision, 1, early.inputs)
    assert len(lessons(engine, "early")) == 1


def test_after_a_join_an_outcome_of_the_known_person_counts_for_the_visitor_they_were():
    clock = FakeClock(NOON_MS)
    engine = house(clock=clock, **{"basis.interest": "personalisation marketing"})
    engine.add_play(
        WINBACK.replace("holdout: 0.3", "holdout: 0").replace("channel: email", "channel: page")
    )
    visit = {"type": "track", "anonymousId": "a1", "event": "Product Viewed", "messageId": "m1"}
    engine.take([visit])
    engine.take([identify("ana", "a1", email="ana@example.org")])
    clock._now_ms += DAY_MS
    engine.take([track("ana", "Order Completed", 1, revenue=40)])
    clock._now_ms += 8 * DAY_MS
    engine.tick()
    assert [one.value for one in lessons(engine)] == [40.0]
