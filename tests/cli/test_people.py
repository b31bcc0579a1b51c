"""`equipoise why` answers for what was done and for what was not; `person` and `split` know the atoms."""

import pytest

from house import identify
from journeys.learned import Shop


def test_what_was_sent_is_told_with_its_reason(equipoise, lived_in):
    said = equipoise("why", "user_id:ana")
    assert said.code == 0
    assert "You get “mail”" in said.out
    assert "ana@example.org" in said.out


def test_why_it_was_not_sent_is_told_in_the_language_asked_for(equipoise, lived_in):
    said = equipoise("why", "email:zoe@example.org", "--lang", "fr")
    assert "Vous n’avez pas donné votre accord" in said.out
    assert "Décidé, du plus récent au plus ancien" in said.out
    assert "Decided" not in said.out


def test_the_same_silence_again_is_told_with_its_count(equipoise, lived_in):
    (silence,) = equipoise("why", "user_id:zoe", "--json").json["silences"]
    assert (silence["reason"], silence["times"]) == ("consent_missing", 3)


def test_a_program_reads_decisions_newest_first_and_by_play(equipoise, lived_in):
    told = equipoise("why", "user_id:ana", "--json").json
    times = [row["decision"] for row in told["decided"] if row["play"] == "thanks"]
    assert times == sorted(times, key=lambda name: -int(name[2:]))
    assert equipoise("why", "user_id:ana", "--play", "other", "--json").json["decided"] == []
    assert len(equipoise("why", "user_id:ana", "--most", "1", "--json").json["decided"]) == 1


def test_a_person_is_found_by_handle_by_bare_value_and_by_name(equipoise, lived_in):
    name = equipoise("why", "user_id:ana", "--json").json["person"]
    assert equipoise("why", name, "--json").json["person"] == name
    assert equipoise("why", "ana@example.org", "--json").json["person"] == name


def test_a_person_that_nobody_knows_is_code_1(equipoise, lived_in):
    for who in ("user_id:nobody", "nobody", "p_zzzz", "p_b"):
        said = equipoise("why", who)
        assert said.code == 1
        assert "nobody here is known by that" in said.err


def test_a_person_is_shown_with_terms_and_contacts(equipoise, lived_in):
    said = equipoise("person", "user_id:ana")
    assert "marketing" in said.out
    assert "yes" in said.out
    portrait = equipoise("person", "user_id:ana", "--json").json["portrait"]
    assert [group["handles"] for group in portrait["groups"]]


def test_a_join_can_be_taken_apart_and_stays_so(equipoise, lived_in):
    import house

    with house.house(lived_in / "equipoise.db") as engine:
        engine.take([{"type": "page", "anonymousId": "a9", "messageId": "m1"}])
        engine.take([identify("ana", "a9")])
    told = equipoise("person", "user_id:ana", "--json").json["portrait"]["groups"]
    assert len(told) == 2
    out = max(group["id"] for group in told)
    said = equipoise("split", "user_id:ana", out, "--by", "test")
    assert said.code == 0
    assert "2 people" in said.out
    names = {
        equipoise("why", who, "--json").json["person"] for who in ("user_id:ana", "anonymous_id:a9")
    }
    assert len(names) == 2


def test_an_atom_of_somebody_else_cannot_be_split_off(equipoise, lived_in):
    said = equipoise("split", "user_id:ana", "1", "--by", "test")
    assert said.code == 1
    assert "cannot be split" in said.err


@pytest.fixture
def learned(shop):
    """The same house, in which a basket play has learnt; its decisions that a model took part in."""
    settings = shop / "equipoise.toml"
    settings.write_text(settings.read_text().replace('# seed = ""', 'seed = "test"'))
    lived = Shop(shop / "equipoise.db")
    decisions = lived.decisions()
    lived.engine.close()
    return decisions


def test_one_decision_is_told_with_its_reasons_and_numbers(equipoise, learned):
    receipt = next(one for one in learned if one["chosen"] == "reminder")
    said = equipoise("why", receipt["id"])
    assert said.code == 0
    for text in ("Risk of losing you", "By our reckoning", "what doing it costs", "Together"):
        assert text in said.out, text
    french = equipoise("why", receipt["id"], "--lang", "fr")
    assert "Risque de vous perdre" in french.out
    told = equipoise("why", receipt["id"], "--json").json
    assert told["decision"] == receipt["id"]
    explanation = told["explanation"]
    assert explanation["option"] == "reminder"
    for place, total in enumerate(explanation["sums"]):
        parts = sum(line["parts"][place] for line in explanation["lines"])
        assert parts == pytest.approx(total, abs=1e-9)
    person = receipt["moment"]["event"].partition("/")[0]
    rows = equipoise("why", f"user_id:{person}", "--json").json["decided"]
    assert rows[0]["reasons"]


def test_a_decision_that_is_not_there_is_code_1(equipoise, lived_in):
    said = equipoise("why", "d_999999")
    assert said.code == 1
    assert "there is no such decision here" in said.err
