"""The intervals of the coverage study cover as they say; the study itself repeats this 1,000 times."""

import sys
from importlib import util
from pathlib import Path

import pytest

CASES = Path(__file__).resolve().parents[3] / "cases"
REPEATS = 150


def load(name):
    spec = util.spec_from_file_location(name, CASES / f"{name}.py")
    module = util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


load("finding")
coverage = load("coverage")


@pytest.fixture(scope="module")
def shares():
    rows = coverage.measured(coverage.world(), 2_000, REPEATS)
    return {row.name: row.covered / REPEATS for row in rows}


@pytest.mark.parametrize("name", coverage.FIXED)
def test_a_fixed_interval_covers_as_nominal_within_three_errors(shares, name):
    assert abs(shares[name] - 0.95) < 3 * (0.95 * 0.05 / REPEATS) ** 0.5


@pytest.mark.parametrize("name", coverage.ANYTIME)
def test_an_interval_that_is_always_valid_is_never_below_nominal(shares, name):
    assert shares[name] >= 0.95


def test_looking_twenty_times_at_a_fixed_interval_is_seen_to_fail(shares):
    assert shares[coverage.WRONG] < 0.85


def test_the_truth_of_the_world_is_a_probability_mean():
    made = coverage.world()
    assert made.candidate.sum(axis=1) == pytest.approx(1)
    assert made.logging.sum(axis=1) == pytest.approx(1)
    assert 0 < made.truth < 1
