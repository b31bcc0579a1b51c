"""Choosing by a model: what it says is kept in the choice, and one that says no numbers is broken."""

from math import nan

import pytest
from msgspec.structs import replace

from equipoise.decide.choosers.eligibility_only import eligibility_only
from equipoise.decide.choosers.learning import learning
from equipoise.decide.choosers.no_cost_of_contact import no_cost_of_contact
from equipoise.decide.choosers.propensity_only import propensity_only
from equipoise.decide.scoring import by_score
from equipoise.nouns.decisions import Appraisal
from equipoise.nouns.lessons import AT_STAKE
from equipoise.nouns.plays import SILENCE, Option
from equipoise.ports import Hand, ModelBroke
from equipoise.testing.models import FakeModel
from equipoise.testing.standing import PLAY, FakeStanding

ANA = FakeStanding()
PLAIN = replace(PLAY, explore_floor=0.0)
MAIL = Option(name="mail", cost=0.1)
CALL = Option(name="call", channel="sms", cost=3.0)
MODEL = FakeModel(
    worth={"mail": 0.5, "call": 2.0, "silence": 0.3}, left={"mail": 0.004}, lessons=10**10
)


def chosen(chooser, options=(MAIL, CALL, SILENCE), model=MODEL, **inputs):
    choice = chooser(Hand(PLAIN, options, ANA, 0.5, model, {AT_STAKE: 10.0, **inputs}))
    assert choice.propensities[choice.index] > 0.99
    return options[choice.index].name


def test_learning_weighs_value_against_cost_and_the_risk_of_leaving():
    assert chosen(learning) == "mail"
    assert chosen(learning, **{AT_STAKE: 1000.0}) == "silence"


def test_the_controls_each_leave_something_out():
    assert chosen(propensity_only) == "call"
    assert chosen(no_cost_of_contact) == "call"
    assert chosen(no_cost_of_contact, **{AT_STAKE: 1e9}) == "call"
    assert chosen(eligibility_only) == "mail"
    assert chosen(eligibility_only, (SILENCE, CALL, MAIL)) == "call"
    assert chosen(eligibility_only, (SILENCE,)) == "silence"


def test_eligibility_passes_over_what_chance_must_not_decide():
    block = Option(name="block", do="restrain")
    price = Option(name="voucher", do="offer", cost=5.0)
    assert chosen(eligibility_only, (block, price, MAIL, SILENCE)) == "mail"


def test_the_choice_keeps_what_the_model_said_and_which_version():
    choice = learning(Hand(PLAY, (MAIL, SILENCE), ANA, 0.0, MODEL, {}))
    assert [appraisal.value for appraisal in choice.appraisals] == [0.5, 0.3]
    assert choice.model == MODEL.version
    assert eligibility_only(Hand(PLAY, (MAIL, SILENCE), ANA, 0.0, MODEL, {})).appraisals == ()


def test_without_a_model_all_that_may_be_explored_is_alike():
    options = (MAIL, Option(name="block", do="restrain"), SILENCE)
    choice = learning(Hand(PLAY, options, ANA, 0.0))
    assert choice.propensities == (0.5, 0.0, 0.5)
    assert (choice.appraisals, choice.model) == ((), "")


class Silent(FakeModel, frozen=True):
    """A model that forgets to say anything."""

    def appraise(self, options, inputs):
        return ()


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (Silent(), "has to appraise 1 options, got 0"),
        (FakeModel(worth={"mail": nan}), "'welcome': squarecb: needed finite scores"),
        (FakeModel(scale=0.0), "'welcome'"),
    ],
)
def test_a_model_that_gives_no_numbers_is_broken(model, words):
    with pytest.raises(ModelBroke, match=words):
        by_score(Hand(PLAY, (MAIL,), ANA, 0.0, model, {}), lambda told: told.score)


def test_a_reader_may_look_at_anything_the_model_says():
    """A chooser of one's own can weigh by the probability of leaving alone."""
    options = (MAIL, SILENCE)
    safest = by_score(Hand(PLAIN, options, ANA, 0.0, MODEL, {}), lambda told: -told.left)
    assert safest.propensities[1] > 0.5
    assert isinstance(safest.appraisals[0], Appraisal)
