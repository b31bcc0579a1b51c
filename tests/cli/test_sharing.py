"""`equipoise share`: a partner is let ask, its token changed, its reads listed, and an end put to it."""

import pytest

OPEN = ("share", "open", "Le Port", "partner.entry", "--by", "zoe")


def test_a_share_is_opened_listed_renewed_and_ended(equipoise, lived_in):
    assert "Nothing is shared with anybody" in equipoise("share", "list").out
    said = equipoise(
        *OPEN, "--ask", "adult: traits.age >= 18", "--ask", "age: band traits.age 18 25",
        "--days", "30", "--json",
    ).json  # fmt: skip
    assert said["token"].startswith("eqs_live_")
    share = said["share"]
    (row,) = equipoise("share", "list", "--json").json
    assert row["questions"] == {
        "adult": "adult: traits.age >= 18",
        "age": "age: band traits.age 18 25",
    }
    assert (row["recipient"], row["by"], row["alive"]) == ("Le Port", "zoe", True)
    assert row["duties"] == {"no_onward": True, "no_profiling": True, "delete_days": 30}
    assert "Le Port" in equipoise("share", "list").out
    assert "Nothing was read." in equipoise("share", "reads", share).out
    renewed = equipoise("share", "token", share, "--by", "zoe")
    assert "eqs_live_" in renewed.out
    again = equipoise("share", "token", share, "--by", "zoe")
    assert again.code == 1
    assert "two tokens already" in " ".join(again.err.split())
    assert equipoise("share", "end", share, "--by", "zoe", "--note", "over").code == 0
    assert equipoise("share", "end", share, "--by", "zoe").code == 1
    (row,) = equipoise("share", "list", "--json").json
    assert row["alive"] is False
    assert equipoise("verify").code == 0


def test_fields_need_their_reason_and_print_their_token_once(equipoise, lived_in):
    refused = equipoise(*OPEN, "--field", "traits.city")
    assert refused.code == 1
    assert "the reason why an answer will not do" in " ".join(refused.err.split())
    said = equipoise(*OPEN, "--field", "traits.city", "--why", "it carries the parcels there")
    assert said.code == 0
    assert said.out.count("eqs_live_") == 1
    (row,) = equipoise("share", "list", "--json").json
    assert (row["fields"], row["mode"]) == (["traits.city"], "fields")


@pytest.mark.parametrize(
    ("words", "needs"),
    [
        ((*OPEN, "--ask", "of age"), "write NAME: CONDITION"),
        (OPEN, "1 to 20 questions"),
        (("share", "end", "four", "--by", "z"), "write a share as"),
        (("share", "end", "s_4", "--by", "z"), "no such share"),
        (("share", "reads", "x"), "write a share as"),
    ],
)
def test_what_cannot_be_done_says_what_is_needed(equipoise, lived_in, words, needs):
    said = equipoise(*words)
    assert said.code != 0
    assert needs in " ".join(said.err.split())
