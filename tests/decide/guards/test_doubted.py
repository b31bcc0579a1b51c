"""Doubted: what somebody called untrue waits for a human, until one approves it."""

import pytest

from equipoise.decide.guards.doubted import doubted
from equipoise.nouns.decisions import ALLOWED, Answer
from equipoise.testing.standing import ask


@pytest.mark.parametrize(
    ("spent", "reason"),
    [
        ({}, "allowed"),
        ({"untrue:welcome/mail": 1}, "doubted"),
        ({"untrue:welcome/mail": 1, "checked:welcome/mail": 1}, "allowed"),
        ({"untrue:welcome/mail": 2, "checked:welcome/mail": 1}, "doubted"),
        ({"untrue:welcome/other": 1}, "allowed"),
        ({"untrue:thanks/mail": 1}, "allowed"),
    ],
)
def test_an_option_waits_for_a_human_while_more_was_said_than_answered(spent, reason):
    verdict = doubted(ask(spent=spent))
    assert verdict.reason == reason
    assert verdict is ALLOWED or verdict.answer is Answer.REVIEW
