"""Intervals cover what they say, merge where they are built from sums, and admit when they cannot tell."""

from itertools import pairwise
from math import inf, isclose, log, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from equipoise import interval
from equipoise.interval import Bounds, Clusters, Moments

VALUES = st.lists(st.floats(-1e3, 1e3), max_size=30)


def array(values):
    return np.array(values, dtype=np.float64)


@given(VALUES, VALUES)
def test_moments_of_two_parts_add_up_to_those_of_the_whole(one, other):
    merged = interval.moments_of(array(one)) + interval.moments_of(array(other))
    whole = interval.moments_of(array(one + other))
    assert merged.n == whole.n
    assert merged.total == pytest.approx(whole.total, abs=1e-6)
    assert merged.squares == pytest.approx(whole.squares, abs=1e-6)


@given(st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=30))
def test_the_variance_is_that_of_the_values(values):
    seen = interval.moments_of(array(values))
    assert seen.variance == pytest.approx(np.var(values, ddof=1), abs=1e-6)


@pytest.mark.parametrize("level", [0.8, 0.95, 0.99])
@pytest.mark.parametrize("freedom", [4, 7, 30, 1_000])
def test_students_quantile_is_that_of_scipy(level, freedom):
    exact = stats.t.ppf((1 + level) / 2, freedom)
    assert interval.student_quantile(level, freedom) == pytest.approx(exact, rel=5e-3)
    if freedom >= 7:
        assert interval.student_quantile(level, freedom) == pytest.approx(exact, abs=2e-3)


def test_the_interval_of_a_mean_is_that_of_scipy():
    values = array([3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0, 5.0, 3.0, 5.0, 8.0])
    found = interval.mean_interval(interval.moments_of(values))
    exact = stats.t.interval(0.95, 11, values.mean(), stats.sem(values))
    assert (found.low, found.high) == pytest.approx(exact, abs=1e-3)


@pytest.mark.parametrize("values", [[], [1.0]])
def test_too_few_values_have_infinite_bounds(values):
    found = interval.mean_interval(interval.moments_of(array(values)))
    assert (found.low, found.high) == (-inf, inf)
    sequence = interval.mean_sequence(interval.moments_of(array(values)), 100)
    assert (sequence.low, sequence.high) == (-inf, inf)


@pytest.mark.parametrize(("hits", "n"), [(0, 10), (3, 10), (10, 10), (1, 2_000), (640, 900)])
def test_wilsons_interval_is_that_of_scipy(hits, n):
    found = interval.share_interval(hits, n)
    exact = stats.binomtest(hits, n).proportion_ci(method="wilson")
    assert (found.low, found.high) == pytest.approx((exact.low, exact.high), abs=1e-9)


def test_a_share_of_nothing_may_be_anything():
    found = interval.share_interval(0, 0)
    assert (found.low, found.high, found.n) == (0.0, 1.0, 0)


def test_the_difference_of_two_means_is_welchs():
    draw = np.random.default_rng(3)
    one, other = draw.normal(2, 3, 40), draw.normal(1, 1, 25)
    found = interval.difference_interval(interval.moments_of(one), interval.moments_of(other))
    exact = stats.ttest_ind(one, other, equal_var=False).confidence_interval()
    assert (found.low, found.high) == pytest.approx((exact.low, exact.high), abs=1e-4)


def test_a_difference_without_spread_is_exact_and_of_too_few_is_open():
    flat = interval.moments_of(array([2.0, 2.0]))
    assert interval.difference_interval(flat, flat).high == 0.0
    assert interval.difference_interval(flat, Moments(1, 1.0, 1.0)).high == inf
    assert interval.difference_sequence(flat, Moments(1, 1.0, 1.0), 10).high == inf


def test_the_difference_of_shares_is_newcombes():
    """56 of 70 against 48 of 80: .0524 to .3339 in the paper's table II, method 10."""
    found = interval.share_difference_interval((56, 48), (70, 80))
    assert (found.low, found.high) == pytest.approx((0.0524, 0.3339), abs=5e-5)


@given(st.lists(st.tuples(st.floats(-10, 10), st.integers(0, 4)), min_size=1, max_size=30))
def test_the_sums_by_person_merge_when_nobody_is_in_two_parts(rows):
    values, people = array([v for v, _ in rows]), np.array([p for _, p in rows])
    whole = interval.clusters_of(values, people)
    parts = Clusters()
    for person in range(5):
        inside = people == person
        parts += interval.clusters_of(values[inside], people[inside])
    assert parts.people == whole.people == len(set(people))
    assert interval.clustered_se(parts) == pytest.approx(interval.clustered_se(whole), abs=1e-9)


def test_one_row_each_gives_the_usual_standard_error():
    values = array([1.0, 4.0, 2.0, 8.0])
    seen = interval.clusters_of(values, np.arange(4))
    assert interval.clustered_se(seen) == pytest.approx(stats.sem(values))
    assert interval.clustered_interval(interval.clusters_of(values, np.zeros(4, int))).high == inf


def test_a_person_who_is_counted_ten_times_is_still_one_person():
    values, people = array([1.0, 4.0, 2.0, 8.0]), np.arange(4)
    once = interval.clustered_interval(interval.clusters_of(values, people))
    tenfold = interval.clusters_of(np.repeat(values, 10), np.repeat(people, 10))
    ten = interval.clustered_interval(tenfold)
    assert (ten.low, ten.high, ten.n) == pytest.approx((once.low, once.high, 4))


