"""What asks for an answer, and what a rule confirms by itself."""

import pytest
from msgspec.structs import replace

from equipoise.nouns.hypotheses import KeptHypothesis, Likeness
from equipoise.recognise.proposing import Proposed, Rule, RuleUnread, proposed, read_rule

KEPT = KeptHypothesis(
    seq=16,
    left=1,
    right=2,
    score=0.99,
    evidence=(Likeness("email", "exact", 9.0), Likeness("city", "close", 1.0)),
    found_ms=1,
)


@pytest.mark.parametrize(
    ("rule", "kept", "confirms"),
    [
        (Rule(0.99), KEPT, True),
        (Rule(0.995), KEPT, False),
        (Rule(0.9, ("email",)), KEPT, True),
        (Rule(0.9, ("email", "city")), KEPT, False),
        (Rule(0.9), replace(KEPT, held="cluster_loose"), False),
        (Rule(0.9), replace(KEPT, state="later"), False),
        (Rule(0.9), replace(KEPT, state="refused"), False),
        (Rule(0.9), replace(KEPT, by="zoe", how="human", answered_ms=7), False),
    ],
)
def test_a_rule_confirms_what_is_likely_agrees_and_is_open_and_not_held(rule, kept, confirms):
    assert rule.confirms(kept) is confirms


@pytest.mark.parametrize("text", ["often", "0.2", "1.5", "0.99 mail", "nan"])
def test_a_rule_that_cannot_be_read_says_what_to_write(text):
    with pytest.raises(RuleUnread, match="email birth_date"):
        read_rule(text)


def test_one_hypothesis_asks_for_two_people_and_none_for_who_is_one_or_gone():
    person = {1: 1, 2: 2, 3: 2, 4: 1}
    again = replace(KEPT, seq=32, right=3)
    one = replace(KEPT, seq=48, left=1, right=4)
    gone = replace(KEPT, seq=64, right=5)
    done = replace(KEPT, seq=80, state="refused")
    assert proposed([done, gone, one, KEPT, again], person) == [Proposed(KEPT, 1, 2)]
