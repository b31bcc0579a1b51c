"""The delivery loop: what leaves, what waits, and what happens when receivers or desks are in trouble.

Time stands still unless a test moves it; the desk walks every row at once.
"""

import asyncio
from collections import Counter
from contextlib import asynccontextmanager

import msgspec
import pytest
from msgspec.structs import replace

from equipoise.act.delivering import Delivering, Pace
from equipoise.act.outbox import Retries
from equipoise.nouns.decisions import Action
from equipoise.nouns.records import Delivery
from equipoise.ports import GaveUp
from equipoise.testing.exams_sender import example_action
from equipoise.testing.fakes import (
    FailingSender,
    FakeClock,
    FakeDesk,
    RecordingSender,
    StuckSender,
    settle,
)

RETRIES = Retries(attempts_most=3, backoff_s=30.0, lease_ms=60_000)
PACE = Pace(concurrency=2, queue_most=4, poll_s=1.0, timeout_s=10.0, window=8)


def action(number: int, clock: FakeClock, sender: str = "email") -> Action:
    """An action that is due now."""
    now_ms = clock.now_ms()
    until_ms = now_ms + 86_400_000
    return replace(
        example_action(number, sender), status="ready", attempts=0, due_ms=now_ms, until_ms=until_ms
    )


class Scene:
    """One loop at work: its clock, its desk with some actions, and its senders."""

    def __init__(self, senders, opinion=None, desk=FakeDesk):
        self.clock = FakeClock()
        self.desk = desk(self.clock, RETRIES, opinion)
        self.loop = Delivering(self.desk, self.desk, senders, self.clock, PACE, self.clock.wait)

    def put(self, count, sender="email", start=1):
        self.desk.put(*(action(start + n, self.clock, sender) for n in range(count)))

    def statuses(self):
        return Counter(a.status for a in self.desk.actions(range(10_000)).values())

    def one(self):
        return self.desk.actions([1])[1]

    def kinds(self):
        return [row.kind for row in self.desk.rows]

    @asynccontextmanager
    async def running(self):
        task = asyncio.ensure_future(self.loop.run())
        try:
            await settle()
            yield task
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


def test_a_due_action_takes_its_last_look_leaves_and_is_reported():
    async def play():
        sender = RecordingSender()
        scene = Scene({"email": sender})
        scene.put(1)
        async with scene.running():
            assert scene.kinds() == ["attempt", "delivery"]
            assert scene.statuses() == {"sent": 1}
        assert sender.keys == ["d_1_0123456789abcdef"]
        assert sender.sent[0].attempts == 1, "the sender gets the action as the step claimed it"
        assert sender.closed == 0, "senders are lent"

    asyncio.run(play())


def test_what_the_last_look_cancels_never_reaches_the_sender():
    async def play():
        sender = RecordingSender()
        scene = Scene({"email": sender}, lambda a: "withdrawn" if a.id == 1 else "")
        scene.put(2)
        async with scene.running():
            assert sender.keys == ["d_2_0123456789abcdef"]
            assert (scene.one().status, scene.one().detail) == ("cancelled", "withdrawn")

    asyncio.run(play())


def test_a_withdrawal_between_two_attempts_stops_the_second():
    async def play():
        withdrawn = []
        sender = FailingSender(1)
        scene = Scene({"email": sender}, lambda _: "withdrawn" if withdrawn else "")
        scene.put(1)
        async with scene.running():
            assert sender.tried == 1
            withdrawn.append(True)
            await scene.clock.advance(60_000)
            assert (sender.tried, scene.one().status) == (1, "cancelled")

    asyncio.run(play())


def test_a_busy_receiver_is_tried_again_with_back_off_until_the_dead_letter_list():
    async def play():
        sender = FailingSender(99)
        scene = Scene({"email": sender})
        scene.put(1)
        async with scene.running():
            assert sender.tried == 1
            await scene.clock.advance(29_000)
            assert sender.tried == 1, "not before the back-off is over"
            await scene.clock.advance(8_000)
            assert sender.tried == 2
            await scene.clock.advance(50_000)
            assert sender.tried == 2, "the second wait is twice as long"
            await scene.clock.advance(200_000)
            assert sender.tried == 3, "and then it is over"
        assert scene.one().status == "dead"
        assert scene.one().detail == "3 attempts; last: the receiver is busy, on purpose"

    asyncio.run(play())


