"""From a log and a play to a report: the distribution is the chooser's, and learning is cross-fitted."""

import numpy as np
import pytest

from equipoise.compose.rehearsing import Wish, by_score_at_once, how_of
from equipoise.learn.own import OwnModel
from equipoise.nouns.decisions import Choice, Explain
from equipoise.nouns.lessons import AT_STAKE
from equipoise.plays.playbook import live_play
from equipoise.runners.choosing import CannotRehearse, Chosen
from equipoise.runners.past import past_of
from equipoise.runners.recounting import recount
from equipoise.runners.rehearsing import Rehearsing, lessons_of, report
from equipoise.runners.row_standing import amounts, cells, plain
from runners.rehearsed import engine, play, trial

LEARNING = {"chooser": "learning", "features": "[orders.count]", "explore_floor": "0.02"}


def rehearsed(log, letter, house=None, how=None):
    house = house or engine()
    judged = recount(log, live_play(letter), house)
    return report(letter, past_of(log, letter, 0.0), judged, how or how_of(house, letter, Wish()))


def test_fixed_shares_are_worth_what_arithmetic_says():
    log = trial(9000)
    told = rehearsed(log, play())
    means = [log.reward[log.taken == option].mean() for option in range(3)]
    expected = 0.5 * means[0] + 0.2 * means[1] + 0.3 * means[2]
    assert told.value("candidate", "dr").mean == pytest.approx(expected, abs=0.01)
    assert told.value("incumbent", "on_policy").mean == pytest.approx(log.reward.mean())
    assert told.conclusion.answer == "launch"
    assert told.support.unsupported == 0.0
    assert told.support.largest_weight == pytest.approx(1.5)


def test_a_play_that_learns_beats_the_trial_it_is_rehearsed_on_and_the_best_constant():
    told = rehearsed(trial(9000), play(**LEARNING))
    assert told.conclusion.answer == "launch"
    assert told.difference("best_constant", "dr").low > 0
    assert "taught_by_folds: 5" in told.notes


def test_a_play_that_learns_from_noise_is_not_launched():
    """Teaching and judging never see the same person, so that luck does not look like skill."""
    rng = np.random.default_rng(3)
    log = trial(4000, reward=(rng.random(4000) < 0.3).astype(float))
    log.fields["orders.count"] = rng.random(4000)
    told = rehearsed(log, play(**LEARNING))
    assert told.conclusion.answer == "do_not_launch"


def test_with_too_few_lessons_the_chooser_draws_by_chance_and_the_report_says_so():
    told = rehearsed(trial(30), play(**LEARNING))
    assert "too_few_lessons" in told.notes
    assert told.conclusion.answer == "not_enough_support"


def test_all_rows_at_once_and_one_by_one_give_the_same_probabilities():
    log, house = trial(1500), engine()
    letter = play(**LEARNING, audience="{field: orders.count, at_least: 1}")
    judged = recount(log, live_play(letter), house)
    past = past_of(log, letter, 10.0)
    inputs = judged.inputs | {AT_STAKE: past.stake}
    lessons = lessons_of(letter, past, inputs)
    (model,) = how_of(house, letter, Wish()).teach(letter, lessons, np.zeros(1500, dtype=int))
    at_once = by_score_at_once(letter, model, inputs, judged.allowed)
    chooser = house.deciders.choosers["learning"]
    one_by_one = Chosen(letter, chooser, judged.allowed, inputs, model).chances()
    assert np.array_equal(at_once, one_by_one)
    assert at_once.sum(axis=1) == pytest.approx(1.0, abs=1e-12)
    assert (at_once[~judged.allowed] == 0).all()


def test_lessons_carry_the_features_and_count_as_matured():
    log, letter = trial(10), play(**LEARNING)
    judged = recount(log, live_play(letter), engine())
    first = lessons_of(letter, past_of(log, letter, 7.0), judged.inputs)[0]
    assert first.inputs["orders.count"] == log.fields["orders.count"][0]
    assert first.option == log.options[log.taken[0]]
    assert first.matured_ms - first.decided_ms == 7 * 86_400_000


def test_costs_and_leaving_are_taken_off_what_a_decision_brought():
    log = trial(4, left=np.array([True, False, False, False]), cost=np.full(4, 0.25))
    past = past_of(log, play(), 10.0)
    assert past.reward.tolist() == (log.reward - 0.25 - [10.0, 0, 0, 0]).tolist()
    assert "at_stake: 10" in past.notes
    priced = play(options="[{name: mail, channel: email, cost: 2, share: 1, subject: a, body: b}]")
    bare = past_of(trial(50), priced, 0.0)
    mail = bare.taken == 0
    assert set(bare.cost[mail]) == {2.0}
    assert set(bare.cost[~mail]) == {0.0}
    assert {"costs_of_the_play", "leaving_not_told", "no_times"} <= set(bare.notes)


