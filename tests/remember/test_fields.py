"""Every field of the catalogue reads, has its row in the docs, and agrees with its columns."""

import re
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.nouns.aims import Aim
from equipoise.nouns.events import Event, Handle
from equipoise.nouns.plays import Compare
from equipoise.nouns.rules import Rules
from equipoise.nouns.state import AtomState, Contact, PersonState, Stance, Terms
from equipoise.plays import conditions
from equipoise.remember.aggregates import DAY_MS
from equipoise.remember.fields import (
    CATALOGUE,
    UnknownField,
    field,
    field_type,
    never,
    reader,
    stored,
)
from equipoise.remember.folding import Folds
from equipoise.remember.gathering import Gathered
from equipoise.remember.view import View

NOW_MS = 1_790_000_000_000 // DAY_MS * DAY_MS + DAY_MS // 2
DOCS = Path(__file__).parents[2] / "docs" / "profile.md"


def event(number: int, kind: str, days_ago: float, channel: str = "web", **facts) -> Event:
    """An event that happened and arrived so many days before noon of the day of the test."""
    at_ms = NOW_MS - int(days_ago * DAY_MS)
    return Event(
        id=f"e{number}",
        kind=kind,
        channel=channel,
        source="shop",
        at_ms=at_ms,
        received_ms=at_ms,
        handles=(),
        facts=facts,
    )


def ana(atoms: int = 1) -> PersonState:
    """A person with two orders, a visit in a shop and a contact, dealt out over some atoms."""
    events = [
        event(1, "Order Completed", 10, total=30.0, product_id="p1", category="shoes"),
        event(2, "Order Completed", 2, total=50.0, product_id="p2", category="shoes"),
        event(3, "page", 2),
        event(4, "page", 1, channel="store"),
        event(5, "Order.Line Shipped", 0.5, channel="post"),
        event(6, "identify", 3, city="Sète", age=40, vip=True),
    ]
    state = PersonState(atoms=[AtomState(id=number) for number in range(1, atoms + 1)])
    folds = Folds()
    for place, one in enumerate(events):
        folds.fold(state.atoms[place % atoms], one)
    state.atoms[-1].contacts = [Contact(NOW_MS - 8 * DAY_MS, 1, "welcome", "email")]
    state.atoms[-1].handles = [Handle("email", "ana@example.org")]
    state.atoms[-1].known = True
    until_ms = NOW_MS + 9 * DAY_MS
    state.atoms[-1].aims = [
        Aim(
            id=kind, kind=kind, at_ms=1, seq=n, until_ms=until_ms, most=most, category=of, what=what
        )
        for n, (kind, most, of, what) in enumerate(AIMS, 1)
    ]
    return state


AIMS = (
    ("spend_at_most", 100_000, "", ""),
    ("contacts_at_most", 3_000, "", ""),
    ("use_less", 8_000, "", "Order Completed"),
    ("goal", None, "sport", ""),
)


READINGS = {
    "events.Order Completed.count": 2,
    "events.Order.Line Shipped.count": 1,
    "events.Order.Line Shipped.days_since": 0.5,
    "orders.count": 2,
    "orders.total": 80.0,
    "orders.mean": 40.0,
    "orders.days_since": 2.0,
    "orders.first_days_ago": 10.0,
    "carts.count": 0,
    "carts.total": 0.0,
    "carts.mean": None,
    "carts.days_since": None,
    "views.first_days_ago": None,
    "visits.count": 2,
    "traits.city": "Sète",
    "traits.age": 40,
    "traits.vip": True,
    "traits.unknown": None,
    "channels.store.count": 1,
    "channels.store.days_since": 1.0,
    "channels.tv.count": 0,
    "channels.distinct": 3,
    "products.distinct": 2.0,
    "categories.distinct": 1.0,
    "contacts.last_7d": 0,
    "contacts.last_28d": 1,
    "contacts.days_since": 8.0,
    # Days 10, 2 (an order and a page in one half hour), 1, and half a day ago.
    "sessions.last_28d": 4,
    "active_days.last_28d": 4,
    "life.days_since": 0.5,
    "first_seen.days_since": 10.0,
    "aims.spend.left": 20.0,
    "aims.spend.share": 0.8,
    "aims.contacts.left": 2.0,
    "aims.use.share": 0.25,
    "aims.goal.sport.days_left": 9.0,
    "aims.goal.diet.days_left": None,
    "has.email": True,
    "has.phone": False,
    "known": True,
}


