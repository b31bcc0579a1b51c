"""Hypotheses in the step: kept, answered, guarded again, taken apart, forgotten."""

from itertools import pairwise

import msgspec
import pytest

from equipoise.nouns.hypotheses import FoundJoins, JoinRecord
from equipoise.runners.forgetting import logged, receipted
from house import NOON_MS, house, identify, track
from runners.uniting import arrive, pair, person_of, state_of, suppose, user

_said = msgspec.msgpack.Decoder(JoinRecord).decode


def receipts_of(engine, name):
    """The receipts of the type `join` of somebody."""
    rows = [
        row for a in state_of(engine, name).atoms for row in receipted(engine.store, a.decision_seq)
    ]
    told = [msgspec.json.decode(row.body) for row in rows]
    return [body for body in told if body["type"] == "join"]


def test_what_is_found_is_kept_once_and_brought_up_to_date_with_a_row_on_both_chains():
    engine = house()
    arrive(engine, "ana", "anna")
    kept = suppose(engine, "ana", "anna")
    assert (kept.state, kept.score, kept.found_ms) == ("open", 0.99, NOON_MS)
    engine.suppose([pair(engine, "ana", "anna")])
    again = suppose(engine, "ana", "anna", 0.97)
    assert (again.seq, again.score) == (kept.seq, 0.97)
    assert engine.store.counts()["hypotheses"] == 1
    for name in ("ana", "anna"):
        rows = logged(engine.store, state_of(engine, name).atoms[0].event_seq)
        said = [_said(row.body) for row in rows if row.kind == "join"]
        assert [one.pairs[0].score for one in said] == [0.97, 0.99]
        assert all(isinstance(one, FoundJoins) for one in said)


def test_a_confirmed_hypothesis_joins_with_evidence_score_receipts_for_both_and_counts():
    engine = house()
    arrive(engine, "ana", "anna")
    kept = suppose(engine, "ana", "anna")
    reply = engine.answer_join(kept.id, "confirm", "zoé", note="same card")
    assert reply["ok"]
    assert reply["people"] == [person_of(engine, "ana")]
    assert person_of(engine, "ana") == person_of(engine, "anna")
    (join,) = engine.store.joins([kept.left])
    assert (join.event, join.source, join.evidence) == (kept.id, "zoé", (("hypothesis", "0.9900"),))
    told = receipts_of(engine, "ana")
    assert [body["did"] for body in told] == ["joined", "joined"]
    assert {body["hypothesis"] for body in told} == {kept.id}
    assert not any(str(kept.right) in str(body) for body in told if body["atom"] == kept.left)
    counts = engine.store.counts()
    assert (counts["people"], counts["hypotheses_confirmed"]) == (1, 1)
    assert engine.store.hypotheses([kept.seq])[kept.seq].by == "zoé"
    assert engine.answer_join(kept.id, "refuse", "zoé")["reason"] == "answered"


def test_what_was_refused_is_not_proposed_again_through_joins_and_splits():
    engine = house()
    arrive(engine, "ana", "anna", "ann")
    kept = suppose(engine, "ana", "anna")
    assert engine.answer_join(kept.id, "refuse", "zoé")["state"] == "refused"
    engine.suppose([pair(engine, "ana", "anna")])
    assert engine.store.hypotheses_in("open", 9) == []
    third = suppose(engine, "anna", "ann")
    assert engine.answer_join(third.id, "confirm", "zoé")["ok"]
    engine.suppose([pair(engine, "ana", "ann")])
    assert engine.store.hypotheses_in("open", 9) == []
    atom = engine.store.atoms_of([user("ann")])[user("ann")]
    engine.split(atom.person, [atom.id], "zoé")
    engine.suppose([pair(engine, "ana", "anna")])
    assert engine.store.hypotheses_in("open", 9) == []
    assert engine.store.counts()["hypotheses_passed_over"] == 3


