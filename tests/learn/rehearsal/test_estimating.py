"""Five estimators, each held against its definition, and unbiased where it says so."""

import numpy as np
import pytest

from equipoise.learn.rehearsal import estimating
from equipoise.learn.rehearsal.estimating import Sample, effective_size, every
from equipoise.learn.rehearsal.logged import Logged
from learn.rehearsal.logs import MEANS, best, made

TRUTH = 0.35


def four():
    """Four decisions and a candidate that one can reckon by hand."""
    log = Logged(
        options=("a", "b"),
        taken=[0, 1, 0, 1],
        propensity=[0.5, 0.5, 0.8, 0.2],
        reward=[1.0, 0.0, 2.0, 4.0],
    )
    expected = np.array([[1.0, 0.5], [1.0, 0.5], [2.0, 1.0], [2.0, 3.0]])
    sample = Sample.of(log, expected)
    return sample, sample.policy(np.array([[0.5, 0.5], [0.0, 1.0], [0.4, 0.6], [0.0, 1.0]]))


def test_weights_and_expectations_are_reckoned_by_hand():
    _, policy = four()
    assert policy.ratio.tolist() == [1.0, 2.0, 0.5, 5.0]
    assert policy.modelled.tolist() == pytest.approx([0.75, 0.5, 1.4, 3.0])


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("dm", [0.75, 0.5, 1.4, 3.0]),
        ("ips", [1.0, 0.0, 1.0, 20.0]),
        ("dr", [0.75 + 0, 0.5 - 1.0, 1.4 + 0, 3.0 + 5.0]),
        ("switch_dr", [0.75, -0.5, 1.4, 3.0]),
    ],
)
def test_each_estimator_is_its_formula(name, rows):
    assert every(*four(), switch_at=2.0)[name].tolist() == pytest.approx(rows)


def test_snips_is_the_weighted_mean_and_its_rows_have_it_as_their_mean():
    rows = estimating.snips(*four())
    assert rows.mean() == pytest.approx(22.0 / 8.5)


def test_snips_of_a_policy_that_was_never_tried_is_not_a_number():
    sample, _ = four()
    none = sample.choice(1 - sample.log.taken)
    assert np.isnan(estimating.snips(sample, none)).all()


def test_a_choice_is_a_policy_without_chance():
    sample, _ = four()
    chosen = np.array([0, 1, 1, 0])
    one, other = sample.choice(chosen), sample.policy(np.eye(2)[chosen])
    assert one.ratio.tolist() == other.ratio.tolist()
    assert one.modelled.tolist() == other.modelled.tolist()


@pytest.mark.parametrize("expected", ["true", "zero", "wild"])
def test_dr_is_unbiased_whatever_the_model_says(expected):
    """Mean over 200 logs within four standard errors of the truth; a wild model only widens it."""
    found = []
    for seed in range(200):
        log = made(300, seed)
        told = {"true": MEANS[log.features[:, 0].astype(int)], "zero": np.zeros((300, 3))}
        told["wild"] = np.tile([3.0, -1.0, 2.0], (300, 1))
        sample = Sample.of(log, told[expected])
        found.append(estimating.dr(sample, sample.policy(best(log))).mean())
    error = np.std(found) / np.sqrt(200)
    assert abs(np.mean(found) - TRUTH) < 4 * error
    assert (error > 0.005) == (expected == "wild")


@pytest.mark.parametrize("name", ["ips", "snips", "switch_dr"])
def test_weighting_finds_the_truth_on_a_large_log(name):
    log = made(200_000)
    sample = Sample.of(log, np.zeros((log.n, 3)))
    found = every(sample, sample.policy(best(log)), switch_at=50.0)[name].mean()
    assert found == pytest.approx(TRUTH, abs=0.012)


def test_the_effective_size_is_the_number_of_equal_weights_and_1_where_one_weight_is_all():
    assert effective_size(np.full(50, 3.0)) == pytest.approx(50)
    assert effective_size(np.array([0.0, 9.0, 0.0])) == pytest.approx(1)
    assert effective_size(np.zeros(3)) == 0
