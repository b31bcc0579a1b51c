"""The alarms of a log that cannot speak for a candidate are seen to sound."""

import numpy as np
import pytest

from equipoise.learn.rehearsal import support
from equipoise.nouns.rehearsals import STANDARD, Rule
from learn.rehearsal.logs import always, best, made


def seen(log, chances, rule=STANDARD):
    ratio = chances[np.arange(log.n), log.taken] / log.propensity
    return support.support(log, chances, ratio, rule)


def test_a_good_overlap_is_quiet():
    log = made()
    found = seen(log, best(log).astype(float))
    assert found.alarms == ()
    assert found.unsupported == 0
    assert found.mean_weight.covers(1.0)
    assert found.largest_weight == pytest.approx(5.0)
    assert 500 < found.ess < 1_300


def test_few_rows_that_speak_for_all_sound_the_alarm():
    log = made(
        2_000,
        taken=np.where(np.arange(2_000) < 7, 2, 0),
        propensity=np.full(2_000, 0.5),
        incumbent=None,
    )
    found = seen(log, always(log, 2))
    assert found.ess == pytest.approx(7)
    assert {"low_ess", "thin_overlap"} <= set(found.alarms)


def test_an_overlap_may_be_thin_and_still_above_the_floor():
    draw = np.random.default_rng(1)
    taken = np.where(draw.random(20_000) < 0.01, 1, 0)
    chance = np.where(taken == 1, 0.01, 0.99)
    log = made(20_000, taken=taken, propensity=chance, incumbent=None)
    assert seen(log, always(log, 1)).alarms == ("thin_overlap",)


def test_what_was_never_tried_has_no_support():
    log = made(1_000, taken=np.zeros(1_000, int), propensity=np.ones(1_000), incumbent=None)
    found = seen(log, np.tile([0.9, 0.1, 0.0], (1_000, 1)))
    assert found.unsupported == pytest.approx(0.1)
    assert "no_support" in found.alarms


def test_a_known_incumbent_tells_what_it_could_not_do_row_by_row():
    """Option `call` was tried for the first half and impossible for the second."""
    n = 1_000
    chances = np.where(np.arange(n)[:, None] < n // 2, [0.5, 0.0, 0.5], [1.0, 0.0, 0.0])
    taken = np.where((np.arange(n) < n // 2) & (np.arange(n) % 2 == 0), 2, 0)
    columns = {"taken": taken, "propensity": chances[np.arange(n), taken]}
    known = made(n, **columns, incumbent=chances)
    assert seen(known, always(known, 2)).unsupported == pytest.approx(0.5)
    unknown = made(n, **columns, incumbent=None)
    assert seen(unknown, always(unknown, 2)).unsupported == 0


def test_propensities_that_are_not_true_are_noticed():
    log = made(6_000, incumbent=None)
    wrong = made(6_000, incumbent=None, propensity=np.minimum(1.0, log.propensity * 1.6))
    assert seen(wrong, best(wrong).astype(float)).alarms == ("weights_off_one",)


def test_the_incumbent_against_itself_has_weight_1_everywhere():
    log = made()
    found = seen(log, log.incumbent)
    assert found.ess == pytest.approx(log.n)
    assert found.alarms == ()


def test_the_largest_possible_weight_comes_from_the_design():
    log = made()
    call = always(log, 2)
    assert support.most_weight(log, call, STANDARD) == pytest.approx(5.0)
    unknown = made(incumbent=None)
    assert support.most_weight(unknown, call, STANDARD) == pytest.approx(5.0)
    assert support.most_weight(log, call, Rule(most_weight=80.0)) == 80.0
