"""Who is counted, what a question may name, and that nothing exact leaves the process that counts."""

import asyncio
import sys

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.compose.aggregates import count, fields_read, limits_of, read_question
from equipoise.compose.aggregating import NotCounted, day_in, figures_of, spendings, summary
from equipoise.compose.library import known_here
from equipoise.doors.aggregates import AggregateBody
from equipoise.doors.answers import Refusal
from equipoise.nouns.aggregates import AllowAggregates, EndAggregates, Question
from equipoise.nouns.events import Source
from equipoise.nouns.shares import StopSharing
from equipoise.nouns.state import PersonState
from equipoise.rights.aggregates.asking import Limits, Unaskable
from equipoise.settings import SettingsError, read_settings
from equipoise.testing.fakes import FakeClock
from house import DAY_MS, NOON_MS, house, identify, receipts, track

pytest.importorskip("opendp")

DAY = NOON_MS // DAY_MS
COUNT = Question(
    recipient="sete", purpose="analytics", measure="count", day=DAY - 1, epsilon=100_000,
    group="traits.city", keys=("Nîmes", "Sète"),
)  # fmt: skip
PLAIN = msgspec.structs.asdict(
    AggregateBody(purpose="analytics", group="traits.city", keys=("Nîmes", "Sète"), epsilon=0.5)
)
del PLAIN["where"]


def people(engine, n, **traits):
    """`n` people of Sète who were there yesterday; their names begin with `u`."""
    engine.take([identify(f"u{i}", city="Sète", **traits) for i in range(n)])


@pytest.fixture
def engine():
    clock = FakeClock(NOON_MS - DAY_MS)
    with house(clock=clock) as opened:
        yield opened


def tomorrow(engine):
    asyncio.run(engine.clock.advance(DAY_MS))


def counted(engine, question=COUNT):
    return count(engine.store, engine.walker.engine.rules, question, engine.clock.now_ms()).n


def test_everybody_who_has_nothing_against_it_is_counted_in_their_group(engine):
    people(engine, 3)
    engine.take([identify("n", city="Nîmes"), identify("l", city="Lyon"), identify("x")])
    tomorrow(engine)
    assert counted(engine) == [1, 3]
    assert counted(engine, msgspec.structs.replace(COUNT, group="", keys=())) == [6]


@pytest.mark.parametrize(
    "said",
    [
        lambda engine: engine.take([track("u0", "terms.objected", purpose="analytics")]),
        lambda engine: engine.take([track("u0", "terms.objected", purpose="*")]),
        lambda engine: engine.take([identify("u0", age=15)]),
        lambda engine: engine.request("restriction", "user_id:u0", by="zoë"),
        lambda engine: engine.request("erasure", "user_id:u0", by="zoë", at_once=True),
        lambda engine: stop(engine, "sete"),
        lambda engine: stop(engine, "*"),
    ],
)
def test_whoever_says_no_is_not_counted_from_then_on(engine, said):
    people(engine, 3)
    tomorrow(engine)
    assert counted(engine) == [0, 3]
    said(engine)
    assert counted(engine) == [0, 2]


def stop(engine, recipient):
    state = person(engine, "u0")
    engine.ask("share", StopSharing(recipient=recipient, person=state.person), Source("portal"))


def person(engine, user):
    found = [msgspec.msgpack.decode(b, type=PersonState) for b in engine.store.states(
        engine.store.people_after(-1, 99)
    ).values()]  # fmt: skip
    return next(one for one in found if one.atoms[0].handles[0].value == user)


def test_a_no_to_another_recipient_is_no_no_to_this_one(engine):
    people(engine, 3)
    tomorrow(engine)
    stop(engine, "nimes")
    assert counted(engine) == [0, 3]


def test_a_purpose_that_needs_a_yes_counts_those_who_said_it(engine):
    people(engine, 3)
    engine.take([track("u1", "terms.granted", purpose="research", channel="*")])
    tomorrow(engine)
    assert counted(engine, msgspec.structs.replace(COUNT, purpose="research")) == [0, 1]