def test_a_receiver_that_refuses_for_good_is_asked_once():
    async def play():
        sender = FailingSender(99, GaveUp("no such address"))
        scene = Scene({"email": sender})
        scene.put(1)
        async with scene.running():
            await scene.clock.advance(200_000)
        assert (sender.tried, scene.one().status) == (1, "dead")
        assert scene.one().detail == "no such address"

    asyncio.run(play())


def test_repeats_carry_the_same_key():
    async def play():
        sender = FailingSender(2)
        scene = Scene({"email": sender})
        scene.put(1)
        async with scene.running():
            await scene.clock.advance(150_000)
        assert (sender.tried, sender.keys) == (3, ["d_1_0123456789abcdef"])

    asyncio.run(play())


def test_a_crash_after_the_send_repeats_it_with_the_same_key_once_the_lease_is_over():
    async def play():
        sender = RecordingSender()
        scene = Scene({"email": sender})
        scene.put(1)
        take = scene.desk.accept

        async def die(row):
            raise ConnectionResetError("the process is gone before the report")

        scene.desk.accept = die
        async with scene.running() as task:
            assert isinstance(task.exception(), ExceptionGroup), (
                "the loop ends, it does not hide it"
            )
        scene.desk.accept = take
        assert (len(sender.sent), scene.one().status) == (1, "sending")
        async with scene.running():
            await scene.clock.advance(RETRIES.lease_ms - 1)
            assert len(sender.sent) == 1, "the lease still stands"
            await scene.clock.advance(2_000)
        assert sender.keys == ["d_1_0123456789abcdef"] * 2
        assert scene.one().status == "sent"

    asyncio.run(play())


def test_cancelling_the_loop_stops_the_send_and_leaves_no_task_behind():
    async def play():
        sender = StuckSender()
        scene = Scene({"email": sender})
        scene.put(3)
        async with scene.running():
            assert sender.tried == 2
        await settle()
        assert asyncio.all_tasks() == {asyncio.current_task()}
        assert scene.kinds() == ["attempt", "attempt"], "an unknown end is not reported"
        assert scene.statuses() == {"sending": 2, "ready": 1}

    asyncio.run(play())


def test_a_receiver_that_hangs_does_not_slow_the_others_however_much_is_due_for_it():
    async def play():
        stuck, quick = StuckSender(), RecordingSender()
        scene = Scene({"webhook": stuck, "email": quick})
        scene.put(200, "webhook")
        scene.put(100, "email", start=1001)
        async with scene.running():
            await scene.clock.advance(9_000)
            assert len(quick.sent) == 100
            assert stuck.tried == PACE.concurrency, "and no more than its lane may have under way"
            stuck.release()
            await scene.clock.advance(5_000)
            assert len(stuck.sent) == 200

    asyncio.run(play())


class TwoHosts(RecordingSender):
    """A sender with two receivers, of which the odd one hangs."""

    def receiver(self, action):
        return "odd" if action.id % 2 else "even"

    async def send(self, action):
        if action.id % 2:
            await asyncio.Event().wait()
        await super().send(action)


def test_a_sender_with_several_receivers_has_a_lane_for_each():
    async def play():
        sender = TwoHosts()
        scene = Scene({"webhook": sender})
        scene.put(60, "webhook")
        async with scene.running():
            await scene.clock.advance(5_000)
            assert [a.id for a in sender.sent] == list(range(2, 61, 2))

    asyncio.run(play())


def test_a_send_that_takes_too_long_is_given_up_and_tried_again():
    async def play():
        sender = StuckSender()
        scene = Scene({"email": sender})
        scene.put(1)
        async with scene.running():
            await scene.clock.advance(9_999)
            assert scene.one().status == "sending"
            await scene.clock.advance(1)
            assert (scene.one().status, scene.one().detail) == ("ready", "no answer within 10 s")

    asyncio.run(play())


