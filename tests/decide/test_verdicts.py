"""Verdicts carry their guard, their reason and what fills the sentence."""

from equipoise.decide.verdicts import hold, refuse, review
from equipoise.nouns.decisions import Answer, Verdict


def test_each_answer_is_worded_by_its_function():
    assert refuse("g", reason="full", most="1") == Verdict(
        Answer.REFUSE, reason="full", guard="g", detail={"most": "1"}
    )
    assert hold("g", reason="night", until_ms=5) == Verdict(
        Answer.HOLD, reason="night", guard="g", until_ms=5
    )
    assert review("g", reason="look").answer is Answer.REVIEW
