"""Whatever happens, nobody is told more than was paid for, and a question has one answer."""

import asyncio
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from equipoise.account.aggregates import answer_digest
from equipoise.nouns.aggregates import (
    AllowAggregates,
    AskAggregate,
    Cell,
    EndAggregates,
    KeepRelease,
    Question,
)
from equipoise.nouns.events import Source
from equipoise.runners.aggregating import Replied
from equipoise.testing.fakes import FakeClock
from house import DAY_MS, NOON_MS, house, receipts

COUNT = Question(
    recipient="sete", purpose="analytics", measure="count", day=NOON_MS // DAY_MS - 1,
    epsilon=100_000, group="traits.city", keys=("a", "b"),
)  # fmt: skip
FIELDS = ("traits.city",)
ALLOWED = AllowAggregates(recipient="sete", purpose="analytics", by="zoë", fields=FIELDS)
CELLS = (Cell("a", 41), Cell("b", None))


DOOR = Source("aggregates")


def put(engine, record, source=DOOR):
    return msgspec.json.decode(engine.ask("aggregate", record, source), type=Replied)


def move(clock, ms):
    asyncio.run(clock.advance(ms))


def ask(engine, question=COUNT, fields=FIELDS):
    return put(engine, AskAggregate(question=question, fields=fields, by="sete"))


@pytest.fixture
def engine():
    with house() as opened:
        assert put(opened, ALLOWED).ok
        yield opened


def test_a_question_is_paid_for_then_answered_and_its_receipt_names_no_figure(engine):
    paid = ask(engine).release
    assert (paid.cells, paid.released_ms, paid.id) == ((), 0, "")
    assert engine.store.releases() == [paid]
    done = put(engine, KeepRelease(spent=paid.seq, cells=CELLS)).release
    assert (done.cells, done.question) == (CELLS, paid.question)
    assert engine.store.release_of(paid.key) == done
    (told,) = [one for one in receipts(engine) if one["type"] == "aggregate"]
    assert (told["id"], told["epsilon"], told["recipient"]) == (done.id, "0.1", "sete")
    assert told["answer_sha256"] == answer_digest(CELLS)
    assert "41" not in str({k: v for k, v in told.items() if not k.endswith("sha256")})


def test_the_same_question_is_not_charged_again_and_its_first_answer_stays(engine):
    paid = ask(engine).release
    assert ask(engine).release == paid
    other = put(engine, KeepRelease(spent=paid.seq, cells=CELLS)).release
    again = put(engine, KeepRelease(spent=paid.seq, cells=(Cell("a", 99), Cell("b", 98)))).release
    assert again == other == ask(engine).release
    move(engine.clock, DAY_MS * 3)
    assert ask(engine).release == other
    assert sum(one.question.epsilon for one in engine.store.releases()) == COUNT.epsilon


@pytest.mark.parametrize(
    ("cells", "spent"), [(CELLS[:1], 0), ((*CELLS, Cell("c", 1)), 0), (CELLS, 5)]
)
def test_an_answer_that_was_not_paid_for_is_not_kept(engine, cells, spent):
    paid = ask(engine).release
    reply = put(engine, KeepRelease(spent=paid.seq + spent, cells=cells))
    assert (reply.ok, reply.code) == (False, "aggregate_odd")
    assert engine.store.releases() == [paid]


def test_whoever_may_ask_no_more_is_refused_also_between_paying_and_being_told(engine):
    paid = ask(engine).release
    assert put(engine, EndAggregates(recipient="sete", by="zoë")).ok
    assert put(engine, KeepRelease(spent=paid.seq, cells=CELLS)).code == "aggregates_not_allowed"
    assert ask(engine).code == "aggregates_not_allowed"
    assert put(engine, EndAggregates(recipient="sete", by="zoë")).code == "aggregates_not_allowed"
    assert put(engine, ALLOWED).ok
    assert ask(engine).release == paid


