"""The exams of guards and choosers fail what does not keep the promise."""

import pytest
from msgspec.structs import replace

from equipoise.decide.choosers.uniform import uniform
from equipoise.decide.verdicts import hold, refuse
from equipoise.nouns.decisions import ALLOWED, Answer, Choice, Verdict
from equipoise.testing.exams_decide import ExamFailed, examine_chooser, examine_guard


def changes_the_question(asked):
    asked.in_audience = True
    return ALLOWED


def answers_in_turns():
    answers = iter([ALLOWED, refuse("g", reason="no")] * 1000)
    return lambda asked: next(answers)


@pytest.mark.parametrize(
    ("guard", "words"),
    [
        (lambda asked: True, "has to return a Verdict"),
        (answers_in_turns(), "in two ways"),
        (changes_the_question, "changed what it was asked"),
        (lambda asked: hold("g", reason="x", until_ms=asked.now_ms), "not after"),
        (lambda asked: Verdict(Answer.HOLD, reason="x"), "holds until None"),
        (lambda asked: Verdict(Answer.REFUSE, reason="x", until_ms=1), "without holding"),
        (lambda asked: Verdict(Answer.REFUSE), "needs a reason code"),
        (lambda asked: refuse("g", reason="Not now!"), "needs a reason code"),
        (lambda asked: refuse("other", reason="no"), "signs as 'other'"),
        (lambda asked: Verdict(Answer.ALLOW, reason="fine"), "allows for a reason"),
        (
            lambda asked: refuse("g", reason="no") if asked.in_audience else ALLOWED,
            "gives way after leaving the audience",
        ),
        (
            lambda asked: ALLOWED if asked.rules.per_day == 0 else refuse("g", reason="no"),
            "gives way after no contacts a day",
        ),
    ],
)
def test_a_guard_that_breaks_a_promise_fails(guard, words):
    with pytest.raises(ExamFailed, match=words):
        examine_guard("g", guard)


def test_a_guard_that_keeps_them_passes_and_its_reasons_are_told():
    guard = lambda asked: ALLOWED if asked.in_audience else refuse("g", reason="no")  # noqa: E731
    assert examine_guard("g", guard) == {"allowed", "no"}


def short(hand):
    return Choice(0, (1.0,))


def greedy(hand):
    return Choice(0, (1.0, *[0.0] * (len(hand.options) - 1)))


def squared(hand):
    """Sums to more than one where there are ties, as seen in the wild."""
    return Choice(0, (1.0,) * len(hand.options))


def negative(hand):
    return Choice(0, (9.0, *[-8.0 / max(1, len(hand.options) - 1)] * (len(hand.options) - 1)))


def drifting(hand):
    choice = uniform(hand)
    tilted = (choice.propensities[0] + hand.draw / 1e6, *choice.propensities[1:])
    return replace(choice, propensities=tilted)


def backwards(hand):
    choice = uniform(hand)
    return replace(choice, index=len(hand.options) - 1 - choice.index)


def unsigned(hand):
    """Tells what options are worth, and not who said so."""
    choice = uniform(hand)
    if hand.model is None:
        return choice
    return replace(choice, appraisals=hand.model.appraise(hand.options, hand.inputs))


def sparing(hand):
    """Tells of the first option only what it is worth."""
    choice = unsigned(hand)
    if hand.model is None:
        return choice
    return replace(choice, appraisals=choice.appraisals[:1] * 2, model=hand.model.version)


def inventing(hand):
    return replace(uniform(hand), model="none")


@pytest.mark.parametrize(
    ("chooser", "words"),
    [
        (unsigned, "the choice says ''"),
        (sparing, "2 appraisals for 1 options"),
        (inventing, "no model, and one is named"),
        (short, "1 probabilities"),
        (greedy, "under the floor"),
        (squared, "sum to"),
        (negative, r"not all in \[0, 1\]"),
        (drifting, "change with the draw"),
        (backwards, "the probabilities say"),
    ],
)
def test_a_chooser_that_breaks_a_promise_fails(chooser, words):
    with pytest.raises(ExamFailed, match=words):
        examine_chooser("c", chooser)