def test_whoever_was_first_seen_after_the_day_is_not_counted(engine):
    people(engine, 3)
    tomorrow(engine)
    engine.take([identify("late", city="Sète")])
    assert counted(engine) == [0, 3]


def test_two_who_are_joined_count_once_and_a_condition_holds_for_one_person(engine):
    engine.take([identify("u0", "a0", city="Sète", age=30), identify("u1", city="Sète", age=50)])
    engine.take([{"type": "track", "anonymousId": "a0", "event": "page", "messageId": "p"}])
    tomorrow(engine)
    assert counted(engine) == [0, 2]
    old = read_question(
        msgspec.structs.asdict(COUNT), "{field: traits.age, at_least: 40}", known_here()
    )
    assert counted(engine, old) == [0, 1]
    assert fields_read(old) == ("traits.city", "traits.age")


@pytest.mark.parametrize(
    ("change", "where", "told"),
    [
        ({"group": "traits"}, "", "no profile field"),
        ({"measure": "sum", "field": "orders.colour", "upper": 9.0}, "", "no profile field"),
        ({"measure": "sum", "field": "known", "upper": 9.0}, "", "is no number"),
        ({}, "{field: orders.countt, is: 1}", "orders.countt"),
        ({}, "{field: event.price, is: 1}", "no event"),
        ({}, "[", "where"),
        ({"measure": "median"}, "", "cannot be read"),
    ],
)
def test_a_question_about_what_is_not_there_says_so(change, where, told):
    with pytest.raises(Unaskable, match=told):
        read_question(msgspec.structs.asdict(COUNT) | change, where, known_here())


def test_a_day_is_read_and_left_out_it_is_yesterday():
    assert day_in("", NOON_MS) == day_in("2026-03-09", NOON_MS) == DAY - 1
    with pytest.raises(Unaskable, match="needs a date"):
        day_in("yesterday", NOON_MS)


def test_budgets_are_settings_and_none_is_below_nothing():
    assert limits_of(read_settings(environ={})) == Limits(each=3_000_000, together=6_000_000)
    with pytest.raises(SettingsError, match=r"sharing\.epsilon_together"):
        limits_of(read_settings(environ={}, given={"sharing.epsilon_together": -1}))


def allow(engine, *fields):
    record = AllowAggregates(recipient="sete", purpose="analytics", by="zoë", fields=fields)
    assert msgspec.json.decode(engine.ask("aggregate", record))["ok"]


def asked(engine, where="", **change):
    figures = figures_of(read_settings(environ={}), engine)
    return asyncio.run(figures.ask_as("sete", PLAIN | change, where))


def test_an_answer_is_told_once_and_what_is_left_with_it(engine):
    people(engine, 200)
    tomorrow(engine)
    allow(engine, "traits.city")
    first = asked(engine)
    assert abs(first.cells[1].n - 200) < 80
    assert first.cells[0] == type(first.cells[0])("Nîmes", None, None, None, None)
    assert (first.left, first.day, first.least_group) == (2.5, "2026-03-09", 20)
    engine.take([track("u0", "terms.objected", purpose="analytics")])
    assert [asked(engine) for _ in range(3)] == [first] * 3
    (row,) = spendings(engine.store, read_settings(environ={}), 2026)
    assert (row.questions, row.epsilon, row.budget) == (1, 500_000, 3_000_000)
    told = summary(engine.store.releases()[0])
    assert (told["question"], told["receipt"]) == ("count, 2 groups of traits.city", first.receipt)


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"epsilon": 3.5}, 403, "aggregate_budget"),
        ({"purpose": "service"}, 403, "aggregate_purpose"),
        ({"group": "traits.age"}, 403, "aggregate_field"),
        ({"day": "2026-03-10"}, 400, "aggregate_day_open"),
        ({"day": "2026-03-08"}, 400, "aggregate_day_gone"),
        ({"keys": ()}, 400, "aggregate_odd"),
    ],
)
def test_what_is_refused_costs_nothing_and_counts_nobody(engine, change, status, code):
    people(engine, 3)
    tomorrow(engine)
    allow(engine, "traits.city")
    with pytest.raises(Refusal) as no:
        asked(engine, **change)
    assert (no.value.status, no.value.trouble.code) == (status, code)
    assert engine.store.releases() == []


