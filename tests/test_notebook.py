"""The example that a data scientist reads first does what it says, from top to bottom."""

import runpy
from pathlib import Path

import pytest

NOTEBOOK = Path(__file__).parents[1] / "examples" / "notebook.py"


@pytest.fixture(scope="module")
def cells():
    """What every cell left behind."""
    return runpy.run_path(str(NOTEBOOK))


def test_what_is_learnt_at_night_is_worth_more_by_day(cells):
    first, *later = cells["takings"]
    assert min(later) > 1.3 * first
    assert cells["learnt"]["play/hero"].lessons == 900


def test_every_outcome_has_its_decision_with_a_propensity(cells):
    both = cells["both"]
    assert both.height == cells["came"].height == 1_200
    assert both["propensity"].min() > 0.0
    assert both.filter(both["model"] != "")["score"].null_count() == 0


def test_the_estimate_by_hand_is_that_of_the_rehearsal(cells):
    assert cells["by_hand"] == pytest.approx(cells["rehearsed"].mean, rel=1e-9)
    assert cells["report"].n == 1_200
    assert cells["report"].conclusion.answer == "do_not_launch"


def test_it_is_no_longer_than_a_notebook_should_be():
    """Cells of code, without the lines between them."""
    code = [line for line in NOTEBOOK.read_text("utf-8").splitlines() if line.strip()]
    assert len(code) <= 90