def test_a_public_key_neither_allows_nor_asks(engine):
    reply = put(engine, ALLOWED, Source("site", "public"))
    assert (reply.ok, reply.code) == (False, "aggregates_not_allowed")


def test_a_budget_begins_anew_in_january(engine):
    full = [msgspec.structs.replace(COUNT, epsilon=3_000_000 - n) for n in range(2)]
    assert ask(engine, full[0]).ok
    assert ask(engine, full[1]).code == "aggregate_budget"
    move(engine.clock, 300 * DAY_MS)
    day = engine.clock.now_ms() // DAY_MS - 1
    assert ask(engine, msgspec.structs.replace(full[1], day=day)).ok


class Budgets(RuleBasedStateMachine):
    """Recipients ask, repeat, wait and are allowed anew; a ledger of our own is kept beside."""

    EACH, TOGETHER = 300_000, 400_000

    @initialize()
    def begin(self):
        self.clock = FakeClock(NOON_MS)
        self.engine = house(clock=self.clock, **{
            "sharing.epsilon": self.EACH / 1e6, "sharing.epsilon_together": self.TOGETHER / 1e6,
        })  # fmt: skip
        self.told = {}
        self.year_of = {}
        for name in ("sete", "nimes"):
            assert put(self.engine, msgspec.structs.replace(ALLOWED, recipient=name)).ok

    def spent(self, recipient=None):
        return sum(
            paid.question.epsilon
            for paid in self.year_of.values()
            if paid.year == self.year() and recipient in (None, paid.question.recipient)
        )

    def year(self):
        return datetime.fromtimestamp(self.clock.now_ms() / 1000, UTC).year

    @rule(
        recipient=st.sampled_from(["sete", "nimes"]),
        epsilon=st.sampled_from([1_000, 50_000, 99_999, 200_000]),
        keys=st.sampled_from([("a", "b"), ("b", "a"), ("a",)]),
        answered=st.booleans(),
    )
    def asks(self, recipient, epsilon, keys, answered):
        question = msgspec.structs.replace(
            COUNT, recipient=recipient, epsilon=epsilon, keys=keys,
            day=self.clock.now_ms() // DAY_MS - 1,
        )  # fmt: skip
        before = (self.spent(), self.spent(recipient))
        reply = ask(self.engine, question)
        if not reply.ok:
            assert reply.code in ("aggregate_budget", "aggregate_budget_together")
            assert before[0] + epsilon > self.TOGETHER or before[1] + epsilon > self.EACH
            return
        paid = reply.release
        fresh = paid.key not in self.year_of
        self.year_of[paid.key] = paid
        assert fresh or not paid.released_ms or paid.cells == self.told[paid.key]
        assert self.spent() - before[0] == (epsilon if fresh else 0)
        if answered:
            cells = tuple(Cell(key, 100 + len(self.told)) for key in paid.question.keys)
            kept = put(self.engine, KeepRelease(spent=paid.seq, cells=cells)).release
            assert kept.cells == self.told.setdefault(paid.key, kept.cells)

    @rule(days=st.sampled_from([1, 40, 200]))
    def waits(self, days):
        move(self.clock, days * DAY_MS)

    @rule()
    def is_allowed_again_with_less(self):
        assert put(self.engine, msgspec.structs.replace(ALLOWED, epsilon=200_000)).ok
        assert put(self.engine, ALLOWED).ok

    @invariant()
    def nobody_is_told_more_than_was_paid_for(self):
        kept = self.engine.store.releases()
        assert {one.key for one in kept} == set(self.year_of)
        for year in {one.year for one in kept}:
            mine = [one for one in kept if one.year == year]
            assert sum(one.question.epsilon for one in mine) <= self.TOGETHER
            for name in ("sete", "nimes"):
                assert (
                    sum(one.question.epsilon for one in mine if one.question.recipient == name)
                    <= self.EACH
                )


TestBudgets = Budgets.TestCase
TestBudgets.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
