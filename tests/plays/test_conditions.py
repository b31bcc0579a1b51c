"""A condition means the same as a predicate, in SQLite and in DuckDB."""

import math
import re
from collections.abc import Iterable

import apsw
import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.nouns.events import Value
from equipoise.nouns.plays import All, AnyOf, Compare, Condition, Not
from equipoise.plays.conditions import (
    LARGEST,
    ColumnType,
    Compiled,
    comparisons,
    fields_of,
    predicate,
    row,
    sources,
    to_sql,
)

NOW_MS = 1_760_000_000_000
DAY_MS = 86_400_000
TRAITS = ("traits.a", "traits.A", 'traits.^a "É" (text)')
NUMBERS = ("orders.count", "spend.decayed_90d")
FIELDS = (*TRAITS, *NUMBERS, "orders.days_since", "event.revenue")

Person = dict[str, Value]

edges = st.sampled_from([0, 1, -1, 1.0, -0.0, 0.5, LARGEST, float(LARGEST)])
numbers = st.one_of(edges, st.integers(-5, 5), st.floats(allow_nan=False, width=16))
texts = st.one_of(
    st.sampled_from(["", "a", "A", "é", "1", "true", "it's", '"']), st.text(max_size=3)
)
wanted = st.one_of(numbers, texts, st.booleans())
stored = st.one_of(
    wanted, st.none(), st.just(math.nan), st.integers(-(10**400), 10**400), st.just(math.inf)
)


def compares(fields: Iterable[str]) -> st.SearchStrategy[Compare]:
    """Comparisons that a play may hold, and some that only Python can write."""
    named = st.sampled_from(list(fields))
    return st.one_of(
        st.builds(Compare, named, st.sampled_from(["is", "is_not"]), wanted),
        st.builds(
            Compare,
            named,
            st.sampled_from(["at_least", "more_than", "at_most", "less_than"]),
            wanted,
        ),
        st.builds(Compare, named, st.just("one_of"), st.lists(wanted, max_size=3).map(tuple)),
        st.builds(Compare, named, st.just("known"), st.booleans()),
    )


conditions: st.SearchStrategy[Condition] = st.recursive(
    compares(FIELDS),
    lambda inner: st.one_of(
        st.builds(All, st.lists(inner, max_size=3).map(tuple)),
        st.builds(AnyOf, st.lists(inner, max_size=3).map(tuple)),
        st.builds(Not, inner),
    ),
    max_leaves=8,
)

people: st.SearchStrategy[list[Person]] = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            **dict.fromkeys(TRAITS, stored),
            **dict.fromkeys(NUMBERS, numbers),
            "orders.days_since.at_ms": st.integers(NOW_MS - 6 * DAY_MS, NOW_MS + DAY_MS),
        },
    ),
    min_size=1,
    max_size=6,
)


def seen(person: Person) -> Person:
    """The fields of a person as they read now, with the one that grows by itself."""
    at_ms = person.get("orders.days_since.at_ms")
    if isinstance(at_ms, int):
        return {**person, "orders.days_since": (NOW_MS - at_ms) / 86_400_000}
    return person


def selected_by_sqlite(compiled: Compiled, rows: list[dict[str, Value]]) -> list[int]:
    """The places of the rows that SQLite finds."""
    kinds: dict[ColumnType, str] = {"number": "REAL", "text": "TEXT", "boolean": "INTEGER"}
    connection = apsw.Connection(":memory:")
    fill(connection.execute, compiled.columns, kinds, rows)
    query = f"SELECT id FROM people WHERE {compiled.sql} ORDER BY id"
    return [place for (place,) in connection.execute(query, {**compiled.params, "now": NOW_MS})]


def selected_by_duckdb(compiled: Compiled, rows: list[dict[str, Value]]) -> list[int]:
    """The places of the rows that DuckDB finds; it writes a parameter as `$p0`."""
    kinds: dict[ColumnType, str] = {"number": "DOUBLE", "text": "VARCHAR", "boolean": "BOOLEAN"}
    with duckdb.connect() as connection:
        fill(connection.execute, compiled.columns, kinds, rows)
        sql = re.sub(r":(p\d+|now)\b", r"$\1", compiled.sql)
        params = compiled.params | ({"now": NOW_MS} if compiled.timed else {})
        found = connection.execute(f"SELECT id FROM people WHERE {sql} ORDER BY id", params)
        return [place for (place,) in found.fetchall()]


def fill(execute, columns, kinds, rows) -> None:
    """One table with the columns of a condition and one row per person."""
    named = "".join(f', "{name}" {kinds[kind]}' for name, kind in columns.items())
    execute(f"CREATE TABLE people (id INTEGER{named})")
    places = ", ".join("?" for _ in range(len(columns) + 1))
    for place, cells in enumerate(rows):
        execute(f"INSERT INTO people VALUES ({places})", (place, *cells.values()))


def selected_by_predicate(condition: Condition, crowd: list[Person]) -> list[int]:
    """The places of the people whom the predicate takes."""
    holds = predicate(condition)
    return [place for place, person in enumerate(crowd) if holds(seen(person).get)]


