"""Teaching: from lessons to a version, with nothing dropped silently and no lesson before its time."""

import pytest
from msgspec.structs import replace

from equipoise.learn.teaching import (
    LEAST_LESSONS,
    LEAST_RESPONSES,
    MANY_LESSONS,
    looked_at,
    settle,
    teach,
)
from equipoise.nouns.lessons import AT_STAKE, PRESSURE
from equipoise.nouns.plays import SILENCE, Goal
from learn.worlds import CARD, DAY_MS, MAIL, PLAY, chance_of, lessons

OPTIONS = (MAIL, CARD, SILENCE)
EARLY = replace(PLAY, goal=Goal(event="o", window_days=7, value="revenue", early="v"))


def test_it_learns_the_truth():
    """With 30,000 lessons the probability of a response is right to two points, that of leaving to one."""
    model, _ = teach(PLAY, lessons(30_000))
    for orders in range(6):
        told = model.appraise(OPTIONS, {"orders.count": orders, "contacts.last_7d": 0})
        for option, one in zip(OPTIONS, told, strict=True):
            assert one.response == pytest.approx(chance_of(option.name, orders), abs=0.025)
    assert told[0].left == pytest.approx(0.02, abs=0.01)
    assert told[2].left < 0.01
    assert model.order_value == pytest.approx(22.7, rel=0.05)


def test_the_same_lessons_in_any_order_give_the_same_version():
    told = lessons(500)
    model, _ = teach(PLAY, told)
    again, _ = teach(PLAY, reversed(told))
    assert model.version == again.version


def test_contact_pressure_is_always_looked_at():
    assert set(PRESSURE) <= set(looked_at(PLAY))
    model, _ = teach(PLAY, lessons(200))
    assert model.binning.features == ("orders.count", "traits.city", *PRESSURE)
    assert AT_STAKE not in model.binning.features
    twice = replace(PLAY, features=(PRESSURE[0], "orders.count"))
    assert looked_at(twice) == (PRESSURE[0], "orders.count", *PRESSURE[1:])


def test_few_lessons_teach_nothing():
    assert teach(PLAY, lessons(LEAST_LESSONS - 1)) is None
    none = lessons(MANY_LESSONS, n=0, value=0.0)
    assert teach(PLAY, none[: MANY_LESSONS - 1]) is None
    some = [replace(one, n=1, value=9.0) for one in none[:LEAST_RESPONSES]]
    assert teach(PLAY, some + none[LEAST_RESPONSES:100]) is not None


def test_many_lessons_without_an_answer_teach_that_nothing_works():
    model, _ = teach(PLAY, lessons(MANY_LESSONS, n=0, value=0.0))
    mail, _, silence = model.appraise(OPTIONS, {AT_STAKE: 100.0})
    assert mail.score < silence.score
    assert model.scale > 0.0


def test_a_play_without_a_goal_cannot_be_taught():
    with pytest.raises(ValueError, match="'welcome': teaching needs a goal"):
        teach(replace(PLAY, goal=None), lessons(100))


def test_a_goal_with_a_written_value_is_worth_that():
    model, _ = teach(replace(PLAY, goal=Goal(event="o", value=3.5)), lessons(300))
    assert model.order_value == 3.5


def test_a_revision_takes_the_place_of_its_lesson_and_is_counted():
    told = lessons(300)
    first = next(one for one in told if one.n == 0)
    late = replace(first, seq=900, revises=first.seq, inputs={}, n=1, value=50.0, left=True)
    refund = replace(late, seq=901, revises=900, n=0, value=0.0)
    strange = replace(late, seq=902, decision=77, revises=5)
    settled, counted = settle([refund, strange, *told, late])
    assert (counted.lessons, counted.revisions, counted.orphans) == (300, 2, 1)
    mine = next(one for one in settled if one.decision == first.decision)
    assert (mine.seq, mine.inputs, mine.n, mine.left) == (first.seq, first.inputs, 0, True)
    model, _ = teach(PLAY, [*told, late, strange])
    assert model.counted == {"lessons": 300, "revisions": 1, "orphans": 1, "young": 0}
    straight, _ = teach(
        PLAY, [replace(one, n=1, value=50.0, left=True) if one == first else one for one in told]
    )
    assert model.value == straight.value
    assert model.leave == straight.leave


