"""The fakes that are shipped behave as their ports promise."""

import asyncio

import msgspec
import pytest
from msgspec.structs import replace

from equipoise.act.outbox import Retries
from equipoise.nouns.events import IntakeRow, Source
from equipoise.nouns.records import Attempt, Delivery, HumanAnswer
from equipoise.ports import Overloaded, TryLater
from equipoise.testing.exams_sender import NOW_MS, example_action
from equipoise.testing.fakes import (
    FailingSender,
    FakeClock,
    FakeDesk,
    RecordingSender,
    SeededEntropy,
    settle,
)

READY = replace(example_action(), status="ready", attempts=0)


def row(kind, record):
    return IntakeRow(0, kind, Source("test"), NOW_MS, msgspec.msgpack.encode(record))


def test_a_fake_clock_stands_still_and_wakes_who_waits_in_order_and_at_their_time():
    async def play():
        clock, woken = FakeClock(NOW_MS), []

        async def sleeper(seconds):
            await clock.wait(seconds)
            woken.append((seconds, clock.now_ms() - NOW_MS))

        tasks = [asyncio.ensure_future(sleeper(s)) for s in (3, 1, 2, 9)]
        await settle()
        assert clock.waiting == 4
        await clock.advance(3_500)
        assert woken == [(1, 1000), (2, 2000), (3, 3000)]
        assert clock.now_ms() == NOW_MS + 3_500
        tasks[3].cancel()
        await clock.advance(10_000)
        assert len(woken) == 3

    asyncio.run(play())


def test_salts_repeat_with_the_seed_and_differ_by_number():
    assert SeededEntropy(b"a").salt(1) == SeededEntropy(b"a").salt(1)
    assert SeededEntropy(b"a").salt(1) != SeededEntropy(b"a").salt(2)
    assert SeededEntropy(b"a").salt(1) != SeededEntropy(b"b").salt(1)
    assert len(SeededEntropy().salt(1)) == 32


def test_a_sender_that_fails_on_purpose_does_so_as_often_as_it_was_told():
    async def play():
        sender = FailingSender(2)
        for _ in range(2):
            with pytest.raises(TryLater):
                await sender.send(READY)
        await sender.send(READY)
        assert (sender.tried, sender.keys) == (3, [READY.key])

    asyncio.run(play())


def test_a_recording_sender_keeps_everything_and_counts_its_closing():
    async def play():
        sender = RecordingSender()
        await sender.send(READY)
        await sender.close()
        assert (sender.sent, sender.closed) == ([READY], 1)

    asyncio.run(play())


def desk_with(*actions, opinion=None):
    desk = FakeDesk(FakeClock(NOW_MS), Retries(attempts_most=2), opinion)
    desk.put(*actions)
    return desk


def attempted(desk, number=1):
    return msgspec.json.decode(asyncio.run(desk.ask(row("attempt", Attempt(number)))))


def test_the_desk_lets_a_due_action_go_once():
    desk = desk_with(READY)
    assert attempted(desk)["go"] is True
    assert attempted(desk) == {"go": False, "reason": "early"}
    assert desk.actions([1])[1].status == "sending"


@pytest.mark.parametrize(
    ("changes", "reason", "status"),
    [
        ({"until_ms": NOW_MS - 1}, "expired", "cancelled"),
        ({"status": "sending", "attempts": 2}, "exhausted", "dead"),
        ({"status": "sent"}, "closed", "sent"),
    ],
)
def test_the_desk_settles_what_must_not_go(changes, reason, status):
    desk = desk_with(replace(READY, **changes))
    assert attempted(desk) == {"go": False, "reason": reason}
    assert desk.actions([1])[1].status == status


def test_the_desk_walks_reports_and_human_answers():
    desk = desk_with(READY, replace(READY, id=2, status="review"))
    attempted(desk)
    asyncio.run(desk.accept(row("delivery", Delivery(action=1, result="sent"))))
    asyncio.run(desk.accept(row("human", HumanAnswer(action=2, answer="approve", by="bea"))))
    assert [desk.actions([n])[n].status for n in (1, 2)] == ["sent", "ready"]
    assert [entry.id for entry in desk.rows] == [1, 2, 3]


def test_the_desk_refuses_as_many_rows_as_it_was_told():
    desk = desk_with(READY)
    desk.overloads = 1
    with pytest.raises(Overloaded):
        attempted(desk)
    assert attempted(desk)["go"] is True


def test_the_outbox_in_memory_lists_by_status_due_time_and_atom():
    late = replace(READY, id=2, due_ms=NOW_MS + 1)
    page = replace(READY, id=3, status="waiting", atom=9)
    desk = desk_with(late, READY, page, replace(page, id=4))
    assert [a.id for a in desk.due(NOW_MS, 9)] == [1]
    assert [a.id for a in desk.due(NOW_MS + 1, 9)] == [1, 2]
    assert [a.id for a in desk.due(NOW_MS + 1, 1)] == [1]
    assert [a.id for a in desk.waiting_for([9])] == [3, 4]
    assert desk.waiting_for([1]) == []
    assert [a.id for a in desk.with_status("waiting", 1)] == [4]
