"""The noise is what is stated: its shape, what it costs, and how wide it is; read off what comes out.

Every bound fails a sound mechanism less than once in 1e9 runs, and each is seen to catch an unsound one.
"""

import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from scipy.stats import beta

from equipoise.nouns.aggregates import MICRO, Cell, Question
from equipoise.rights.aggregates.counting import Tally
from equipoise.rights.aggregates.noising import (
    NoOpenDP,
    floor,
    laplace,
    parts,
    release,
    width,
    widths,
)

pytest.importorskip("opendp.prelude")

RARELY = 1e-9
DRAWS = 20_000
MANY = tuple(f"{key:03}" for key in range(1000))
COUNT = Question(
    recipient="r", purpose="p", measure="count", day=1, epsilon=MICRO, group="g", keys=MANY
)
SUM = replace(COUNT, measure="sum", field="x", lower=0.0, upper=50.0, decimals=1)
MEAN = replace(SUM, measure="mean")


def off_by(noise, scale):
    """How far the distribution of drawn whole numbers is from discrete Laplace noise at most."""
    a = math.exp(-1.0 / scale)
    spots = np.arange(noise.min(), noise.max() + 1)
    stated = np.where(spots < 0, a ** -np.minimum(spots, 0.0), 1.0 + a - a ** (spots + 1.0)) / (
        1 + a
    )
    drawn = np.searchsorted(np.sort(noise), spots, side="right") / len(noise)
    return float(np.abs(drawn - stated).max())


def most_off(draws):
    """The bound of Dvoretzky, Kiefer, Wolfowitz and Massart."""
    return math.sqrt(math.log(2.0 / RARELY) / (2.0 * draws))


@pytest.mark.parametrize(("reach", "epsilon"), [(1, MICRO), (1, 100_000), (500, 250_000)])
def test_the_noise_has_the_shape_and_the_scale_that_are_stated(reach, epsilon):
    mechanism, scale = laplace(reach, epsilon)
    assert scale == pytest.approx(reach * MICRO / epsilon)
    noise = np.array(mechanism([17] * DRAWS)) - 17
    assert off_by(noise, scale) < most_off(DRAWS)
    assert off_by(noise, 1.3 * scale) > most_off(DRAWS)


@given(st.integers(1, 10**11), st.integers(1_000, 10 * MICRO))
@settings(max_examples=60)
def test_opendp_says_that_no_question_costs_more_than_is_stated(reach, epsilon):
    mechanism, scale = laplace(reach, epsilon)
    assert mechanism.map(reach) <= epsilon / MICRO
    assert scale <= reach * MICRO / epsilon * (1 + 1e-12)


def bounds(hits, draws):
    """The interval of Clopper and Pearson for a probability; wrong less than once in 1e9."""
    low = beta.ppf(RARELY / 2, hits, draws - hits + 1) if hits else 0.0
    high = beta.ppf(1 - RARELY / 2, hits + 1, draws - hits) if hits < draws else 1.0
    return low, high


def shown_epsilon(ones, others):
    """The greatest epsilon that two piles of answers prove, over all events `answer <= k`, both ways."""
    found = 0.0
    for k in sorted(set(ones) | set(others)):
        for left, right in ((ones, others), (others, ones)):
            for hits in (lambda pile, k=k: pile <= k, lambda pile, k=k: pile > k):
                low, _ = bounds(int(hits(left).sum()), len(left))
                _, high = bounds(int(hits(right).sum()), len(right))
                found = max(found, math.log(low / high) if low > 0.0 else 0.0)
    return found


def answers(question, n, total):
    """What is released of many alike groups, untold ones below all others."""
    told = []
    for _ in range(DRAWS // len(MANY)):
        cells = release(question, Tally([n] * len(MANY), [total] * len(MANY)))
        told += [-math.inf if c.n is None else c.n if c.value is None else c.value for c in cells]
    return np.array(told)


@pytest.mark.parametrize("n", [20, 300])
def test_counts_of_neighbours_differ_as_little_as_is_stated_and_no_less(n):
    """Two stores that differ by one person: what is released proves nearly epsilon, and never more."""
    shown = shown_epsilon(answers(COUNT, n, 0), answers(COUNT, n + 1, 0))
    assert 0.8 < shown <= 1.0


def test_sums_of_neighbours_differ_as_little_as_is_stated():
    """The person with the largest number is in or out: both figures of the group move at once."""
    shown = shown_epsilon(
        np.round(answers(SUM, 300, 60_000), -1), np.round(answers(SUM, 301, 60_500), -1)
    )
    assert 0.2 < shown <= 1.0


def test_a_mechanism_with_too_little_noise_is_caught():
    too_sure = replace(COUNT, epsilon=3 * MICRO)
    assert shown_epsilon(answers(too_sure, 300, 0), answers(too_sure, 301, 0)) > 1.0


@pytest.mark.parametrize("scale", [0.5, 1.0, 7.3, 200.0])
def test_the_width_is_the_least_that_holds_so_often(scale):
    a = math.exp(-1.0 / scale)

    def beyond(k):
        return 2.0 * a ** (k + 1) / (1.0 + a)

    assert beyond(width(scale)) <= 0.05 + 1e-12
    assert width(scale) == 0 or beyond(width(scale) - 1) > 0.05


@pytest.mark.parametrize("question", [COUNT, SUM, MEAN])
def test_what_is_told_is_within_its_widths_as_often_as_said(question):
    n, middle = 400, 0 if question.measure != "mean" else 250
    total = n * (200 - middle)
    truth = {"sum": n * 20.0, "mean": 20.0, "count": None}[question.measure]
    cells = release(question, Tally([n] * len(MANY), [total] * len(MANY)))
    told = [(cell, widths(question, cell)) for cell in cells]
    within = np.mean([abs(cell.n - n) <= off.n for cell, off in told])
    assert within > 0.88
    if truth is not None:
        assert np.mean([abs(cell.value - truth) <= off.value for cell, off in told]) > 0.88


def test_a_question_pays_for_both_of_its_figures():
    assert parts(COUNT) == (MICRO, 0)
    assert sum(parts(replace(SUM, epsilon=100_001))) == 100_001


def test_too_few_people_are_not_told_of():
    small = replace(COUNT, keys=("a", "b"))
    cells = release(replace(small, epsilon=10 * MICRO), Tally([2, 4000], [0, 0]))
    assert cells[0] == Cell("a", None)
    assert abs(cells[1].n - 4000) < 100
    assert widths(small, cells[0]) is None
    assert (floor(small), floor(replace(small, epsilon=20_000))) == (20, width(50.0))


def test_a_mean_stays_within_its_bounds_whatever_the_noise():
    cells = release(replace(MEAN, epsilon=2_000), Tally([20_000] * 1000, [-250 * 20_000] * 1000))
    assert {cell.value >= 0.0 for cell in cells if cell.value is not None} == {True}


def test_sums_beyond_64_bits_are_cut_and_not_wrapped():
    (cell,) = release(replace(SUM, group="", keys=()), Tally([10**6], [10**30]))
    assert cell.value > 9e17


def test_without_opendp_nothing_is_made_up():
    code = (
        "import sys; sys.modules['opendp'] = None\n"
        "from equipoise.rights.aggregates.noising import laplace\n"
        "laplace(1, 1000)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode != 0
    assert str(NoOpenDP()).splitlines()[0] in run.stderr