def test_features_keep_their_cuts_until_there_are_twice_as_many_lessons():
    first, _ = teach(PLAY, lessons(100))
    wider = [
        replace(one, inputs=one.inputs | {"orders.count": 7}) for one in lessons(99, first=101)
    ]
    kept, _ = teach(PLAY, lessons(100) + wider, first)
    assert kept.binning == first.binning
    assert kept.cut_at == 100
    more = lessons(100) + wider + lessons(1, first=200)
    again, _ = teach(PLAY, more, first)
    assert again.edges("orders.count")[-1] == 7.0
    assert again.cut_at == 200


def test_a_play_that_names_other_features_is_cut_anew():
    first, _ = teach(PLAY, lessons(100))
    again, _ = teach(replace(PLAY, features=("orders.count",)), lessons(101), first)
    assert again.binning.features == ("orders.count", *PRESSURE)


def test_going_on_from_statistics_gives_the_version_that_all_lessons_give():
    told = lessons(300)
    first, statistics = teach(PLAY, told[:200])
    onward, _ = teach(PLAY, told[200:], first, statistics, forget=0.2)
    afresh, _ = teach(PLAY, told, first, forget=0.2)
    assert onward.lessons == afresh.lessons == 260
    for option, other in zip(*(m.appraise(OPTIONS, {}) for m in (onward, afresh)), strict=True):
        assert option.score == pytest.approx(other.score, abs=1e-9)


def test_a_lesson_whose_window_is_not_over_is_not_learnt_from():
    ripe, young = lessons(300), lessons(300, seed=2, first=301)
    young = [replace(one, matured_ms=one.decided_ms + DAY_MS) for one in young]
    model, _ = teach(PLAY, ripe + young)
    alone, _ = teach(PLAY, ripe)
    assert model.lessons == alone.lessons == 300
    assert model.counted["young"] == 300
    assert alone.appraise(OPTIONS, {})[0].response == pytest.approx(
        model.appraise(OPTIONS, {})[0].response, abs=0.02
    )


def misjudged_by(model):
    """The root mean square error of how options and orders differ in the probability of a response."""
    gaps = [
        one.response - chance_of(option.name, orders)
        for orders in range(6)
        for option, one in zip(
            OPTIONS, model.appraise(OPTIONS, {"orders.count": orders}), strict=True
        )
    ]
    mean = sum(gaps) / len(gaps)
    return (sum((gap - mean) ** 2 for gap in gaps) / len(gaps)) ** 0.5


def test_early_answers_help_where_few_windows_are_over():
    """80 matured lessons and 4,000 young ones, over six seeds: what is better for whom is told better."""
    helped, alone = [], []
    for seed in range(6):
        ripe = lessons(80, seed=seed)
        young = lessons(4_000, seed=50 + seed, first=81)
        young = [replace(one, matured_ms=one.decided_ms + DAY_MS, n=0, value=0.0) for one in young]
        model, _ = teach(EARLY, ripe + young)
        helped.append(misjudged_by(model))
        alone.append(misjudged_by(teach(PLAY, ripe)[0]))
    assert sum(helped) < 0.6 * sum(alone)
    assert model.surrogate.lessons == 4_080
    assert 0.0 < model.surrogate.slope < 2.0


def test_it_says_how_far_the_early_goal_is_from_the_goal():
    """An early answer that says nothing of the goal is corrected, and `apart` tells by how much."""
    true, _ = teach(EARLY, lessons(6000))
    swapped = [replace(one, early=int(one.option == "silence")) for one in lessons(6000)]
    false, _ = teach(EARLY, swapped)
    assert false.surrogate.apart > 2 * true.surrogate.apart
    assert misjudged_by(false) < 0.05
