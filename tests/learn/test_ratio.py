"""The alarm of the sample ratio fires on what is amiss, and seldom else however often it is looked at."""

from math import inf, log

import numpy as np
import pytest
from scipy.special import gammaln
from scipy.stats import dirichlet_multinomial, multinomial

from equipoise.learn.ratio import ALPHA, CONCENTRATION, evidence, ratio_of

SHARES = {"engine": 0.7, "holdout": 0.2, "uniform": 0.1}


def test_the_odds_are_those_of_two_distributions_of_counts():
    """SciPy's Dirichlet-multinomial against its multinomial: the coefficients cancel."""
    counts = {"engine": 130, "holdout": 61, "uniform": 9}
    n, shares = list(counts.values()), list(SHARES.values())
    prior = [CONCENTRATION * share for share in shares]
    expected = dirichlet_multinomial.logpmf(n, prior, 200) - multinomial.logpmf(n, 200, shares)
    assert evidence(counts, SHARES) == pytest.approx(expected, abs=1e-8)


def test_nobody_is_no_evidence_and_a_person_where_nobody_belongs_is_all_of_it():
    assert evidence({}, SHARES) == 0.0
    assert evidence({"ghost": 1}, SHARES) == inf


def odds(drawn):
    """The log odds after each person, for people drawn as numbers of arms: many plays at once."""
    shares, n = np.array(list(SHARES.values())), drawn.shape[1]
    seen = np.cumsum(drawn[:, :, None] == np.arange(3), axis=1, dtype=np.float64)
    prior = CONCENTRATION * shares
    terms = gammaln(prior + seen) - gammaln(prior) - seen * np.log(shares)
    whole = gammaln(CONCENTRATION) - gammaln(CONCENTRATION + np.arange(1, n + 1))
    return whole + terms.sum(axis=2)


def test_it_is_seldom_wrong_though_it_is_looked_at_after_every_person():
    """1,000 plays of 3,000 people: at alpha 0.05, where there is something to see, and at ours."""
    rng = np.random.default_rng(3)
    highest = []
    for _ in range(10):
        found = odds(rng.choice(3, size=(100, 3_000), p=list(SHARES.values())))
        highest += list(found.max(axis=1))
    assert 0 < np.mean(np.array(highest) >= log(1 / 0.05)) <= 0.05
    assert np.mean(np.array(highest) >= log(1 / ALPHA)) <= ALPHA


def test_the_same_odds_come_out_one_play_at_a_time():
    drawn = np.random.default_rng(4).choice(3, size=(1, 400), p=list(SHARES.values()))
    counts = dict(zip(SHARES, (int((drawn == arm).sum()) for arm in range(3)), strict=True))
    assert evidence(counts, SHARES) == pytest.approx(odds(drawn)[0, -1], abs=1e-8)


def test_it_fires_where_a_fifth_of_an_arm_is_lost():
    told = ratio_of([({"engine": 7_000, "holdout": 1_600, "uniform": 1_000}, SHARES)])
    assert told.alarm
    assert told.p < 1e-6
    assert not ratio_of([({"engine": 7_000, "holdout": 2_000, "uniform": 1_000}, SHARES)]).alarm


def test_a_share_that_was_changed_on_the_way_is_no_alarm():
    """As one group the counts would be absurd; as two, each is as it should be."""
    one, other = {"engine": 0.9, "holdout": 0.1}, {"engine": 0.5, "holdout": 0.5}
    groups = [
        ({"engine": 9_010, "holdout": 990}, one),
        ({"engine": 5_020, "holdout": 4_980}, other),
    ]
    assert not ratio_of(groups).alarm
    assert ratio_of([({"engine": 14_030, "holdout": 5_970}, one)]).alarm


def test_people_of_an_arm_that_had_no_share_are_counted_apart():
    told = ratio_of(
        [({"engine": 90, "holdout": 10, "uniform": 7}, {"engine": 0.9, "holdout": 0.1})]
    )
    assert (told.n, told.strangers, told.alarm) == (100, 7, False)


def test_before_the_first_person_nothing_is_amiss():
    told = ratio_of([])
    assert (told.n, told.p, told.alarm) == (0, 1.0, False)