def test_two_who_were_said_to_be_two_are_not_joined_over_a_third():
    engine = house()
    arrive(engine, "ana", "anna", "ann")
    one, two, three = (
        suppose(engine, *names) for names in (("ana", "anna"), ("anna", "ann"), ("ana", "ann"))
    )
    engine.answer_join(one.id, "refuse", "zoé")
    assert engine.answer_join(two.id, "confirm", "zoé")["ok"]
    assert engine.answer_join(three.id, "confirm", "zoé")["reason"] == "unlike"
    assert person_of(engine, "ana") != person_of(engine, "ann")


def test_what_is_put_off_waits_and_can_be_confirmed_later():
    engine = house()
    arrive(engine, "ana", "anna")
    kept = suppose(engine, "ana", "anna")
    assert engine.answer_join(kept.id, "later", "zoé")["state"] == "later"
    assert engine.answer_join(kept.id, "confirm", "zoé")["ok"]


@pytest.mark.parametrize(("hypothesis", "reason"), [("h_9999", "gone"), ("h_0", "gone")])
def test_a_hypothesis_that_is_not_there_cannot_be_answered(hypothesis, reason):
    assert house().answer_join(hypothesis, "confirm", "zoé")["reason"] == reason


def test_two_who_became_one_by_themselves_need_no_answer():
    engine = house()
    engine.take([identify("ana", email="ana@example.org")])
    engine.take([{"type": "page", "anonymousId": "tablet", "messageId": "p1"}])
    tablet = engine.store.atoms_of([("anonymous_id", "tablet")]).popitem()[1]
    found = msgspec.structs.replace(pair(engine, "ana", "ana"), right=tablet.id)
    engine.suppose([found])
    (kept,) = engine.store.hypotheses_in("open", 9)
    engine.take([identify("ana", "tablet")])
    assert engine.answer_join(kept.id, "confirm", "zoé")["reason"] == "joined"


def test_who_restricts_what_is_done_with_their_data_is_neither_kept_nor_joined():
    engine = house()
    arrive(engine, "ana", "anna", "ann")
    kept = suppose(engine, "ana", "anna")
    engine.request("restriction", "user_id:anna", at_once=True)
    assert engine.answer_join(kept.id, "confirm", "zoé")["reason"] == "restricted"
    engine.suppose([pair(engine, "anna", "ann")])
    assert engine.store.hypotheses_in("open", 9) == [kept]


def test_more_handles_than_one_person_may_have_are_not_joined():
    engine = house(**{"people.handles": 3})
    arrive(engine, "ana", "anna")
    kept = suppose(engine, "ana", "anna")
    assert engine.answer_join(kept.id, "confirm", "zoé")["reason"] == "too_large"


def test_a_chain_of_likely_pairs_is_loose_when_it_is_confirmed():
    engine = house()
    names = [f"user{n}" for n in range(6)]
    arrive(engine, *names)
    kept = [suppose(engine, *two) for two in pairwise(names)]
    assert engine.answer_join(kept[0].id, "confirm", "zoé")["reason"] == "cluster_loose"
    for one in kept[2:]:
        engine.answer_join(one.id, "refuse", "zoé")
    assert engine.answer_join(kept[0].id, "confirm", "zoé")["ok"]


def test_a_cluster_cannot_grow_past_its_size_bit_by_bit():
    engine = house()
    names = [f"user{n}" for n in range(9)]
    arrive(engine, *names)
    answers = []
    for name in names[1:]:
        kept = suppose(engine, names[0], name)
        answers.append(engine.answer_join(kept.id, "confirm", "zoé").get("reason", "ok"))
    assert answers == ["ok"] * 7 + ["cluster_too_large"]