@pytest.mark.parametrize("atoms", [1, 2, 3])
@pytest.mark.parametrize(("name", "value"), READINGS.items())
def test_a_field_reads_the_same_however_many_atoms_hold_it(name, value, atoms):
    assert View(ana(atoms), NOW_MS, Rules()).get(name) == value


@pytest.mark.parametrize("atoms", [1, 2, 3])
def test_fading_sums_are_worth_less_as_time_goes_on(atoms):
    view = View(ana(atoms), NOW_MS, Rules())
    spent = 30 * 2 ** (-10 / 90) + 50 * 2 ** (-2 / 90)
    assert view.get("spend.decayed_90d") == pytest.approx(spent, rel=1e-9)
    acts = sum(2 ** (-days / 7) for days in (10, 2, 2, 1, 0.5))
    assert view.get("activity.decayed_7d") == pytest.approx(acts, rel=1e-9)
    assert (
        View(PersonState(atoms=[AtomState(id=1)]), NOW_MS, Rules()).get("spend.decayed_90d") == 0.0
    )


def test_a_session_is_a_run_of_half_hours_and_windows_end_after_28_days():
    state = PersonState(atoms=[AtomState(id=1)])
    folds = Folds()
    for number, hours in enumerate((0, 0.5, 1, 2, 12)):
        folds.fold(state.atoms[0], event(number, "page", hours / 24))
    for days, sessions, active in ((0, 3, 1), (27, 3, 1), (28, 0, 0)):
        view = View(state, NOW_MS + days * DAY_MS, Rules())
        assert view.get("sessions.last_28d") == sessions
        assert view.get("active_days.last_28d") == active


def test_a_session_goes_on_over_midnight():
    state = PersonState(atoms=[AtomState(id=1)])
    for number, days in enumerate((0.5, 0.5 + 1 / 1440)):
        Folds().fold(state.atoms[0], event(number, "page", days))
    view = View(state, NOW_MS, Rules())
    assert (view.get("sessions.last_28d"), view.get("active_days.last_28d")) == (1, 2)


def test_more_kinds_than_are_counted_apart_are_merged_before_they_are_read():
    """A kind crowded out on one atom would otherwise be told with a part of its count."""
    whole, parts, folds = AtomState(id=1), [AtomState(id=1), AtomState(id=2)], Folds()
    for number in range(300):
        one = event(number, f"kind {number % 100}", 1)
        folds.fold(whole, one)
        folds.fold(parts[number >= 100 and number % 100 < 20], one)
    view, both = (View(PersonState(atoms=a), NOW_MS, Rules()) for a in ([whole], parts))
    for number in range(100):
        name = f"events.kind {number}.count"
        assert both.get(name) == view.get(name)


# --- the catalogue -------------------------------------------------------------------------------


def named(pattern: str) -> str:
    """A full name for a pattern of the catalogue."""
    own = {
        "KIND": "page",
        "MEASURE": "days_since",
        "NAME": "city",
        "CHANNEL": "web",
        "HANDLE": "email",
        "CATEGORY": "sport",
    }
    return ".".join(own.get(part, part) for part in pattern.split("."))


@pytest.mark.parametrize("row", CATALOGUE, ids=lambda row: row.name)
def test_every_row_of_the_catalogue_is_a_field_of_its_type(row):
    name = named(row.name)
    assert field_type(name) == row.type
    state = ana()
    for number, kind in enumerate(("Product Added", "Product Viewed"), 10):
        Folds().fold(state.atoms[0], event(number, kind, 1))
    value = View(state, NOW_MS, Rules()).get(name)
    kinds = {"number": (int, float), "text": (str,), "boolean": (bool,), "any": (str,)}[row.type]
    assert type(value) in kinds


