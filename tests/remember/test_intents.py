"""Intents: what is read, what replaces what, when it ends, and who may change it."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.nouns.events import Event, Refused
from equipoise.nouns.intents import (
    DAY_MS,
    DEFAULT_DAYS,
    MOST_INTENTS,
    Intent,
    facts_of,
    read_intent,
)
from equipoise.nouns.state import AtomState, PersonState
from equipoise.recognise.applying import split
from equipoise.remember.intents import fold_intent, sought
from equipoise.remember.words import MOST_WITHDRAWN

NOW = 1_790_000_000_000
LATER = NOW + 60_000


def person(*, known=True, atoms=1):
    return PersonState([AtomState(id=16 * (n + 1), known=known) for n in range(atoms)])


def said(kind="intent.declared", at_ms=NOW, trust="server", **facts):
    return Event(
        id=f"e{at_ms}",
        kind=kind,
        channel="web",
        source="site",
        at_ms=at_ms,
        received_ms=at_ms,
        handles=(),
        trust=trust,
        facts=facts,
        provenance="stated",
    )


def fold(state, event, seq=100, place=0):
    return fold_intent(state, state.atoms[place], event, seq, "Europe/Paris")


def ids(state, now_ms=LATER):
    return [intent.id for intent in sought(state.atoms, now_ms)]


def test_all_of_an_intent_is_read():
    state = person()
    fold(
        state,
        said(
            category=" Bike ",
            must=["lights"],
            nice=["basket", "basket"],
            budget={"amount": 299.9, "currency": "EUR"},
            until="2026-12-31",
            audience=["play:spring", "partner:velo"],
        ),
    )
    assert sought(state.atoms, LATER) == (
        Intent(
            id="Bike",
            at_ms=NOW,
            seq=100,
            until_ms=1_798_758_000_000,
            category="Bike",
            must=("lights",),
            nice=("basket",),
            budget=299_900,
            currency="EUR",
            audience=("play:spring", "partner:velo"),
        ),
    )


@pytest.mark.parametrize(
    ("facts", "named"),
    [
        ({}, "category"),
        ({"category": ""}, "category"),
        ({"category": "x" * 65}, "category"),
        ({"category": "bike", "must": [1]}, "must"),
        ({"category": "bike", "nice": {"a": 1}}, "nice"),
        ({"category": "bike", "must": [str(n) for n in range(17)]}, "must"),
        ({"category": "bike", "budget": -1}, "budget"),
        ({"category": "bike", "budget": True}, "budget"),
        ({"category": "bike", "budget": float("nan")}, "budget"),
        ({"category": "bike", "budget": {"amount": 1, "currency": "euro"}}, "budget"),
        ({"category": "bike", "budget": {"amount": 1, "currency": 7}}, "budget"),
        ({"category": "bike", "until": "yesterday"}, "until"),
        ({"category": "bike", "until": "2020-01-01"}, "until"),
        ({"category": "bike", "audience": ["everybody"]}, "audience"),
        ({"category": "bike", "audience": ["play:"]}, "audience"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_fact_and_what_came(facts, named):
    state = person()
    refused = fold(state, said(**facts))
    assert isinstance(refused, Refused)
    assert refused.code == "intent_malformed"
    assert repr(named) in refused.message
    assert ids(state) == []


def test_an_intent_ends_by_itself():
    state = person()
    fold(state, said(category="bike"))
    assert ids(state, NOW + DEFAULT_DAYS * DAY_MS - 1) == ["bike"]
    assert ids(state, NOW + DEFAULT_DAYS * DAY_MS) == []


def test_the_same_id_replaces_and_taking_back_ends_it():
    state = person()
    fold(state, said(intent="wheels", category="bike"))
    told = fold(state, said(at_ms=NOW + 1, intent="wheels", category="scooter"), seq=101)
    assert told.before.category == "bike"
    assert [one.category for one in sought(state.atoms, LATER)] == ["scooter"]
    fold(state, said("intent.withdrawn", NOW + 2, intent="wheels"), seq=102)
    assert ids(state) == []
    assert fold(state, said(intent="wheels", category="bike"), seq=103) is None, (
        "it was said before"
    )
    assert ids(state) == []


def test_a_public_key_changes_nothing_that_a_known_person_declared():
    state = person()
    fold(state, said(category="bike"))
    for event in (
        said("intent.withdrawn", NOW + 1, "public", intent="bike"),
        said(at_ms=NOW + 1, trust="public", intent="bike", category="boat"),
    ):
        refused = fold(state, event, seq=101)
        assert isinstance(refused, Refused)
        assert refused.code == "public_cannot_grant"
    assert [one.category for one in sought(state.atoms, LATER)] == ["bike"]
    fold(state, said(trust="public", category="boat"), seq=102)
    assert ids(state) == ["bike", "boat"], "but it may ask for more"


def test_one_too_many_is_refused_and_what_a_browser_said_gives_way_to_a_server():
    state = person()
    for n in range(MOST_INTENTS):
        fold(state, said(trust="public", category=f"c{n}"), seq=n)
    refused = fold(state, said(trust="public", category="more"))
    assert isinstance(refused, Refused)
    assert refused.code == "intent_too_many"
    fold(state, said(category="mine"))
    assert len(ids(state)) == MOST_INTENTS
    assert "mine" in ids(state)
    assert "c0" not in ids(state)


def test_what_was_taken_back_is_remembered_for_a_bounded_number():
    state = person()
    for n in range(3 * MOST_WITHDRAWN):
        fold(state, said("intent.withdrawn", NOW + n, intent=f"i{n}"), seq=n)
    assert len(state.atoms[0].intents) == MOST_WITHDRAWN
    assert state.atoms[0].intents[-1].id == f"i{3 * MOST_WITHDRAWN - 1}"


def test_a_split_gives_each_what_they_are_looking_for():
    state = person(atoms=2)
    fold(state, said(category="bike"), seq=100, place=0)
    fold(state, said(category="boat"), seq=101, place=1)
    assert ids(state) == ["bike", "boat"]
    parts, _ = split(state, (state.atoms[1].id,), "officer", LATER)
    assert [ids(part) for part in parts] == [["bike"], ["boat"]]


TEXTS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20).map(str.strip).filter(bool)


@given(
    category=TEXTS,
    must=st.lists(TEXTS, max_size=4),
    nice=st.lists(TEXTS, max_size=4),
    budget=st.none() | st.integers(0, 10**9),
    days=st.integers(1, 300),
)
def test_what_is_exported_declares_the_same_again(category, must, nice, budget, days):
    until = datetime.fromtimestamp(NOW // 1000 + days * 86_400, UTC).isoformat()
    asked = {"category": category, "must": must, "nice": nice, "budget": budget, "until": until}
    first = read_intent(asked, NOW, 1, "UTC", "server")
    again = read_intent(facts_of(first), NOW, 1, "UTC", "server")
    assert again == first


@given(st.integers(0, 400 * DAY_MS), st.integers(0, 400 * DAY_MS))
def test_what_has_ended_never_comes_back(one_ms, other_ms):
    state = person()
    fold(state, said(category="bike"))
    early, late = sorted((one_ms, other_ms))
    assert set(ids(state, NOW + late)) <= set(ids(state, NOW + early))


@given(
    st.dictionaries(
        st.text(max_size=8), st.none() | st.booleans() | st.integers() | st.text(max_size=9)
    )
)
def test_whatever_is_said_is_kept_or_refused_and_never_breaks(facts):
    state = person()
    told = fold(state, said(**{"category": "bike"} | facts))
    assert isinstance(told, Refused) or ids(state) == [told.intent.id]
