"""The regression model finds what there is, shrinks what is rare, and never sees whom it is asked about."""

import numpy as np
import pytest

from equipoise.learn.rehearsal.logged import Logged
from equipoise.learn.rehearsal.regression import binned, expected_rewards, folds_of
from learn.rehearsal.logs import MEANS, made


def fitted(log, folds=5):
    return expected_rewards(log, folds_of(log, folds, 0), binned(log.features, log.n))


def test_it_finds_the_mean_of_every_option_for_every_kind():
    log = made(60_000)
    told, kind = fitted(log), log.features[:, 0].astype(int)
    for number in range(2):
        assert told[kind == number].mean(axis=0) == pytest.approx(MEANS[number], abs=0.02)


def test_folds_keep_a_person_together_and_are_of_even_sizes():
    log = made(1_000, people=np.arange(1_000) % 250)
    fold = folds_of(log, 5, 3)
    assert all(len(set(fold[log.who == person])) == 1 for person in range(250))
    assert set(np.bincount(fold)) == {200}


def test_a_row_is_never_told_by_its_own_reward():
    """Changing the rewards of one person changes nothing that is told about that person."""
    log = made(400, people=np.arange(400) // 2)
    reward = np.where(log.who == 7, 1.0 - log.reward, log.reward)
    other = made(400, people=np.arange(400) // 2, reward=reward)
    before, after = fitted(log), fitted(other)
    fold = folds_of(log, 5, 0)
    same = fold == fold[log.who == 7][0]
    assert after[log.who == 7] == pytest.approx(before[log.who == 7], abs=1e-3)
    assert np.abs(after - before)[~same].max() > 1e-3


def test_an_option_that_was_hardly_tried_is_an_average_option():
    draw = np.random.default_rng(5)
    taken = np.where(np.arange(3_000) < 3, 2, draw.integers(0, 2, 3_000))
    reward = np.where(taken == 2, 1.0, draw.random(3_000) < 0.2)
    log = Logged(options=tuple("abc"), taken=taken, propensity=np.full(3_000, 0.5), reward=reward)
    assert fitted(log)[:, 2].max() < 0.5


def test_what_is_told_stays_within_the_rewards():
    log = made(300)
    told = fitted(log)
    assert told.min() >= 0
    assert told.max() <= 1


def test_without_features_it_tells_the_shrunk_means():
    told = fitted(made(20_000, features=None))
    assert told[0] == pytest.approx(MEANS.mean(axis=0), abs=0.03)


def test_bins_are_quantiles_levels_are_levels_and_missing_is_a_bin():
    draw = np.random.default_rng(2)
    column = draw.exponential(1, 8_000)
    column[:1_000] = np.nan
    design = binned(np.column_stack([column, draw.integers(0, 3, 8_000)]), 8_000)
    counts = np.bincount(design.codes[:, 0])[1:10]
    assert counts[8] == 1_000, "the last bin of the first feature is for missing values"
    assert counts[:8].min() > 850
    assert len(set(design.codes[:, 1])) == 3
    assert design.width == 1 + 9 + 3
    assert design.starts == (1, 10, 13)


def test_a_feature_that_says_nothing_is_no_trouble():
    log = made(500, features=np.column_stack([np.zeros(500), np.full(500, np.nan)]))
    assert np.isfinite(fitted(log)).all()


def test_many_features_get_fewer_bins():
    design = binned(np.random.default_rng(1).normal(size=(500, 60)), 500)
    assert design.width == 1 + 60 * 2


def test_the_solution_is_that_of_one_large_ridge():
    """The same penalised least squares, laid out with a column for every bin and every option's own bin."""
    log = made(300, features=np.column_stack([np.arange(300) % 3, np.arange(300) // 7 % 2]))
    design = binned(log.features, log.n)
    told = expected_rewards(log, np.zeros(300, int), design)
    ones = np.zeros((300, design.width))
    ones[:, 0] = 1
    ones[np.arange(300)[:, None], design.codes] = 1
    own = np.concatenate([ones * (log.taken == k)[:, None] for k in range(3)], axis=1)
    counts = np.bincount(log.taken).astype(float)
    sums = np.bincount(log.taken, log.reward)
    mean = sums.sum() / 300
    excess = (counts * (sums / counts - mean) ** 2).sum() - 2 * log.reward.var()
    penalty = max(10.0, log.reward.var() * (300 - (counts**2).sum() / 300) / excess)
    shared = [1e-6] + [10.0] * (design.width - 1)
    apart = [penalty] + [float(np.clip(5 * penalty, 50, 500))] * (design.width - 1)
    whole = np.concatenate([ones, own], axis=1)
    ridge = np.diag(shared + apart * 3)
    effects = np.linalg.solve(whole.T @ whole + ridge, whole.T @ log.reward)
    for option in range(3):
        theirs = ones @ (
            effects[: design.width] + effects[design.width * (option + 1) :][: design.width]
        )
        assert told[:, option] == pytest.approx(np.clip(theirs, 0, 1), abs=1e-9)
