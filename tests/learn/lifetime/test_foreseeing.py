"""What is foreseen of each person, and what its intervals cover."""

import math

import msgspec
import numpy as np
import pytest

from equipoise.learn.lifetime.fitting import fit, fit_value
from equipoise.learn.lifetime.foreseeing import (
    between,
    drawn,
    expected_purchases,
    expected_total,
    foresee,
)
from equipoise.learn.lifetime.model import LifetimeModel
from equipoise.learn.lifetime.visits import VISITS
from learn.lifetime.simulated import buyers, spenders, summary

TRUE = {"bg_nbd": (0.5, 6.0, 0.8, 2.5), "pareto_nbd": (0.6, 10.0, 0.7, 12.0)}
WORTH = fit_value(spenders((6.0, 3.8, 15.0), 1_500, 3))
KINDS = pytest.mark.parametrize("kind", ["bg_nbd", "pareto_nbd"])


def modelled(kind, n=1_500, seed=1):
    """People of a model, the fit on them and the version it gives."""
    people = buyers(kind, TRUE[kind], n, seed)
    fitted = fit(people, kind)
    return people, fitted, LifetimeModel.of(fitted, WORTH, people, "EUR", 0)


def few(people, n):
    """The first of them, to be quick."""
    return summary(people.frequency[:n], people.recency[:n], people.age[:n])


@KINDS
def test_every_figure_lies_within_its_interval_and_in_its_range(kind):
    people, _, model = modelled(kind)
    seen = foresee(model, people)
    for ranged in (seen.alive, seen.purchases, seen.mean_value, seen.value):
        assert np.all(ranged.low <= ranged.estimate)
        assert np.all(ranged.estimate <= ranged.high)
        assert np.all(ranged.low >= 0)
    assert np.all(seen.alive.high <= 1)
    assert seen.value.estimate == pytest.approx(model.values(people), rel=1e-12)


@KINDS
def test_the_delta_method_is_as_wide_as_redrawn_parameters(kind):
    people, fitted, _ = modelled(kind, 900)
    people = few(people, 150)
    told = expected_total(fitted, people, 90.0)
    rng = np.random.default_rng(2)
    rows = rng.multivariate_normal(np.log(fitted.params), np.array(fitted.covariance), 150)
    totals = []
    for row in np.exp(rows):
        other = msgspec.structs.replace(fitted, params=tuple(row.tolist()))
        totals.append(math.log(expected_purchases(other, people, 90.0).estimate.sum()))
    width = math.log(told.high[0] / told.low[0])
    assert width == pytest.approx(2 * 1.96 * np.std(totals), rel=0.25)
    assert told.estimate[0] == pytest.approx(
        expected_purchases(fitted, people, 90.0).estimate.sum()
    )


@KINDS
def test_more_people_make_the_interval_narrower(kind):
    def width(n):
        people, fitted, _ = modelled(kind, n)
        told = expected_total(fitted, people, 90.0)
        return math.log(told.high[0] / told.low[0])

    assert width(4_000) < 0.7 * width(1_000)


@KINDS
def test_what_new_people_then_do_lies_within_the_prediction_intervals(kind):
    """Newcomers, drawn from the true parameters: their total, and 95 % of them, are held."""
    n, (_, _, model) = 1_500, modelled(kind)
    fresh = summary([0] * n, [0.0] * n, [0.0] * n)
    seen = drawn(model, fresh, 210.0, np.random.default_rng(4), 300)
    drawing = (np.array(TRUE[kind]), fresh.frequency, fresh.age, 30.0, np.random.default_rng(9))
    real = VISITS[kind].draw(*drawing)
    low, high = between(seen.counts)
    assert low <= real.sum() <= high
    held = (seen.purchases.low <= real) & (real <= seen.purchases.high)
    assert held.mean() >= 0.94


@KINDS
def test_drawn_means_agree_with_what_is_expected(kind):
    people, fitted, model = modelled(kind)
    seen = drawn(model, people, 90.0, np.random.default_rng(4), 400)
    assert seen.counts.mean() == pytest.approx(
        expected_total(fitted, people, 90.0).estimate[0], rel=0.05
    )
    assert np.all(seen.money.low <= seen.money.high)
    assert seen.purchases.estimate.sum() == pytest.approx(seen.counts.mean())
    assert seen.money.estimate.sum() == pytest.approx(seen.sums.mean())
    assert np.all((seen.money.high == 0) | (seen.purchases.high > 0))


def test_drawing_twice_with_one_seed_gives_the_same():
    people, _, model = modelled("bg_nbd", 600)
    first, again = (drawn(model, people, 90.0, np.random.default_rng(4), 20) for _ in range(2))
    assert first.sums.tolist() == again.sums.tolist()


def test_another_unit_of_time_is_refused():
    people, _, model = modelled("bg_nbd", 600)
    daily = msgspec.structs.replace(people, unit_days=1.0)
    with pytest.raises(ValueError, match=r"units of 7\.0 days are needed"):
        foresee(model, daily)


def test_a_fit_that_is_not_supported_foresees_nothing():
    people = summary([0] * 200, [0.0] * 200, [9.0] * 200)
    with pytest.raises(ValueError, match="0 of 200 people came back"):
        expected_purchases(fit(people), people, 90.0)
    with pytest.raises(ValueError, match="came gamma_gamma: supported"):
        expected_total(WORTH, people, 90.0)