def test_a_recipient_who_was_stopped_is_refused_and_has_no_budget(engine):
    allow(engine, "traits.city")
    engine.ask("aggregate", EndAggregates(recipient="sete", by="zoë"))
    with pytest.raises(Refusal) as no:
        asked(engine)
    assert no.value.trouble.code == "aggregates_not_allowed"
    assert spendings(engine.store, read_settings(environ={}), 2026)[0].budget == 0


def test_counting_that_breaks_gives_nothing_and_is_not_charged_twice(engine):
    people(engine, 100)
    tomorrow(engine)
    allow(engine, "traits.city")
    figures = figures_of(read_settings(environ={}), engine)
    works = figures.counting

    async def breaks(question, now_ms):
        raise NotCounted("counting ended with code 1")

    figures.counting = breaks
    with pytest.raises(Refusal) as no:
        asyncio.run(figures.ask_as("sete", PLAIN, ""))
    assert (no.value.status, no.value.trouble.code) == (500, "aggregate_not_counted")
    assert [one.cells for one in engine.store.releases()] == [()]
    figures.counting = works
    assert asyncio.run(figures.ask_as("sete", PLAIN, "")).left == 2.5
    assert [len(one.cells) for one in engine.store.releases()] == [2]


def test_without_opendp_nothing_is_asked_and_nothing_spent(engine, monkeypatch):
    allow(engine, "traits.city")
    monkeypatch.setitem(sys.modules, "opendp", None)
    with pytest.raises(Refusal) as no:
        asked(engine)
    assert (no.value.status, no.value.trouble.code) == (501, "aggregates_need_opendp")
    assert engine.store.releases() == []


def test_no_exact_figure_is_in_receipts_log_intake_or_store(engine):
    """A sum that nobody else could write: with the noise taken off it would stand there in digits."""
    engine.take([identify(f"u{i}", city="Sète", spent=1000.07 + i) for i in range(50)])
    tomorrow(engine)
    allow(engine, "traits.city", "traits.spent")
    exact = sum(100_007 + 100 * i for i in range(50))
    reply = asked(engine, measure="sum", field="traits.spent", lower=0.0, upper=2000.0, epsilon=1.0)
    assert abs(reply.cells[1].value - exact / 100) > 0.0
    kept = [
        msgspec.json.encode(engine.store.releases()),
        *(str(r).encode() for r in receipts(engine)),
    ]
    kept += [row.body for row in engine.store.recent(9)]
    kept += [row.body for row in engine.intake.read(0, 10**6) if row.kind == "aggregate"]
    needles = [
        msgspec.msgpack.encode(exact),
        str(exact).encode(),
        str(exact / 100).encode(),
        msgspec.msgpack.encode(exact / 100),
    ]
    assert len(kept) > 4
    assert [needle for needle in needles for blob in kept if needle in blob] == []


@given(st.integers(0, 6), st.integers(0, 6))
@settings(max_examples=8, deadline=None)
def test_one_person_more_in_the_store_moves_one_count_by_one(n, m):
    """The whole way from events to figures, over two stores that differ by one person."""
    tallies = []
    for more in (0, 1):
        with house(clock=FakeClock(NOON_MS - DAY_MS)) as engine:
            people(engine, n)
            engine.take([identify(f"v{i}", city="Nîmes") for i in range(m + more)])
            tomorrow(engine)
            tallies.append(counted(engine))
    assert tallies == [[m, n], [m + 1, n]]