@pytest.mark.parametrize(
    "name",
    [
        "",
        "orders",
        "orders.colour",
        "events.count",
        "events..count",
        "events.page",
        "has.",
        "traits.",
        "channels.web",
        "channels.web.total",
        "contacts.last_9d",
        "event.total",
        "orders.at_ms",
    ],
)
def test_what_is_no_field_is_told_with_those_that_are(name):
    assert field_type(name) is None
    with pytest.raises(UnknownField, match=r"There are: events\.KIND\.count"):
        reader(name)


def test_the_docs_tell_the_catalogue_and_nothing_else():
    rows = re.findall(
        r"^\| `([^`]+)` \| ([^|]*) \| ([^|]*) \| ([^|]*) \| ([^|]*) \|$",
        DOCS.read_text("utf-8"),
        re.MULTILINE,
    )
    told = [tuple(cell.strip() for cell in row) for row in rows]
    code = [
        (row.name, row.type, row.unit, row.meaning, f"never: {row.never}" if row.never else "yes")
        for row in CATALOGUE
    ]
    assert told == code


# --- columns -------------------------------------------------------------------------------------


def test_a_time_is_kept_and_not_its_age():
    get = stored(ana())
    assert get("orders.days_since.at_ms") == NOW_MS - 2 * DAY_MS
    assert get("orders.first_days_ago.at_ms") == NOW_MS - 10 * DAY_MS
    assert get("first_seen.days_since.at_ms") == NOW_MS - 10 * DAY_MS
    assert get("orders.days_since") is not None
    assert get("carts.days_since") is None
    assert get("orders.count.at_ms") is None


def test_what_cannot_be_stored_says_why_and_is_kept_empty():
    windows = [named(row.name) for row in CATALOGUE if row.never]
    assert len(windows) == 11
    for name in windows:
        assert never(name) in (
            "the window slides with the present",
            "the value fades with the present",
        )
        assert stored(ana())(name) is None
    assert never("orders.count") is None


def test_a_trait_may_be_named_like_a_time_and_a_field_of_yesterday_is_empty():
    state = ana()
    Folds().fold(state.atoms[0], event(9, "identify", 1, **{"seen.at_ms": 5}))
    assert stored(state)("traits.seen.at_ms") == 5
    assert stored(state)("gone.field") is None


FIELDS = [name for name in READINGS if field(name).row.never == ""]
VALUES = st.sampled_from([0, 1, 2, 10.0, "Sète", True])
OPERATORS = st.sampled_from(["is", "is_not", "at_least", "less_than"])
COMPARES = st.builds(Compare, st.sampled_from(FIELDS), OPERATORS, VALUES) | st.builds(
    Compare, st.sampled_from(FIELDS), st.just("known"), st.booleans()
)


@settings(max_examples=150, deadline=None)
@given(COMPARES, st.integers(1, 3))
def test_what_is_stored_of_a_person_answers_a_condition_as_the_person_does(compare, atoms):
    """The row that a store keeps, asked in SQL a year later, agrees with the view of that day."""
    state, now_ms = ana(atoms), NOW_MS + 365 * DAY_MS
    compiled = conditions.to_sql(compare)
    row = conditions.row(compiled.columns, stored(state))
    names = ", ".join(f'? AS "{name}"' for name in row) or "1"
    asked = f"SELECT {compiled.sql} FROM (SELECT {names})"
    for name, value in {**compiled.params, "now": now_ms}.items():
        literal = f"'{value}'" if isinstance(value, str) else str(value)
        asked = asked.replace(f":{name}", literal)
    (answer,) = DATABASE.execute(asked, tuple(row.values())).fetchone()
    view = View(state, now_ms, Rules())
    assert bool(answer) is conditions.predicate(compare)(view.get)


DATABASE = sqlite3.connect(":memory:")


@pytest.mark.parametrize(("granted", "days"), [(True, 2.0), (False, None)])
def test_to_allow_something_is_a_sign_of_life_and_to_deny_it_is_none(granted, days):
    """Else whoever asks for silence would be kept on for longer."""
    stance = Stance(granted=granted, at_ms=NOW_MS - 2 * DAY_MS, seq=1, event="e")
    atom = AtomState(id=16, terms=Terms(stances={"marketing|*": stance}))
    assert field("life.days_since").read(Gathered([atom]), NOW_MS) == days
