"""What a person asked for goes before what is inferred, and never round a guard."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from equipoise.decide.choosers import find_choosers
from equipoise.decide.deciding import Deciders, decide
from equipoise.decide.serving import asked_for
from equipoise.decide.verdicts import hold, refuse, review
from equipoise.nouns.decisions import ALLOWED, Answer
from equipoise.nouns.intents import Intent
from equipoise.nouns.plays import SILENCE, Goal, Option
from equipoise.testing.standing import NOON_MS, PLAY, FakeStanding, ask

BIKE = Intent(id="bike", at_ms=1, seq=1, until_ms=NOON_MS * 2, category="bike")
CITY = Option(name="city", channel="page", serves="bike", has=("lights", "basket"), price=300.0)
RACER = Option(name="racer", channel="page", serves="bike", has=("light weight",), price=2000.0)
COAT = Option(name="coat", channel="page", serves="coat")
NEWS = Option(name="news", channel="page")
OPTIONS = (CITY, RACER, COAT, NEWS)


def who(*intents):
    return FakeStanding(intents=intents)


def first(*intents, options=OPTIONS, **play):
    asked = ask(who(*intents), play=replace(PLAY, options=(*options, SILENCE), **play))
    return asked_for(asked, options)


def decided(*intents, guards=(), options=OPTIONS, chooser="uniform", seed=b"seed"):
    play = replace(PLAY, options=(*options, SILENCE), chooser=chooser)
    deciders = Deciders.of(list(guards), find_choosers())
    decision, _ = decide(ask(who(*intents), play=play, seed=seed), deciders, seq=17, atom=1)
    return decision


def chances(decision):
    return {one.option: one.propensity for one in decision.weighed}


def test_an_option_of_the_category_is_asked_for_whatever_the_capitals():
    assert first(replace(BIKE, category="Bike")) == {"city", "racer"}


def test_what_must_be_there_rules_out_whatever_lacks_it():
    assert first(replace(BIKE, must=("Lights",))) == {"city"}
    assert first(replace(BIKE, must=("lights", "tandem"))) == frozenset()


def test_a_budget_rules_out_what_costs_more_and_what_does_not_say():
    assert first(replace(BIKE, budget=300_000)) == {"city"}
    assert first(replace(BIKE, budget=299_999)) == frozenset()
    assert first(replace(BIKE, budget=1), options=(replace(CITY, price=None),)) == frozenset()


def test_a_budget_in_another_currency_is_kept_by_nothing():
    priced = {"goal": Goal(event="Order Completed", currency="EUR")}
    assert first(replace(BIKE, budget=300_000, currency="EUR"), **priced) == {"city"}
    assert first(replace(BIKE, budget=300_000, currency="USD"), **priced) == frozenset()


def test_most_of_what_would_be_nice_goes_first():
    assert first(replace(BIKE, nice=("basket", "bell"))) == {"city"}
    assert first(replace(BIKE, nice=("bell",))) == {"city", "racer"}


@pytest.mark.parametrize(
    ("audience", "heard"),
    [
        (("house",), True),
        (("all",), True),
        (("play:welcome",), True),
        (("purpose:marketing",), True),
        (("play:other", "purpose:service", "staff", "partner:welcome"), False),
    ],
)
def test_a_play_that_is_not_in_the_audience_knows_nothing(audience, heard):
    silent = chances(decided())
    told = chances(decided(replace(BIKE, audience=audience)))
    assert (told != silent) == heard


def test_what_was_asked_for_shares_the_draw_with_silence_alone():
    decision = decided(BIKE)
    shares = chances(decision)
    assert shares == pytest.approx(
        {"city": 1 / 3, "racer": 1 / 3, "coat": 0, "news": 0, "silence": 1 / 3}
    )
    (why,) = {v.reason for one in decision.weighed if not one.propensity for v in one.verdicts}
    assert why == "asked_for_first"


def test_whoever_gets_it_is_told_that_they_asked_for_it():
    seeds = (f"seed{n}".encode() for n in range(64))
    reasons = {d.chosen: d.reason for d in (decided(BIKE, seed=seed) for seed in seeds)}
    assert reasons == {"city": "asked_for", "racer": "asked_for", "silence": "drawn_silence"}


def test_people_who_look_for_nothing_are_decided_for_as_ever():
    assert chances(decided()) == pytest.approx(dict.fromkeys(chances(decided()), 0.2))
    assert decided().reason in ("chosen", "drawn_silence")


def by_option(**verdicts):
    return ("by_option", lambda asked: verdicts.get(asked.option.name, ALLOWED))


def test_what_a_guard_refuses_is_not_asked_for_and_the_others_do_not_step_back():
    no = refuse("g", reason="no")
    later = hold("g", reason="wait", until_ms=NOON_MS + 1)
    shares = chances(decided(BIKE, guards=[by_option(city=no, racer=later)]))
    assert shares == pytest.approx(
        {"city": 0, "racer": 0, "coat": 1 / 3, "news": 1 / 3, "silence": 1 / 3}
    )


ANSWERS = st.sampled_from(
    [
        ALLOWED,
        review("g", reason="look"),
        refuse("g", reason="no"),
        hold("g", reason="w", until_ms=NOON_MS + 9),
    ]
)
WORDS = st.lists(st.sampled_from(["lights", "basket", "light weight"]), max_size=2).map(tuple)
INTENTS = st.builds(
    replace,
    st.just(BIKE),
    category=st.sampled_from(["bike", "coat", "boat"]),
    must=WORDS,
    nice=WORDS,
    budget=st.none() | st.integers(0, 3_000_000),
    audience=st.sampled_from([("house",), ("staff",), ("play:welcome",), ("partner:x",)]),
)


@given(
    verdicts=st.fixed_dictionaries({option.name: ANSWERS for option in OPTIONS}),
    intents=st.lists(INTENTS, max_size=3),
    seed=st.binary(min_size=1, max_size=8),
)
def test_an_intent_never_opens_what_a_guard_closes_and_chances_stay_whole(verdicts, intents, seed):
    guards = [by_option(**verdicts)]
    with_it = decided(*intents, guards=guards, seed=seed)
    without = chances(decided(guards=guards, seed=seed))
    shares = chances(with_it)
    assert sum(shares.values()) == pytest.approx(1.0, abs=1e-12)
    for name, share in shares.items():
        if without[name] == 0 and name != "silence":
            assert share == 0
    assert any(share > 0 for name, share in shares.items() if name != "silence") == any(
        verdict.answer in (Answer.ALLOW, Answer.REVIEW) for verdict in verdicts.values()
    )
