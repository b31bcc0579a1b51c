"""A whole rehearsal: values near the truth, verdicts that follow, and a report that says what it assumed."""

import json

import msgspec
import numpy as np
import pytest

from equipoise.learn.rehearsal import LogMistake, rehearse
from equipoise.nouns.rehearsals import Report, Rule
from learn.rehearsal.logs import MEANS, always, best, made

LARGE = 20_000
VALUES = {"candidate": 0.35, "silence": 0.1, "best_constant": 0.3, "uniform": MEANS.mean()}


@pytest.fixture(scope="module")
def report():
    log = made(LARGE)
    return rehearse(log, best(log), play="welcome", source="last year")


@pytest.mark.parametrize("policy", VALUES)
@pytest.mark.parametrize("by", ["dm", "ips", "snips", "dr"])
def test_every_policy_is_valued_near_its_truth(report, policy, by):
    assert report.value(policy, by).mean == pytest.approx(VALUES[policy], abs=0.02)


@pytest.mark.parametrize("to", ["silence", "best_constant", "uniform"])
@pytest.mark.parametrize("by", ["dm", "ips", "snips", "dr", "switch_dr"])
def test_a_difference_is_that_of_the_values(report, to, by):
    gap = report.value("candidate", by).mean - report.value(to, by).mean
    assert report.difference(to, by).mean == pytest.approx(gap)


def test_pairing_makes_differences_surer_than_values_apart(report):
    apart = np.hypot(report.value("candidate", "dr").se, report.value("uniform", "dr").se)
    assert report.difference("uniform", "dr").se < 0.9 * apart


def test_a_better_policy_on_a_large_log_is_launched(report):
    assert report.conclusion.answer == "launch"
    assert report.conclusion.decided_by == "dr"
    assert report.conclusion.deciding == report.difference("incumbent", "dr")
    assert report.conclusion.numbers["low"] > 0


def test_the_incumbent_is_no_better_than_itself():
    log = made(LARGE)
    told = rehearse(log, log.incumbent)
    assert told.difference("incumbent", "dr").mean == pytest.approx(0, abs=1e-12)
    assert told.conclusion.reason == "not_better_than_incumbent"


def test_a_small_log_is_judged_by_betting():
    log = made(1_000)
    end = rehearse(log, best(log)).conclusion
    assert (end.decided_by, end.deciding.method) == ("ips", "betting")
    assert end.answer == "launch"


def test_what_cannot_be_told_is_not_concluded():
    log = made(LARGE, incumbent=None, taken=np.zeros(LARGE, int), propensity=np.ones(LARGE))
    told = rehearse(log, always(log, 1))
    assert told.conclusion.answer == "not_enough_support"
    assert told.support.unsupported == 1.0


def test_a_policy_below_silence_is_not_launched_though_better_than_the_incumbent():
    """Mails annoy here; the candidate sends a few less, and silence would be best."""
    draw = np.random.default_rng(4)
    taken = (draw.random(LARGE) < 0.9).astype(int)
    reward = np.where(taken == 1, draw.normal(-1, 1, LARGE), 0.0)
    log = made(
        LARGE,
        options=("quiet", "mail"),
        taken=taken,
        reward=reward,
        incumbent=None,
        propensity=np.where(taken == 1, 0.9, 0.1),
    )
    told = rehearse(log, np.tile([0.3, 0.7], (LARGE, 1)))
    assert told.difference("incumbent", "dr").low > 0
    assert (told.conclusion.answer, told.conclusion.reason) == ("do_not_launch", "below_silence")


def test_a_log_without_silence_says_so_and_is_judged_without_it():
    log = made(LARGE, silence=None)
    told = rehearse(log, best(log))
    assert "no_silence_option" in told.notes
    assert told.difference("silence", "dr") is None
    assert told.conclusion.answer == "launch"


def test_silence_that_was_never_logged_is_said_and_not_made_up():
    log = made(500, taken=np.ones(500, int), propensity=np.full(500, 0.5), incumbent=None)
    told = rehearse(log, always(log, 1))
    assert "silence_never_logged" in told.notes
    assert told.value("silence", "dr") is None


def test_a_model_of_ones_own_is_used_and_named():
    log = made(LARGE)
    told = rehearse(log, best(log), expected=MEANS[log.features[:, 0].astype(int)])
    assert told.model == "given"
    assert told.value("candidate", "dm").mean == pytest.approx(0.35, abs=0.002)


@pytest.mark.parametrize("wrong", [np.zeros((3, 3)), np.full((40, 3), np.nan)])
def test_a_model_that_does_not_predict_every_option_is_refused(wrong):
    log = made(40)
    with pytest.raises(LogMistake, match="predict every option for every row"):
        rehearse(log, best(log), expected=wrong)


def test_the_report_says_what_it_assumed_and_how_it_was_made(report):
    assert report.model == "binned additive ridge of 1 features, 5 folds by person"
    assert report.constants == ("call",) * 5
    assert report.notes == ("reward_range_from_log",)
    stated = made(LARGE, incumbent=None)
    told = rehearse(stated, best(stated), Rule(reward_low=0.0, reward_high=1.0))
    assert told.notes == ("incumbent_distribution_unknown",)


def test_the_same_log_gives_the_same_report(report):
    log = made(LARGE)
    assert rehearse(log, best(log), play="welcome", source="last year") == report


def test_rows_of_the_same_people_are_not_so_many_people():
    """Every row twice is no more evidence; the intervals stay as wide."""
    once = made(3_000)
    twice = made(
        6_000,
        people=np.repeat(np.arange(3_000), 2),
        **{
            name: np.repeat(getattr(once, name), 2, axis=0)
            for name in ("taken", "propensity", "reward", "features", "incumbent")
        },
    )
    one, two = (rehearse(log, best(log)).difference("uniform", "ips") for log in (once, twice))
    assert (two.mean, two.se, two.n) == pytest.approx((one.mean, one.se, 3_000))


def test_two_rows_of_one_person_have_open_bounds_and_still_a_report():
    log = made(2, people=[1, 1])
    told = rehearse(log, best(log))
    assert told.conclusion.answer == "not_enough_support"
    assert json.loads(msgspec.json.encode(told))["values"][0]["value"]["low"] is None


def test_the_report_travels_as_json(report):
    assert msgspec.json.decode(msgspec.json.encode(report), type=Report) == report
