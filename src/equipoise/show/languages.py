"""The two languages of the pages: their texts, and how each writes numbers, shares and times."""

import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

CODES = ("en", "fr")
"""The languages that there are; the first is the one for everybody else."""

_FILE = Path(__file__).with_name("texts.toml")
_MONTHS = {
    "en": ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
    "fr": [
        "janv.",
        "févr.",
        "mars",
        "avr.",
        "mai",
        "juin",
        "juil.",
        "août",
        "sept.",
        "oct.",
        "nov.",
        "déc.",
    ],
}
_NO_BREAK, _THIN = "\u00a0", "\u202f"
_LATEST_MS = 32_503_680_000_000


@cache
def texts(file: Path = _FILE) -> dict[str, tuple[str, str]]:
    """Every text of a table by its name, in English and French; French has its spaces that do not break."""
    table = tomllib.loads(file.read_text("utf-8"))
    return {
        f"{part}.{name}": (pair[0], _unbroken(pair[1]))
        for part, named in table.items()
        for name, pair in named.items()
    }


def _unbroken(text: str) -> str:
    for mark in ":;?!%»":
        text = text.replace(f" {mark}", f"{_NO_BREAK}{mark}")
    return text.replace("« ", f"«{_NO_BREAK}")


def preferred(accepted: str, otherwise: str) -> str:
    """The language that an `Accept-Language` header likes best of ours, else the given one.

    >>> preferred("de, fr;q=0.7, en;q=0.3", "en"), preferred("", "fr"), preferred("fr;q=x", "en")
    ('fr', 'fr', 'en')
    """
    best, weight = otherwise, 0.0
    for part in accepted[:500].split(","):
        name, _, quality = part.partition(";q=")
        code = name.strip()[:2].lower()
        try:
            liked = float(quality) if quality else 1.0
        except ValueError:
            liked = 0.0
        if code in CODES and liked > weight:
            best, weight = code, liked
    return best


class Language:
    """One language with the time zone of the house; `more` are texts beside those of the console."""

    def __init__(self, code: str, timezone: str, more: Path | None = None) -> None:
        self.code = code if code in CODES else CODES[0]
        self._texts = texts() if more is None else texts() | texts(more)
        self._zone = ZoneInfo(timezone)
        self._at = CODES.index(self.code)

    def text(self, name: str, places: Mapping[str, object] | None = None) -> str:
        """A text of the table with its `{places}` filled; raises `KeyError` where it has no row."""
        text = self._texts[name][self._at]
        return text.format(**places) if places else text

    def word(self, part: str, code: str) -> str:
        """What a code is called, such as the status `ready`; a code without a row is itself."""
        row = self._texts.get(f"{part}.{code}")
        return code if row is None else row[self._at]

    def number(self, value: float, digits: int = 0) -> str:
        """A number with separated thousands; digits after the point only where they say something."""
        text = f"{value:,.{digits}f}"
        if digits:
            text = text.rstrip("0").rstrip(".")
        if self.code == "fr":
            text = text.replace(",", _THIN).replace(".", ",")
        return text

    def share(self, part: float) -> str:
        """A share between 0 and 1, in per cent, with three figures at most."""
        percent = f"{100 * part:.3g}" if part < 1 else "100"
        return f"{percent.replace('.', ',')}{_NO_BREAK}%" if self.code == "fr" else f"{percent}%"

    def clock(self, at_ms: int) -> str:
        """The time of the day in the house's zone, to the second."""
        return self._local(at_ms).strftime("%H:%M:%S")

    def day(self, at_ms: int) -> str:
        """The date in the house's zone."""
        local = self._local(at_ms)
        return f"{local.day} {_MONTHS[self.code][local.month - 1]} {local.year}"

    def date(self, at_ms: int) -> str:
        """The date in the house's zone, as a form has it (ISO 8601)."""
        return self._local(at_ms).date().isoformat()

    def moment(self, at_ms: int) -> str:
        """Date and time of the day, to the minute."""
        return f"{self.day(at_ms)}, {self._local(at_ms).strftime('%H:%M')}"

    def _local(self, at_ms: int) -> datetime:
        return datetime.fromtimestamp(min(max(at_ms, 0), _LATEST_MS) / 1000, self._zone)


def iso(at_ms: int) -> str:
    """A time for machines: UTC, to the millisecond."""
    return datetime.fromtimestamp(min(max(at_ms, 0), _LATEST_MS) / 1000, UTC).isoformat(
        timespec="milliseconds"
    )