def test_a_split_gives_back_what_each_had_and_ends_the_hypothesis():
    engine = house()
    arrive(engine, "ana", "anna")
    engine.take([track("ana", "Order Completed", 1, revenue=9), track("anna", "Product Viewed", 1)])
    before = [state_of(engine, name).atoms[0].profile for name in ("ana", "anna")]
    kept = suppose(engine, "ana", "anna")
    engine.answer_join(kept.id, "confirm", "zoé")
    atom = engine.store.atoms_of([user("anna")])[user("anna")]
    assert engine.split(atom.person, [atom.id], "max")["ok"]
    assert [state_of(engine, name).atoms[0].profile for name in ("ana", "anna")] == before
    ended = engine.store.hypotheses([kept.seq])[kept.seq]
    assert (ended.state, ended.how, ended.by) == ("refused", "split", "max")
    assert [body["did"] for body in receipts_of(engine, "anna")] == ["parted", "joined"]
    engine.suppose([pair(engine, "ana", "anna")])
    assert engine.store.hypotheses_in("open", 9) == []


# --- reopened ---------------------------------------------------------------------------------


def test_a_refusal_is_taken_back_and_the_two_are_answered_and_proposed_as_before():
    engine = house()
    arrive(engine, "ana", "anna")
    kept = suppose(engine, "ana", "anna")
    before = [state_of(engine, name).atoms[0].unlike for name in ("ana", "anna")]
    engine.answer_join(kept.id, "refuse", "zoé")
    reply = engine.answer_join(kept.id, "reopen", "max", note="a slip")
    assert (reply["ok"], reply["state"]) == (True, "open")
    assert reply["people"] == sorted(person_of(engine, name) for name in ("ana", "anna"))
    again = engine.store.hypotheses([kept.seq])[kept.seq]
    assert (again.by, again.note, again.reopened, again.waits) == ("max", "a slip", True, True)
    atoms = [state_of(engine, name).atoms[0] for name in ("ana", "anna")]
    assert [atom.unlike for atom in atoms] == before
    assert [atom.refusals for atom in atoms] == [[], []]
    for atom in atoms:
        said = [_said(row.body) for row in logged(engine.store, atom.event_seq)[:2]]
        assert [(one.verb, one.by) for one in said] == [("reopen", "max"), ("refuse", "zoé")]
    assert engine.store.counts()["hypotheses_reopened"] == 1
    assert suppose(engine, "ana", "anna", 0.97).seq == kept.seq
    assert engine.answer_join(kept.id, "refuse", "zoé")["ok"]
    assert engine.answer_join(kept.id, "confirm", "zoé")["reason"] == "answered"
    assert "reopen it" in engine.answer_join(kept.id, "confirm", "zoé")["message"]
    engine.answer_join(kept.id, "reopen", "zoé")
    assert engine.answer_join(kept.id, "later", "zoé")["state"] == "later"
    assert engine.answer_join(kept.id, "confirm", "zoé")["ok"]
    assert person_of(engine, "ana") == person_of(engine, "anna")


@pytest.mark.parametrize(
    ("verb", "told"), [("", "is open"), ("later", "is later"), ("confirm", "a split takes")]
)
def test_only_what_was_refused_is_reopened(verb, told):
    engine = house()
    arrive(engine, "ana", "anna")
    kept = suppose(engine, "ana", "anna")
    if verb:
        engine.answer_join(kept.id, verb, "zoé")
    reply = engine.answer_join(kept.id, "reopen", "max")
    assert (reply["ok"], reply["reason"]) == (False, "not_refused")
    assert told in reply["message"]


def test_what_a_split_took_apart_is_not_reopened_even_where_it_was_refused_before():
    engine = house()
    arrive(engine, "ana", "anna")
    kept = suppose(engine, "ana", "anna")
    engine.answer_join(kept.id, "confirm", "zoé")
    atom = engine.store.atoms_of([user("anna")])[user("anna")]
    engine.split(atom.person, [atom.id], "max")
    reply = engine.answer_join(kept.id, "reopen", "zoé")
    assert reply["reason"] == "cannot_link"
    assert "a split took the two apart" in reply["message"]
    ended = engine.store.hypotheses([kept.seq])[kept.seq]
    assert (ended.state, ended.how, ended.by) == ("refused", "split", "max")


