"""Draws fall where the logged probabilities say, and the floor is kept."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.decide.drawing import is_explored, sample, with_floor
from equipoise.nouns.plays import SILENCE, Option

NOTE = Option(name="note")
OFFER = Option(name="offer", do="offer", cost=5.0)
BLOCK = Option(name="block", do="restrain")


@st.composite
def distributions(draw, most=50):
    weights = draw(st.lists(st.integers(0, 9), min_size=1, max_size=most).filter(any))
    return tuple(weight / sum(weights) for weight in weights)


@given(distributions(), st.floats(0, 1, exclude_max=True))
def test_a_draw_falls_into_the_span_of_its_option(propensities, draw):
    index = sample(propensities, draw)
    assert propensities[index] > 0
    before = sum(map(Fraction, propensities[:index]))
    assert before - Fraction(1, 10**12) <= Fraction(draw)
    assert Fraction(draw) < before + Fraction(propensities[index]) + Fraction(1, 10**12)


def test_the_last_possible_option_takes_what_rounding_left():
    tenths = (0.1,) * 10
    assert sum(tenths) < 1.0
    top = math.nextafter(1.0, 0.0)
    assert sample(tenths, top) == 9
    assert sample((*tenths, 0.0), top) == 9


def test_an_option_that_cannot_be_drawn_is_not_drawn_at_the_edges():
    assert sample((0.0, 1.0, 0.0), 0.0) == 1
    assert sample((0.0, 1.0, 0.0), math.nextafter(1.0, 0.0)) == 1
    assert sample((0.5, 0.0, 0.5), 0.5) == 2


@pytest.mark.parametrize(
    "propensities", [(), (0.0,), (-8.0, 9.0), (0.5, 0.4), (1.0, 1.0), (math.nan, 1.0), (math.inf,)]
)
def test_what_is_no_distribution_is_not_drawn_from(propensities):
    with pytest.raises(ValueError, match="propensit"):
        sample(propensities, 0.5)


@given(distributions(), st.integers(1, 1000))
def test_over_an_even_grid_each_option_is_drawn_as_often_as_it_should(propensities, grid):
    """Even spacing leaves no room for luck: counts differ from n p by two at the very most."""
    counts = [0] * len(propensities)
    for step in range(grid):
        counts[sample(propensities, step / grid)] += 1
    for count, propensity in zip(counts, propensities, strict=True):
        assert abs(count - grid * propensity) <= 2


@given(distributions(), st.floats(0, 1), st.data())
def test_the_floor_is_kept_and_the_sum_stays_one(shares, floor, data):
    kinds = st.sampled_from([NOTE, OFFER, BLOCK, SILENCE])
    options = data.draw(st.lists(kinds, min_size=len(shares), max_size=len(shares)))
    result = with_floor(options, shares, floor)
    assert abs(math.fsum(result) - 1.0) <= 1e-12
    for option, share, propensity in zip(options, shares, result, strict=True):
        assert 0.0 <= propensity <= 1.0 + 1e-15
        if is_explored(option):
            assert propensity >= floor / len(options) - 1e-15
        else:
            assert propensity <= share


def test_restraints_and_prices_are_never_explored():
    options = (SILENCE, NOTE, OFFER, BLOCK)
    assert with_floor(options, (1.0, 0.0, 0.0, 0.0), 0.5) == (0.75, 0.25, 0.0, 0.0)
    assert is_explored(Option(name="tip", do="offer"))
    assert is_explored(Option(name="letter", do="notify", cost=1.0))
    assert not is_explored(Option(name="bonus", do="reward", cost=0.5))


def test_with_nothing_to_explore_the_shares_stay():
    assert with_floor((BLOCK, OFFER), (0.5, 0.5), 0.5) == (0.5, 0.5)
