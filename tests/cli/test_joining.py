"""`equipoise joins` says who may be one, or why nobody can be compared."""


def test_people_who_share_nothing_are_code_2_with_what_to_send(equipoise, lived_in):
    said = equipoise("joins")
    assert said.code == 2
    assert "Send them as traits" in said.err
