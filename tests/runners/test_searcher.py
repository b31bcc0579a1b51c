"""A served house looks for people who may be one beside its door, when it is asked and at its hours."""

import asyncio

import msgspec
import pytest
from structlog.testing import capture_logs

from equipoise.nouns.hypotheses import FoundJoins, Hypothesis, JoinAnswer, JoinRecord, Searched
from equipoise.ports import Overloaded
from equipoise.runners.rows import PAIRS_AT_ONCE
from equipoise.runners.searcher import NotSearched, Searcher
from equipoise.testing.fakes import FakeClock, settle
from house import NOON_MS

PAIR = Hypothesis(left=16, right=32, score=0.99, evidence=())
SURE = JoinAnswer(hypothesis=48, verb="confirm", by="rule", how="rule")


class Desk:
    """Answers every row that is asked; what it was told lies in `told`."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.told = []

    async def ask(self, row):
        assert (row.kind, row.source.name, row.received_ms) == ("join", "searcher", NOON_MS)
        self.told.append(msgspec.msgpack.decode(row.body, type=JoinRecord))
        answer = self.answers.pop(0) if self.answers else {"ok": True}
        if isinstance(answer, Exception):
            raise answer
        return msgspec.json.encode(answer)


def searcher(desk, found=(PAIR,), confirming=()):
    """A searcher whose look is over at once."""

    async def look():
        if isinstance(found, Exception):
            raise found
        return list(found)

    return Searcher(look, desk, FakeClock(NOON_MS), lambda: confirming)


def test_what_is_found_is_handed_in_and_then_the_rule_answers():
    desk = Desk({"ok": True}, {"ok": True}, {"ok": False, "reason": "restricted"})
    done = asyncio.run(searcher(desk, confirming=(SURE, SURE)).search())
    assert desk.told == [FoundJoins(pairs=(PAIR,)), SURE, SURE]
    assert done == Searched(at_ms=NOON_MS, pairs=1, joined=1, barred={"restricted": 1})


def test_who_became_one_by_an_earlier_answer_is_no_refusal():
    desk = Desk({"ok": True}, {"ok": True}, {"ok": False, "reason": "joined"})
    done = asyncio.run(searcher(desk, confirming=(SURE, SURE)).search())
    assert (done.joined, done.barred) == (1, {})


def test_many_pairs_make_no_row_that_is_too_large_for_a_step():
    desk = Desk()
    done = asyncio.run(searcher(desk, found=[PAIR] * (2 * PAIRS_AT_ONCE + 1)).search())
    assert [len(one.pairs) for one in desk.told] == [PAIRS_AT_ONCE, PAIRS_AT_ONCE, 1]
    assert done.pairs == 2 * PAIRS_AT_ONCE + 1


@pytest.mark.parametrize("trouble", [NotSearched("nobody is alike"), Overloaded(2)])
def test_a_search_that_fails_is_told_and_the_next_one_begins(trouble):
    failing = searcher(Desk(trouble) if isinstance(trouble, Overloaded) else Desk())
    if isinstance(trouble, NotSearched):
        failing = searcher(Desk(), trouble)
    with capture_logs() as logs:
        done = asyncio.run(failing.search())
    assert done.why
    assert done.pairs == 0
    assert [line["log_level"] for line in logs] == ["error"]


def test_it_searches_when_it_is_asked_once_at_a_time_and_says_since_when():
    begun = []

    async def a_day():
        gate = asyncio.Event()

        async def look():
            begun.append(1)
            await gate.wait()
            return [PAIR]

        looking = Searcher(look, Desk(), FakeClock(NOON_MS), list)
        running = asyncio.ensure_future(looking.run())
        await settle()
        assert (begun, looking.began_ms, looking.last) == ([], 0, None)
        looking.begin()
        looking.begin()
        assert looking.began_ms == NOON_MS
        await settle()
        looking.begin()
        gate.set()
        await settle()
        assert (begun, looking.began_ms) == ([1], 0)
        assert looking.last == Searched(at_ms=NOON_MS, pairs=1)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(a_day())


def test_it_searches_by_itself_every_so_often():
    async def a_while():
        seen = asyncio.Event()

        async def look():
            seen.set()
            return []

        looking = Searcher(look, Desk(), FakeClock(NOON_MS), list)
        running = asyncio.ensure_future(looking.run(every_s=0.01))
        await asyncio.wait_for(seen.wait(), 30)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(a_while())