def test_who_was_refused_and_joined_by_a_handle_is_one_and_after_a_split_apart():
    engine = house()
    engine.take([identify("ana", email="ana@example.org")])
    engine.take([{"type": "page", "anonymousId": "tablet", "messageId": "p1"}])
    tablet = engine.store.atoms_of([("anonymous_id", "tablet")]).popitem()[1]
    engine.suppose([msgspec.structs.replace(pair(engine, "ana", "ana"), right=tablet.id)])
    (kept,) = engine.store.hypotheses_in("open", 9)
    engine.answer_join(kept.id, "refuse", "zoé")
    engine.take([identify("ana", "tablet")])
    assert engine.answer_join(kept.id, "reopen", "zoé")["reason"] == "joined"
    engine.split(person_of(engine, "ana"), [tablet.id], "max")
    assert engine.answer_join(kept.id, "reopen", "zoé")["reason"] == "cannot_link"


def test_a_refusal_that_also_says_so_stays_and_is_named():
    engine = house()
    arrive(engine, "ana", "anna", "ann")
    one, two, three = (
        suppose(engine, *names) for names in (("ana", "anna"), ("anna", "ann"), ("ana", "ann"))
    )
    engine.answer_join(one.id, "refuse", "zoé")
    engine.answer_join(two.id, "confirm", "zoé")
    engine.answer_join(three.id, "refuse", "zoé")
    engine.answer_join(one.id, "reopen", "zoé")
    reply = engine.answer_join(one.id, "confirm", "zoé")
    assert reply["reason"] == "unlike"
    assert f"reopen {three.id}" in reply["message"]
    engine.answer_join(three.id, "reopen", "zoé")
    assert engine.answer_join(one.id, "confirm", "zoé")["ok"]
    assert len({person_of(engine, name) for name in ("ana", "anna", "ann")}) == 1


def test_a_refusal_is_taken_back_for_those_too_who_were_split_off_since_whole_or_by_handle():
    engine = house()
    arrive(engine, "ana", "anna", "ann")
    joined = suppose(engine, "ana", "anna")
    engine.answer_join(joined.id, "confirm", "zoé")
    kept = suppose(engine, "ana", "ann")
    engine.answer_join(kept.id, "refuse", "zoé")
    atom = engine.store.atoms_of([user("anna")])[user("anna")]
    engine.split(atom.person, [atom.id], "max")
    mail = ("email", "ann@example.org")
    engine.split(person_of(engine, "ann"), [], "max", handles=[mail])
    fresh = engine.store.atoms_of([mail])[mail].person
    whom = [person_of(engine, name) for name in ("ana", "anna", "ann")] + [fresh]

    def barred():
        atoms = [msgspec.msgpack.decode(blob)[0] for blob in engine.store.states(whom).values()]
        return [bool(atom[19] or atom[21]) for (atom,) in atoms]

    assert barred() == [True] * 4
    assert engine.answer_join(kept.id, "reopen", "zoé")["ok"]
    assert barred() == [False] * 4


def test_a_refusal_of_somebody_erased_cannot_be_reopened():
    engine = house()
    arrive(engine, "ana", "anna", "ann")
    kept = suppose(engine, "ana", "anna")
    engine.answer_join(kept.id, "refuse", "zoé")
    engine.request("erasure", "user_id:anna", at_once=True)
    assert state_of(engine, "ana").atoms[0].refusals == []
    assert engine.answer_join(kept.id, "reopen", "zoé")["reason"] == "gone"


# --- forgotten --------------------------------------------------------------------------------


