"""Terms: what the person allows, per purpose and channel; deny wins."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from equipoise.decide.guards.terms import terms
from equipoise.nouns.decisions import ALLOWED, Answer
from equipoise.nouns.rules import Rules
from equipoise.nouns.state import Stance
from equipoise.testing.standing import CONSENT, EMAIL, PLAY, FakeStanding, ask

YES = CONSENT
NO = replace(CONSENT, granted=False)
FROM_BROWSER = replace(CONSENT, trust="public")
BASES = Rules(bases={"service": "contract", "personalisation": "interest"})


def answer(purpose="marketing", rules=BASES, **person):
    return terms(ask(FakeStanding(**person), play=replace(PLAY, purpose=purpose), rules=rules))


def test_consent_has_to_be_given():
    assert answer(stances={"marketing|email": YES}) is ALLOWED
    assert answer(stances={"marketing|*": YES}) is ALLOWED
    assert answer(stances={}).reason == "consent_missing"
    assert answer(stances={"marketing|sms": YES}).reason == "consent_missing"
    assert answer(stances={"service|*": YES}).reason == "consent_missing"


def test_a_withdrawal_refuses_and_says_for_what():
    verdict = answer(stances={"marketing|email": NO})
    assert (verdict.answer, verdict.reason, verdict.guard) == (Answer.REFUSE, "withdrawn", "terms")
    assert verdict.detail == {"purpose": "marketing", "channel": "email"}


def test_a_denial_of_all_channels_beats_a_grant_of_one():
    assert answer(stances={"marketing|*": NO, "marketing|email": YES}).reason == "withdrawn"


@pytest.mark.parametrize("purpose", ["service", "personalisation"])
def test_contract_and_interest_hold_until_the_person_objects(purpose):
    assert answer(purpose, stances={}) is ALLOWED
    assert answer(purpose, stances={f"{purpose}|*": YES}) is ALLOWED
    assert answer(purpose, stances={f"{purpose}|email": NO}).reason == "objected"


def test_a_purpose_that_is_not_listed_needs_what_the_house_says():
    assert answer("surveys", stances={}).reason == "consent_missing"
    assert answer("surveys", Rules(default_basis="interest"), stances={}) is ALLOWED


def test_what_a_browser_granted_counts_only_for_somebody_unknown():
    stances = {"marketing|*": FROM_BROWSER}
    assert answer(stances=stances, known=True).reason == "grant_not_trusted"
    assert answer(stances=stances, known=False) is ALLOWED
    assert answer(stances={"marketing|*": YES}, known=True) is ALLOWED


def test_what_a_browser_denied_counts_for_everybody():
    stances = {"marketing|*": replace(FROM_BROWSER, granted=False)}
    assert answer(stances=stances, known=True).reason == "withdrawn"


@pytest.mark.parametrize(
    "field", [{"traits.minor": True}, {"traits.age": 17}, {"traits.age": 17.9}]
)
def test_nothing_but_the_service_is_offered_to_a_minor(field):
    assert answer(fields=field).reason == "prohibited_minor"
    assert answer("personalisation", fields=field).reason == "prohibited_minor"
    assert answer("service", fields=field) is ALLOWED


@pytest.mark.parametrize(
    "field",
    [{"traits.minor": False}, {"traits.age": 18}, {"traits.age": "17"}, {"traits.age": True}],
)
def test_an_adult_or_an_age_that_cannot_be_read_is_no_minor(field):
    assert answer(fields=field) is ALLOWED


def test_a_page_is_asked_the_same_question():
    page = replace(EMAIL, channel="page")
    person = FakeStanding(stances={"marketing|page": NO})
    assert terms(ask(person, option=page)).reason == "withdrawn"


STANCES = st.dictionaries(
    st.sampled_from(["marketing|email", "marketing|*", "marketing|sms"]),
    st.builds(
        Stance,
        granted=st.booleans(),
        at_ms=st.just(1),
        seq=st.just(1),
        event=st.just("e"),
        trust=st.sampled_from(["public", "server"]),
    ),
)


@given(STANCES, st.booleans(), st.sampled_from(["consent", "interest", "contract"]), st.data())
def test_adding_a_denial_never_enables(stances, known, basis, data):
    rules = Rules(bases={"marketing": basis})
    place = data.draw(st.sampled_from(["marketing|email", "marketing|*", "marketing|sms"]))
    before = answer(rules=rules, stances=stances, known=known)
    after = answer(rules=rules, stances={**stances, place: NO}, known=known)
    assert after.answer >= before.answer or stances.get(place) == NO
