"""A house of people who may be one, for tests of hypotheses."""

import msgspec

from equipoise.nouns.events import Handle
from equipoise.nouns.hypotheses import Hypothesis, Likeness
from equipoise.nouns.state import PersonState
from house import identify

SAME_NAME = (Likeness("family_name", "exact", 6.5), Likeness("email", "different", -2.0))

_state = msgspec.msgpack.Decoder(PersonState).decode


def user(name):
    """The handle of somebody who has an account."""
    return Handle("user_id", name)


def arrive(engine, *names):
    """Let people arrive, each with an address of their own."""
    for name in names:
        engine.take([identify(name, email=f"{name}@example.org")])


def person_of(engine, name):
    """The id of somebody."""
    return engine.store.atoms_of([user(name)])[user(name)].person


def state_of(engine, name):
    """What is remembered of somebody."""
    person = person_of(engine, name)
    return _state(engine.store.states([person])[person])


def pair(engine, one, other, score=0.99, held=""):
    """A pair as a search finds it."""
    left, right = sorted((person_of(engine, one), person_of(engine, other)))
    return Hypothesis(left=left, right=right, score=score, evidence=SAME_NAME, held=held)


def suppose(engine, one, other, score=0.99):
    """Post one pair; the hypothesis that is kept of it, the newest."""
    found = pair(engine, one, other, score)
    engine.suppose([found])
    return engine.store.hypotheses_of([found.left, found.right])[-1]
