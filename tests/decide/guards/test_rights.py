"""Rights: what the person restricts or contests is not done, whatever the play."""

from msgspec.structs import replace

from equipoise.decide.guards.rights import rights
from equipoise.nouns.decisions import ALLOWED, Answer
from equipoise.nouns.plays import Option
from equipoise.nouns.rules import Rules
from equipoise.testing.standing import PLAY, FakeStanding, ask


def test_nothing_stands_in_the_way_of_somebody_who_asked_for_nothing():
    assert rights(ask()) is ALLOWED


def test_a_restricted_person_gets_service_and_nothing_else():
    person = FakeStanding(restricted=True)
    refused = rights(ask(person))
    assert (refused.answer, refused.reason) == (Answer.REFUSE, "restricted")
    rules = Rules(bases={"service": "contract", "analytics": "interest"})
    assert rights(ask(person, play=replace(PLAY, purpose="service"), rules=rules)) is ALLOWED
    interest = rights(ask(person, play=replace(PLAY, purpose="analytics"), rules=rules))
    assert interest.reason == "restricted"


def test_a_contested_option_is_refused_and_its_neighbours_are_not():
    person = FakeStanding(contests=frozenset({"welcome|mail"}))
    assert rights(ask(person)).reason == "contested"
    assert rights(ask(person, option=Option(name="text"))) is ALLOWED
    assert rights(ask(person, play=replace(PLAY, name="other"))) is ALLOWED
