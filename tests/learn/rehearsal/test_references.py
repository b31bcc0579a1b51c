"""The references are what they are called, and the best of many constants gains nothing by luck."""

import numpy as np
import pytest

from equipoise.learn.rehearsal import references, rehearse
from equipoise.learn.rehearsal.estimating import Sample
from equipoise.learn.rehearsal.logged import Logged
from equipoise.learn.rehearsal.regression import folds_of
from equipoise.nouns.rehearsals import STANDARD
from learn.rehearsal.logs import MEANS, made


def sampled(log):
    return Sample.of(log, np.zeros((log.n, len(log.options))))


def test_the_incumbent_is_worth_what_was_observed():
    log = made(2_000)
    rival = references.incumbent(sampled(log), None)
    assert all(rows.mean() == log.reward.mean() for rows in rival.rows.values())


def test_a_known_incumbent_has_the_same_mean_and_less_noise_by_dr():
    log = made(50_000)
    sample = Sample.of(log, MEANS[log.features[:, 0].astype(int)])
    rival = references.incumbent(sample, sample.policy(log.incumbent))
    assert rival.rows["dr"].mean() == pytest.approx(log.reward.mean(), abs=0.003)
    assert rival.rows["dr"].std() < log.reward.std()


def test_silence_is_the_option_of_that_name():
    log = made(50_000)
    rival = references.silence(sampled(log), STANDARD)
    assert rival.rows["ips"].mean() == pytest.approx(MEANS[:, 0].mean(), abs=0.01)


def test_uniform_shares_evenly_what_was_allowed():
    mask = np.ones((2, 3), dtype=bool)
    mask[1, 2] = False
    log = Logged(
        options=("quiet", "mail", "call"),
        taken=[1, 1],
        propensity=[0.5, 0.5],
        reward=[1.0, 1.0],
        allowed=mask,
        incumbent=[[0.3, 0.5, 0.2], [0.5, 0.5, 0.0]],
        silence="quiet",
    )
    assert references.uniform(sampled(log), STANDARD).ratio.tolist() == [2 / 3, 1.0]


def test_a_reference_that_the_log_cannot_speak_for_is_left_out():
    """`call` was allowed and never tried, and silence impossible for half of the rows."""
    n = 400
    chances = np.where(np.arange(n)[:, None] % 2, [0.5, 0.5, 0.0], [0.0, 1.0, 0.0])
    taken = np.where(np.arange(n) % 4 == 1, 0, 1)
    known = made(n, taken=taken, propensity=chances[np.arange(n), taken], incumbent=chances)
    sample = sampled(known)
    assert references.uniform(sample, STANDARD) is None
    assert references.silence(sample, STANDARD) is None
    _, chosen = references.best_constant(sample, folds_of(known, 5, 0), STANDARD)
    assert set(chosen) == {1}
    told = rehearse(known, chances)
    assert told.notes[:2] == (
        "reference_without_support: silence",
        "reference_without_support: uniform",
    )
    assert told.difference("silence", "dr") is None


def test_the_best_constant_is_found_and_judged_on_other_people():
    """Means over both kinds: quiet .1, mail .175, call .3."""
    log = made(40_000)
    rival, chosen = references.best_constant(sampled(log), folds_of(log, 5, 0), STANDARD)
    assert chosen == (2, 2, 2, 2, 2)
    assert rival.rows["dr"].mean() == pytest.approx(0.3, abs=0.015)


def test_the_best_of_twenty_that_are_all_the_same_is_no_better_than_any():
    """Choosing and judging on the same rows would gain; by cross-fitting the mean gain is nil."""
    honest, greedy = [], []
    for seed in range(120):
        draw = np.random.default_rng(seed)
        taken = draw.integers(0, 20, 400)
        log = Logged(
            options=tuple(map(str, range(20))),
            taken=taken,
            propensity=np.full(400, 0.05),
            reward=(draw.random(400) < 0.3).astype(float),
        )
        sample = sampled(log)
        rival, _ = references.best_constant(sample, folds_of(log, 5, seed), STANDARD)
        honest.append(rival.rows["ips"].mean())
        greedy.append(max((log.reward * (taken == k) / 0.05).mean() for k in range(20)))
    error = np.std(honest) / np.sqrt(120)
    assert abs(np.mean(honest) - 0.3) < 3 * error
    assert np.mean(greedy) > 0.3 + 6 * error


def test_a_constant_that_is_forbidden_is_silent_there_and_one_never_logged_is_never_chosen():
    n = 600
    taken = np.arange(n) % 2
    mask = np.ones((n, 3), dtype=bool)
    mask[taken == 0, 1] = False
    log = Logged(
        options=("quiet", "mail", "call"),
        taken=taken,
        propensity=np.where(taken == 0, 1.0, 0.5),
        reward=np.where(taken == 1, 1.0, 0.5),
        allowed=mask,
        silence="quiet",
    )
    sample = Sample.of(log, np.tile([0.0, 0.0, 9.0], (n, 1)))
    rival, chosen = references.best_constant(sample, folds_of(log, 3, 0), STANDARD)
    assert set(chosen) == {1}, "the model promises 9 for what was never tried"
    assert rival.ratio.tolist() == np.where(taken == 0, 1.0, 2.0).tolist()
