"""The phrases of what is no feature are there in two languages and name what they compare with."""

import pytest

from equipoise.decide.choosers import find_choosers
from equipoise.plays.reasons import CONTROLS, TERMS, clause, compared, control, quoted, term_label


@pytest.mark.parametrize("term", [*TERMS, "unheard of"])
@pytest.mark.parametrize("amount", [0.5, -0.5])
def test_every_term_has_a_sentence_each_way_in_two_languages(term, amount):
    english, french = (clause(term, amount, "silence", "X", locale) for locale in ("en", "fr"))
    assert english != french
    for text in (english, french):
        assert text.endswith("(X).")
        assert "{" not in text
    assert clause(term, 0.5, "mail", "X", "en") != clause(term, -0.5, "mail", "X", "en")


def test_silence_is_told_as_what_it_is():
    assert quoted("silence", "en") == "leaving you in peace"
    assert compared("silence", "fr") == "de vous laisser tranquille"
    assert quoted("mail", "fr") == compared("mail", "fr") == "« mail »"


@pytest.mark.parametrize("name", CONTROLS)
def test_every_control_says_what_it_does(name):
    assert name in find_choosers()
    assert CONTROLS[name][0] in control(name, "en")
    assert CONTROLS[name][1] in control(name, "fr")


def test_a_chooser_of_others_is_told_by_its_name():
    assert control("coin", "en").endswith(": coin.")


def test_labels_are_for_terms_alone():
    assert term_label("cost", "en") == "what doing it costs"
    assert term_label("orders.count", "en") == ""
