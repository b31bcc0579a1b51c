"""Holdout: a fixed share of people is left alone, so that effects can be measured."""

from msgspec.structs import replace

from equipoise.decide.guards.holdout import holdout
from equipoise.nouns.decisions import ALLOWED, Answer
from equipoise.nouns.rules import Rules
from equipoise.testing.standing import PLAY, FakeStanding, ask

PEOPLE = range(1, 4001)


def held(seed=b"seed", rules=None, play=PLAY):
    """Who of four thousand people is held out."""
    rules = rules or Rules()
    asks = (ask(FakeStanding(person=n), seed=seed, rules=rules, play=play) for n in PEOPLE)
    return {asked.standing.person for asked in asks if holdout(asked) is not ALLOWED}


def test_without_a_share_nobody_is_held_out():
    assert held() == set()


def test_the_share_of_the_house_is_held_out_of_every_play():
    rules = Rules(holdout=0.1)
    out = held(rules=rules)
    assert 320 < len(out) < 480
    assert out == held(rules=rules, play=replace(PLAY, name="another"))
    verdict = holdout(ask(FakeStanding(person=min(out)), rules=rules))
    assert (verdict.answer, verdict.reason) == (Answer.REFUSE, "holdout_global")


def test_each_play_holds_out_people_of_its_own():
    one = replace(PLAY, holdout=0.2)
    out, other = held(play=one), held(play=replace(one, name="another"))
    assert 700 < len(out) < 900
    assert 100 < len(out & other) < 220
    assert holdout(ask(FakeStanding(person=min(out)), play=one)).reason == "holdout_play"


def test_a_larger_share_holds_out_the_same_people_and_more():
    assert held(rules=Rules(holdout=0.05)) < held(rules=Rules(holdout=0.1))
    assert held(rules=Rules(holdout=1.0)) == set(PEOPLE)
    assert held(play=replace(PLAY, holdout=1.0)) == set(PEOPLE)


def test_another_seed_holds_out_others():
    rules = Rules(holdout=0.1)
    assert len(held(rules=rules) & held(b"other", rules)) < 90


def test_what_is_part_of_the_contract_is_told_to_everybody_but_for_the_plays_own_holdout():
    rules = Rules(holdout=1.0, bases={"service": "contract"})
    service = replace(PLAY, purpose="service")
    assert held(rules=rules, play=service) == set()
    assert held(rules=rules, play=replace(service, holdout=1.0)) == set(PEOPLE)
