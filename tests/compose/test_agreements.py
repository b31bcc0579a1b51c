"""The settings `terms.*` become rules, readings of signals and notices, or are refused with a sentence."""

import pytest

from equipoise.compose.agreements import agreed_rules, meaning_of, notices_of, since_of
from equipoise.nouns.agreements import ANALYTICS, ROSTER, SERVICE, UNCAPPED
from equipoise.settings import SettingsError, read_settings


def given(**values):
    return read_settings(
        environ={}, given={name.replace("__", "."): value for name, value in values.items()}
    )


def test_as_shipped_the_house_accepts_the_roster_and_caps_nobody():
    rules = agreed_rules(given())
    assert set(rules["policy"].accepts) == set(ROSTER)
    assert (rules["default_cap"], rules["gpc"]) == (UNCAPPED, [])
    assert rules["needs"] == {"analytics": ANALYTICS}


def test_a_default_agreement_caps_people_who_chose_none():
    assert agreed_rules(given(terms__default="SD-BASE"))["default_cap"] == SERVICE


def test_notices_are_read_from_their_file(tmp_path):
    file = tmp_path / "notices.toml"
    file.write_text(
        '[news]\npurpose = "marketing"\nchannel = "email"\n[news.text]\nen = "Monthly."\n'
    )
    notice = notices_of(given(terms__notices=str(file)))["news"]
    assert (notice.purpose, notice.channel, notice.texts) == (
        "marketing",
        "email",
        {"en": "Monthly."},
    )
    assert meaning_of(given(terms__notices=str(file))).tcf["analytics"] == (7, 8)


@pytest.mark.parametrize(
    "values",
    [
        {"terms__accepts": "SD-BASE TPR"},
        {"terms__counter": "SD-NONE"},
        {"terms__default": "PDC-AI"},
    ],
)
def test_an_agreement_that_is_not_in_the_roster_is_refused(values):
    with pytest.raises(SettingsError, match="terms"):
        agreed_rules(given(**values))


@pytest.mark.parametrize("text", ["analytics", "analytics=", "=7", "a=7,,8", "a=seven"])
def test_a_reading_of_the_framework_that_makes_no_sense_is_refused(text):
    with pytest.raises(SettingsError, match=r"terms\.tcf"):
        meaning_of(given(terms__tcf=text))


@pytest.mark.parametrize("text", ["", "x = ", "[news]\npurpose='a'\n", "news = 3"])
def test_notices_that_cannot_be_read_are_refused(tmp_path, text):
    file = tmp_path / "notices.toml"
    if text:
        file.write_text(text)
    with pytest.raises(SettingsError, match=r"terms\.notices"):
        notices_of(given(terms__notices=str(file)))


def test_a_day_that_is_none_is_refused():
    with pytest.raises(SettingsError, match=r"terms\.since"):
        since_of(given(terms__since="soon"))
