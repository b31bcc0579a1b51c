"""What a person reads: the text in their language, with its places filled. No code is ever run.

A place is `{{ FIELD }}` or `{{ FIELD | words for when it is missing }}`. What fills a place is plain
text in one line; it is not looked through for places again. Escaping for HTML is the sender's.
"""

import re
from collections.abc import Callable, Iterator

from equipoise.nouns.events import Value
from equipoise.nouns.plays import Option

MOST_FILLED = 200
"""The most characters that fill one place; the rest is cut."""

_PLACE = re.compile(r"\{\{\s*([A-Za-z_@$][^\x00-\x1f\x7f\"'(){}|]{0,199}?)\s*(?:\|([^{}|]*))?\}\}")
_ODD = re.compile(r"\{\{[^{}]{0,60}(?:\}\})?|\}\}|\{[%#][^%#]{0,60}(?:[%#]\})?")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")


def render(option: Option, get: Callable[[str], Value], locale: str) -> dict[str, str]:
    """The parts of an option's content as one person reads them.

    The language is the locale's, else English, else the first written. `get` reads profile fields
    (`traits.first_name`) and facts of the moment (`event.product`).

    >>> option = Option(name="hi", content={"body": {"en": "Hello {{ traits.name | you }}!"}})
    >>> render(option, {}.get, "fr")
    {'body': 'Hello you!'}
    """
    return {
        part: filled(in_language(text, locale), get, locale)
        for part, text in option.content.items()
    }


def in_language(text: str | dict[str, str], locale: str) -> str:
    """The text for a locale such as `fr-CA`: that one, `fr`, `en`, or the first written."""
    if isinstance(text, str):
        return text
    for language in (locale, locale[:2], "en"):
        if language in text:
            return text[language]
    return next(iter(text.values()), "")


def filled(text: str, get: Callable[[str], Value], locale: str) -> str:
    """The text with its places filled; what cannot be filled is left out."""
    if "{{" not in text:
        return text

    def fill(place: re.Match[str]) -> str:
        found = _said(get(place[1]), locale)
        return found or (place[2] or "").strip()

    return _PLACE.sub(fill, text)


def fields_in(text: str) -> Iterator[str]:
    """The fields that the places of a text name."""
    return (place[1] for place in _PLACE.finditer(text))


def odd_places(text: str) -> Iterator[str]:
    """What looks like a place or a programme and is not filled: each as it stands, cut short."""
    return (odd[0] for odd in _ODD.finditer(_PLACE.sub("", text)))


def _said(value: Value, locale: str) -> str:
    """A value as a reader expects it: no `.0`, a comma in French, one line."""
    french = locale[:2] == "fr"
    if isinstance(value, bool):
        return ("oui" if value else "non") if french else ("yes" if value else "no")
    if isinstance(value, float):
        if value != value or abs(value) == float("inf"):  # noqa: PLR0124 - only NaN differs from itself
            return ""
        said = f"{value:.2f}".rstrip("0").rstrip(".")
        return said.replace(".", ",") if french else said
    if isinstance(value, int):
        return str(value) if abs(value) < 10**18 else ""
    if isinstance(value, str):
        return _CONTROL.sub(" ", value[: MOST_FILLED * 2]).strip()[:MOST_FILLED]
    return ""
