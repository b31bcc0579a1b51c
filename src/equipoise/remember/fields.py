"""The catalogue of profile fields: what a play may name, its type, unit and meaning, how it is read.

A field is either a value, or the days since a time, or a window that slides with the present. A value
can be a column of a store, and so can the time behind days (as `FIELD.at_ms`), which does not age; a
window cannot, and says why.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Literal

import msgspec

from equipoise import sketch
from equipoise.nouns.events import Value
from equipoise.nouns.state import PersonState, Tally
from equipoise.remember import progress
from equipoise.remember.aggregates import DAY_MS, active_slots, decayed_at
from equipoise.remember.gathering import Gathered

FieldType = Literal["number", "text", "boolean", "any"]
"""What a field holds; `any` is a trait, which is what the sources say it is."""

Reader = Callable[[Gathered, int], Value]
"""Reads a field of a person as of a time (ms)."""

At = Callable[[Gathered], int | None]
"""Reads the time (ms) that a field counts its days from."""


class UnknownField(ValueError):
    """No profile field has this name; the message names those that there are."""


class Row(msgspec.Struct, frozen=True):
    """One row of the catalogue: a pattern of names, with unit, meaning, and why it is no column."""

    name: str
    type: FieldType
    unit: str
    meaning: str
    never: str = ""


class Field(msgspec.Struct, frozen=True):
    """One field by its full name, ready to be read; `at` is set for days since a time."""

    name: str
    row: Row
    read: Reader
    at: At | None = None


_SLIDES = "the window slides with the present"
_FADES = "the value fades with the present"

CATALOGUE = (
    Row("events.KIND.count", "number", "events", "How often an event of this kind happened."),
    Row("events.KIND.total", "number", "money", "The sum of their values (0 where none has one)."),
    Row("events.KIND.mean", "number", "money", "Their total divided by their count."),
    Row("events.KIND.days_since", "number", "days", "Days since the last one."),
    Row("events.KIND.first_days_ago", "number", "days", "Days since the first one."),
    Row("orders.MEASURE", "number", "as the measure", "The same five, of `Order Completed`."),
    Row("carts.MEASURE", "number", "as the measure", "The same five, of `Product Added`."),
    Row("views.MEASURE", "number", "as the measure", "The same five, of `Product Viewed`."),
    Row("visits.MEASURE", "number", "as the measure", "The same five, of `page`."),
    Row("traits.NAME", "any", "as stated", "The last value of what `identify` said."),
    Row("channels.CHANNEL.count", "number", "events", "How often something came on a channel."),
    Row("channels.CHANNEL.days_since", "number", "days", "Days since something came on it."),
    Row("channels.distinct", "number", "channels", "On how many channels the person was seen."),
    Row("products.distinct", "number", "products", "How many products; estimated from 64 on."),
    Row("categories.distinct", "number", "categories", "How many categories; the same."),
    Row("contacts.last_7d", "number", "contacts", "Contacts charged in seven days.", _SLIDES),
    Row("contacts.last_28d", "number", "contacts", "Contacts charged in 28 days.", _SLIDES),
    Row("contacts.days_since", "number", "days", "Days since the last contact."),
    Row(
        "sessions.last_28d",
        "number",
        "sessions",
        "Runs of active half hours in the 28 UTC days up to today.",
        _SLIDES,
    ),
    Row("active_days.last_28d", "number", "days", "Active ones of these days.", _SLIDES),
    Row("activity.decayed_7d", "number", "events", "Acts, each halved every 7 days.", _FADES),
    Row("spend.decayed_90d", "number", "money", "Spent less refunds, halved every 90 d.", _FADES),
    Row(
        "life.days_since",
        "number",
        "days",
        "Days since the person last did or allowed something.",
    ),
    Row("first_seen.days_since", "number", "days", "Days since the first event."),
    Row("aims.spend.left", "number", "money", "Least left of the person's own limits.", _SLIDES),
    Row("aims.spend.share", "number", "share", "Most used of them; 1 is reached.", _SLIDES),
    Row("aims.contacts.left", "number", "contacts", "Least left of theirs on contacts.", _SLIDES),
    Row("aims.use.share", "number", "share", "Most used of theirs on use.", _SLIDES),
    Row("aims.goal.CATEGORY.days_left", "number", "days", "Days to a goal they set.", _SLIDES),
    Row("has.HANDLE", "boolean", "", "Whether there is a handle of this kind (`has.email`)."),
    Row("known", "boolean", "", "Whether the person has a strong handle, such as an e-mail."),
)
"""Every field, as `docs/profile.md` tells them; words in capitals stand for a name of one's own."""

