"""The order of precedence: deny wins, and one more prohibition never enables anything."""

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from equipoise.decide.gate import gate
from equipoise.nouns.agreements import (
    BITS,
    CROSS_SITE,
    PROFILING,
    ROSTER,
    SERVICE,
    THIRD_PARTY,
    UNCAPPED,
    Agreed,
    Signal,
)
from equipoise.nouns.rules import Rules
from equipoise.nouns.state import AtomState, Last, PersonState, Profile, Stance, Terms
from equipoise.remember.view import View
from equipoise.testing.standing import CONSENT, FakeStanding

NO = replace(CONSENT, granted=False)
RULES = Rules(
    bases={"service": "contract", "personalisation": "interest", "analytics": "interest"},
    needs={"analytics": BITS["analytics"]},
)
PURPOSES = ("marketing", "service", "personalisation", "analytics", "share.third_party")


def asked(purpose="marketing", more=0, **person) -> str:
    return gate(FakeStanding(**person), RULES, purpose, "email", more)


def test_each_step_is_seen_to_say_no_in_its_order():
    """Everything forbids at once; taking away the first that spoke lets the next one speak."""
    person = {
        "fields": {"traits.minor": True},
        "stances": {"marketing|*": NO},
        "barred": PROFILING,
        "cap": SERVICE,
    }
    assert asked(**person) == "prohibited_minor"
    person["fields"] = {}
    assert asked(**person) == "withdrawn"
    person["stances"] = {}
    assert asked(**person) == "barred_by_signal"
    person["barred"] = 0
    assert asked(**person) == "beyond_agreement"
    person["cap"] = UNCAPPED
    assert asked(**person) == "consent_missing"
    person["stances"] = {"marketing|*": replace(CONSENT, trust="public")}
    assert asked(**person) == "grant_not_trusted"
    person["stances"] = {"marketing|*": CONSENT}
    assert asked(**person) == ""


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("SD-BASE", {"service"}),
        ("SD-BASE-A", {"service", "analytics"}),
        ("SD-BASE-AT", {"service", "analytics"}),
        ("SD-BASE-ATP", {"service", "analytics", "personalisation", "marketing"}),
        ("SD-BASE-ATP-S3P-DP", {"service", "analytics", "personalisation", "marketing"}),
    ],
)
def test_what_each_agreement_leaves(name, allowed):
    stances = {f"{purpose}|*": CONSENT for purpose in PURPOSES}
    left = {p for p in PURPOSES if not asked(p, cap=ROSTER[name].mask, stances=stances)}
    assert left == allowed


def test_no_agreement_of_the_roster_allows_giving_people_away():
    stances = {f"{purpose}|*": CONSENT for purpose in PURPOSES}
    for agreement in ROSTER.values():
        assert asked(more=THIRD_PARTY, cap=agreement.mask, stances=stances) == "beyond_agreement"
    assert asked(more=THIRD_PARTY, stances=stances) == ""
    assert asked(more=THIRD_PARTY, barred=THIRD_PARTY, stances=stances) == "barred_by_signal"
    assert asked("ads.cross_site", barred=CROSS_SITE, stances={"ads.cross_site|*": CONSENT}) == (
        "barred_by_signal"
    )


stances = st.builds(
    Stance,
    granted=st.booleans(),
    at_ms=st.integers(0, 3),
    seq=st.integers(0, 3),
    event=st.just("e"),
    trust=st.sampled_from(["server", "public"]),
)
people = st.builds(
    FakeStanding,
    known=st.booleans(),
    cap=st.sampled_from([UNCAPPED, *(agreement.mask for agreement in ROSTER.values())]),
    barred=st.sampled_from([0, THIRD_PARTY | CROSS_SITE, PROFILING]),
    fields=st.sampled_from([{}, {"traits.minor": True}, {"traits.age": 30}]),
    stances=st.dictionaries(
        st.sampled_from([f"{p}|{c}" for p in PURPOSES for c in ("*", "email")]), stances
    ),
)


@given(people, st.sampled_from(PURPOSES), st.sampled_from([0, THIRD_PARTY]), st.data())
def test_one_more_prohibition_never_enables_anything(person, purpose, more, data):
    prohibitions = {
        "an objection": replace(person, stances=person.stances | {f"{purpose}|email": NO}),
        "an objection to all channels": replace(
            person, stances=person.stances | {f"{purpose}|*": NO}
        ),
        "a narrower agreement": replace(
            person, cap=person.cap & data.draw(st.sampled_from([a.mask for a in ROSTER.values()]))
        ),
        "a signal": replace(
            person, barred=person.barred | data.draw(st.sampled_from([*BITS.values()]))
        ),
        "being a minor": replace(person, fields={"traits.minor": True}),
    }
    before = gate(person, RULES, purpose, "email", more)
    for what, harder in prohibitions.items():
        after = gate(harder, RULES, purpose, "email", more)
        assert after or not before, f"{what} turned {before!r} into yes"
    if not before:
        assert gate(person, RULES, purpose, "email") == "", "a use that takes less is allowed too"


@given(people, st.sampled_from(PURPOSES))
def test_a_denial_beats_every_grant_agreement_and_basis(person, purpose):
    denied = replace(person, stances=person.stances | {f"{purpose}|email": NO})
    assert gate(denied, RULES, purpose, "email") in (
        "withdrawn",
        "objected",
        "prohibited_minor",
    )


def calls(work) -> int:
    """How many Python functions one piece of work calls."""
    count, before = 0, sys.getprofile()

    def called(_frame, event, _argument) -> None:
        nonlocal count
        count += event == "call"

    sys.setprofile(called)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


YES = {"marketing|*": CONSENT}
PROFILED = {"SD": Agreed("SD-BASE-ATP", 1, 16)}
GPC = {"gpc": Signal(THIRD_PARTY, 1, 16)}
ADULT = {"age": Last(40, 1, "e1")}


@pytest.mark.parametrize(
    ("said", "terms", "most"),
    [
        ("consent_missing", [{}], 12),
        ("", [{"stances": YES}], 13),
        ("", [{"stances": YES, "agreed": PROFILED, "signals": GPC}], 14),
        ("", [{"stances": YES, "agreed": PROFILED}, {"signals": GPC}], 24),
    ],
)
def test_the_gate_costs_few_calls_for_what_most_people_said(said, terms, most):
    """Three microseconds are some twenty calls; clocks differ, calls do not (bench/bench_terms.py)."""
    atoms = [
        AtomState(id=16 + place, known=True, terms=Terms(**told), profile=Profile(last=ADULT))
        for place, told in enumerate(terms)
    ]
    view = View(PersonState(atoms), 1, RULES)
    assert gate(view, RULES, "marketing", "email") == said
    assert calls(lambda: gate(view, RULES, "marketing", "email")) <= most
