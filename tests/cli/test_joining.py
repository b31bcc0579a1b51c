"""`equipoise joins` says who may be one, or why nobody can be compared."""


def test_people_who_share_nothing_are_code_2_with_what_to_send(equipoise, lived_in):
    said = equipoise("joins")
    assert said.code == 2
    assert "Send them as traits" in said.err


def test_an_answer_needs_a_verb_a_hypothesis_and_a_name(equipoise, lived_in):
    assert "confirm, refuse, later" in equipoise("joins", "perhaps", "h_16", "--by", "zoé").err
    assert "write a hypothesis" in equipoise("joins", "confirm", "--by", "zoé").err
    assert "--by NAME" in equipoise("joins", "confirm", "h_16").err
    said = equipoise("joins", "confirm", "h_999999", "--by", "zoé")
    assert said.code != 0
    assert "(gone)" in said.err


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
