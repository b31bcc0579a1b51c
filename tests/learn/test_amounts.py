"""Amounts of money: quantiles and means to one per cent, and what is taken out was never there."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.learn.amounts import Amounts

MONEY = st.floats(-1e6, 1e6).filter(lambda amount: amount == 0 or abs(amount) > 1e-3)


def of(amounts, weight=1.0):
    told = Amounts()
    for amount in amounts:
        told.add(amount, weight)
    return told


def test_a_quantile_counts_those_that_brought_nothing():
    told = of([10.0] * 30 + [100.0] * 10)
    assert told.quantile(0.99, 1000) == pytest.approx(10.0)
    assert told.quantile(0.999, 1000) == pytest.approx(100.0)
    assert told.quantile(0.5, 1000) == 0.0
    assert told.n == 40


def test_quantiles_are_those_of_the_data_to_one_per_cent():
    amounts = np.random.default_rng(1).lognormal(3, 1, 5000)
    told = of(amounts.tolist())
    for share in (0.1, 0.5, 0.9, 0.99):
        wanted = np.quantile(amounts, share, method="inverted_cdf")
        assert told.quantile(share, 5000) == pytest.approx(wanted, rel=0.011)


def test_the_mean_is_not_drawn_up_by_one_large_amount():
    told = of([20.0] * 500 + [1e6])
    assert told.winsorised_mean(0.99, 10.0) == pytest.approx(20.0)


def test_few_amounts_are_drawn_to_the_median_and_many_are_not():
    amounts = np.random.default_rng(2).lognormal(3, 0.5, 20_000)
    wanted = np.minimum(amounts, np.quantile(amounts, 0.99)).mean()
    assert of(amounts.tolist()).winsorised_mean(0.99, 10.0) == pytest.approx(wanted, rel=0.005)
    assert of([5.0, 10.0, 60.0]).winsorised_mean(1.0, 10.0) == pytest.approx(175.0 / 13.0)


def test_nothing_is_worth_nothing_and_refunds_count_against():
    assert Amounts().winsorised_mean(0.99, 10.0) == 0.0
    assert Amounts().quantile(0.99, 100) == 0.0
    assert of([0.0, 0.0]).n == 0
    assert of([30.0, -10.0]).winsorised_mean(1.0, 0.0) == pytest.approx(10.0)


@given(st.lists(MONEY, max_size=30), st.lists(MONEY, max_size=30), st.floats(0.1, 1.0))
def test_what_is_taken_out_was_never_there(kept, erased, share):
    both, alone = of(kept + erased), of(kept)
    for amount in erased:
        both.add(amount, -1.0)
    assert both.n == pytest.approx(alone.n, abs=1e-9)
    assert both.quantile(share, 100) == pytest.approx(
        alone.quantile(share, 100), rel=1e-6, abs=1e-6
    )


@given(st.lists(MONEY, max_size=30), st.lists(MONEY, max_size=30))
def test_amounts_of_both_are_the_amounts_of_one_after_the_other(some, others):
    merged = of(some).merged(of(others))
    assert merged.n == of(some + others).n
    assert merged.scaled(0.5).n == pytest.approx(merged.n / 2)