_ROWS = {row.name: row for row in CATALOGUE}

ALIASES = {
    "orders": "Order Completed",
    "carts": "Product Added",
    "views": "Product Viewed",
    "visits": "page",
}
"""Short names of the kinds that most plays ask about."""


def field_type(name: str) -> FieldType | None:
    """The type of a field; None where there is no such field.

    >>> field_type("orders.days_since"), field_type("traits.city"), field_type("orders.colour")
    ('number', 'any', None)
    """
    try:
        return field(name).row.type
    except UnknownField:
        return None


@lru_cache(maxsize=4096)
def reader(name: str) -> Reader:
    """The function that reads a field of a person as of a time; raises `UnknownField`."""
    return field(name).read


def never(name: str) -> str | None:
    """Why a field cannot be a column, and so not be asked of everybody at once; None where it can.

    >>> never("contacts.last_7d"), never("contacts.days_since")
    ('the window slides with the present', None)
    """
    return field(name).row.never or None


def stored(state: PersonState) -> Callable[[str], Value]:
    """Reads what a store may keep of a person: fields, and `FIELD.at_ms`, the time behind days (ms).

    What does not exist, or slides with the present, is None. Days are told as of 1970: a store keeps
    of them only whether they are known.
    """
    gathered = Gathered(state.atoms)

    def get(name: str) -> Value:
        try:
            behind = field(name.removesuffix(_TIME)).at if name.endswith(_TIME) else None
            if behind is not None:
                return behind(gathered)
            found = field(name)
        except UnknownField:
            return None
        return None if found.row.never else found.read(gathered, 0)

    return get


_TIME = ".at_ms"


# --- from a name to a field ----------------------------------------------------------------------


@lru_cache(maxsize=4096)
def field(name: str) -> Field:
    """The field of this name; raises `UnknownField`.

    The last part of `events.KIND.MEASURE` is the measure, so a kind may hold dots and spaces.
    """
    single = _SINGLES.get(name)
    if single is not None:
        return single
    head, _, rest = name.partition(".")
    found = None
    if head in ALIASES and rest:
        found = _of_tally(name, f"{head}.MEASURE", ALIASES[head], rest)
    elif head == "events":
        kind, _, measure = rest.rpartition(".")
        found = _of_tally(name, f"events.KIND.{measure}", kind, measure) if kind else None
    elif head == "channels":
        channel, _, measure = rest.rpartition(".")
        pattern = f"channels.CHANNEL.{measure}"
        found = _of_tally(name, pattern, f"@{channel}", measure) if channel else None
    elif head == "traits" and rest:
        found = Field(name, _ROWS["traits.NAME"], lambda gathered, _: _trait(gathered, rest))
    elif head == "aims" and rest:
        found = _of_aims(name, rest)
    elif head == "has" and rest:
        found = Field(name, _ROWS["has.HANDLE"], lambda gathered, _: _has(gathered, rest))
    if found is None:
        raise UnknownField(
            f"there is no profile field {name!r}. There are: "
            f"{', '.join(row.name for row in CATALOGUE)}"
        )
    return found


def _of_tally(name: str, pattern: str, key: str, measure: str) -> Field | None:
    row = _ROWS.get(pattern)
    if row is None:
        return None
    if measure in _VALUES:
        value = _VALUES[measure]
        return Field(name, row, lambda gathered, _: value(gathered.tally(key)))
    if measure in _TIMES:
        time = _TIMES[measure]
        return _days(name, row, lambda gathered: time(gathered.tally(key)))
    return None


