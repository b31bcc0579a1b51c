"""Intelligence: a model is asked only where it explains itself as far as the purpose needs."""

import pytest
from msgspec.structs import replace

from equipoise.decide.choosers import find_choosers
from equipoise.decide.deciding import Deciders, decide
from equipoise.decide.guards.intelligence import intelligence
from equipoise.nouns.decisions import ALLOWED, Answer, Explain
from equipoise.nouns.rules import Rules
from equipoise.testing.models import FakeModel
from equipoise.testing.standing import PLAY, ask

LEVELS = list(Explain)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("needed", LEVELS)
def test_less_explanation_than_the_purpose_needs_is_refused_and_no_less_is_not(level, needed):
    rules = Rules(explains={"marketing": needed}, default_explain=Explain.NONE)
    verdict = intelligence(ask(model=FakeModel(explains=level), rules=rules))
    if level >= needed:
        assert verdict is ALLOWED
    else:
        assert (verdict.answer, verdict.reason) == (Answer.REFUSE, "explains_too_little")
        assert verdict.detail == {"level": level.name.lower(), "needed": needed.name.lower()}


def test_a_house_that_says_nothing_asks_for_exact_reasons():
    assert intelligence(ask(model=FakeModel(explains=Explain.EXACT))) is ALLOWED
    refused = intelligence(ask(model=FakeModel(explains=Explain.APPROXIMATE)))
    assert refused.reason == "explains_too_little"


def test_the_level_is_that_of_the_plays_own_purpose():
    rules = Rules(explains={"analytics": Explain.NONE})
    model = FakeModel(explains=Explain.NONE)
    there = replace(PLAY, purpose="analytics")
    assert intelligence(ask(model=model, rules=rules, play=there)) is ALLOWED
    assert intelligence(ask(model=model, rules=rules)).answer is Answer.REFUSE


def test_without_a_model_there_is_nothing_to_explain():
    assert intelligence(ask()) is ALLOWED


def test_a_decision_with_such_a_model_is_silence_and_the_model_is_never_asked():
    deciders = Deciders.of([("intelligence", intelligence)], find_choosers())
    asked = ask(model=FakeModel(explains=Explain.NONE))
    decision, option = decide(asked, deciders, seq=1, atom=1)
    assert option.is_silence
    assert (decision.outcome, decision.reason) == ("silence", "explains_too_little")
    assert decision.guard == "intelligence"
    assert decision.model == ""
