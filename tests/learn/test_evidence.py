"""The size of deviations is the one under which the outcomes are most probable."""

import numpy as np
import pytest

from equipoise.learn.evidence import DEVIATIONS, EXPECTED, deviation_of, log_evidence
from equipoise.learn.ridge import Sizes, solve, strengths

RATE = 0.3


def world(lift, people=2_000, seed=5):
    """Two options and one feature of two levels; an option does `lift` more at its own level."""
    draw = np.random.default_rng(seed)
    level, option = draw.integers(0, 2, people), draw.integers(0, 2, people)
    chance = RATE + lift * np.where(level == option, 1.0, -1.0)
    told = (draw.random(people) < chance).astype(float)
    rows = np.stack([np.ones(people), level == 0, level == 1], axis=1).astype(float)
    mine = [option == place for place in (0, 1)]
    return rows, told, mine


def sums_of(rows, told, mine):
    return [rows[m].T @ rows[m] for m in mine], [rows[m].T @ told[m] for m in mine]


@pytest.mark.parametrize("deviation", DEVIATIONS)
def test_it_is_the_density_of_the_outcomes_when_effects_are_integrated_out(deviation):
    """Against the same density of all outcomes at once: normal, with the covariance of effects and noise."""
    rows, told, mine = world(0.1, people=60)
    grams, totals = sums_of(rows, told, mine)
    ridge = strengths(RATE, (False, False), 3, Sizes(deviation=deviation))
    noise = RATE * (1 - RATE)
    wide = np.hstack([rows, *(rows * m[:, None] for m in mine)])
    prior = noise / np.concatenate([ridge.shared, *ridge.options])
    covariance = wide @ np.diag(prior) @ wide.T + noise * np.eye(len(told))
    _, log_det = np.linalg.slogdet(covariance / noise)
    wanted = -0.5 * (log_det + told @ np.linalg.solve(covariance, told))
    found, effects = log_evidence(grams, totals, ridge, RATE)
    assert found == pytest.approx(wanted, rel=1e-6)
    fitted = solve(grams, totals, ridge)
    assert np.allclose(effects.options, fitted.options)


def test_where_options_work_alike_for_everybody_a_small_one_is_found():
    assert deviation_of(*sums_of(*world(0.0)), RATE, (False, False)) <= EXPECTED
    many = sums_of(*world(0.0, people=20_000))
    assert deviation_of(*many, RATE, (False, False)) == DEVIATIONS[0]


@pytest.mark.parametrize("seed", range(8))
def test_a_few_lessons_do_not_choose_a_size(seed):
    told = sums_of(*world(0.0, people=40, seed=seed))
    assert deviation_of(*told, RATE, (False, False)) == EXPECTED


def test_where_they_do_not_it_grows_with_what_there_is_to_find():
    found = [
        deviation_of(*sums_of(*world(lift)), RATE, (False, False)) for lift in (0.0, 0.05, 0.2)
    ]
    assert found == sorted(found)
    assert found[-1] >= 0.4


def test_an_option_without_lessons_changes_nothing():
    grams, totals = sums_of(*world(0.2))
    more = [*grams, np.zeros((3, 3))], [*totals, np.zeros(3)]
    assert deviation_of(*more, RATE, (False,) * 3) == deviation_of(
        grams, totals, RATE, (False,) * 2
    )
