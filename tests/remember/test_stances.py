"""Answers over several atoms: deny wins, until a grant is given when both were one person."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from equipoise.nouns.state import AtomState, PersonState, Stance, Terms
from equipoise.remember.stances import effective, is_known


def denied(at_ms: int, seq: int) -> Stance:
    """A denial that counts from `at_ms`, as record `seq`."""
    return Stance(False, at_ms, seq, f"d{seq}")


def granted(at_ms: int, seq: int) -> Stance:
    """A grant that counts from `at_ms`, as record `seq`."""
    return Stance(True, at_ms, seq, f"g{seq}")


def person(*answers: dict[str, Stance], joined: tuple[int, ...] = (0, 50)) -> PersonState:
    """A person whose atoms answered so and joined at these numbers."""
    return PersonState(
        atoms=[
            AtomState(id=place, joined_seq=seq, terms=Terms(stances=stances))
            for place, (stances, seq) in enumerate(zip(answers, joined, strict=True), 1)
        ]
    )


ALL, MAIL = "marketing|*", "marketing|email"


@pytest.mark.parametrize(
    ("older", "younger", "answer"),
    [
        ({}, {}, None),
        ({ALL: granted(1, 1)}, {}, True),
        ({}, {ALL: denied(1, 1)}, False),
        # Before the join (record 50) a grant on one atom says nothing of the other.
        ({ALL: denied(1, 1)}, {ALL: granted(9, 40)}, False),
        ({ALL: granted(9, 40)}, {ALL: denied(1, 1)}, False),
        # The record that brings the join does not count as given after it.
        ({ALL: denied(1, 1)}, {ALL: granted(9, 50)}, False),
        # After the join the person speaks for both atoms, wherever the grant falls.
        ({ALL: denied(1, 1)}, {ALL: granted(9, 60)}, True),
        ({ALL: granted(9, 60)}, {ALL: denied(1, 1)}, True),
        # Later in the log, but about an earlier time.
        ({ALL: denied(9, 1)}, {ALL: granted(5, 60)}, False),
        ({ALL: denied(9, 1)}, {ALL: granted(9, 60)}, False),
        # As wide or wider, across atoms too.
        ({MAIL: denied(1, 1)}, {ALL: granted(9, 60)}, False),
        ({ALL: denied(1, 1)}, {MAIL: granted(9, 60)}, True),
        ({"*|*": denied(1, 1)}, {ALL: granted(9, 60)}, True),
        ({"*|email": denied(1, 1)}, {ALL: granted(9, 60)}, False),
        # One denial lifted, another not.
        ({ALL: denied(1, 1), "*|email": denied(2, 2)}, {ALL: granted(9, 60)}, False),
    ],
)
def test_what_two_atoms_come_to(older, younger, answer):
    stance = effective(person(older, younger).atoms, "marketing", "email")
    assert (None if stance is None else stance.granted) is answer


def test_a_join_of_three_counts_from_the_later_join():
    """Atoms 2 and 3 were one since 20; when they join 1 at 50, what was said between is not carried."""
    answers = ({}, {ALL: denied(1, 10)}, {ALL: granted(5, 30)})
    before = person(*answers[1:], joined=(0, 20))
    after = person(*answers, joined=(0, 50, 50))
    assert effective(before.atoms, "marketing", "email").granted is True
    assert effective(after.atoms, "marketing", "email").granted is False


def test_the_answer_that_is_told_is_the_latest_that_counts():
    state = person({ALL: granted(1, 1)}, {MAIL: granted(5, 60)})
    assert effective(state.atoms, "marketing", "email").seq == 60
    state = person({ALL: denied(1, 1)}, {MAIL: denied(5, 60)})
    assert effective(state.atoms, "marketing", "email").seq == 60


def test_a_person_is_known_as_soon_as_one_atom_is():
    state = person({}, {})
    assert not is_known(state.atoms)
    state.atoms[1].known = True
    assert is_known(state.atoms)


stances = st.builds(
    Stance,
    granted=st.booleans(),
    at_ms=st.integers(0, 3),
    seq=st.integers(1, 9),
    event=st.just("e"),
)
answers = st.dictionaries(
    st.sampled_from([ALL, MAIL, "*|*", "*|email", "news|*", ALL + "|public", MAIL + "|public"]),
    stances,
    max_size=4,
)
atoms = st.lists(
    st.builds(
        AtomState,
        id=st.integers(16, 19),
        joined_seq=st.integers(0, 9),
        known=st.booleans(),
        terms=st.builds(Terms, stances=answers),
    ),
    min_size=1,
    max_size=3,
)


@given(atoms)
@example([AtomState(id=16, terms=Terms(stances={ALL + "|public": granted(1, 1)}))])
@example([AtomState(id=16, terms=Terms(stances={"*|email": denied(1, 1)}), known=True)])
@example([AtomState(id=16, terms=Terms(stances={"*|*": denied(1, 1)}), known=True)])
def test_an_answer_about_something_else_changes_nothing(atoms):
    """So the short way, for those who said little, ends where the long way does."""
    apart = [
        AtomState(id=20 + n, terms=Terms(stances={"parcels|sms": granted(9, 9)})) for n in range(2)
    ]
    found = effective(atoms, "marketing", "email")
    assert effective([*atoms, *apart], "marketing", "email") == found
