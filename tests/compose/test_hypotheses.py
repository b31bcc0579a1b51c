"""People of a store who may be one: found by their traits, never who was split."""

import pytest

from equipoise.compose.hypotheses import asking, confirm_by, hypotheses_in
from equipoise.nouns.events import Handle
from equipoise.nouns.rules import Rules
from equipoise.recognise.likeness import NoLikeness, Search
from equipoise.recognise.proposing import Rule
from house import house

NOW_MS = 1_800_000_000_000
NAMES = ("ana martin", "bruno petit", "chloe durand", "david leroy", "emma moreau", "farid roux")


def said(user, name, born, city):
    first, last = name.split()
    traits = {"firstName": first, "lastName": last, "birthday": born, "city": city}
    return {"type": "identify", "userId": user, "messageId": user, "traits": traits}


def everybody():
    others = [
        said(f"u{n}", NAMES[n % 6], f"19{40 + n}-0{1 + n % 9}-1{n % 7}", ("lille", "nice")[n % 2])
        for n in range(36)
    ]
    one = said("x1", "giulia bernard", "1988-05-21", "metz")
    return [*others, one, said("x2", "guilia bernard", "1988-05-21", "metz")]


def test_one_who_came_back_misspelt_is_found_and_nothing_is_written():
    with house() as engine:
        engine.take(everybody())
        before = engine.store.position()
        found = hypotheses_in(engine.store, Rules(), NOW_MS, Search())
        pair = engine.store.atoms_of([Handle("user_id", "x1"), Handle("user_id", "x2")]).values()
        assert [found[0].left, found[0].right] == sorted(atom.person for atom in pair)
        assert engine.store.position() == before


def test_two_who_were_split_are_never_listed_again_however_alike_they_are():
    with house() as engine:
        engine.take(everybody()[:-1])
        engine.take([{"type": "page", "anonymousId": "a1", "messageId": "p1"}])
        engine.take(
            [
                said("x1", "giulia bernard", "1988-05-21", "metz")
                | {"anonymousId": "a1", "messageId": "i2"}
            ]
        )
        atom = engine.store.atoms_of([Handle("anonymous_id", "a1")])[Handle("anonymous_id", "a1")]
        assert engine.split(atom.person, [atom.id], "zoé")["ok"]
        again = said("x1", "giulia bernard", "1988-05-21", "metz") | {
            "messageId": "i3",
            "anonymousId": "a1",
        }
        engine.take([{name: value for name, value in again.items() if name != "userId"}])
        found = hypotheses_in(engine.store, Rules(), NOW_MS, Search())
        assert all(atom.id not in (pair.left, pair.right) for pair in found)


def test_what_was_refused_is_not_found_again_and_a_rule_joins_what_it_confirms():
    with house() as engine:
        engine.take(everybody())
        found = hypotheses_in(engine.store, Rules(), NOW_MS, Search())
        engine.suppose(found)
        first, *_ = asking(engine.store, "open", 9)
        assert confirm_by(engine, Rule(0.999999, ("email",))) == (0, {})
        assert engine.answer_join(first.kept.id, "refuse", "zoé")["ok"]
        again = hypotheses_in(engine.store, Rules(), NOW_MS, Search())
        assert (first.left, first.right) not in {(pair.left, pair.right) for pair in again}
    with house() as engine:
        engine.take(everybody())
        engine.suppose(hypotheses_in(engine.store, Rules(), NOW_MS, Search()))
        assert confirm_by(engine, Rule(0.95, ("birth_date",)))[0] == 1
        pair = engine.store.atoms_of([Handle("user_id", "x1"), Handle("user_id", "x2")]).values()
        assert len({atom.person for atom in pair}) == 1
        (join,) = engine.store.joins(atom.id for atom in pair)
        assert join.source == "rule"
        assert all(
            {one.left, one.right} != {a.person for a in pair}
            for one in asking(engine.store, "open", 9)
        )


def test_people_of_whom_nothing_is_said_cannot_be_compared():
    with house() as engine, pytest.raises(NoLikeness):
        hypotheses_in(engine.store, Rules(), NOW_MS, Search())
