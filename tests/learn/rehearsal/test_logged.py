"""A log that cannot be rehearsed is refused with where, what was needed, what came and what to do."""

import numpy as np
import pytest

from equipoise.learn.rehearsal import Logged, LogMistake
from equipoise.learn.rehearsal.logged import distribution
from learn.rehearsal.logs import always, made

GOOD = {
    "options": ("quiet", "mail"),
    "taken": [0, 1, 1],
    "propensity": [0.5, 0.5, 0.25],
    "reward": [0.0, 1.0, 0.0],
}


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"taken": [], "propensity": [], "reward": []}, "at least one decision"),
        ({"taken": [0, 1, 2]}, "an index below 2, got 2 at row 2"),
        ({"taken": [0, 0.5, 1]}, "whole numbers, got 0.5 at row 1"),
        ({"taken": [[0, 1, 1]]}, "one number for each decision"),
        ({"reward": ["a", "b", "c"]}, "one number for each decision"),
        ({"propensity": [0.5, 0.0, 0.5]}, "above 0 and at most 1, got 0.0 at row 1"),
        ({"propensity": [0.5, 0.5, 1.5]}, "above 0 and at most 1, got 1.5 at row 2"),
        ({"propensity": [0.5, np.nan, 0.5]}, "finite numbers, got nan at row 1"),
        ({"reward": [0.0, np.inf, 1.0]}, "reward: needed finite numbers"),
        ({"reward": [0.0, 1.0]}, "reward: needed 3 rows"),
        ({"options": ("mail",)}, "two or more names"),
        ({"options": ("mail", "mail")}, "each once"),
        ({"silence": "hush"}, "silence: needed one of quiet, mail, got 'hush'"),
        ({"people": [1, 2]}, "people: needed 3 rows"),
        ({"people": [[1], [2], [3]]}, "people: needed one for each decision"),
        ({"segments": ["a"]}, "segments: needed 3 rows"),
        ({"allowed": [[True] * 3] * 3}, "allowed: needed shape"),
        ({"allowed": [[True, True], [True, False], [True, True]]}, "what was done was allowed"),
        ({"allowed": [[True, True], [True, True], [False, True]]}, "name of `silence`"),
        ({"allowed": [[True, True], [False, False], [True, True]]}, "at least one allowed option"),
        (
            {"allowed": [[True, True], [True, True], [False, True]], "silence": "quiet"},
            "silence allowed everywhere",
        ),
        ({"incumbent": [[0.5, 0.5]] * 3}, "incumbent: needed the logged propensity"),
        ({"incumbent": [[0.5, 0.4]] * 3}, "incumbent: needed rows that sum to 1"),
    ],
)
def test_a_crooked_log_is_refused(change, complaint):
    with pytest.raises(LogMistake, match=complaint):
        Logged(**(GOOD | change))


def test_a_good_log_is_taken():
    log = Logged(**GOOD)
    assert log.n == 3
    assert log.silent is None
    assert log.mask().all()


@pytest.mark.parametrize(
    ("chances", "complaint"),
    [
        ([[0.5, 0.5]], "got shape"),
        ([[0.5, 0.5], [0.5, 0.6], [1, 0]], "sum to 1, got 1.1 at row 1"),
        ([[0.5, 0.5], [-0.5, 1.5], [1, 0]], r"probabilities in \[0, 1\]"),
        ([[0.5, 0.5], [np.nan, 1.0], [1, 0]], r"probabilities in \[0, 1\]"),
    ],
)
def test_a_candidate_that_is_no_distribution_is_refused(chances, complaint):
    with pytest.raises(LogMistake, match=f"candidate: .*{complaint}"):
        distribution(Logged(**GOOD), np.array(chances))


def test_a_candidate_may_not_do_what_the_guards_forbade():
    mask = [[True, True], [True, True], [True, True], [True, False]]
    columns = {"taken": [0, 1, 1, 0], "propensity": [0.5] * 4, "reward": [0.0] * 4}
    log = Logged(options=("quiet", "mail"), silence="quiet", allowed=mask, **columns)
    with pytest.raises(LogMistake, match=r"no mass on what is not allowed, got 1\.0 at row 3"):
        distribution(log, always(log, 1))


@pytest.mark.parametrize(
    "people",
    [["b", "a", "b"], [7, 3, 7], [10**12, 5, 10**12], np.array([-4, 2, -4]), ("x", "y", "x")],
)
def test_people_may_be_numbers_or_names(people):
    log = Logged(**(GOOD | {"people": people}))
    assert log.who[0] == log.who[2] != log.who[1]
    assert sorted(set(log.who.tolist())) == [0, 1]


def test_a_missing_feature_is_allowed():
    assert np.isnan(made(2, features=np.array([np.nan, 1.0])).features[0, 0])
