"""Differences agree with other people's arithmetic, cover at every look, and adjust without bias."""

from math import inf

import numpy as np
import pytest
from scipy import stats

from equipoise.learn.differences import FIRST_LOOK, difference_of, p_of, theta_of
from equipoise.learn.tallies import Sums, Tally, tally
from equipoise.nouns.lessons import ENGINE, HOLDOUT
from learn.trying import column, people, tried


def stratum(rows):
    return {arm: found for (_, arm), found in tally(rows).items()}


ROWS = people(7, 3_000, lift=1.0)
ARMS = stratum(ROWS)


def test_the_plain_interval_is_scipys_for_two_samples_of_unlike_variance():
    found = difference_of([ARMS], HOLDOUT, "value").plain
    sides = [column(ROWS, arm, "value") for arm in (ENGINE, HOLDOUT)]
    oracle = stats.ttest_ind(*sides, equal_var=False).confidence_interval(0.95)
    assert found.mean == pytest.approx(sides[0].mean() - sides[1].mean())
    assert (found.low, found.high) == pytest.approx((oracle.low, oracle.high), abs=1e-4)


def test_the_adjustment_is_that_of_a_regression_on_the_arm_and_what_was_before():
    found = difference_of([ARMS], HOLDOUT, "value")
    y = np.array([row.value for row in ROWS])
    x = np.array([row.before for row in ROWS])
    engine = np.array([row.arm == ENGINE for row in ROWS], float)
    fitted, *_ = np.linalg.lstsq(np.column_stack([np.ones(len(y)), engine, x]), y, rcond=None)
    assert found.adjusted.mean == pytest.approx(fitted[1])
    assert found.theta == pytest.approx(fitted[2])


def test_what_is_known_before_takes_away_its_part_of_the_variance():
    """The part is the square of the correlation between what came and what was before."""
    found = difference_of([ARMS], HOLDOUT, "value")
    adjusted = [column(ROWS, a, "value") - found.theta * column(ROWS, a, "before") for a in ARMS]
    variance = sum(side.var(ddof=1) / len(side) for side in adjusted)
    assert found.adjusted.se**2 == pytest.approx(variance)
    assert found.reduction == pytest.approx(1 - variance / found.plain.se**2)
    assert found.reduction > 0.5


def test_an_effect_that_is_there_is_found_and_one_that_is_not_is_not_yet():
    assert difference_of([ARMS], HOLDOUT, "value").found == "more"
    assert difference_of([stratum(people(7, 3_000, -2.0))], HOLDOUT, "value").found == "less"
    none = difference_of([stratum(people(8, 3_000))], HOLDOUT, "value")
    assert none.found == "not_yet"
    assert none.p > 0.05


def test_adjusting_has_no_bias_and_narrows_the_estimates():
    """400 trials with a lift of 1: both means are 1 within three of their standard errors."""
    found = [
        difference_of([stratum(people(s, 150, 1.0, 0.5))], HOLDOUT, "value") for s in range(400)
    ]
    plain = np.array([each.plain.mean for each in found])
    adjusted = np.array([each.adjusted.mean for each in found])
    for means in (plain, adjusted):
        assert abs(means.mean() - 1.0) < 3 * means.std() / 20
    assert adjusted.std() < 0.6 * plain.std()


def test_shares_have_newcombes_interval_also_where_nobody_left():
    rows = [tried(ENGINE, left=i < 12) for i in range(400)] + [tried(HOLDOUT)] * 100
    found = difference_of([stratum(rows)], HOLDOUT, "left").plain
    assert found.mean == pytest.approx(0.03)
    assert found.low < 0.0 < found.high


