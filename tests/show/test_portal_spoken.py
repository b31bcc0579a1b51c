"""Receipts of what a person said are told to that person in words, not in names of codes."""

import pytest

from equipoise.nouns.agreements import ACCEPTED
from equipoise.show.languages import Language
from equipoise.show.portal.pages import TEXTS
from equipoise.show.portal.spoken import question, worded
from equipoise.show.story import Story

ENGLISH, FRENCH = (Language(code, "Europe/Paris", TEXTS) for code in ("en", "fr"))
LIMIT = {"kind": "spend_at_most", "most": "1050.5", "per": "month", "currency": "EUR"}
USE = {"kind": "use_less", "percent_below": "10", "what": "Meter Read", "quantity": "kWh"}


def told(raw, language=ENGLISH, notes=()):
    story = Story(seq=1, atom=1, at_ms=0, tone="bad", chip="x", sentence="x", raw=raw, notes=notes)
    return worded(story, language)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ({"type": "felt", "felt": "not_now"}, "You said how a message felt: Not now."),
        ({"type": "aim", "said": LIMIT}, "a limit: Spend at most 1,050.5 EUR a month."),
        (
            {"type": "aim", "said": USE | {"per": "week", "category": "home"}},
            "Meter readings (kWh): 10 per cent less a week (home)",
        ),
        ({"type": "aim", "said": {"kind": "goal"}}, "a goal in your own words"),
        ({"type": "aim"}, "You took a limit or a goal back."),
        (
            {"type": "agreement", "record": {"status": ACCEPTED, "agreement": {"id": "SD-BASE"}}},
            "You chose an agreement: SD-BASE.",
        ),
        (
            {"type": "agreement", "record": {"status": "x", "proffered": "SD-BASE"}},
            "An agreement was spoken about: SD-BASE.",
        ),
        ({"type": "share", "outcome": "granted", "recipient": "Bank"}, "Bank asked for something"),
        ({"type": "share", "outcome": "refused", "recipient": "Bank"}, "and got nothing."),
        ({"type": "share_stop", "outcome": "stopped", "recipient": "*"}, "with: everybody."),
        ({"type": "share_stop", "outcome": "lifted", "recipient": "Bank"}, "again with: Bank."),
        (
            {"type": "join", "did": "joined", "how": "human", "score": "0.9312"},
            "and a human joined them (likeness 93.1%).",
        ),
        ({"type": "join", "did": "joined", "how": "rule", "score": "1"}, "a rule of the house"),
        ({"type": "join", "did": "parted", "how": "split"}, "were taken apart again"),
    ],
)
def test_each_is_a_sentence_with_a_short_name_and_no_notes(raw, said) -> None:
    story = told(raw, notes=("mail",))
    assert said in story.sentence
    assert (story.tone, story.notes) == ("terms", ())
    assert story.chip not in ("x", raw["type"])
    assert told(raw, FRENCH).sentence != story.sentence


def test_any_other_receipt_keeps_its_words_and_names_its_purpose() -> None:
    story = told({"type": "terms"}, notes=("marketing", "per_week 3", "d_4"))
    assert (story.tone, story.sentence) == ("bad", "x")
    assert story.notes == ("News and offers", "at most 3 a week", "d_4")


def test_a_question_is_read_with_the_names_that_people_know() -> None:
    assert question("traits.age >= 18", FRENCH) == "âge ≥ 18"
    assert question("band traits.age 18 65.5", ENGLISH) == "age: between which of 18, 65.5"
    assert question("count 20 traits.city is Nice", ENGLISH) == "At least 20 people: City is Nice"
    assert question("orders.count", ENGLISH) == "orders.count"