def test_constant_propensities_that_sum_to_one_are_the_whole_distribution():
    assert past_of(trial(300), play(), 0.0).incumbent[7].tolist() == pytest.approx([1 / 3] * 3)
    uneven = np.where(trial(300).taken == 0, 0.6, 1 / 3)
    assert past_of(trial(300, propensity=uneven), play(), 0.0).incumbent is None


def test_what_was_never_logged_has_no_support():
    options = "[{name: mail, channel: email, share: 0.5, subject: a, body: b}, "
    options += "{name: call, channel: phone, share: 0.5, title: a, body: b}]"
    told = rehearsed(trial(3000), play(options=options))
    assert told.support.unsupported == pytest.approx(0.5)
    assert told.conclusion.reason == "too_much_without_support"


def test_a_play_and_a_log_without_a_common_option_say_how_to_map_them():
    log = trial(30, options=("Men", "Women", "None"))
    with pytest.raises(CannotRehearse, match=r"none of its options \(mail, page, silence\)"):
        rehearsed(log, play())


def test_segments_tell_who_is_left_without_help():
    log = trial(3000, segments=np.array(["few", "many"] * 1500, dtype=object))
    log.fields["orders.count"] = np.array([0.0, 3.0] * 1500)
    told = rehearsed(log, play(audience="{field: orders.count, at_least: 2}"))
    assert {row.segment: row.without_help for row in told.segments} == {"few": 1500, "many": 0}
    assert told.without_help.segments["few"].removed == {"not_in_audience": 3000}


def test_a_chooser_that_looks_beyond_its_features_is_told_so():
    def nosy(hand):
        return hand.standing.get("visits.count")

    letter = play()
    log = trial(10)
    how = Rehearsing(choosers={"fixed_shares": nosy})
    with pytest.raises(CannotRehearse, match=r"looks at visits\.count of the person"):
        rehearsed(log, letter, how=how)


def test_a_chooser_without_a_model_may_look_at_its_features():
    def thrifty(hand):
        few = hand.inputs["orders.count"] < 2
        return Choice(0, (1.0, 0.0, 0.0) if few else (0.0, 0.0, 1.0))

    log, letter = trial(200), play(features="[orders.count]")
    judged = recount(log, live_play(letter), engine())
    chances = Chosen(letter, thrifty, judged.allowed, judged.inputs).chances()
    assert np.array_equal(chances[:, 0] == 1.0, log.fields["orders.count"] < 2)


class Half:
    """Says of everything that half of the people answer, of mail that all with orders do."""

    def predict(self, table):
        orders, mail = table[:, 0], table[:, 1]
        return np.where((mail == 1) & (orders > 1), 1.0, 0.5)


def test_a_model_of_ones_own_is_asked_as_it_is_and_the_report_says_so():
    own = OwnModel(
        name="half",
        version="1",
        predictor=Half(),
        features=("orders.count",),
        options=("mail", "page", "silence"),
    )
    house = engine(own={"half": own}, **{"explain.default": "none"})
    letter = play(house_models={"half": Explain.NONE}, **LEARNING, model="half")
    told = rehearsed(trial(3000), letter, house)
    assert "own_model_as_it_is" in told.notes
    assert told.difference("incumbent", "dr").mean > 0
    assert "explains_too_little" not in told.without_help.removed


def test_a_model_that_explains_too_little_leaves_everybody_without_help():
    own = OwnModel(
        name="half",
        version="1",
        predictor=Half(),
        features=("orders.count",),
        options=("mail", "page", "silence"),
    )
    letter = play(house_models={"half": Explain.NONE}, **LEARNING, model="half")
    told = rehearsed(trial(300), letter, engine(own={"half": own}))
    assert told.without_help.removed == {"explains_too_little": 600}


def test_a_whole_column_is_read_as_its_cells_are_one_by_one():
    mixed = np.array(["a", None, 3, float("nan"), True], dtype=object)
    for column in (np.array([1, 2]), np.array([1.5, np.nan]), np.array([True, False]), mixed):
        assert cells(column) == [plain(x) for x in column]
    assert amounts(mixed).tolist() == [0.0, 0.0, 3.0, 0.0, 1.0]
    assert amounts(np.array([2.5, np.nan])).tolist() == [2.5, 0.0]