_VALUES: dict[str, Callable[[Tally | None], Value]] = {
    "count": lambda tally: tally.n if tally else 0,
    "total": lambda tally: tally.total if tally else 0.0,
    "mean": lambda tally: tally.total / tally.n if tally else None,
}
_TIMES: dict[str, Callable[[Tally | None], int | None]] = {
    "days_since": lambda tally: tally.last_ms if tally else None,
    "first_days_ago": lambda tally: tally.first_ms if tally else None,
}


def _days(name: str, row: Row, at: At) -> Field:
    def since(gathered: Gathered, now_ms: int) -> Value:
        at_ms = at(gathered)
        return None if at_ms is None else (now_ms - at_ms) / DAY_MS

    return Field(name, row, since, at)


def _of_aims(name: str, rest: str) -> Field | None:
    read = progress.READERS.get(rest)
    if read is not None:
        return Field(name, _ROWS[name], lambda gathered, now_ms: read(gathered.atoms, now_ms))
    of, _, measure = rest.rpartition(".")
    category = of.removeprefix("goal.")
    if measure != "days_left" or not category or category == of:
        return None
    row = _ROWS["aims.goal.CATEGORY.days_left"]
    return Field(
        name, row, lambda gathered, now_ms: progress.goal_days(gathered.atoms, now_ms, category)
    )


def _trait(gathered: Gathered, name: str) -> Value:
    last = gathered.last(name)
    return None if last is None else last.value


def _has(gathered: Gathered, kind: str) -> bool:
    return any(handle.kind == kind for atom in gathered.atoms for handle in atom.handles)


def _channels(gathered: Gathered, _now_ms: int) -> Value:
    return sum(key[:1] == "@" for key in gathered.kinds())


def _distinct(key: str) -> Reader:
    return lambda gathered, _: sketch.estimate(gathered.distinct(key))


def _contacts(days: int) -> Reader:
    return lambda gathered, now_ms: sum(
        contact.at_ms > now_ms - days * DAY_MS for contact in gathered.contacts()
    )


def _last_contact(gathered: Gathered) -> int | None:
    return max((contact.at_ms for contact in gathered.contacts()), default=None)


def _sessions(gathered: Gathered, now_ms: int) -> Value:
    sessions, before = 0, -2
    for slot in active_slots(gathered.slots(), now_ms // DAY_MS):
        sessions += slot != before + 1
        before = slot
    return sessions


def _active_days(gathered: Gathered, now_ms: int) -> Value:
    today = now_ms // DAY_MS
    return sum(today - 28 < day <= today for day in gathered.slots())


def _decayed(key: str) -> Reader:
    def read(gathered: Gathered, now_ms: int) -> Value:
        known = gathered.decayed(key)
        return 0.0 if known is None else decayed_at(known, key, now_ms)

    return read


def _last_sign(gathered: Gathered) -> int | None:
    acted = gathered.decayed("activity")
    times = [
        stance.at_ms
        for atom in gathered.atoms
        for stance in atom.terms.stances.values()
        if stance.granted
    ]
    return max([*times, acted.at_ms] if acted is not None else times, default=None)


def _known(gathered: Gathered, _now_ms: int) -> Value:
    return any(atom.known for atom in gathered.atoms)


_SINGLES = {
    single.name: single
    for single in (
        Field("channels.distinct", _ROWS["channels.distinct"], _channels),
        Field("products.distinct", _ROWS["products.distinct"], _distinct("products")),
        Field("categories.distinct", _ROWS["categories.distinct"], _distinct("categories")),
        Field("contacts.last_7d", _ROWS["contacts.last_7d"], _contacts(7)),
        Field("contacts.last_28d", _ROWS["contacts.last_28d"], _contacts(28)),
        _days("contacts.days_since", _ROWS["contacts.days_since"], _last_contact),
        Field("sessions.last_28d", _ROWS["sessions.last_28d"], _sessions),
        Field("active_days.last_28d", _ROWS["active_days.last_28d"], _active_days),
        Field("activity.decayed_7d", _ROWS["activity.decayed_7d"], _decayed("activity")),
        Field("spend.decayed_90d", _ROWS["spend.decayed_90d"], _decayed("spend")),
        _days("life.days_since", _ROWS["life.days_since"], _last_sign),
        _days("first_seen.days_since", _ROWS["first_seen.days_since"], Gathered.first_ms),
        Field("known", _ROWS["known"], _known),
    )
}
