"""Who an event is about, seen through small stories and against an independent oracle."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.nouns.events import Event, Handle
from equipoise.nouns.people import Atom, CannotLink, Recognised
from equipoise.nouns.state import AtomState, PersonState
from equipoise.recognise.applying import apply, split
from equipoise.recognise.handles import KINDS, clean
from equipoise.recognise.joining import NOBODY, recognise

_state = msgspec.msgpack.Decoder(PersonState)


class Register:
    """A little engine: what is known of handles, atoms and people after each event."""

    def __init__(self, most_handles: int = 200) -> None:
        self.most_handles = most_handles
        self.atom_of: dict[Handle, int] = {}
        self.person_of: dict[int, int] = {}
        self.states: dict[int, PersonState] = {}
        self.seq = 0
        self.joins = []
        self.held = []

    def show(self, *handles: str, trust="server") -> Recognised:
        """Take one event that shows handles written like `email:ana@example.org`."""
        self.seq += 1
        given = tuple(Handle(*text.split(":", 1)) for text in handles)
        kept, _ = clean(given, trust)
        event = Event(
            id=f"e{self.seq}",
            kind="page.viewed",
            channel="web",
            source="site",
            at_ms=self.seq * 10,
            received_ms=self.seq * 10 + 1,
            handles=kept,
            trust=trust,
        )
        atoms = {
            handle: Atom(id=self.atom_of[handle], person=self.person_of[self.atom_of[handle]])
            for handle in kept
            if handle in self.atom_of
        }
        found = recognise(event, kept, self.seq, atoms, self.states.__getitem__, self.most_handles)
        state = apply(found, event, self.seq, self.states)
        assert state.person == found.person
        for handle in found.fresh:
            self.atom_of[handle] = self.seq
        for atom in state.atoms:
            if self.seq in (atom.joined_seq, atom.id):
                self.person_of[atom.id] = state.person
        self.joins += found.joins
        self.held += found.held
        return found

    def split(self, person: int, *atoms: int) -> list[CannotLink]:
        """Let atoms leave a person, as an operator would."""
        sides, links = split(self.states.pop(person), atoms, "operator", self.seq)
        for side in sides:
            self.states[side.person] = side
            self.person_of |= {atom.id: side.person for atom in side.atoms}
        return links

    def who(self, handle: str) -> int:
        """The person a handle belongs to."""
        return self.person_of[self.atom_of[Handle(*handle.split(":", 1))]]

    def knows(self, handle: str) -> bool:
        """Whether a handle belongs to anybody."""
        return Handle(*handle.split(":", 1)) in self.atom_of

    def parts(self) -> set[frozenset[Handle]]:
        """The handles of each person."""
        return {
            frozenset(handle for atom in state.atoms for handle in atom.handles)
            for state in self.states.values()
        }

    def reload(self) -> None:
        """Go through the encoded form, as between two batches."""
        self.states = {
            person: _state.decode(msgspec.msgpack.encode(state))
            for person, state in self.states.items()
        }

    def image(self) -> bytes:
        """Everything that is known, as bytes."""
        return msgspec.msgpack.encode(
            (sorted(self.atom_of.items()), sorted(self.person_of.items()),
             sorted(self.states.items()), self.joins, self.held)
        )  # fmt: skip


def test_a_first_event_makes_a_person_of_one_atom():
    register = Register()
    found = register.show("anonymous_id:a1", "device:d1")
    assert (found.person, found.atom) == (1, 1)
    assert not found.joins
    atom = register.states[1].atoms[0]
    assert set(atom.handles) == {Handle("anonymous_id", "a1"), Handle("device", "d1")}
    assert not atom.known
    assert atom.joined_seq == 0


def test_seen_handles_of_one_person_fold_into_the_atom_of_the_strongest():
    register = Register()
    register.show("anonymous_id:a1")
    register.show("anonymous_id:a1", "user_id:ana")
    found = register.show("anonymous_id:a1", "user_id:ana")
    assert found == Recognised(person=1, atom=2)
    assert register.show("anonymous_id:a1") == Recognised(person=1, atom=1)


def test_among_handles_of_one_kind_the_oldest_atom_is_taken():
    register = Register()
    register.show("device:d1")
    register.show("device:d2")
    assert register.show("device:d2", "device:d1").atom == 1


def test_logging_in_joins_the_anonymous_past_and_says_by_what_evidence():
    register = Register()
    register.show("anonymous_id:a1")
    register.show("user_id:ana")
    found = register.show("anonymous_id:a1", "user_id:ana")
    assert (found.person, found.atom, found.merged) == (1, 2, (2,))
    (join,) = found.joins
    assert (join.left, join.right, join.event, join.source, join.at_ms) == (1, 2, "e3", "site", 31)
    assert set(join.evidence) == {Handle("anonymous_id", "a1"), Handle("user_id", "ana")}
    assert [atom.id for atom in register.states[1].atoms] == [1, 2]
    assert [atom.joined_seq for atom in register.states[1].atoms] == [0, 3]
    assert [atom.known for atom in register.states[1].atoms] == [False, True]
    assert list(register.states) == [1]


def test_unseen_handles_join_a_seen_person_as_one_new_atom():
    register = Register()
    register.show("user_id:ana")
    found = register.show("anonymous_id:a1", "user_id:ana", "email:ana@example.org")
    assert (found.person, found.atom, found.merged) == (1, 1, ())
    assert set(found.fresh) == {Handle("email", "ana@example.org"), Handle("anonymous_id", "a1")}
    assert [(join.left, join.right) for join in found.joins] == [(1, 2)]
    assert register.who("anonymous_id:a1") == 1


def test_an_event_about_nobody_is_an_error_that_says_what_to_do():
    with pytest.raises(ValueError, match=r"event 'e1' of 'site' has no usable handle: refuse it"):
        Register().show("user_id:null")


def test_a_shared_device_stays_with_its_owner_and_the_second_user_is_another_person():
    register = Register()
    register.show("device:tablet", "user_id:ana")
    found = register.show("device:tablet", "user_id:bob")
    assert found.person == found.atom == 2
    assert [(held.reason, held.left, held.right) for held in found.held] == [
        ("strong_conflict", 1, 2)
    ]
    assert set(found.held[0].evidence) == {Handle("device", "tablet"), Handle("user_id", "bob")}
    assert register.who("device:tablet") == 1
    again = register.show("device:tablet", "user_id:bob")
    assert again.person == 2
    assert register.show("device:tablet").person == 1


def test_two_user_ids_in_one_event_are_never_guessed_to_be_one_person():
    """Such as an alias that renames a user: neither joined nor given to the other."""
    register = Register()
    register.show("user_id:old")
    register.show("user_id:new")
    found = register.show("user_id:new", "user_id:old")
    assert (found.person, found.held[0].reason) == (1, "strong_conflict")
    found = register.show("user_id:old", "user_id:newer", "anonymous_id:a1")
    assert found.fresh == (Handle("anonymous_id", "a1"),)
    assert (found.held[0].reason, found.held[0].right) == ("strong_conflict", NOBODY)
    assert not register.knows("user_id:newer")
    assert register.show("user_id:newer").person == register.seq
    found = register.show("user_id:x", "user_id:y")
    assert found.fresh == (Handle("user_id", "x"),)


def test_an_alias_of_an_anonymous_id_joins_what_it_names():
    register = Register()
    register.show("anonymous_id:before")
    found = register.show("user_id:ana", "anonymous_id:before")
    assert (found.person, found.atom) == (1, 2)


def test_three_people_can_meet_in_one_event():
    register = Register()
    register.show("anonymous_id:a1")
    register.show("email:ana@example.org")
    register.show("user_id:ana")
    found = register.show("anonymous_id:a1", "email:ana@example.org", "user_id:ana", "card:12345")
    assert (found.person, found.atom, found.merged) == (1, 3, (2, 3))
    assert [(join.left, join.right) for join in found.joins] == [(2, 3), (1, 3), (3, 4)]
    assert register.parts() == {frozenset(register.atom_of)}
    assert [atom.id for atom in register.states[1].atoms] == [1, 2, 3, 4]


def test_of_three_people_only_the_one_in_conflict_is_left_out():
    register = Register()
    register.show("user_id:bob", "card:77777")
    register.show("device:d1")
    register.show("user_id:ana")
    found = register.show("device:d1", "card:77777", "user_id:ana")
    assert (found.person, found.atom, found.merged) == (2, 3, (3,))
    assert [(held.left, held.right, held.reason) for held in found.held] == [
        (1, 3, "strong_conflict")
    ]
    assert register.who("card:77777") == 1


def test_who_has_just_joined_counts_when_the_next_one_is_tried():
    register = Register()
    register.show("card:77777")
    register.show("email:ana@example.org", "user_id:ana")
    register.show("phone:+33612345678", "user_id:bob")
    found = register.show("card:77777", "email:ana@example.org", "phone:+33612345678")
    assert (found.person, found.merged) == (1, (2,))
    assert [(held.right, held.reason) for held in found.held] == [(3, "strong_conflict")]
    register = Register()
    register.show("email:ana@example.org")
    register.show("email:ana@example.org", "phone:+33612345678")
    register.split(1, 2)
    register.show("card:77777")
    found = register.show("card:77777", "email:ana@example.org", "phone:+33612345678")
    assert (found.person, found.merged) == (1, (3,))
    assert [(held.left, held.reason) for held in found.held] == [(2, "cannot_link")]


def test_a_person_has_no_more_cards_than_the_table_says():
    register = Register()
    most = KINDS["card"].most
    for n in range(most):
        register.show("user_id:ana", f"card:c{n}00")
    found = register.show("user_id:ana", "card:one-more", "device:d1")
    assert found.fresh == (Handle("device", "d1"),)
    assert found.held[0].reason == "strong_conflict"
    assert not register.knows("card:one-more")
    register.show("card:other")
    assert register.show("card:other", "email:x@example.org", "user_id:ana").held


def test_a_person_with_too_many_handles_takes_no_more_and_events_still_find_them():
    register = Register(most_handles=3)
    register.show("user_id:ana")
    for n in range(4):
        found = register.show("user_id:ana", f"anonymous_id:a{n}")
        assert found.person == 1
    assert [held.reason for held in register.held] == ["too_large", "too_large"]
    assert len(next(iter(register.parts()))) == 3
    register.show("device:d1")
    found = register.show("user_id:ana", "device:d1")
    assert found.held[0].reason == "too_large"
    assert (found.person, register.who("device:d1")) == (1, 6)


def test_a_public_source_cannot_join_known_people_whatever_it_claims():
    register = Register()
    register.show("anonymous_id:a1", "user_id:ana")
    register.show("anonymous_id:a2", "user_id:bob")
    before = register.parts()
    found = register.show(
        "anonymous_id:mine", "anonymous_id:a1", "user_id:ana", "email:ana@example.org",
        trust="public",
    )  # fmt: skip
    assert found.person == register.seq
    assert register.show("anonymous_id:a1", "anonymous_id:a2", trust="public").person == 1
    assert register.parts() - before == {frozenset({Handle("anonymous_id", "mine")})}
    assert not register.joins


def test_after_a_split_the_same_evidence_joins_no_more():
    register = Register()
    register.show("anonymous_id:a1")
    register.show("user_id:ana")
    register.show("anonymous_id:a1", "user_id:ana")
    register.split(1, 2)
    found = register.show("anonymous_id:a1", "user_id:ana")
    assert (found.person, found.atom, found.held[0].reason) == (2, 2, "cannot_link")
    assert register.who("anonymous_id:a1") == 1


def test_a_third_person_cannot_bring_together_what_was_set_apart():
    register = Register()
    register.show("anonymous_id:a1")
    register.show("user_id:ana", "anonymous_id:a1")
    register.split(1, 2)
    register.show("device:d1")
    register.show("device:d1", "anonymous_id:a1")
    found = register.show("device:d1", "user_id:ana")
    assert found.held[0].reason == "cannot_link"
    assert register.who("user_id:ana") == 2


HANDLES = st.sampled_from(
    [f"{kind}:{name}" for kind in ("user_id", "card", "device", "anonymous_id") for name in
     ("v1", "v2", "v3", "v4", "v5", "v6")]
)  # fmt: skip
STORIES = st.lists(st.lists(HANDLES, min_size=1, max_size=4), min_size=1, max_size=25)


@given(STORIES, st.integers(1, 6))
@settings(deadline=None)
def test_how_batches_are_cut_changes_nothing(story, batch):
    one, cut = Register(6), Register(6)
    for at, handles in enumerate(story):
        one.show(*handles)
        cut.show(*handles)
        if at % batch == 0:
            cut.reload()
    assert one.image() == cut.image()


@given(STORIES, st.data())
@settings(deadline=None)
def test_nobody_ever_has_two_user_ids_or_too_many_handles_and_no_link_is_broken(story, data):
    register = Register(8)
    apart: list[CannotLink] = []
    owner: dict[Handle, int] = {}
    for handles in story:
        found = register.show(*handles)
        assert register.states[found.person].person == found.person
        for state in register.states.values():
            mine = [handle for atom in state.atoms for handle in atom.handles]
            assert sum(handle.kind == "user_id" for handle in mine) <= 1
            assert len(mine) == len(set(mine)) <= 8
            assert [atom.id for atom in state.atoms] == sorted(atom.id for atom in state.atoms)
        for handle, atom in owner.items():
            assert register.atom_of[handle] == atom
        owner |= register.atom_of
        for link in apart:
            assert register.person_of[link.left] != register.person_of[link.right]
        several = [state for state in register.states.values() if len(state.atoms) > 1]
        if several and data.draw(st.booleans()):
            ids = [atom.id for atom in data.draw(st.sampled_from(several)).atoms]
            leaving = data.draw(st.sets(st.sampled_from(ids), min_size=1, max_size=len(ids) - 1))
            apart += register.split(ids[0], *leaving)


class UnionFind:
    """The oracle: connected components by disjoint sets, knowing nothing of atoms."""

    def __init__(self) -> None:
        self.parent: dict[str, str] = {}

    def root(self, item: str) -> str:
        self.parent.setdefault(item, item)
        while self.parent[item] != item:
            item = self.parent[item]
        return item

    def parts(self) -> set[frozenset[str]]:
        groups: dict[str, set[str]] = {}
        for item in self.parent:
            groups.setdefault(self.root(item), set()).add(item)
        return {frozenset(group) for group in groups.values()}


WEAK = st.builds("{}:n{}".format, st.sampled_from(["device", "anonymous_id"]), st.integers(1, 30))


@given(st.lists(st.lists(WEAK, min_size=1, max_size=4), max_size=60))
@settings(deadline=None)
def test_without_conflicts_people_are_the_connected_components(story):
    register, oracle = Register(), UnionFind()
    for handles in story:
        register.show(*handles)
        for handle in handles:
            oracle.parent[oracle.root(handle)] = oracle.root(handles[0])
    mine = {frozenset(":".join(handle) for handle in part) for part in register.parts()}
    assert mine == oracle.parts()
    assert not register.held
    # Each join made one person of two, so the evidence is a spanning forest: nothing is missing.
    assert len(register.joins) == len(register.person_of) - len(register.states)


def test_the_common_event_reads_no_person():
    """Handles of one atom need no state, so that the hot path stays short."""
    event = Event(id="e", kind="k", channel="web", source="s", at_ms=1, received_ms=1, handles=())
    handle = Handle("device", "d1")

    def unread(person: int) -> PersonState:
        raise AssertionError(f"person {person} was read")

    found = recognise(event, (handle,), 9, {handle: Atom(id=3, person=2)}, unread, 200)
    assert found == Recognised(person=2, atom=3)
    state = PersonState(atoms=[AtomState(id=2), AtomState(id=3)])
    assert apply(found, event, 9, {2: state}) is state
