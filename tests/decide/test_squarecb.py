"""SquareCB: any scores give a distribution, one person and a batch the same, and the formula is kept."""

from math import inf, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.decide.drawing import with_floor
from equipoise.decide.squarecb import GAIN, gamma_after, squarecb, squarecb_many
from equipoise.nouns.plays import SILENCE, Option

EXTREME = st.sampled_from([0.0, -0.0, 1.0, 1e300, -1e300, 5e-324, 1e-12])
SCORE = st.one_of(EXTREME, st.floats(-1e308, 1e308), st.integers(0, 2).map(float))
GAMMA = st.one_of(st.just(0.0), st.floats(0, 1e308))


@st.composite
def questions(draw, most=50):
    """Scores with ties, one option to fifty, some that must not be explored."""
    count = draw(st.integers(1, most))
    scores = draw(st.lists(SCORE, min_size=count, max_size=count))
    explored = draw(st.lists(st.booleans(), min_size=count, max_size=count))
    return scores, explored


@given(questions(), GAMMA, st.floats(0, 1))
def test_any_scores_give_a_distribution(question, gamma, floor):
    scores, explored = question
    for given_scores in (scores, None):
        told = squarecb(given_scores, explored, gamma, floor)
        assert all(0.0 <= p <= 1.0 for p in told)
        assert abs(sum(told) - 1.0) <= 1e-12
        best = max(range(len(scores)), key=scores.__getitem__)
        if given_scores is not None and gamma > 0.0:
            assert all(p == 0.0 for n, p in enumerate(told) if not explored[n] and n != best)


@given(st.lists(questions(8), min_size=1, max_size=5), GAMMA, st.floats(0, 1))
def test_a_batch_gives_the_bits_of_one_by_one(asked, gamma, floor):
    count = min(len(scores) for scores, _ in asked)
    scores = np.array([row[:count] for row, _ in asked])
    explored = np.array([row[:count] for _, row in asked])
    told = squarecb_many(scores, explored, gamma, floor)
    one_by_one = [
        squarecb(row, may, gamma, floor)
        for row, may in zip(scores.tolist(), explored.tolist(), strict=True)
    ]
    assert told.tolist() == [list(row) for row in one_by_one]


def test_an_option_that_lacks_more_is_tried_less_by_the_published_formula():
    first, second, third = squarecb((0.2, 0.5, 0.1), (True, True, True), 100.0, 0.0)
    assert first == 1 / (3 + 100 * 0.3)
    assert third == 1 / (3 + 100 * 0.4)
    assert second == pytest.approx(1 - first - third)


def test_ties_are_alike_but_for_one_that_takes_the_rest():
    told = squarecb((1.0, 1.0, 1.0, 0.0), (True,) * 4, 1e9, 0.0)
    assert told[1] == told[2] == 1 / 4
    assert told[0] == pytest.approx(1 / 2)


def test_what_must_not_be_explored_is_chosen_only_as_the_best():
    assert squarecb((0.9, 0.1), (False, True), 4.0, 0.0) == (
        1 - 1 / (2 + 4 * 0.8),
        1 / (2 + 4 * 0.8),
    )
    assert squarecb((0.1, 0.9), (False, True), 4.0, 0.0) == (0.0, 1.0)
    assert squarecb(None, (False, True, True), 0.0, 0.02) == (0.0, 0.5, 0.5)
    assert squarecb(None, (False, False), 0.0, 0.02) == (1.0, 0.0)


def test_the_floor_is_that_of_all_choosers():
    options = (Option(name="a"), Option(name="b", do="restrain"), SILENCE)
    shares = squarecb((0.1, 0.2, 0.3), (True, False, True), 50.0, 0.0)
    assert squarecb((0.1, 0.2, 0.3), (True, False, True), 50.0, 0.05) == with_floor(
        options, shares, 0.05
    )


def test_the_more_was_learnt_the_less_is_explored():
    assert gamma_after(0) == 0.0
    assert gamma_after(10_000) == GAIN * 100


@pytest.mark.parametrize("wrong", [inf, -inf, nan])
def test_a_score_that_is_no_number_is_refused(wrong):
    with pytest.raises(ValueError, match="needed finite scores"):
        squarecb((0.0, wrong), (True, True), 1.0, 0.0)
    with pytest.raises(ValueError, match="needed finite scores"):
        squarecb_many(np.array([[0.0, wrong]]), np.array([True, True]), 1.0, 0.0)
