"""What SQL selects from stored columns are the people whom the audience takes when asked one by one."""

import apsw
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.nouns.events import Handle
from equipoise.nouns.plays import All, AnyOf, Compare, Condition, Not
from equipoise.nouns.rules import Rules
from equipoise.nouns.state import AtomState, Contact, Last, PersonState, Profile, Tally
from equipoise.plays.conditions import predicate, row, to_sql
from equipoise.remember.fields import stored
from equipoise.remember.view import View

NOW_MS = 1_760_000_000_000
DAY_MS = 86_400_000

times = st.integers(1, 400).map(lambda days: NOW_MS - days * DAY_MS - 1)
tallies = st.builds(
    Tally, n=st.integers(1, 4), total=st.floats(0, 90, width=16), first_ms=times, last_ms=times
)
traits = st.builds(
    Last, value=st.one_of(st.sampled_from(["FR", "fr", ""]), st.booleans(), st.integers(0, 2)),
    at_ms=times, id=st.just("e"),
)  # fmt: skip
atoms = st.builds(
    AtomState,
    id=st.just(1),
    handles=st.sampled_from([[], [Handle("email", "ana@example.org")]]),
    known=st.booleans(),
    profile=st.builds(
        Profile,
        tallies=st.dictionaries(st.sampled_from(["Order Completed", "order completed"]), tallies),
        last=st.dictionaries(st.sampled_from(["country", "Country"]), traits),
    ),
    contacts=st.lists(
        st.builds(Contact, times, st.just(1), st.just("a"), st.just("email")), max_size=2
    ),
)
states = st.lists(st.builds(lambda atom: PersonState([atom]), atoms), min_size=1, max_size=5)

fields = st.sampled_from(
    [
        "orders.count",
        "orders.mean",
        "orders.days_since",
        "orders.first_days_ago",
        "events.order completed.count",
        "traits.country",
        "traits.Country",
        "contacts.days_since",
        "has.email",
        "known",
    ]
)
values = st.one_of(st.integers(0, 200), st.sampled_from(["FR", "fr", ""]), st.booleans())
conditions: st.SearchStrategy[Condition] = st.recursive(
    st.one_of(
        st.builds(
            Compare, fields, st.sampled_from(["is", "is_not", "at_least", "less_than"]), values
        ),
        st.builds(Compare, fields, st.just("known"), st.booleans()),
    ),
    lambda inner: st.one_of(
        st.builds(All, st.lists(inner, max_size=3).map(tuple)),
        st.builds(AnyOf, st.lists(inner, max_size=3).map(tuple)),
        st.builds(Not, inner),
    ),
    max_leaves=5,
)


@settings(deadline=None)
@given(conditions, states)
def test_the_store_selects_whom_the_audience_takes(condition, people):
    compiled = to_sql(condition)
    connection = apsw.Connection(":memory:")
    named = "".join(f', "{name}"' for name in compiled.columns)
    connection.execute(f"CREATE TABLE people (id{named})")
    for place, state in enumerate(people):
        cells = row(compiled.columns, stored(state)).values()
        places = ", ".join("?" for _ in range(len(compiled.columns) + 1))
        connection.execute(f"INSERT INTO people VALUES ({places})", (place, *cells))
    query = f"SELECT id FROM people WHERE {compiled.sql} ORDER BY id"
    found = [place for (place,) in connection.execute(query, {**compiled.params, "now": NOW_MS})]
    holds = predicate(condition)
    rules = Rules()
    assert found == [
        place for place, state in enumerate(people) if holds(View(state, NOW_MS, rules).get)
    ]
