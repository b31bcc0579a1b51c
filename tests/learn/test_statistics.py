"""Sufficient statistics add up in any order, and a lesson taken out leaves no trace."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from msgspec.structs import replace
from numpy.testing import assert_allclose, assert_array_equal

from equipoise.learn.binning import binning_of
from equipoise.learn.statistics import AT_ONCE, Statistics, Tally
from equipoise.learn.teaching import looked_at
from learn.worlds import DAY_MS, PLAY, lessons

LESSONS = lessons(300)
BINNING = binning_of(looked_at(PLAY), [lesson.inputs for lesson in LESSONS])


def none(**changes):
    return Statistics(binning=BINNING, window_ms=7 * DAY_MS, **changes)


def of(told, **changes):
    statistics = none(**changes)
    statistics.add(told)
    return statistics


def alike(some, other, atol=1e-9):
    """The same but for rounding; an option without lessons is no option."""
    for name in {*some.options, *other.options}:
        for side in ("full", "early"):
            mine, theirs = (_tally(each, side, name) for each in (some, other))
            assert_allclose(mine.gram, theirs.gram, atol=atol)
            assert_allclose(mine.sums, theirs.sums, atol=atol)
    assert some.amounts.n == pytest.approx(other.amounts.n, abs=atol)
    for share in (0.5, 0.99):
        mine = some.amounts.quantile(share, 1000)
        assert mine == pytest.approx(other.amounts.quantile(share, 1000), abs=1e-6)


def _tally(statistics, side, name):
    tallies = getattr(statistics, side)
    if name in statistics.options and tallies:
        return tallies[statistics.options.index(name)]
    return Tally(0.0, 0.0)


def test_they_count_what_a_table_of_the_rows_counts():
    statistics = of(LESSONS)
    for place, name in enumerate(statistics.options):
        mine = [lesson for lesson in LESSONS if lesson.option == name]
        rows = np.zeros((len(mine), statistics.size))
        rows[:, 0] = 1.0
        for row, lesson in zip(rows, mine, strict=True):
            row[[1 + level for level in BINNING.levels_of(lesson.inputs)]] = 1.0
        told = np.array([(lesson.n > 0, lesson.left) for lesson in mine], dtype=float)
        assert_array_equal(statistics.full[place].gram, rows.T @ rows)
        assert_array_equal(statistics.full[place].sums, rows.T @ told)
    assert statistics.n == 300
    assert statistics.total("left") == sum(lesson.left for lesson in LESSONS)


@examples(max_examples=25)
@given(st.data())
def test_an_erasure_leaves_what_would_have_been_without_the_person(data):
    """Whatever was taken in, faded and taken out: it equals never having been there, to 1e-9."""
    count = data.draw(st.integers(1, 60))
    told = lessons(count, seed=data.draw(st.integers(0, 99)))
    gone = set(data.draw(st.lists(st.integers(1, count), max_size=20)))
    fades = data.draw(st.lists(st.floats(0.05, 1.0), min_size=1, max_size=4))
    early = data.draw(st.booleans())
    whole, never = none(has_early=early), none(has_early=early)
    each = -(-count // len(fades))
    for place, factor in enumerate(fades):
        some = told[place * each : (place + 1) * each]
        whole.add(some)
        never.add(lesson for lesson in some if lesson.seq not in gone)
        never.last = whole.last
        whole.decay(factor)
        never.decay(factor)
    whole.subtract(lesson for lesson in told if lesson.seq in gone)
    alike(whole, never)


def test_lessons_in_two_heaps_are_lessons_in_one():
    heap = of(LESSONS[:100])
    heap.merge(of(LESSONS[100:]))
    alike(heap, of(LESSONS), atol=1e-9)
    assert heap.last == 300


def test_statistics_of_other_cuts_cannot_be_merged():
    other = Statistics(binning=binning_of(["orders.count"], [{"orders.count": 1}]))
    with pytest.raises(ValueError, match="same cuts"):
        of(LESSONS[:3]).merge(other)


def test_forgetting_lets_the_past_count_less():
    statistics = of(LESSONS[:100])
    statistics.decay(0.5)
    statistics.add(LESSONS[100:])
    assert statistics.n == 250
    for wrong in (0.0, -1.0, 1.5):
        with pytest.raises(ValueError, match="above 0 and at most 1"):
            statistics.decay(wrong)


def test_lessons_that_come_all_at_once_fade_as_they_would_have_one_version_after_the_other():
    steps = of(LESSONS[:100])
    steps.decay(0.5)
    steps.add(LESSONS[100:200])
    steps.decay(0.8)
    steps.add(LESSONS[200:])
    again = none(faded=list(steps.faded))
    again.add(reversed(LESSONS))
    alike(again, steps)


def test_a_lesson_whose_window_is_not_over_tells_only_of_the_early_goal():
    young = [replace(lesson, matured_ms=lesson.decided_ms + DAY_MS) for lesson in LESSONS]
    statistics = of(young, has_early=True)
    assert statistics.n == 0
    assert statistics.amounts.n == 0
    assert sum(tally.gram[0, 0] for tally in statistics.early) == 300
    assert sum(t.sums[0, 0] for t in statistics.early) == sum(one.early > 0 for one in young)


def test_more_rows_than_are_counted_at_once_are_all_counted():
    assert of(LESSONS[:10] * (AT_ONCE // 3)).n == 10 * (AT_ONCE // 3)


def test_they_are_the_same_after_encoding():
    statistics = of(LESSONS, has_early=True)
    statistics.decay(0.9)
    again = Statistics.decode(statistics.encode())
    assert again.encode() == statistics.encode()
    again.add(lessons(10, first=301))
    assert again.n == pytest.approx(280)
