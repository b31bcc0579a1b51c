"""Receipts of what people want say it whole, hold nothing that cannot be canonical, and spare their words."""

from hashlib import sha256

from equipoise.account.wishes import aim_receipt, felt_receipt
from equipoise.canon import canonical
from equipoise.nouns.aims import Aim
from equipoise.nouns.events import Event
from equipoise.nouns.wishes import Felt

EVENT = Event(
    id="e1",
    kind="aim.declared",
    channel="web",
    source="portal",
    at_ms=5,
    received_ms=6,
    handles=(),
)
WHOM = (16, 32)


def test_an_answer_names_its_contact_and_the_answer_whose_place_it_took():
    felt = Felt("welcome", 5, 64, 48, "thanks", "mail")
    body = felt_receipt(EVENT, felt, Felt("too_much", 4, 48, 48), 65, WHOM)
    assert body["id"] == "f_65"
    assert (body["person"], body["atom"], body["source"]) == (16, 32, "portal")
    assert (body["felt"], body["before"], body["decision"]) == ("welcome", "too_much", "d_48")
    bare = felt_receipt(EVENT, Felt("welcome", 5, 64), None, 65, WHOM)
    assert not {"decision", "play", "option", "before"} & bare.keys()
    assert canonical(body) != canonical(bare)


def test_a_limit_is_told_with_its_amount_as_text_and_what_it_replaces():
    aim = Aim(
        id="a",
        kind="spend_at_most",
        at_ms=5,
        seq=64,
        until_ms=9,
        zone="Europe/Paris",
        most=49_900,
        currency="EUR",
    )
    body = aim_receipt(EVENT, aim, Aim(id="a", kind="goal", at_ms=1, seq=48, until_ms=2), 65, WHOM)
    assert body["said"] == {
        "kind": "spend_at_most",
        "until_ms": 9,
        "per": "month",
        "zone": "Europe/Paris",
        "most": "49.9",
        "currency": "EUR",
    }
    assert body["replaces"] == 48
    assert canonical(body)


def test_a_share_below_is_told_in_per_cent():
    aim = Aim(id="a", kind="use_less", at_ms=5, seq=64, until_ms=9, percent_below=10_000, what="x")
    said = aim_receipt(EVENT, aim, None, 65, WHOM)["said"]
    assert (said["percent_below"], said["what"]) == ("10", "x")
    assert "most" not in said


def test_the_words_of_a_goal_are_proven_and_not_repeated():
    goal = Aim(id="g", kind="goal", at_ms=5, seq=64, until_ms=9, text="Run far", category="sport")
    body = aim_receipt(EVENT, goal, None, 65, WHOM)
    assert b"Run far" not in canonical(body)
    assert body["said"]["text_sha256"] == sha256(b"Run far").hexdigest()
    assert "per" not in body["said"]


def test_what_was_taken_back_says_no_more_than_its_name():
    back = Aim(id="a", kind="goal", at_ms=5, seq=64, until_ms=9, withdrawn=True)
    body = aim_receipt(EVENT, back, None, 65, WHOM)
    assert body["aim"] == "a"
    assert "said" not in body
