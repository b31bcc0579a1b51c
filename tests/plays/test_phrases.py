"""Every reason has a sentence in two languages, and the docs say the same."""

import ast
import re
from itertools import chain
from typing import get_args

import pytest

from equipoise.nouns.people import HeldJoin
from equipoise.plays.phrases import (
    CARRIED,
    DECIDED,
    HELD_JOINS,
    PHRASES,
    REFUSED,
    SHARED,
    WORDS,
    held_join,
    sentence,
)
from style.tree import ROOT, parse, python_files

TABLES = {
    "Why a moment ended so": DECIDED,
    "Why an action did not leave": CARRIED,
    "Why a partner was told nothing": SHARED,
    "Why an item was not taken": REFUSED,
    "Why two people were not joined": HELD_JOINS,
}
EVERY = list(chain.from_iterable(table.items() for table in TABLES.values()))


@pytest.mark.parametrize(("code", "phrase"), EVERY)
def test_a_sentence_is_told_in_both_languages_with_and_without_its_detail(code, phrase):
    tell = sentence if PHRASES.get(code) == phrase else held_join
    for language, text in zip(("en", "fr"), phrase, strict=True):
        places = re.findall(r"\{(\w+)\}", text)
        detail = dict.fromkeys(places, "5")
        bare = tell(code, language)
        full = sentence(code, language, detail) if tell is sentence else bare
        assert all(mark not in bare + full for mark in "{}[]")
        assert full.endswith(".")
        assert full.count("5") >= len(places)
        assert "…" not in bare, "what may be missing stands in brackets"
    assert phrase[0] != phrase[1]


def test_both_languages_fill_the_same_places():
    for code, (english, french) in EVERY:
        assert set(re.findall(r"\{\w+\}", english)) == set(re.findall(r"\{\w+\}", french)), code


def test_a_place_is_filled_and_a_part_without_its_place_is_left_out():
    assert sentence("budget_day", "en", {"most": "2"}).endswith("today: at most 2 a day.")
    assert sentence("budget_day", "en", {}).endswith("for today.")
    assert sentence("consent_missing", "fr-FR", {"purpose": "analytics", "channel": "email"}) == (
        "Vous n’avez pas donné votre accord pour ceci : mesure d’audience, par e-mail."
    )


def test_an_unknown_code_is_told_as_what_it_is():
    assert sentence("moon_is_full", "en") == (
        "The reason is called “moon_is_full”, for which there is no sentence yet."
    )
    assert "moon_is_full" in sentence("moon_is_full", "fr", {"x": "y"})
    assert held_join("", "en").startswith("The reason is called")


def test_what_fills_a_place_is_not_read_for_places():
    assert "{most}" in sentence("budget_day", "en", {"most": "{most}"})


def test_the_kinds_of_held_joins_are_those_of_the_noun():
    assert set(HELD_JOINS) == set(get_args(HeldJoin.__annotations__["reason"]))


def test_the_words_for_channels_and_purposes_are_in_two_languages():
    assert all(len(pair) == 2 and all(pair) for pair in WORDS.values())


def codes_given() -> set[tuple[str, str]]:
    """Every literal `reason=` or `code=` in the package, with the file that gives it."""
    return {
        (path.as_posix(), word.value.value)
        for path in python_files(ROOT, "src/equipoise")
        for node in ast.walk(parse(ROOT, path))
        if path.parts[2] != "testing" and isinstance(node, ast.Call)
        for word in node.keywords
        if word.arg in ("reason", "code")
        and isinstance(word.value, ast.Constant)
        and isinstance(word.value.value, str)
        and re.fullmatch(r"[a-z]+(_[a-z]+)*", word.value.value)
    }


def test_every_code_that_the_package_gives_has_its_sentence():
    given = codes_given()
    assert len(given) > 10
    assert {pair for pair in given if pair[1] not in PHRASES} == set()


def documented() -> dict[str, dict[str, tuple[str, str]]]:
    """The tables of `docs/reasons.md` by heading."""
    tables: dict[str, dict[str, tuple[str, str]]] = {}
    heading = ""
    for line in (ROOT / "docs/reasons.md").read_text("utf-8").splitlines():
        if line.startswith("## "):
            heading = line.removeprefix("## ")
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if line.startswith("| `"):
            tables.setdefault(heading, {})[cells[0].strip("`")] = (cells[1], cells[2])
    return tables


def test_the_page_of_reasons_says_what_the_code_says():
    assert documented() == TABLES
