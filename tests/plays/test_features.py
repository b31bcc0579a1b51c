"""Every field of the catalogue has a reviewed phrase; a company's own are read from its file."""

import tomllib

import pytest

from equipoise.nouns.lessons import PRESSURE
from equipoise.plays.features import PHRASES, Phrasebook, PhraseMistake, pattern_of, read_phrases
from equipoise.plays.quantities import Region
from equipoise.remember.fields import CATALOGUE, field_type

MEASURES = ("count", "total", "mean", "days_since", "first_days_ago")
OPEN = {"KIND": "Tap", "CHANNEL": "email", "HANDLE": "email", "NAME": "level"}
BOOK = Phrasebook()


def fields() -> list[str]:
    """One field of each row of the catalogue, and of each measure."""
    names = []
    for row in CATALOGUE:
        name = row.name
        for place, filling in OPEN.items():
            name = name.replace(place, filling)
        names += (
            [name.replace("MEASURE", measure) for measure in MEASURES]
            if "MEASURE" in name
            else [name]
        )
    return names


@pytest.mark.parametrize("name", fields())
def test_every_field_but_traits_is_told_as_it_stands_in_two_languages(name):
    assert field_type(name) is not None
    if name.startswith(("traits.", "aims.")):  # nobody's aims are learnt from
        assert not BOOK.phrased(name)
        return
    assert BOOK.phrased(name)
    for value in (None, 0, 1, 3.5):
        english, french = (BOOK.stands(name, value, "EUR", locale) for locale in ("en", "fr"))
        assert english != french
        for text in (english, french):
            assert not set("{}[]|") & set(text), text
            assert text[0].islower() or text[0] in "“«"


@pytest.mark.parametrize("pattern", PHRASES)
def test_what_the_person_can_change_has_a_region_in_two_languages(pattern):
    name = pattern.replace("KIND", "Tap").replace("CHANNEL", "email").replace("HANDLE", "email")
    if not BOOK.changeable(name):
        with pytest.raises(LookupError, match="not to be contrasted"):
            BOOK.region(name, Region(high=2), "EUR", "en")
        return
    for region in (Region(high=20), Region(1, 2), Region(2, 5), Region(low=3)):
        english, french = (BOOK.region(name, region, "EUR", locale) for locale in ("en", "fr"))
        assert english != french
        assert not set("{}[]|") & set(english + french)


def test_contact_pressure_can_be_told_and_changed():
    assert all(BOOK.changeable(feature) for feature in PRESSURE)


def test_what_nobody_can_change_is_not_contrasted():
    for name in ("first_seen.days_since", "known", "has.email", "orders.first_days_ago"):
        assert not BOOK.changeable(name)


def test_the_phrases_read_as_they_should():
    assert BOOK.stands("orders.count", 3, "EUR", "en") == "you have ordered 3 times"
    assert BOOK.stands("orders.count", 0, "EUR", "fr") == "vous n’avez pas encore commandé"
    assert BOOK.stands("events.Order Completed.days_since", 20.4, "EUR", "en") == (
        "you last ordered 20 days ago"
    )
    assert BOOK.stands("channels.email.count", 2, "EUR", "fr") == (
        "vous avez utilisé 2 fois le canal e-mail"
    )
    assert BOOK.region("orders.days_since", Region(high=20), "EUR", "en") == (
        "under 20 days since your last order"
    )
    assert BOOK.region("orders.count", Region(1, 2), "EUR", "fr") == "1 commande"
    assert BOOK.region("orders.count", Region(low=3), "EUR", "en") == "3 or more orders"


def test_names_with_dots_keep_their_last_part_as_the_measure():
    assert pattern_of("events.a.b.count") == ("events.KIND.count", "a.b")


def test_a_field_without_a_phrase_is_told_by_its_name():
    assert BOOK.stands("traits.level", "gold", "EUR", "en") == "“traits.level”"
    assert not BOOK.changeable("traits.level")


OWN = """
[features."traits.level"]
en = "your level is {value}"
fr = "votre niveau est {value}"
unit = "text"

[features."traits.points"]
en = "you have {value} points"
fr = "vous avez {value} points"
unit = "count"
en_region = "{region} [point|points]"
fr_region = "{region} [point|points]"
"""


def test_a_company_gives_phrases_of_its_own_in_toml():
    book = read_phrases(tomllib.loads(OWN))
    assert book.phrased("traits.level")
    assert book.stands("traits.level", "gold", "EUR", "fr") == "votre niveau est gold"
    assert "“level”" in book.stands("traits.level", None, "EUR", "en")
    assert not book.changeable("traits.level")
    assert book.region("traits.points", Region(1, 2), "EUR", "en") == "1 point"
    assert book.phrased("orders.count")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("your level is {value}", "your level", "the phrase of traits.level needs {value} in it"),
        ('fr = "votre niveau est {value}"', "", "missing required field `fr`"),
        ('unit = "text"', 'unit = "words"', "Invalid enum value 'words'"),
        (
            'fr_region = "{region} [point|points]"',
            "",
            "traits.points needs en_region and fr_region",
        ),
        ("[features", "[feature", "unknown field"),
    ],
)
def test_a_phrase_that_cannot_be_told_is_a_mistake(old, new, message):
    assert old in OWN
    with pytest.raises(PhraseMistake) as caught:
        read_phrases(tomllib.loads(OWN.replace(old, new)))
    assert message in str(caught.value)