def test_nothing_about_an_erased_person_is_left_with_whom_they_were_compared():
    engine = house()
    arrive(engine, "ana", "anna", "ann")
    refused, answered = suppose(engine, "ana", "anna"), suppose(engine, "ana", "ann")
    engine.answer_join(refused.id, "refuse", "zoé", note="the cousin anna")
    engine.answer_join(answered.id, "later", "zoé")
    gone = person_of(engine, "anna")
    engine.request("erasure", "user_id:anna", at_once=True)
    assert engine.store.hypotheses_of([gone]) == []
    assert engine.store.hypotheses([refused.seq, answered.seq]).keys() == {answered.seq}
    (atom,) = state_of(engine, "ana").atoms
    assert atom.unlike == []
    rows = logged(engine.store, atom.event_seq)
    said = [_said(row.body) for row in rows if row.kind == "join"]
    assert len(said) == 4
    assert not any("anna" in str(one) or gone in _atoms(one) for one in said)


def _atoms(said):
    pairs = said.pairs if isinstance(said, FoundJoins) else ()
    return {atom for one in pairs for atom in (one.left, one.right)}


# --- split by handles -------------------------------------------------------------------------


def test_a_handle_leaves_alone_where_its_atom_has_others_and_its_future_follows_it():
    engine = house()
    engine.take([identify("ana", email="ana@example.org", phone="+33612345678")])
    engine.take([track("ana", "terms.objected", 1, purpose="marketing", channel="*")])
    engine.take([track("ana", "terms.granted", 2, purpose="ads", channel="*")])
    person = person_of(engine, "ana")
    mail = ("email", "ana@example.org")
    assert engine.split(person, [], "zoé", handles=[mail])["ok"]
    moved = engine.store.atoms_of([mail]).popitem()[1]
    assert moved.person not in (person, 0)
    engine.take(
        [
            {
                "type": "track",
                "event": "Opened",
                "messageId": "m",
                "context": {"traits": {"email": mail[1]}},
            }
        ]
    )
    blob = engine.store.states([moved.person])[moved.person]
    (fresh,) = msgspec.msgpack.decode(blob)[0]
    state = state_of(engine, "ana")
    assert [kind for kind, _ in state.atoms[0].handles] == ["user_id", "phone"]
    assert fresh[0] == moved.id
    assert "Opened" not in state.atoms[0].profile.tallies
    told = engine.store.states([moved.person])
    assert b"marketing|*" in told[moved.person]
    assert b"ads|*" not in told[moved.person]
    assert state.atoms[0].apart == [moved.id]
    engine.take([identify("ana", email=mail[1])])
    assert engine.store.atoms_of([mail])[mail].person == moved.person


def test_a_handle_of_somebody_else_cannot_be_split_off():
    engine = house()
    arrive(engine, "ana", "anna")
    reply = engine.split(person_of(engine, "ana"), [], "zoé", handles=[("user_id", "anna")])
    assert not reply["ok"]
    assert "user_id:anna" in reply["reason"]


def test_all_handles_of_an_atom_leave_with_its_past():
    engine = house()
    engine.take([{"type": "page", "anonymousId": "tablet", "messageId": "p1"}])
    engine.take([identify("ana", "tablet")])
    tablet = ("anonymous_id", "tablet")
    before = engine.store.atoms_of([tablet])[tablet].id
    assert engine.split(person_of(engine, "ana"), [], "zoé", handles=[tablet])["ok"]
    after = engine.store.atoms_of([tablet])[tablet]
    assert (after.id, after.person) == (before, before)


def test_a_moved_handle_stays_apart_from_everybody_its_atom_was_apart_from():
    engine = house()
    arrive(engine, "ana", "anna")
    kept = suppose(engine, "ana", "anna")
    engine.answer_join(kept.id, "confirm", "zoé")
    atom = engine.store.atoms_of([user("anna")])[user("anna")]
    engine.split(atom.person, [atom.id], "zoé")
    mail = ("email", "anna@example.org")
    engine.split(person_of(engine, "anna"), [], "zoé", handles=[mail])
    fresh = engine.store.atoms_of([mail])[mail].id
    assert fresh in state_of(engine, "ana").atoms[0].apart
    engine.take([identify("ana", email="anna@example.org")])
    assert engine.store.atoms_of([mail])[mail].person == fresh
