"""Audience: a play is for those it names."""

from equipoise.decide.guards.audience import audience
from equipoise.nouns.decisions import ALLOWED, Answer
from equipoise.testing.standing import ask


def test_only_the_audience_is_addressed():
    assert audience(ask()) is ALLOWED
    verdict = audience(ask(in_audience=False))
    assert (verdict.answer, verdict.reason) == (Answer.REFUSE, "not_in_audience")
