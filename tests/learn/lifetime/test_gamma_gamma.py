"""Gamma-Gamma: likelihood, gradient and what a purchase is expected to be worth."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import gamma

from equipoise.learn.lifetime import gamma_gamma

three = st.tuples(*[st.floats(math.log(0.3), math.log(20.0))] * 3).map(np.exp)


@pytest.mark.parametrize(("many", "mean"), [(1, 12.0), (4, 30.0)])
def test_the_likelihood_is_the_mixture_it_stands_for(many, mean):
    """The mean of n gamma(p, nu) purchases is gamma(p n, n nu); nu is integrated out numerically."""
    p, q, v = 6.25, 3.74, 15.44

    def inside(nu):
        return gamma.pdf(mean, p * many, scale=1 / (many * nu)) * gamma.pdf(nu, q, scale=1 / v)

    wanted, _ = quad(inside, 0, 5, points=[0.1, 0.5], epsabs=1e-14)
    told, _ = gamma_gamma.logliks(np.array([p, q, v]), np.array([many]), np.array([mean]))
    assert told[0] == pytest.approx(math.log(wanted), rel=1e-7)


@settings(max_examples=150, deadline=None)
@given(three, st.integers(1, 50), st.floats(0.1, 500.0))
def test_the_gradient_is_that_of_the_likelihood(params, many, mean):
    who = np.array([many]), np.array([mean])
    _, gradient = gamma_gamma.logliks(params, *who)
    for place in range(3):
        step = 1e-5 * params[place]
        up, down = params.copy(), params.copy()
        up[place] += step
        down[place] -= step
        ends = [gamma_gamma.logliks(at, *who)[0][0] for at in (up, down)]
        slope = (ends[0] - ends[1]) / (2 * step)
        assert gradient[place][0] == pytest.approx(slope, abs=2e-5 * (1 + abs(slope) + 1e-4 / step))


def test_more_purchases_pull_the_expectation_from_everybodys_mean_to_ones_own():
    params = np.array([6.25, 3.74, 15.44])
    everybody = 6.25 * 15.44 / 2.74
    told = gamma_gamma.expected(params, np.array([0, 1, 10, 10_000]), np.full(4, 100.0))
    assert told[0] == pytest.approx(everybody)
    assert np.all(np.diff(told) > 0)
    assert told[3] == pytest.approx(100.0, rel=1e-3)


def test_the_expectation_for_an_unseen_person_is_infinite_where_the_tail_is_too_heavy():
    params = np.array([2.0, 0.9, 10.0])
    told = gamma_gamma.expected(params, np.array([0, 1]), np.array([0.0, 5.0]))
    assert np.isinf(told[0])
    assert np.isfinite(told[1])