def test_the_sequence_is_the_formula_of_the_paper_at_one_point():
    """alpha .05, tuned at 1,000: rho^2 = (5.9915 + log(6.9915)) / 1,000."""
    rho2 = (-2 * log(0.05) + log(1 - 2 * log(0.05))) / 1_000
    n = 250
    exact = sqrt(2 * (n * rho2 + 1) / (n**2 * rho2) * log(sqrt(n * rho2 + 1) / 0.05))
    assert interval.sequence_width(n, 1_000) == pytest.approx(exact)


def test_a_sequence_is_narrowest_where_it_was_tuned_and_wider_than_a_fixed_interval():
    def ratio(n, tuned_at):
        return interval.sequence_width(n, tuned_at) * sqrt(n) / 1.959964

    assert ratio(1_000, 1_000) == pytest.approx(1.55, abs=0.01)
    assert all(ratio(1_000, other) > ratio(1_000, 1_000) for other in (50, 20_000))
    assert interval.sequence_width(0, 100) == inf


def test_twenty_looks_at_a_sequence_of_differences_err_less_often_than_stated():
    draw, wrong, naive = np.random.default_rng(11), 0, 0
    for _ in range(300):
        one, other = draw.random(2_000) < 0.3, draw.random(2_000) < 0.3
        looks = [
            (interval.moments_of(array(one[:n])), interval.moments_of(array(other[:n])))
            for n in range(100, 2_001, 100)
        ]
        wrong += any(not interval.difference_sequence(*look, 4_000).covers(0) for look in looks)
        naive += any(not interval.difference_interval(*look).covers(0) for look in looks)
    assert wrong / 300 <= 0.05
    assert naive / 300 > 0.15, "looking twenty times at a fixed interval must be seen to fail"


def capital(values, mean, stakes):
    """The gambler's largest fortune, as a plain loop."""
    fortune, most = 1.0, 0.0
    for value, stake in zip(values, stakes, strict=True):
        fortune *= 1 + min(stake, 0.5 / mean) * (value - mean)
        most = max(most, fortune)
    return most


def test_the_betting_bounds_are_where_a_plain_loop_reaches_the_threshold():
    values = array(np.random.default_rng(4).beta(2, 5, 60))
    found = interval.betting_interval(values, Bounds(0, 1))
    stakes, total, spread = [], 0.5, 0.25
    for number, value in enumerate(values, 1):
        before = spread / number
        stakes.append(sqrt(2 * log(2 / 0.05) / (60 * before)))
        total += value
        spread += (value - total / (number + 1)) ** 2
    assert capital(values, found.low, stakes) == pytest.approx(40, rel=1e-3)
    assert capital(1 - values, 1 - found.high, stakes) == pytest.approx(40, rel=1e-3)
    grid = [capital(values, m, stakes) for m in np.linspace(0.01, values.mean(), 40)]
    assert all(a >= b for a, b in pairwise(grid)), (
        "capital falls as the mean that is bet against rises"
    )


@pytest.mark.parametrize("share", [0.02, 0.5])
@pytest.mark.parametrize("always", [False, True])
def test_betting_covers_at_least_as_often_as_it_says(share, always):
    draw = np.random.default_rng(9)
    looks = [array(draw.random(400) < share) for _ in range(200)]
    found = [interval.betting_interval(v, Bounds(0, 1), always=always) for v in looks]
    assert np.mean([f.covers(share) for f in found]) >= 0.95
    assert np.mean([f.high - f.low for f in found]) < (0.09 if share < 0.1 else 0.19)


def test_betting_on_people_is_wider_than_on_their_rows_and_covers():
    draw, rows, people, wide = np.random.default_rng(8), 0, 0, 0.0
    for _ in range(150):
        sizes = draw.integers(1, 6, 200)
        shares = np.repeat(draw.random(200) < 0.4, sizes).astype(float)
        sums = np.bincount(np.repeat(np.arange(200), sizes), shares)
        by_person = interval.betting_interval(sums, Bounds(0, 1), rows=sizes.astype(float))
        by_row = interval.betting_interval(shares, Bounds(0, 1))
        people, rows = people + by_person.covers(0.4), rows + by_row.covers(0.4)
        wide += (by_person.high - by_person.low) / (by_row.high - by_row.low)
    assert people / 150 >= 0.95
    assert rows / 150 < 0.95, "rows that hang together are not that many values"
    assert wide / 150 > 1.3


def test_bounds_move_with_the_scale_of_the_values():
    values = array(np.random.default_rng(2).random(50))
    one = interval.betting_interval(values, Bounds(0, 1))
    moved = interval.betting_interval(values * 8 - 3, Bounds(-3, 5))
    assert (moved.low, moved.high) == pytest.approx((one.low * 8 - 3, one.high * 8 - 3), abs=1e-6)


def test_a_value_out_of_bounds_is_refused_with_advice():
    with pytest.raises(ValueError, match="state the range of the reward"):
        interval.betting_interval(array([0.2, 1.5]), Bounds(0, 1))


def test_nothing_is_known_of_the_mean_of_no_values():
    found = interval.betting_interval(array([]), Bounds(-1, 2))
    assert (found.low, found.high, found.n) == (-1, 2, 0)


def test_a_guess_changes_the_width_and_not_whether_it_holds():
    draw = np.random.default_rng(6)
    looks = [array(draw.random(300) < 0.005) for _ in range(100)]
    for guess in (0.25, 0.005):
        found = [interval.betting_interval(v, Bounds(0, 1, guess)) for v in looks]
        assert np.mean([f.covers(0.005) for f in found]) >= 0.95


def test_a_normal_quantile_and_a_wide_sample_agree():
    assert isclose(interval.normal_quantile(0.95), 1.959963984540054, rel_tol=1e-9)
    assert interval.student_quantile(0.95, 0.5) == inf
