"""A person who was split from another leaves nothing in what the other keeps."""

import msgspec

from equipoise.nouns.events import Handle
from equipoise.nouns.state import PersonState
from equipoise.runners.forgetting import forget, logged, receipted
from house import THANKS, house, identify, track, welcome


def read(store):
    return lambda people: {
        person: msgspec.msgpack.decode(blob, type=PersonState)
        for person, blob in store.states(people).items()
    }


def test_the_other_half_of_a_split_keeps_its_rows_without_the_handles_of_the_erased():
    engine = house(**{"basis.default": "interest"})
    engine.add_play(THANKS)
    engine.take([{"type": "page", "anonymousId": "tablet", "messageId": "p1"}])
    engine.take([*welcome("ana"), identify("ana", "tablet"), track("ana", "Order Completed", 1)])
    ana, tablet = Handle("user_id", "ana"), Handle("anonymous_id", "tablet")
    atoms = engine.store.atoms_of([ana, tablet])
    assert atoms[ana].person == atoms[tablet].person
    engine.split(atoms[ana].person, [atoms[ana].id], "zoé", "sisters")
    person = engine.store.atoms_of([ana])[ana].person
    states = read(engine.store)([person])
    forgotten = forget(engine.store, states[person], read(engine.store))
    assert [other.atoms[0].handles for other in forgotten.neighbours] == [[tablet]]
    assert forgotten.neighbours[0].atoms[0].apart == []
    assert all(b"ana" not in row.body for row in forgotten.rewritten)
    engine.request("erasure", "user_id:ana", at_once=True)
    (kept,) = engine.store.atoms_of([tablet]).values()
    state = read(engine.store)([kept.person])[kept.person]
    rows = [row for atom in state.atoms for row in logged(engine.store, atom.event_seq)]
    assert rows
    assert not any(b"ana" in row.body or b"sisters" in row.body for row in rows)
    assert all(not receipted(engine.store, atom.decision_seq) for atom in state.atoms)


def test_a_chain_ends_where_a_row_is_missing():
    engine = house()
    assert logged(engine.store, 999) == []
    assert receipted(engine.store, 999) == []


def test_a_handle_goes_from_the_rows_of_others_however_it_was_written():
    engine = house(**{"basis.default": "interest"})
    engine.take([identify("bob"), *welcome("ana")])
    named = {"context": {"traits": {"email": "ANA@Example.org"}}}
    engine.take([track("bob", "Product Viewed") | named])
    ana, bob = Handle("user_id", "ana"), Handle("user_id", "bob")
    atoms = engine.store.atoms_of([ana, bob])
    assert atoms[ana].person != atoms[bob].person
    assert engine.store.held_joins(9, [atoms[ana].id])
    assert any(b"ANA@Example.org" in row.body for row in engine.store.recent(99))
    engine.request("erasure", "user_id:ana", at_once=True)
    (kept,) = engine.store.atoms_of([bob]).values()
    assert not read(engine.store)([kept.person])[kept.person].atoms[0].told
    assert not any(b"example.org" in row.body.lower() for row in engine.store.recent(99))