def test_a_sender_that_breaks_is_reported_and_the_rest_goes_on():
    async def play():
        broken, whole = FailingSender(99, ZeroDivisionError("oops")), RecordingSender()
        scene = Scene({"webhook": broken, "email": whole})
        scene.put(1, "webhook")
        scene.put(1, "email", start=2)
        async with scene.running() as task:
            assert scene.one().detail == "the sender 'webhook' broke: ZeroDivisionError: oops"
            assert len(whole.sent) == 1
            assert not task.done()

    asyncio.run(play())


def test_an_action_without_a_sender_is_dead_and_says_which_senders_there_are():
    async def play():
        scene = Scene({"email": RecordingSender()})
        scene.put(1, "pigeon")
        async with scene.running():
            assert scene.one().status == "dead"
            assert scene.one().detail.startswith("there is no sender 'pigeon' (there is: email)")

    asyncio.run(play())


def test_a_full_desk_is_left_alone_and_nothing_is_lost_or_sent_twice():
    async def play():
        sender = RecordingSender()
        scene = Scene({"email": sender})
        scene.put(1)
        scene.desk.overloads = 1
        async with scene.running():
            assert sender.sent == []
            await scene.clock.advance(2_000)
            assert len(sender.sent) == 1
            await scene.clock.advance(10_000)
        assert (len(sender.sent), scene.one().status) == (1, "sent")

    asyncio.run(play())


class FullForReports(FakeDesk):
    """A desk that has room for looks but not, at first, for reports."""

    refused = 0

    async def accept(self, row):
        self.overloads = 1 if self.refused < 3 else 0
        self.refused += 1
        return await super().accept(row)


def test_a_report_is_handed_in_until_it_is_taken():
    async def play():
        sender = RecordingSender()
        scene = Scene({"email": sender}, desk=FullForReports)
        scene.put(1)
        async with scene.running():
            await scene.clock.advance(10_000)
        assert (len(sender.sent), scene.desk.refused, scene.one().status) == (1, 4, "sent")

    asyncio.run(play())


def test_waking_delivers_at_once_and_an_idle_loop_reads_once_a_poll():
    class CountingDesk(FakeDesk):
        reads = 0

        def due(self, now_ms, most):
            self.reads += 1
            return super().due(now_ms, most)

    async def play():
        sender = RecordingSender()
        scene = Scene({"email": sender}, desk=CountingDesk)
        async with scene.running():
            assert scene.desk.reads == 1
            await scene.clock.advance(10_000)
            assert scene.desk.reads == 11, "no busy loop"
            scene.put(1)
            scene.loop.wake()
            await settle()
            assert len(sender.sent) == 1

    asyncio.run(play())


class Undecided(FakeDesk):
    """A desk that lets nothing go and leaves everything due."""

    async def ask(self, row):
        self.rows.append(row)
        return b'{"go": false, "reason": "gone"}'


def test_what_may_not_go_and_stays_due_is_asked_once_a_poll():
    async def play():
        scene = Scene({"email": RecordingSender()}, desk=Undecided)
        scene.put(40)
        async with scene.running():
            assert len(scene.desk.rows) == 40
            await scene.clock.advance(3_000)
            assert len(scene.desk.rows) == 160

    asyncio.run(play())


def test_no_more_than_the_lane_allows_is_under_way_or_in_memory():
    async def play():
        sender = StuckSender()
        scene = Scene({"email": sender})
        scene.put(500)
        async with scene.running():
            await scene.clock.advance(5_000)
            assert sender.tried == PACE.concurrency
            assert len(scene.loop._taken) <= PACE.concurrency + PACE.queue_most

    asyncio.run(play())


@pytest.mark.parametrize("result", ["sent", "retry", "failed"])
def test_every_report_is_a_row_of_the_log_from_the_delivery_itself(result):
    errors = {"sent": None, "retry": FailingSender(1).error, "failed": GaveUp("no")}

    async def play():
        sender = FailingSender(0 if result == "sent" else 1, errors[result])
        scene = Scene({"email": sender})
        scene.put(1)
        async with scene.running():
            row = scene.desk.rows[-1]
        assert (row.kind, row.source.name) == ("delivery", "equipoise.delivery")
        assert row.received_ms == scene.clock.now_ms()
        assert msgspec.msgpack.decode(row.body, type=Delivery).result == result

    asyncio.run(play())
