"""The newest answer about each contact counts; a browser cannot take back a known person's rest."""

import pytest

from equipoise.nouns.events import Event, Refused
from equipoise.nouns.rules import Rules
from equipoise.nouns.state import AtomState, PersonState
from equipoise.nouns.wishes import ANSWERS
from equipoise.remember.wishes import DAY_MS, MOST_FELT, fold_felt, rest

T_MS = 1_790_000_000_000
RULES = Rules(per_7d=4)


def person(**more):
    return PersonState(atoms=[AtomState(id=1, known=True, **more)])


def say(state, at_ms=0, trust="server", **facts):
    """Fold one answer that was given so long after the start; what came of it."""
    event = Event(
        id=f"e{at_ms}{facts}",
        kind="felt",
        channel="web",
        source="site",
        at_ms=T_MS + at_ms,
        received_ms=T_MS + at_ms,
        handles=(),
        facts=facts,
        trust=trust,
    )
    return fold_felt(state, state.atoms[-1], event, 10 + at_ms, RULES)


@pytest.mark.parametrize(
    ("said", "days"), [("welcome", 0), ("not_now", 1), ("too_much", 7), ("untrue", 0)]
)
def test_each_answer_asks_for_its_own_rest(said, days):
    state = person()
    say(state, felt=said, play="thanks", option="mail")
    expected = (T_MS + days * DAY_MS, said) if days else None
    assert rest(state.atoms, T_MS) == expected
    assert rest(state.atoms, T_MS + days * DAY_MS) is None


def test_too_much_halves_the_weekly_budget_once_in_a_week_of_rest():
    state = person()
    terms = state.atoms[0].terms
    say(state, felt="too_much", decision="d_1")
    assert terms.per_week == 2
    say(state, DAY_MS, felt="too_much", decision="d_2")
    assert terms.per_week == 2, "the same rest"
    say(state, 9 * DAY_MS, felt="too_much", decision="d_3")
    say(state, 18 * DAY_MS, felt="too_much", decision="d_4")
    assert terms.per_week == 1, "one contact is not halved to none"


def test_a_budget_of_none_stays_none():
    state = person()
    state.atoms[0].terms.per_week = 0
    state.atoms[0].terms.set_seq = 1
    say(state, felt="too_much")
    assert state.atoms[0].terms.per_week == 0


def test_the_newest_answer_about_a_contact_takes_the_place_of_the_former():
    state = person()
    say(state, felt="not_now", decision="d_1")
    heard = say(state, 1, felt="welcome", decision="d_1")
    assert heard.before.answer == "not_now"
    assert rest(state.atoms, T_MS + 2) is None
    assert say(state, 2, felt="welcome", decision="d_1") is None, "the same again is no news"
    assert say(state, 0, felt="not_now", decision="d_1") is None, "an older one comes too late"


def test_a_public_key_cannot_take_back_the_rest_of_a_known_person():
    state = person()
    say(state, felt="too_much", decision="d_1")
    refused = say(state, 1, "public", felt="welcome", decision="d_1")
    assert isinstance(refused, Refused)
    assert refused.code == "public_cannot_grant"
    assert rest(state.atoms, T_MS + 2)[1] == "too_much"


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"felt": "fine"},
        {"felt": ["welcome"]},
        {"felt": "welcome", "decision": 4},
        {"felt": "welcome", "decision": "d_0"},
        {"felt": "welcome", "play": 3},
        {"felt": "welcome", "play": "x" * 65},
        {"felt": "untrue", "play": "thanks"},
    ],
)
def test_what_cannot_be_read_is_refused_with_a_sentence(facts):
    state = person()
    refused = say(state, **facts)
    assert isinstance(refused, Refused)
    assert refused.code == "felt_malformed"
    assert state.atoms[0].felt == []


def test_answers_are_bounded_and_a_rest_is_not_forgotten_for_a_welcome():
    state = person()
    say(state, felt="too_much", decision="d_1")
    for n in range(2, MOST_FELT + 20):
        say(state, n, felt="welcome", decision=f"d_{n}")
    assert len(state.atoms[0].felt) == MOST_FELT
    assert rest(state.atoms, T_MS + 1)[1] == "too_much"


def test_there_are_four_answers():
    assert ANSWERS == ("welcome", "not_now", "too_much", "untrue")
