"""What the house believes of who somebody is stands on their page, with who said what to it, and no more."""

from html import unescape

import pytest

from equipoise.nouns.hypotheses import Hypothesis, Likeness
from house import send, welcome
from show.guests import Portal
from show.visiting import lively, people_of

ALIKE = (Likeness("birth_year", "exact", 7.5), Likeness("city", "close", 2.0))


@pytest.fixture
def portal() -> Portal:
    """Ana, and a second profile that looks like hers."""
    portal = Portal(lively())
    people = people_of(portal.engine)
    pair = Hypothesis(left=people["ana"], right=people["dee"], score=0.9312, evidence=ALIKE)
    portal.engine.suppose([pair])
    return portal


def read(portal, path="/me", email="ana@example.org") -> str:
    return unescape(portal.enter(email).get(f"{path}?lang=en").text)


def test_a_likeness_is_told_without_what_it_would_tell_of_the_other(portal) -> None:
    page = read(portal)
    assert "another profile looked like you (likeness 93.1%)" in page
    assert "not decided yet" in page
    assert "birth_year" not in page
    assert "Year of birth" not in page
    assert "dee@example.org" not in page
    assert "looked like you" not in read(portal, email="bo@example.org")


@pytest.mark.parametrize(
    ("verb", "state"), [("confirm", "joined"), ("refuse", "kept apart"), ("later", "put off")]
)
def test_what_was_said_to_it_is_told_with_whether_it_was_a_human(portal, verb, state) -> None:
    hypothesis = portal.engine.store.hypotheses_in("open", 1)[0]
    portal.engine.answer_join(hypothesis.id, verb, "olga")
    page = read(portal)
    assert f">{state}</span>" in page
    assert ("by a human" in page) == (verb != "later")
    assert "olga" not in page
    decisions = read(portal, "/me/decisions")
    assert ("a human joined them (likeness 93.1%)" in decisions) == (verb == "confirm")


def test_who_is_nobody_else_is_told_nothing_of_it() -> None:
    portal = Portal(lively())
    send(portal.engine, welcome("eve"))
    assert "Who may be you as well" not in read(portal)
