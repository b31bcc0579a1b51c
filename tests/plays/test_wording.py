"""What people read: their language, with places filled by text and by nothing else."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.nouns.plays import Option
from equipoise.plays.wording import MOST_FILLED, fields_in, filled, odd_places, render


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("fr", "Merci"),
        ("fr-FR", "Merci"),
        ("fr-CA", "Grand merci"),
        ("de", "Thanks"),
        ("", "Thanks"),
    ],
)
def test_the_language_is_the_persons_else_english(locale, said):
    option = Option(
        name="a", content={"body": {"fr": "Merci", "en": "Thanks", "fr-CA": "Grand merci"}}
    )
    assert render(option, {}.get, locale) == {"body": said}


def test_without_english_the_first_written_is_read():
    option = Option(name="a", content={"title": {"it": "Grazie", "de": "Danke"}, "code": "X"})
    assert render(option, {}.get, "en") == {"title": "Grazie", "code": "X"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Hello {{ traits.name }}!", "Hello Ana!"),
        ("Hello {{traits.name|you}}!", "Hello Ana!"),
        ("Hello {{ traits.nick | dear friend }}!", "Hello dear friend!"),
        ("Hello {{ traits.empty | you }}!", "Hello you!"),
        ("Hello {{ traits.nick }}!", "Hello !"),
        ("{{ event.price }} €", "12,5 €"),
        ("{{ event.whole }} €", "30 €"),
        ("{{ traits.vip }}", "oui"),
        ("{{ event.nan | ? }}", "?"),
        ("{{ event.list | ? }}", "?"),
        ("{{ traits.name.upper() }}", "{{ traits.name.upper() }}"),
        ("{% raw %} {{ 1 + 1 }}", "{% raw %} {{ 1 + 1 }}"),
        ("{ traits.name }", "{ traits.name }"),
    ],
)
def test_places_are_filled_and_nothing_is_run(text, said):
    person = {
        "traits.name": "Ana",
        "traits.empty": "",
        "traits.vip": True,
        "event.price": 12.5,
        "event.whole": 30.0,
        "event.nan": math.nan,
        "event.list": [1],
    }
    assert filled(text, person.get, "fr") == said


def test_numbers_read_as_they_are_written_in_each_language():
    assert filled("{{ x }}", {"x": 1.005e3}.get, "en") == "1005"
    assert filled("{{ x }}", {"x": 0.1 + 0.2}.get, "en") == "0.3"
    assert filled("{{ x }}", {"x": False}.get, "en") == "no"


@given(st.text())
def test_what_fills_a_place_is_one_bounded_line_and_opens_no_other_place(value):
    """A name cannot add a header to an e-mail, nor read another field."""
    said = filled("<{{ a }}>", {"a": f"{{{{ b }}}}\r\nBcc: x{value}", "b": "secret"}.get, "en")
    assert "secret" not in said
    assert not any(ord(letter) < 32 or letter in "\x7f\u2028\u202e" for letter in said)
    assert len(said) <= MOST_FILLED + 2


def test_the_fields_of_a_text_and_what_cannot_be_filled_are_told():
    text = "{{ traits.a }} {{ event.b | c }} {{ d() }} {% e %} }}"
    assert list(fields_in(text)) == ["traits.a", "event.b"]
    assert list(odd_places(text)) == ["{{ d() }}", "{% e %}", "}}"]
    assert list(odd_places("{{ traits.a }} and {{ event.b | c }}")) == []
