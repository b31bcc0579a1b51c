"""What the settings say of explanations is joined to the rules and to the plays."""

import pytest

from equipoise.compose.explaining import default_explain, explains_of
from equipoise.compose.library import rules_of
from equipoise.nouns.decisions import Explain
from equipoise.settings import SettingsError, read_settings


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
