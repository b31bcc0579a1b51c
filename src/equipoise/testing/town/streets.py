"""The town on the map and on the clock: districts, opening hours, the days of Montpellier."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

ZONE = ZoneInfo("Europe/Paris")
MINUTE_MS = 60_000
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


class District(msgspec.Struct, frozen=True):
    """A part of the town: its share of the homes, the minutes to the shop, and who lives there.

    `children` is the share of homes with children, `english` that of homes that speak English,
    `digital` how much more (above 1) or less its people are online.
    """

    name: str
    weight: float
    walk_minutes: int
    children: float
    english: float
    digital: float


DISTRICTS = (
    District("Écusson", 0.14, 5, 0.12, 0.16, 1.1),
    District("Antigone", 0.13, 12, 0.20, 0.10, 1.0),
    District("Port Marianne", 0.17, 22, 0.38, 0.10, 1.2),
    District("Figuerolles", 0.11, 15, 0.26, 0.05, 0.9),
    District("La Paillade", 0.17, 30, 0.45, 0.02, 0.9),
    District("Boutonnet", 0.10, 14, 0.15, 0.14, 1.1),
    District("Les Beaux-Arts", 0.08, 10, 0.22, 0.08, 1.0),
    District("Celleneuve", 0.10, 32, 0.34, 0.03, 0.8),
)
"""Where people live; the shop stands in the Écusson."""

OPENS_MINUTE, CLOSES_MINUTE = 10 * 60, 19 * 60 + 30
"""Opening hours of the shop, Monday to Saturday, in local minutes of the day."""

WEEKDAY_HOURS = {
    7: 3, 8: 5, 9: 4, 10: 3, 11: 3, 12: 7, 13: 8, 14: 4, 15: 3, 16: 4,
    17: 6, 18: 7, 19: 7, 20: 10, 21: 11, 22: 7, 23: 3, 0: 1,
}  # fmt: skip
"""When people are online on a working day: at breakfast, over lunch, on the tram, in the evening."""

WEEKEND_HOURS = {
    8: 1, 9: 3, 10: 6, 11: 8, 12: 6, 13: 5, 14: 6, 15: 7, 16: 7, 17: 7,
    18: 6, 19: 5, 20: 7, 21: 8, 22: 7, 23: 5, 0: 2, 1: 1,
}  # fmt: skip
"""When people are online at the weekend."""


def day_of(at_ms: int) -> int:
    """The local day that an instant falls in, as the ordinal of its date."""
    return datetime.fromtimestamp(at_ms / 1000, ZONE).toordinal()


def local_ms(day: int, minute: float) -> int:
    """The instant at which the clock shows `minute` (0 to 1,440, and beyond: the next day)."""
    ahead, rest = divmod(int(minute), 1440)
    when = datetime.combine(date.fromordinal(day + ahead), datetime.min.time(), ZONE)
    when += timedelta(minutes=rest)
    return int(when.timestamp()) * 1000


def minute_of(at_ms: int) -> int:
    """What the clock shows at an instant, in local minutes of the day."""
    local = datetime.fromtimestamp(at_ms / 1000, ZONE)
    return local.hour * 60 + local.minute


def is_weekend(day: int) -> bool:
    """True on Saturdays and Sundays."""
    return date.fromordinal(day).weekday() >= 5


def shop_is_open(at_ms: int) -> bool:
    """True while the shop has its door open and its staff at the till."""
    opens = date.fromordinal(day_of(at_ms)).weekday() != 6
    return opens and OPENS_MINUTE <= minute_of(at_ms) < CLOSES_MINUTE


def days_between(from_ms: int, to_ms: int) -> Iterator[int]:
    """Every local day that has a millisecond in [from, to)."""
    if to_ms > from_ms:
        yield from range(day_of(from_ms), day_of(to_ms - 1) + 1)