class Sparse:
    """Rare, heavy-tailed spending in two arms that do not differ, as running sums."""

    def __init__(self, seed, n=12_000, holdout=0.1):
        rng = np.random.default_rng(seed)
        held = rng.random(n) < holdout
        before = np.where(rng.random(n) < 0.5, rng.lognormal(3, 1, n), 0.0)
        value = (rng.random(n) < 0.1) * rng.lognormal(3.5, 1, n) * (1 + (before > 20))
        self.sums = {
            arm: self._sums(m, before, value) for arm, m in ((ENGINE, ~held), (HOLDOUT, held))
        }

    def _sums(self, mask, x, y):
        columns = [np.ones(len(x)), x, x * x, y, y * y, y * x, y > 0]
        return np.cumsum(np.column_stack(columns) * mask[:, None], axis=0)

    def at(self, n):
        """The arms after the first `n` people."""
        return {arm: self._tally(sums[n - 1]) for arm, sums in self.sums.items()}

    def _tally(self, row):
        n, x, xx, y, yy, yx, hits = map(float, row)
        return Tally(int(n), x, xx, (Sums(y, yy, yx), Sums(hits, hits, 0.0), Sums()))


def test_the_sequence_covers_at_all_looks_together_and_the_plain_interval_does_not():
    """200 trials without an effect, looked at 40 times from the beginning on."""
    looks = np.unique(np.geomspace(200, 12_000, 40).astype(int))
    wrong, wrong_plain = 0, 0
    for seed in range(200):
        trial = Sparse(seed)
        found = [difference_of([trial.at(n)], HOLDOUT, "value") for n in looks]
        wrong += any(each.found != "not_yet" for each in found)
        wrong_plain += any(not each.plain.covers(0.0) for each in found)
    assert wrong <= 0.05 * 200
    assert wrong_plain > 0.25 * 200


def test_the_p_value_is_below_five_hundredths_where_the_sequence_leaves_zero_out():
    seen = set()
    for seed in range(60):
        found = difference_of([stratum(people(seed, 900, lift=0.9))], HOLDOUT, "value")
        assert (found.p < 0.05) == (found.found != "not_yet")
        assert p_of(found.adjusted_always) == found.p
        seen.add(found.found)
    assert seen == {"more", "not_yet"}


def test_a_sequence_says_nothing_before_its_first_look():
    few = [*[tried(ENGINE, 9.0 + i % 2) for i in range(500)]]
    few += [tried(HOLDOUT, 1.0 + i % 2) for i in range(FIRST_LOOK - 1)]
    found = difference_of([stratum(few)], HOLDOUT, "value")
    assert (found.adjusted_always.low, found.adjusted_always.high) == (-inf, inf)
    assert (found.found, found.p) == ("not_yet", 1.0)
    assert found.plain.low > 0.0
    enough = difference_of([stratum([*few, tried(HOLDOUT, 1.0)])], HOLDOUT, "value")
    assert enough.found == "more"


def test_an_arm_in_which_nobody_responded_is_not_taken_for_certain():
    rows = [tried(ENGINE, 40.0 * (i < 8)) for i in range(1_900)] + [tried(HOLDOUT)] * 100
    for measure in ("value", "response"):
        found = difference_of([stratum(rows)], HOLDOUT, measure)
        assert found.found == "not_yet"
        assert found.plain_always.se > 2 * found.plain.se or measure == "response"


def test_where_nobody_responded_at_all_nothing_is_known():
    rows = [tried(ENGINE)] * 500 + [tried(HOLDOUT)] * 500
    found = difference_of([stratum(rows)], HOLDOUT, "value")
    assert (found.plain.low, found.adjusted_always.high) == (-inf, inf)
    assert found.found == "not_yet"


@pytest.mark.parametrize("few", [[], [tried(HOLDOUT, 3.0)]])
def test_an_arm_without_people_gives_no_difference(few):
    found = difference_of([stratum([*people(1, 50, holdout=0.0), *few])], HOLDOUT, "value")
    assert (found.n, found.found, found.plain.low) == (0, "not_yet", -inf)


def test_what_was_before_and_does_not_vary_adjusts_nothing():
    rows = [tried(arm, float(i), before=7.1) for i in range(200) for arm in (ENGINE, HOLDOUT)]
    assert theta_of([stratum(rows)], "value") == 0.0
    found = difference_of([stratum(rows)], HOLDOUT, "value")
    assert found.adjusted.mean == found.plain.mean
    assert found.reduction == 0.0
