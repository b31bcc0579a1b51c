"""Why it ended so: the outcome, the reason and the chance, in two languages, for every reason there is."""

import pytest

from equipoise.plays.phrases import PHRASES
from equipoise.plays.telling import why

DRAWN = {
    "outcome": "act",
    "reason": "chosen",
    "option": "mail",
    "chance": True,
    "propensity": 1 / 3,
}


def test_what_was_done_is_told_with_the_chance_that_it_had():
    assert why(DRAWN, "en") == (
        "You get “mail”. It was chosen among what your terms allow. "
        "Chance decided among the options that were allowed; this one had 33.3 %."
    )
    assert why(DRAWN, "fr-CA").endswith("celle-ci avait 33,3 %.")


def test_where_chance_had_no_part_none_is_told():
    assert "hance" not in why(DRAWN | {"chance": False}, "en")


def test_a_receipt_writes_its_propensity_as_text_and_is_told_alike():
    assert why(DRAWN | {"propensity": repr(1 / 3)}, "en") == why(DRAWN, "en")


def test_details_fill_the_sentence():
    told = {"outcome": "silence", "reason": "consent_missing", "detail": {"purpose": "ads"}}
    assert why(told, "en") == "Nothing was done. You have not said yes to ads."


def test_any_language_but_french_is_told_in_english():
    assert why(DRAWN, "de") == why(DRAWN, "en")


@pytest.mark.parametrize("outcome", ["act", "silence", "held", "review"])
@pytest.mark.parametrize("locale", ["en", "fr"])
def test_every_reason_with_every_outcome_is_a_sentence_without_gaps(outcome, locale):
    for reason in PHRASES:
        text = why({"outcome": outcome, "reason": reason, "option": "mail"}, locale)
        assert text.endswith((".", "?", "!")), text
        assert "{" not in text
        assert "None" not in text


def test_where_a_model_was_asked_it_is_told_whether_chance_went_against_it():
    best = why(DRAWN | {"best": "mail"}, "en")
    assert best.endswith("It was expected to be worth most, and had 33.3 % in the draw.")
    lesser = why(DRAWN | {"best": "silence"}, "fr")
    assert "Le hasard a décidé : vous laisser tranquille devait valoir plus" in lesser


def test_a_chance_just_under_certainty_is_not_told_as_certain():
    nearly = DRAWN | {"best": "mail", "propensity": 0.9999993}
    assert "had over 99.9 %" in why(nearly, "en")
    assert "100 %" in why(nearly | {"propensity": 1.0}, "en")
