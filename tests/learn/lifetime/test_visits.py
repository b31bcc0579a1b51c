"""BG/NBD and Pareto/NBD: likelihoods, gradients, P(alive) and what is expected."""

import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import gammaln, hyp2f1

from equipoise.learn.lifetime import bg_nbd, pareto_nbd
from equipoise.learn.lifetime.ahead import discounted
from equipoise.learn.lifetime.visits import VISITS

MODELS = pytest.mark.parametrize("model", [bg_nbd, pareto_nbd], ids=["bg_nbd", "pareto_nbd"])
four = st.tuples(*[st.floats(math.log(0.05), math.log(30.0))] * 4).map(np.exp)


@st.composite
def person(draw):
    """(x, t_x, T) of one possible person, as arrays of one."""
    age = draw(st.floats(0.1, 200.0))
    x = draw(st.integers(0, 60))
    t_x = draw(st.floats(0.0, 1.0)) * age if x else 0.0
    return np.array([x]), np.array([t_x]), np.array([age])


def by_hypergeometric(params, x, t_x, age):
    """The log-likelihood as Fader and Hardie (2005) write it: equations 19 to 22, of one person."""
    r, alpha, s, beta = params
    total, high, low = r + s + x, max(alpha, beta), min(alpha, beta)
    second = s + 1 if alpha >= beta else r + x

    def at(moment):
        series = hyp2f1(total, second, total + 1, (high - low) / (high + moment))
        return series * ((high + t_x) / (high + moment)) ** total

    scale = total * math.log(high + t_x)
    alive = -(r + x) * math.log(alpha + age) - s * math.log(beta + age) + scale
    inside = math.exp(alive) + s / total * (at(t_x) - at(age))
    front = gammaln(r + x) - gammaln(r) + r * math.log(alpha) + s * math.log(beta)
    return front + math.log(inside) - scale


@settings(max_examples=150, deadline=None)
@given(st.tuples(*[st.floats(math.log(0.3), math.log(12.0))] * 4).map(np.exp), person())
def test_paretos_integral_is_the_published_pair_of_hypergeometric_functions(params, who):
    x, t_x, age = (float(column[0]) for column in who)
    wanted = by_hypergeometric(params, x, t_x, age)
    assert pareto_nbd.logliks(params, *who)[0][0] == pytest.approx(wanted, rel=1e-8, abs=1e-8)


@MODELS
@settings(max_examples=150, deadline=None)
@given(four, person())
def test_the_gradient_is_that_of_the_likelihood(model, params, who):
    _, gradient = model.logliks(params, *who)
    for place in range(4):
        step = 1e-5 * params[place]
        up, down = params.copy(), params.copy()
        up[place] += step
        down[place] -= step
        slope = (model.logliks(up, *who)[0][0] - model.logliks(down, *who)[0][0]) / (2 * step)
        scale = 1.0 + abs(slope) + 1e-4 / step
        assert gradient[place][0] == pytest.approx(slope, abs=2e-5 * scale)


@MODELS
@settings(max_examples=150, deadline=None)
@given(four, person())
def test_being_alive_is_a_probability_and_falls_while_nothing_happens(model, params, who):
    x, t_x, age = who
    now = model.alive(params, x, t_x, age)[0]
    later = model.alive(params, x, t_x, age + 5.0)[0]
    assert 0.0 <= later <= now + 1e-12
    assert now <= 1.0
    assert model.alive(params, x, age * (x > 0), age)[0] >= now - 1e-12, "bought just now"


@MODELS
@settings(max_examples=60, deadline=None)
@given(four, person(), st.floats(0.1, 200.0))
@example(np.array([1.0, 1.0, 26.0, 1.0]), (np.array([0]), np.array([0.0]), np.array([0.5])), 2.0)
def test_what_is_expected_is_the_pace_added_up(model, params, who, ahead):
    x, _, age = who
    scale = model.scale(params, age)[0]

    def pace(time):
        return float(model.pace(params, x, age, np.array([math.log1p(time / scale)]))[0])

    wanted, _ = quad(pace, 0, ahead, epsabs=1e-12, epsrel=1e-10, limit=200)
    told = model.stay(params, x, age, np.array([ahead]))[0]
    assert told == pytest.approx(wanted, rel=1e-5, abs=1e-9)
    assert discounted(model, params, x, age, (ahead, 0.0))[0] == pytest.approx(wanted, rel=1e-4)
    assert discounted(model, params, x, age, (ahead, 0.01))[0] < wanted


@MODELS
@settings(max_examples=100, deadline=None)
@given(four, person())
def test_one_person_gets_what_they_get_among_many(model, params, who):
    x, t_x, age = who
    one = tuple(params.tolist())
    alone = model.alive_one(one, int(x[0]), float(t_x[0]), float(age[0]))
    assert alone == pytest.approx(model.alive(params, x, t_x, age)[0], rel=1e-9, abs=1e-12)
    coming = model.coming_one(one, int(x[0]), float(age[0]), (156.0, 0.002))
    assert coming == pytest.approx(discounted(model, params, x, age, (156.0, 0.002))[0], rel=1e-9)


@MODELS
@pytest.mark.parametrize("x", [500, 5_000])
def test_somebody_who_buys_thousands_of_times_breaks_nothing(model, x):
    params, who = (
        np.array([0.3, 4.0, 0.8, 2.5]),
        (np.array([x]), np.array([99.0]), np.array([100.0])),
    )
    loglik, gradient = model.logliks(params, *who)
    assert np.isfinite(loglik).all()
    assert np.isfinite(gradient).all()
    bought = model.stay(params, who[0], who[2], np.array([10.0]))[0]
    assert 0.5 * x / 10 < bought < 1.01 * x / 10


def test_bg_nbd_is_smooth_where_its_formula_is_nought_by_nought():
    x, age, ahead = np.array([0, 2]), np.array([30.0, 40.0]), np.array([50.0, 50.0])
    at = [bg_nbd.stay(np.array([0.5, 5.0, a, 2.0]), x, age, ahead) for a in (0.999, 1.0, 1.001)]
    assert at[1] == pytest.approx((at[0] + at[2]) / 2, rel=1e-6)


def test_somebody_who_never_came_back_is_alive_to_bg_nbd_and_may_be_gone_to_pareto_nbd():
    who = np.array([0]), np.array([0.0]), np.array([39.0])
    assert bg_nbd.alive(np.array([0.243, 4.414, 0.793, 2.426]), *who)[0] == 1.0
    assert 0.2 < pareto_nbd.alive(np.array([0.553, 10.578, 0.606, 11.669]), *who)[0] < 0.4


@MODELS
def test_drawn_counts_have_the_mean_that_is_expected(model):
    params, n = np.array([0.6, 5.0, 1.2, 2.5]), 60_000
    x, age = np.full(n, 3), np.full(n, 20.0)
    told = model.draw(params, x, age, 30.0, np.random.default_rng(5))
    wanted = model.stay(params, x[:1], age[:1], np.array([30.0]))[0]
    assert told.mean() == pytest.approx(wanted, abs=4 * told.std() / math.sqrt(n))


def test_the_models_are_found_by_their_names():
    assert dict(VISITS) == {"bg_nbd": bg_nbd, "pareto_nbd": pareto_nbd}
    assert {model.NAMES for model in VISITS.values()} == {
        ("r", "alpha", "a", "b"),
        ("r", "alpha", "s", "beta"),
    }