@given(conditions, people)
def test_the_predicate_and_sqlite_select_the_same_people(condition, crowd):
    compiled = to_sql(condition)
    rows = [row(compiled.columns, seen(person).get) for person in crowd]
    assert selected_by_sqlite(compiled, rows) == selected_by_predicate(condition, crowd)


@settings(max_examples=40, deadline=None)
@given(conditions, people)
def test_the_predicate_and_duckdb_select_the_same_people(condition, crowd):
    compiled = to_sql(condition)
    rows = [row(compiled.columns, seen(person).get) for person in crowd]
    assert selected_by_duckdb(compiled, rows) == selected_by_predicate(condition, crowd)


@given(conditions, people)
def test_a_condition_and_its_contrary_part_the_people_in_two(condition, crowd):
    """There is no third truth value: nobody is in both halves, nobody in neither."""
    taken = selected_by_predicate(condition, crowd)
    left = selected_by_predicate(Not(condition), crowd)
    assert sorted(taken + left) == list(range(len(crowd)))


@pytest.mark.parametrize(
    ("condition", "person", "holds"),
    [
        (Compare("x", "is", 1), {}, False),
        (Compare("x", "is_not", 1), {}, False),
        (Not(Compare("x", "is", 1)), {}, True),
        (Compare("x", "is_not", 1), {"x": 2}, True),
        (Compare("x", "is_not", 1), {"x": "1"}, False),
        (Compare("x", "is", 1), {"x": 1.0}, True),
        (Compare("x", "is", 1), {"x": True}, False),
        (Compare("x", "is", True), {"x": 1}, False),
        (Compare("x", "is", True), {"x": True}, True),
        (Compare("x", "at_least", 1), {"x": True}, False),
        (Compare("x", "at_least", 1), {"x": "2"}, False),
        (Compare("x", "at_least", 2), {"x": 2}, True),
        (Compare("x", "more_than", 2), {"x": 2}, False),
        (Compare("x", "at_most", 2), {"x": 2}, True),
        (Compare("x", "less_than", 2), {"x": 2}, False),
        (Compare("x", "at_least", "a"), {"x": "b"}, False),
        (Compare("x", "is_not", 1), {"x": math.nan}, False),
        (Compare("x", "known", True), {"x": math.nan}, False),
        (Compare("x", "known", False), {}, True),
        (Compare("x", "known", True), {"x": ""}, True),
        (Compare("x", "one_of", ("1", 2)), {"x": 1}, False),
        (Compare("x", "one_of", ("1", 2)), {"x": 2.0}, True),
        (Compare("x", "one_of", (1,)), {"x": True}, False),
        (Compare("x", "one_of", (None,)), {}, False),
        (Compare("x", "one_of", ("a",)), {"x": ["a"]}, False),
        (All(()), {}, True),
        (AnyOf(()), {}, False),
    ],
)
def test_the_meaning_of_each_comparison(condition, person, holds):
    assert predicate(condition)(person.get) is holds


def test_a_column_is_named_after_its_field_and_a_second_type_beside_it():
    condition = All(
        (
            Compare("traits.size", "is", "L"),
            Compare("traits.size", "at_least", 40),
            Compare("traits.size", "known", True),
            Compare("orders.count", "at_least", 1),
        )
    )
    compiled = to_sql(condition)
    assert compiled.columns == {
        "traits.size": "text",
        "traits.size (number)": "number",
        "traits.size (known)": "boolean",
        "orders.count": "number",
    }
    assert row(compiled.columns, {"traits.size": 42, "orders.count": 2}.get) == {
        "traits.size": None,
        "traits.size (number)": 42,
        "traits.size (known)": True,
        "orders.count": 2,
    }


def test_fields_that_differ_only_in_capitals_have_columns_that_sql_tells_apart():
    condition = All((Compare("traits.City", "is", "x"), Compare('traits.city "', "is", "x")))
    columns = to_sql(condition).columns
    assert list(columns) == ["traits.^city", "traits.city ^(22)"]
    assert sources(columns) == ("traits.City", 'traits.city "')


def test_values_travel_as_parameters_and_never_as_sql():
    compiled = to_sql(Compare("traits.a", "is", "x' OR 1=1 --"))
    assert compiled.sql == '("traits.a" IS NOT NULL AND "traits.a" = :p0)'
    assert compiled.params == {"p0": "x' OR 1=1 --"}


def test_a_recency_is_asked_of_the_time_and_not_of_a_stale_number_of_days():
    compiled = to_sql(Compare("orders.days_since", "at_least", 90))
    assert compiled.columns == {"orders.days_since.at_ms": "number"}
    assert compiled.timed


def test_fields_are_named_once_in_the_order_they_appear():
    condition = All((Compare("b", "is", 1), Not(Compare("a", "is", 1)), Compare("b", "is", 2)))
    assert fields_of(condition) == ("b", "a")
    assert fields_of(None) == ()
    assert len(list(comparisons(condition))) == 3


@pytest.mark.parametrize("known", [True, False])
def test_a_column_that_is_not_filled_yet_is_not_known(known):
    compiled = to_sql(Compare("traits.a", "known", known))
    assert selected_by_sqlite(compiled, [{"traits.a (known)": None}]) == ([] if known else [0])
