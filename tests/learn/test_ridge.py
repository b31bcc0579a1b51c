"""The block-arrow solution is that of the whole system, and a new option begins as the average message."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from equipoise.learn.ridge import Sizes, Strengths, solve, strengths


def a_problem(options=4, size=7, seed=1):
    draw = np.random.default_rng(seed)
    grams, sums = [], []
    for place in range(options):
        rows = (draw.random((40 * place, size)) < 0.4).astype(float)
        rows[:, :1] = 1.0
        grams.append(rows.T @ rows)
        sums.append(rows.T @ draw.random(len(rows)))
    ridge = Strengths(
        draw.uniform(0.5, 3, size), tuple(draw.uniform(2, 9, size) for _ in range(options))
    )
    return grams, sums, ridge


def test_it_is_the_minimum_of_the_penalised_squares():
    """The normal equations of (m, d_1, ..., d_K) written out whole give the same."""
    grams, sums, ridge = a_problem()
    size, count = len(ridge.shared), len(grams)
    whole = np.zeros(((count + 1) * size,) * 2)
    right = np.zeros((count + 1) * size)
    whole[:size, :size] = np.diag(ridge.shared) + sum(grams)
    right[:size] = sum(sums)
    for place, (gram, total, own) in enumerate(zip(grams, sums, ridge.options, strict=True)):
        mine = slice((place + 1) * size, (place + 2) * size)
        whole[mine, mine] = gram + np.diag(own)
        whole[:size, mine] = whole[mine, :size] = gram
        right[mine] = total
    solved = np.linalg.solve(whole, right)
    told = solve(grams, sums, ridge)
    assert_allclose(told.shared, solved[:size], rtol=1e-9)
    for place, effects in enumerate(told.options):
        own = solved[(place + 1) * size : (place + 2) * size]
        assert_allclose(effects, solved[:size] + own, rtol=1e-9)


def test_an_option_without_lessons_is_the_average():
    told = solve(*a_problem())
    assert_allclose(told.options[0], told.shared)


def test_a_new_option_begins_as_the_average_message_and_not_as_silence():
    """Two messages answered by 12 % and 8 %, silence by 1 %: a third message is expected near 10 %."""
    rates, n = {"a": 0.12, "b": 0.08, "silence": 0.01}, 3000.0
    grams = [np.array([[n]])] * 3 + [np.zeros((1, 1))]
    sums = [np.array([n * rate]) for rate in rates.values()] + [np.zeros(1)]
    told = solve(grams, sums, strengths(0.07, [False, False, True, False], 1))
    assert told.options[3][0] == pytest.approx(0.1, abs=0.015)
    assert told.options[2][0] == pytest.approx(0.01, abs=0.005)


def test_with_many_lessons_the_ridge_does_not_matter_and_with_few_it_does():
    few, many = (
        solve([np.array([[n]])] * 2, [np.array([n * 0.2]), np.array([n * 0.1])], ridge)
        for n in (4.0, 4e6)
        for ridge in [strengths(0.15, [False, False], 1)]
    )
    assert_allclose([effects[0] for effects in many.options], [0.2, 0.1], rtol=1e-4)
    assert abs(few.options[0][0] - few.options[1][0]) < 0.02


def test_the_ridge_grows_with_how_rare_the_outcome_is_and_treats_yes_and_no_alike():
    common, rare = (strengths(rate, [False], 2) for rate in (0.5, 0.01))
    assert rare.options[0][1] / common.options[0][1] == pytest.approx(99)
    assert_allclose(strengths(0.9, [False], 2).options[0], strengths(0.1, [False], 2).options[0])


def test_deviations_are_shrunk_more_than_shared_effects():
    ridge = strengths(0.1, [False, True], 3)
    assert ridge.options[0][1] > ridge.shared[1]
    assert ridge.options[1][0] < ridge.options[0][0]
    wide = strengths(0.1, [False], 3, Sizes(deviation=1.0))
    assert wide.options[0][1] < ridge.options[0][1]
