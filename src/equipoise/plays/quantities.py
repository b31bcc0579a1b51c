"""How numbers are said to people, in English and in French: times, days, money, shares, regions."""

import re
from math import inf
from typing import Literal

import msgspec

from equipoise.nouns.events import Value

Unit = Literal["times", "count", "days", "money", "amount", "flag", "text"]
"""What a feature counts: `times` and `count` are whole, `amount` is any number, `flag` is true or false."""


class Region(msgspec.Struct, frozen=True):
    """Every number from `low` (included) up to `high` (not included); infinite where there is no bound."""

    low: float = -inf
    high: float = inf


def is_french(locale: str) -> bool:
    """Whether a locale is told in French; all others are told in English."""
    return locale[:2].lower() == "fr"


def number(value: float, locale: str) -> str:
    """A number with at most four figures, or two after the point: `12.5`, in French `12,5`.

    >>> number(0.00412, "en"), number(1234.5, "fr"), number(3.0, "en")
    ('0.00412', '1234,5', '3')
    """
    said = f"{value:.2f}" if abs(value) >= 1 else f"{value:.3g}"
    if "e" in said:
        said = f"{value:.12f}"
    if "." in said:
        said = said.rstrip("0").rstrip(".")
    said = "0" if said == "-0" else said.replace("-", "−")
    return said.replace(".", ",") if is_french(locale) else said


def money(amount: float, currency: str, locale: str, *, signed: bool = False) -> str:
    """An amount of money: `EUR 12.5`, in French `12,5 EUR`; `signed` puts a + before what is above 0.

    >>> money(0.25, "EUR", "en"), money(-0.25, "EUR", "fr"), money(2, "EUR", "en", signed=True)
    ('EUR 0.25', '−0,25 EUR', '+EUR 2')
    """
    sign = "−" if amount < 0 else "+" if signed and amount > 0 else ""
    said = number(abs(amount), locale)
    return f"{sign}{said} {currency}" if is_french(locale) else f"{sign}{currency} {said}"


MONTHS = (
    ("January", "janvier"),
    ("February", "février"),
    ("March", "mars"),
    ("April", "avril"),
    ("May", "mai"),
    ("June", "juin"),
    ("July", "juillet"),
    ("August", "août"),
    ("September", "septembre"),
    ("October", "octobre"),
    ("November", "novembre"),
    ("December", "décembre"),
)
"""The months, in English and in French."""


def day(date: str, locale: str) -> str:
    """A date (ISO 8601) as people say it; what is no date is said as it is.

    >>> day("2026-12-01", "en"), day("2026-12-01", "fr"), day("soon", "en")
    ('1 December 2026', '1er décembre 2026', 'soon')
    """
    found = _DATE.fullmatch(date)
    if found is None:
        return date
    year, month, number_ = (int(part) for part in found.groups())
    french = is_french(locale)
    said = "1er" if french and number_ == 1 else str(number_)
    return f"{said} {MONTHS[month - 1][french]} {year}"


_DATE = re.compile(r"(\d{4})-(0[1-9]|1[0-2])-(\d{2})")


def percent(share: float, locale: str) -> str:
    """A share from 0 to 1 in per cent, with at most three figures.

    >>> percent(0.004, "en"), percent(0.9375, "fr")
    ('0.4 %', '93,8 %')
    """
    said = f"{100 * share:.3g}"
    if "e" in said:
        said = f"{100 * share:.6f}".rstrip("0").rstrip(".")
    return f"{said.replace('.', ',') if is_french(locale) else said} %"


def said(value: Value, unit: Unit, currency: str, locale: str) -> str:
    """A value with its unit: `twice`, `20 days ago`, `EUR 180`; a text is itself, cut at 60 characters.

    >>> said(2, "times", "EUR", "en"), said(20.7, "days", "EUR", "fr")
    ('twice', 'il y a 20 jours')
    """
    french = is_french(locale)
    if isinstance(value, bool):
        return ("oui" if value else "non") if french else ("yes" if value else "no")
    if not isinstance(value, int | float):
        return str(value)[:60]
    if unit == "money":
        return money(value, currency, locale)
    if unit == "days":
        return _ago(int(value), french=french)
    if unit == "times":
        if not french and value in (1, 2):
            return "once" if value == 1 else "twice"
        return f"{number(value, locale)} {'fois' if french else 'times'}"
    return number(value, locale)


def _ago(days: int, *, french: bool) -> str:
    if days <= 0:
        return "aujourd’hui" if french else "today"
    if french:
        return f"il y a {days} jour{'s' * (days > 1)}"
    return f"{days} day{'s' * (days > 1)} ago"


def region_said(region: Region, unit: Unit, currency: str, locale: str) -> tuple[str, bool]:
    """A region in words that stand before a noun, and whether the noun is in the plural.

    `times` and `count` are whole numbers, so that a region of one of them is that number.

    >>> region_said(Region(high=20), "days", "EUR", "en")
    ('under 20', True)
    >>> region_said(Region(1, 2), "times", "EUR", "fr")
    ('1', False)
    >>> region_said(Region(50, 100), "money", "EUR", "fr")
    ('50 à 100 EUR', True)
    """
    french = is_french(locale)
    low, high = region.low, region.high
    if unit in ("times", "count"):
        return _counted(low, high, locale)

    def told(edge: float) -> str:
        return money(edge, currency, locale) if unit == "money" else number(edge, locale)

    many = _is_many(high if high < inf else low, french=french)
    if low == -inf:
        return (f"moins de {told(high)}" if french else f"under {told(high)}"), many
    if high == inf:
        return (f"au moins {told(low)}" if french else f"{told(low)} or more"), many
    if french:
        return f"{number(low, locale)} à {told(high)}", many
    return f"{told(low)} to {number(high, locale)}", many


def _counted(low: float, high: float, locale: str) -> tuple[str, bool]:
    french = is_french(locale)
    least = max(0, _up(low)) if low > -inf else 0
    if high == inf:
        return (f"au moins {least}" if french else f"{least} or more"), _is_many(
            least, french=french
        )
    most = _up(high) - 1
    if most <= least:
        if most == 0:
            return ("0" if french else "no"), not french
        return str(most), _is_many(most, french=french)
    if least == 0:
        return (f"moins de {most + 1}" if french else f"fewer than {most + 1}"), True
    return (f"{least} à {most}" if french else f"{least} to {most}"), True


def _up(edge: float) -> int:
    """The smallest whole number that is not below an edge."""
    return -int(-edge // 1)


def _is_many(value: float, *, french: bool) -> bool:
    return abs(value) >= 2 if french else value != 1
