"""Atoms come together and go apart, and nothing of what they hold is lost or mixed."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.nouns.events import Event, Handle
from equipoise.nouns.people import CannotLink, Recognised
from equipoise.nouns.state import (
    AtomState,
    Contact,
    Held,
    Hush,
    Last,
    PersonState,
    Profile,
    Stance,
    Tally,
    Terms,
)
from equipoise.recognise.applying import (
    SplitRefused,
    apply,
    are_unlike,
    refuse,
    refused_by,
    split,
    take_back,
)

EVENT = Event(id="e9", kind="k", channel="web", source="site", at_ms=90, received_ms=91, handles=())
encode = msgspec.msgpack.encode


def atom(number: int, **more) -> AtomState:
    """An atom that remembers something in every field."""
    return AtomState(
        id=number,
        handles=[Handle("device", f"d{number}")],
        event_seq=number,
        profile=Profile(
            tallies={"page.viewed": Tally(n=number, total=1.5)},
            last={"traits.age": Last(number, 5, f"e{number}", "stated")},
        ),
        terms=Terms(stances={"marketing|email": Stance(True, 4, number, f"e{number}")}),
        contacts=[Contact(7, number, "play", "email")],
        held=[Held("p", f"m{number}", 1, 2, 0, "e", "k", "web", "quiet_hours")],
        hushes={"p|holdout": Hush(1, 2, 3, number, 4)},
        **more,
    )


def blank(state: PersonState) -> bytes:
    """The state's bytes without what a join and a split write."""
    return encode([msgspec.structs.replace(each, apart=[], joined_seq=0) for each in state.atoms])


@given(
    st.sets(st.integers(1, 50), min_size=2, max_size=8).flatmap(
        lambda ids: st.tuples(
            st.just(sorted(ids)), st.sets(st.sampled_from(sorted(ids)), min_size=1)
        )
    )
)
@settings(deadline=None)
def test_a_split_after_a_join_restores_both_people_byte_for_byte(drawn):
    ids, right_ids = drawn
    left = [number for number in ids if number not in right_ids]
    if not left:
        return
    states = {
        min(side): PersonState(atoms=[atom(number) for number in sorted(side)])
        for side in (left, right_ids)
    }
    before = {person: blank(state) for person, state in states.items()}
    survivor, gone = sorted(states)
    merged = apply(Recognised(person=survivor, atom=survivor, merged=(gone,)), EVENT, 99, states)
    assert states == {survivor: merged}
    assert [each.id for each in merged.atoms] == ids
    sides, links = split(merged, right_ids, "ana", 100)
    assert {side.person: blank(side) for side in sides} == before
    assert [side.person for side in sides] == [min(left), min(right_ids)]
    for side, others in zip(sides, (sorted(right_ids), left), strict=True):
        assert all(each.apart == others for each in side.atoms)
    assert {(link.left, link.right) for link in links} == {
        tuple(sorted((a, b))) for a in left for b in right_ids
    }


def test_a_split_names_who_did_it_and_leaves_the_given_state_alone():
    state = PersonState(atoms=[atom(1), atom(2, joined_seq=5), atom(3, joined_seq=6)])
    before = encode(state)
    sides, links = split(state, (2, 3), "ana", 100)
    assert encode(state) == before
    assert links == [
        CannotLink(left=1, right=2, by="ana", at_ms=100),
        CannotLink(left=1, right=3, by="ana", at_ms=100),
    ]
    assert [[each.id for each in side.atoms] for side in sides] == [[1], [2, 3]]
    assert [each.joined_seq for each in sides[1].atoms] == [5, 6]


def test_what_was_set_apart_before_stays_apart():
    state = PersonState(atoms=[atom(1, apart=[40]), atom(2)])
    sides, _ = split(state, [2], "ana", 100)
    assert sides[0].atoms[0].apart == [2, 40]


@pytest.mark.parametrize(
    ("atoms", "words"),
    [
        ((), "0 of 2 atoms would leave"),
        ((1, 2), "2 of 2 atoms would leave"),
        ((1, 7), r"\[7\] are not among the atoms \[1, 2\]"),
    ],
)
def test_a_split_that_leaves_nobody_or_names_a_stranger_is_refused(atoms, words):
    with pytest.raises(SplitRefused, match=words):
        split(PersonState(atoms=[atom(1), atom(2)]), atoms, "ana", 100)


def test_a_new_person_starts_from_the_unseen_handles():
    states: dict[int, PersonState] = {}
    found = Recognised(person=9, atom=9, fresh=(Handle("user_id", "ana"), Handle("device", "d")))
    state = apply(found, EVENT, 9, states)
    assert states == {9: state}
    assert state.person == 9
    assert state.atoms[0].known
    assert state.atoms[0].joined_seq == 0


def test_a_person_that_was_not_read_is_an_error_and_not_a_new_person():
    with pytest.raises(KeyError, match="person 4 must be read before"):
        apply(Recognised(person=4, atom=4), EVENT, 9, {})
    with pytest.raises(KeyError):
        apply(Recognised(person=4, atom=4, merged=(5,)), EVENT, 9, {4: PersonState([atom(4)])})


def test_two_new_atoms_share_nothing():
    """A default that is a list must not be one list for all."""
    states: dict[int, PersonState] = {}
    for seq in (9, 10):
        apply(Recognised(person=seq, atom=seq, fresh=(Handle("card", "c"),)), EVENT, seq, states)
    states[9].atoms[0].contacts.append(Contact(1, 1, "p", "email"))
    assert states[10].atoms[0].contacts == []


def test_a_refusal_names_every_atom_of_the_other_side_and_is_taken_back_whole():
    left, right = PersonState(atoms=[atom(1), atom(2)]), PersonState(atoms=[atom(3)])
    before = encode(left), encode(right)
    refuse(left, right, 5)
    assert [each.unlike for each in (*left.atoms, *right.atoms)] == [[3], [3], [1, 2]]
    assert [each.refusals for each in (*left.atoms, *right.atoms)] == [[5], [5], [-5]]
    assert are_unlike(left, right)
    assert refused_by(left, right) == refused_by(right, left) == [5]
    take_back([*left.atoms, *right.atoms], 5)
    assert (encode(left), encode(right)) == before


def test_what_two_refusals_say_holds_until_both_are_taken_back():
    left, third = PersonState(atoms=[atom(1)]), PersonState(atoms=[atom(3)])
    right = PersonState(atoms=[atom(2), atom(4)])
    refuse(left, right, 5)
    refuse(right, left, 6)
    refuse(left, third, 7)
    everybody = [*left.atoms, *right.atoms, *third.atoms]
    take_back(everybody, 5)
    assert left.atoms[0].unlike == [2, 3, 4]
    assert refused_by(left, right) == [6]
    take_back(everybody, 6)
    assert left.atoms[0].unlike == [3]
    assert not are_unlike(left, right)
    assert are_unlike(left, third)
