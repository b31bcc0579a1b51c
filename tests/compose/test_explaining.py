"""What the settings say of explanations is joined to the rules and to the plays."""

import pytest

from equipoise.compose.explaining import Explainer, default_explain, explains_of, phrasebook_of
from equipoise.compose.library import known_here, rules_of
from equipoise.nouns.decisions import Explain
from equipoise.plays.features import Phrasebook
from equipoise.settings import SettingsError, read_settings
from equipoise.stores import open_store
from plays.told import told


def test_by_default_every_purpose_asks_for_exact_reasons():
    rules = rules_of(read_settings(environ={}))
    assert rules.explain("marketing") is Explain.EXACT


def test_purposes_that_are_content_with_less_are_read_from_the_settings():
    given = {"explain.approximate": "analytics service", "explain.none": "weather"}
    settings = read_settings(environ={}, given=given | {"explain.default": "approximate"})
    rules = rules_of(settings)
    assert [rules.explain(purpose) for purpose in ("service", "weather", "marketing")] == [
        Explain.APPROXIMATE,
        Explain.NONE,
        Explain.APPROXIMATE,
    ]


def test_a_level_that_is_none_and_a_purpose_named_twice_are_refused():
    with pytest.raises(SettingsError, match=r"explain\.default needs exact, .* got 'exactly'"):
        default_explain(read_settings(environ={}, given={"explain.default": "exactly"}))
    given = {"explain.approximate": "a b", "explain.none": "b"}
    with pytest.raises(SettingsError, match="got 'b' in both"):
        explains_of(read_settings(environ={}, given=given))


def test_without_a_file_the_phrases_are_those_of_the_table():
    assert phrasebook_of(read_settings(environ={})) == Phrasebook()


def test_a_house_gives_phrases_of_its_own_in_a_file(tmp_path):
    file = tmp_path / "phrases.toml"
    file.write_text('[features."traits.level"]\nen = "level {value}"\nfr = "niveau {value}"\n')
    settings = read_settings(environ={}, given={"phrases": str(file)})
    assert phrasebook_of(settings).phrased("traits.level")
    known = known_here(settings=settings)
    assert known.phrased is not None
    assert known.phrased("traits.level")
    assert not known.phrased("traits.colour")


@pytest.mark.parametrize("text", ["[features", '[features."traits.a"]\nen = "x {value}"\n'])
def test_a_file_that_holds_no_phrases_stops_the_start(tmp_path, text):
    file = tmp_path / "phrases.toml"
    file.write_text(text)
    with pytest.raises(SettingsError, match="setting phrases needs a TOML file of phrases"):
        phrasebook_of(read_settings(environ={}, given={"phrases": str(file)}))
    with pytest.raises(SettingsError, match="No such file"):
        phrasebook_of(read_settings(environ={}, given={"phrases": str(file) + ".gone"}))


def test_a_receipt_whose_play_and_model_are_gone_is_still_explained_but_for_the_contrast():
    store, _ = open_store("memory:")
    explained = Explainer(store, Phrasebook())(told(), "en")
    assert explained is not None
    assert explained.differences
    assert explained.contrast == ""
