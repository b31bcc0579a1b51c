"""A fit finds what is true, and says in a sentence where the data does not support the model."""

import math

import numpy as np
import pytest

from equipoise.learn.lifetime.fitting import Fit, fit, fit_value
from equipoise.learn.lifetime.people import BadPeople
from equipoise.learn.lifetime.searching import maximise
from learn.lifetime.simulated import buyers, spenders, summary

TRUE = {"bg_nbd": (0.5, 6.0, 0.8, 2.5), "pareto_nbd": (0.6, 10.0, 0.7, 12.0)}


@pytest.mark.parametrize("kind", ["bg_nbd", "pareto_nbd"])
def test_a_fit_finds_the_parameters_that_people_were_drawn_from(kind):
    found = fit(buyers(kind, TRUE[kind], 6_000, 11), kind)
    assert found.supported, found.sentence
    errors = np.sqrt(np.diag(np.array(found.covariance)))
    off = (np.log(found.params) - np.log(TRUE[kind])) / errors
    assert np.abs(off).max() < 3.5


@pytest.mark.parametrize("kind", ["bg_nbd", "pareto_nbd"])
def test_the_interval_of_a_parameter_covers_the_truth_as_often_as_it_says(kind):
    fits = [fit(buyers(kind, TRUE[kind], 600, seed), kind) for seed in range(20)]
    fits = [found for found in fits if found.supported]
    assert len(fits) >= 18
    held = [low <= TRUE[kind][0] <= high for low, high in (f.interval("r") for f in fits)]
    assert np.mean(held) >= 0.95 - 3 * math.sqrt(0.05 * 0.95 / len(fits))


def test_a_fit_of_spending_finds_its_parameters_too():
    true = (6.0, 3.8, 15.0)
    found = fit_value(spenders(true, 4_000, 3))
    errors = np.sqrt(np.diag(np.array(found.covariance)))
    assert found.supported
    assert np.abs((np.log(found.params) - np.log(true)) / errors).max() < 3.5


def test_starting_from_the_former_version_ends_at_the_same_place_sooner():
    people = buyers("bg_nbd", TRUE["bg_nbd"], 1_500, 2)
    first = fit(people)
    again = fit(people, "bg_nbd", first.params)
    assert again.params == pytest.approx(first.params, rel=1e-6)
    assert again.evaluations < first.evaluations


def test_time_may_be_told_in_any_unit():
    people = buyers("bg_nbd", TRUE["bg_nbd"], 1_500, 2)
    days = summary(people.frequency, people.recency * 7, people.age * 7)
    weekly, daily = fit(people), fit(days)
    assert np.array(daily.params) == pytest.approx(np.array(weekly.params) * [1, 7, 1, 1], rel=1e-5)


@pytest.mark.parametrize("kind", ["bg_nbd", "pareto_nbd"])
def test_people_who_never_leave_show_no_dropout_and_the_fit_says_so(kind):
    """Drawn with a probability of leaving of about one in a million."""
    found = fit(buyers("bg_nbd", (2.0, 10.0, 1.0, 1e6), 1_500, 4), kind)
    assert not found.supported
    assert found.reason == "no_dropout_visible"
    assert "not been watched long enough" in found.sentence


@pytest.mark.parametrize(
    ("people", "reason"),
    [
        (summary([1] * 99, [1.0] * 99, [9.0] * 99), "too_few_people"),
        (summary([0] * 500, [0.0] * 500, [9.0] * 500), "too_few_repeats"),
        (summary([0] * 471 + [1] * 29, [0.0] * 471 + [1.0] * 29, [9.0] * 500), "too_few_repeats"),
    ],
)
def test_too_few_people_or_repeats_give_no_numbers_at_all(people, reason):
    found = fit(people)
    assert (found.supported, found.reason) == (False, reason)
    assert all(math.isnan(value) for value in (*found.params, found.loglik))
    assert "at least" in found.sentence


def test_one_person_is_one_person():
    assert fit(summary([1], [1.0], [9.0])).sentence.startswith("1 person has bought")
    assert fit(summary([1] * 2, [1.0] * 2, [9.0] * 2)).sentence.startswith("2 people have bought")


@pytest.mark.parametrize("seed", range(4))
def test_people_who_are_all_alike_do_not_tell_how_they_differ(seed):
    """Everybody buys at the same pace and leaves with the same chance: shapes run to infinity."""
    found = fit(buyers("bg_nbd", (5e5, 1e6, 2e5, 8e5), 400, seed))
    if not found.supported:
        assert found.reason in {"not_identified", "not_converged", "no_dropout_visible"}
    else:
        low, high = found.interval("r")
        assert high / low > 3


def test_values_that_are_not_there_or_seen_once_are_told():
    nothing = summary([2] * 200, [1.0] * 200, [9.0] * 200)
    once = summary([0] * 200, [0.0] * 200, [9.0] * 200, [1] * 200, [5.0] * 200)
    assert fit_value(nothing).reason == "no_value"
    assert fit_value(once).reason == "too_few_repeats"


def test_a_heavy_tail_of_spending_is_told():
    found = fit_value(spenders((4.0, 0.7, 10.0), 3_000, 8))
    assert (found.supported, found.reason) == (False, "heavy_tail")
    assert "infinite" in found.sentence


def test_everybody_spending_the_same_is_told():
    people = summary([3] * 200, [1.0] * 200, [9.0] * 200, [4] * 200, [10.0] * 200)
    found = fit_value(people)
    assert (found.supported, found.reason) in {(False, "not_converged"), (False, "not_identified")}


def test_an_impossible_row_is_no_fit_but_an_error():
    with pytest.raises(BadPeople, match="within 0 and age"):
        fit(summary([1] * 200, [10.0] * 200, [9.0] * 200))


def test_a_surface_without_a_top_has_not_converged():
    """A likelihood that grows for ever in one parameter, and knows nothing of the other."""

    def loglik(params):
        return float(np.log(params[0])), np.array([1 / params[0], 0.0])

    found = maximise(loglik, (1.0, 1.0), 1)
    assert not found.converged
    assert np.isnan(found.covariance).all()


def test_a_surface_with_one_gives_its_curvature():
    """ln L = -(u - 1)^2 - 2 (w + 1)^2 in u, w = logarithms: variances 1/2 and 1/4."""

    def loglik(params):
        u, w = np.log(params)
        value = -((u - 1) ** 2) - 2 * (w + 1) ** 2
        return float(value), np.array([-2 * (u - 1), -4 * (w + 1)]) / params

    found = maximise(loglik, (5.0, 5.0), 1)
    assert found.converged
    assert np.log(found.params) == pytest.approx([1.0, -1.0], abs=1e-7)
    assert np.diag(found.covariance) == pytest.approx([0.5, 0.25], rel=1e-5)


def test_a_parameters_interval_is_found_by_its_name():
    fitted = Fit("k", ("a", "b"), (1.0, 2.0), ((0.0, 0.0), (0.0, 0.25)), 0.0, 9, 9, 1)
    assert fitted.interval("a") == (1.0, 1.0)
    assert fitted.interval("b") == pytest.approx((2 / math.exp(0.98), 2 * math.exp(0.98)), rel=1e-4)
