"""Dignity: what restrains a person waits for a human."""

import pytest
from msgspec.structs import replace

from equipoise.decide.guards.dignity import dignity
from equipoise.nouns.decisions import ALLOWED, Answer
from equipoise.testing.standing import EMAIL, PLAY, ask


@pytest.mark.parametrize("do", ["notify", "offer", "reward", "hand_over", "command", "share"])
def test_what_does_not_restrain_needs_nobody(do):
    assert dignity(ask(option=replace(EMAIL, do=do))) is ALLOWED


@pytest.mark.parametrize(
    "changes",
    [
        {"option": replace(EMAIL, do="restrain")},
        {"option": replace(EMAIL, review=True)},
        {"play": replace(PLAY, effect="significant")},
        {"play": replace(PLAY, effect="legal")},
    ],
)
def test_a_human_looks_at_what_weighs_on_a_person(changes):
    verdict = dignity(ask(**changes))
    assert (verdict.answer, verdict.reason) == (Answer.REVIEW, "needs_human")
