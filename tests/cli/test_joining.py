"""`equipoise joins` says who may be one, or why nobody can be compared."""

from equipoise.nouns.events import Handle
from equipoise.nouns.hypotheses import Hypothesis, Likeness
from house import house


def test_people_who_share_nothing_are_code_2_with_what_to_send(equipoise, lived_in):
    said = equipoise("joins")
    assert said.code == 2
    assert "Send them as traits" in said.err


def test_an_answer_needs_a_verb_a_hypothesis_and_a_name(equipoise, lived_in):
    said = equipoise("joins", "perhaps", "h_16", "--by", "zoé").err
    assert "confirm, refuse, later, reopen" in said
    assert "the page /joins lists them" in equipoise("joins", "reopen", "--by", "zoé").err
    assert "write a hypothesis" in equipoise("joins", "confirm", "--by", "zoé").err
    assert "--by NAME" in equipoise("joins", "confirm", "h_16").err
    said = equipoise("joins", "confirm", "h_999999", "--by", "zoé")
    assert said.code != 0
    assert "(gone)" in said.err


def test_a_refusal_is_taken_back_and_what_was_not_refused_says_so(equipoise, lived_in):
    with house(lived_in / "equipoise.db") as engine:
        handles = [Handle("user_id", "ana"), Handle("user_id", "zoe")]
        left, right = sorted(atom.person for atom in engine.store.atoms_of(handles).values())
        same = (Likeness("family_name", "exact", 6.5),)
        engine.suppose([Hypothesis(left=left, right=right, score=0.97, evidence=same)])
        (kept,) = engine.store.hypotheses_in("open", 9)
    said = equipoise("joins", "reopen", kept.id, "--by", "zoé")
    assert said.code == 1
    assert "only a refusal can be reopened" in said.err
    assert "(not_refused)" in said.err
    assert "is refused" in equipoise("joins", "refuse", kept.id, "--by", "zoé").out
    assert "--by NAME" in equipoise("joins", "reopen", kept.id).err
    assert f"{kept.id} is open" in equipoise("joins", "reopen", kept.id, "--by", "max").out
    assert "is confirmed" in equipoise("joins", "confirm", kept.id, "--by", "zoé").out


def test_a_rule_that_cannot_be_read_stops_before_anything_is_written(equipoise, lived_in):
    (lived_in / "equipoise.toml").write_text('joins.rule = "often"\n', "utf-8")
    assert "joins.rule 'often'" in equipoise("joins").err


def test_a_handle_is_split_off_only_after_it_was_said_that_its_past_stays(equipoise, lived_in):
    mail = ("split", "user_id:ana", "--handles", "email:ana@example.org", "--by", "zoé")
    asked = equipoise(*mail)
    assert "the past stays" in asked.out
    assert asked.code != 0
    assert (
        equipoise("person", "email:ana@example.org").out == equipoise("person", "user_id:ana").out
    )
    assert "they are now 2 people" in equipoise(*mail, "--yes").out
    assert "user_id" not in equipoise("person", "email:ana@example.org").out


def test_a_handle_of_nobody_here_is_not_split_off(equipoise, lived_in):
    said = equipoise("split", "user_id:ana", "--handles", "user_id:zoe", "--by", "zoé", "--yes")
    assert "has no handle user_id:zoe" in said.err
