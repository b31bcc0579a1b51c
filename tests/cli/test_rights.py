"""`equipoise requests`, `request` and `answer`: what is owed, asked and answered from a shell."""


def test_a_request_is_opened_listed_put_off_and_fulfilled(equipoise, lived_in):
    assert "nobody is owed an answer" in equipoise("requests").out
    said = equipoise("request", "access", "user_id:ana", "--by", "zoe")
    assert said.code == 0
    assert "An answer is owed by" in said.out + said.err
    (row,) = equipoise("requests", "--json").json
    assert (row["kind"], row["status"]) == ("access", "open")
    assert row["request"] in equipoise("requests").out
    refused = equipoise("answer", row["request"], "extend", "--by", "zoe")
    assert refused.code == 1
    assert "say why" in refused.err
    done = equipoise("answer", row["request"], "fulfil", "--by", "zoe", "--json").json
    assert done["status"] == "fulfilled"
    assert equipoise("requests", "--json").json == []


def test_an_erasure_prints_its_report_and_the_person_is_gone(equipoise, lived_in):
    asked = equipoise("request", "erasure", "user_id:ana", "--by", "zoe", "--json").json
    said = equipoise("answer", asked["request"], "fulfil", "--by", "zoe")
    assert "rows deleted" in said.out
    assert "salted" in said.out
    assert "nobody here is known by that" in equipoise("person", "user_id:ana").err
    assert equipoise("verify").code == 0


def test_a_contest_is_made_again_and_a_correction_set(equipoise, lived_in):
    decided = equipoise("why", "user_id:ana", "--json").json["decided"]
    decision = next(row["decision"] for row in decided if row["reason"] == "chosen")
    asked = equipoise(
        "request", "contest", "user_id:ana", "--decision", decision, "--ground", "unfair",
        "--by", "zoe", "--json",
    ).json  # fmt: skip
    assert asked["replayed"] == "same"
    over = equipoise("answer", asked["request"], "fulfil", "--outcome", "upheld", "--by", "zoe")
    assert over.code == 0
    fixed = equipoise(
        "request", "correction", "user_id:ana", "--set", "traits.city=Nice", "--by", "zoe", "--json"
    ).json
    equipoise("answer", fixed["request"], "fulfil", "--by", "zoe")
    known = equipoise("person", "user_id:ana", "--json").json["portrait"]["traits"]
    assert {"Nice"} == {row["value"] for row in known if row["name"].endswith("city")}


def test_what_cannot_be_asked_or_answered_says_what_is_needed(equipoise, lived_in):
    for words, needs in (
        (("request", "wish", "user_id:ana", "--by", "z"), "needs one of"),
        (("request", "access", "user_id:nobody", "--by", "z"), "nobody here is known"),
        (("request", "correction", "user_id:ana", "--set", "x", "--by", "z"), "FIELD=VALUE"),
        (("answer", "r_4", "dance", "--by", "z"), "needs one of"),
        (("answer", "four", "fulfil", "--by", "z"), "write a request as"),
        (("answer", "r_4", "fulfil", "--by", "z"), "no such request"),
    ):
        said = equipoise(*words)
        assert said.code != 0
        assert needs in " ".join(said.err.split())
