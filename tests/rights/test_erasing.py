"""What of others names the erased is found and taken out; tombstones need the key."""

from hypothesis import given
from hypothesis import strategies as st

from equipoise.nouns.events import Handle
from equipoise.nouns.records import Split
from equipoise.nouns.state import AtomState, PersonState
from equipoise.rights.erasing import erased_of, part_from, split_without, tombstone

ANA = Handle("email", "ana@example.org")


@given(st.binary(min_size=1, max_size=64), st.binary(min_size=1, max_size=64))
def test_a_tombstone_is_another_under_another_key(one, other):
    same = tombstone(ANA, one) == tombstone(ANA, other)
    assert same == (one.ljust(64, b"\0") == other.ljust(64, b"\0") and len(one) == len(other))


def test_kind_and_value_of_a_handle_cannot_be_shifted_into_each_other():
    key = b"k" * 32
    assert tombstone(Handle("a", "bc"), key) != tombstone(Handle("ab", "c"), key)


def test_a_store_is_told_every_atom_chain_and_handle_of_a_person():
    state = PersonState([AtomState(1, [ANA], event_seq=5, decision_seq=6), AtomState(9, [])])
    whom = erased_of(state)
    assert (whom.person, whom.atoms, whom.logged, whom.receipted) == (1, (1, 9), (5, 0), (6, 0))
    assert whom.handles == (ANA,)


def test_a_state_that_names_nobody_erased_is_left_as_it_is():
    state = PersonState([AtomState(2, apart=[3], told=["2 3 too_large"])])
    assert not part_from(state, frozenset({1}))
    assert part_from(state, frozenset({3}))
    assert (state.atoms[0].apart, state.atoms[0].told) == ([], [])


def test_a_state_forgets_the_refusals_of_the_erased_and_keeps_those_of_others():
    state = PersonState([AtomState(2, unlike=[3, 4], refusals=[-5, -7, 9])])
    assert part_from(state, frozenset({3}), frozenset({5, 9}))
    assert (state.atoms[0].unlike, state.atoms[0].refusals) == ([4], [-7])


def test_a_split_loses_the_erased_and_its_note():
    wish = Split(person=1, atoms=(2, 3), by="zoe", note="Ana and her sister")
    assert split_without(wish, frozenset({7})) is None
    assert split_without(wish, frozenset({2})) == Split(person=1, atoms=(3,), by="zoe")
    assert split_without(wish, frozenset({1})) == Split(person=0, atoms=(2, 3), by="zoe")
