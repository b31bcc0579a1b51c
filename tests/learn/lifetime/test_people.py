"""Buyers as columns: from purchases, and from the aggregates of a profile."""

import numpy as np
import pytest

from equipoise.learn.lifetime.people import (
    DAY_MS,
    BadPeople,
    of_purchases,
    of_tallies,
    squeezed,
)
from equipoise.nouns.state import Tally
from learn.lifetime.simulated import summary

PERSON = np.array([2, 1, 1, 1, 2, 3])
DAY = np.array([8, 1, 15, 15, 22, 30])
VALUE = np.array([5.0, 10.0, 20.0, 4.0, 7.0, 9.0])


def test_purchases_of_one_day_count_once_and_what_is_later_is_not_seen():
    told = of_purchases(PERSON, DAY, VALUE, 29)
    assert told.frequency.tolist() == [1, 1]
    assert told.recency.tolist() == [2.0, 2.0]
    assert told.age.tolist() == [4.0, 3.0]


def test_the_value_leaves_the_first_day_out_or_not_as_is_asked():
    repeats = of_purchases(PERSON, DAY, VALUE, 30)
    orders = of_purchases(PERSON, DAY, VALUE, 30, value_from="orders")
    assert (repeats.valued.tolist(), repeats.mean.tolist()) == ([1, 1, 0], [24.0, 7.0, 0.0])
    assert (orders.valued.tolist(), orders.mean.tolist()) == ([2, 2, 1], [17.0, 6.0, 9.0])


def test_nobody_is_a_summary_too():
    nobody = of_purchases(PERSON, DAY, VALUE, 0)
    assert len(nobody) == 0
    assert len(of_tallies([], 0)) == 0


def test_tallies_give_what_purchases_give_where_nobody_buys_twice_a_day():
    apart = np.array([0, 1, 2, 4, 5])
    person, day, value = PERSON[apart], DAY[apart], VALUE[apart]
    tallies = []
    for who in (1, 2, 3):
        days, values = day[person == who], value[person == who]
        ends = (int(days.min()) * DAY_MS, int(days.max()) * DAY_MS)
        tallies.append(Tally(len(days), float(values.sum()), 0.0, *ends))
    ours = of_tallies(tallies, 30 * DAY_MS)
    theirs = of_purchases(person, day, value, 30, value_from="orders")
    for column in ("frequency", "recency", "age", "valued", "mean"):
        assert getattr(ours, column).tolist() == pytest.approx(getattr(theirs, column).tolist())


def test_nobody_without_an_order_refunds_and_a_clock_that_is_behind_are_no_trouble():
    tallies = [Tally(), Tally(1, -5.0, 25.0, 9 * DAY_MS, 9 * DAY_MS)]
    told = of_tallies(tallies, 8 * DAY_MS)
    assert (len(told), told.age[0], told.mean[0], told.valued[0]) == (1, 0.0, 0.0, 1)


@pytest.mark.parametrize(
    ("rows", "needed"),
    [
        (([-1], [0.0], [1.0]), "a count from 0"),
        (([1], [2.0], [1.0]), "within 0 and age"),
        (([0], [0.5], [1.0]), "recency is 0 without a repeat"),
        (([1], [np.nan], [1.0]), "recency and age are finite"),
        (([1], [0.5], [1.0], [2], [np.inf]), "mean is finite"),
    ],
)
def test_an_impossible_row_is_named_with_what_it_needs(rows, needed):
    with pytest.raises(BadPeople, match=needed) as told:
        summary(*rows).checked()
    assert "row 0" in str(told.value)


def test_columns_of_different_lengths_and_units_of_nothing_are_refused():
    with pytest.raises(BadPeople, match="the 2 rows of frequency"):
        summary([0, 0], [0.0], [1.0, 1.0]).checked()
    with pytest.raises(BadPeople, match="unit_days is 0"):
        of_purchases(PERSON, DAY, VALUE, 0, unit_days=0.0)


def test_squeezing_keeps_everybody_and_puts_those_who_never_came_back_together():
    people = summary([0, 3, 0, 0], [0, 2, 0, 0], [5, 6, 5, 7])
    told = squeezed(people)
    assert told.frequency.tolist() == [3, 0, 0]
    assert told.age.tolist() == [6, 5, 7]
    assert told.weight.tolist() == [1, 2, 1]
