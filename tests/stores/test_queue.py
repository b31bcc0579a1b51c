"""Many rows share one sync: each caller is told its own id, and one bad row hurts nobody else."""

import asyncio
import threading

import pytest

from equipoise.nouns.events import IntakeRow, Source
from equipoise.stores import StoreFull, Unstorable
from equipoise.stores.memory import MemoryIntake
from equipoise.stores.queue import DurableQueue
from equipoise.testing.exams_intake import example_rows

BAD = IntakeRow(0, "tick", Source("shop"), 1, "a text")


class Gated(MemoryIntake):
    """Holds every append until the gate is opened, and notes which rows came together."""

    def __init__(self, *, opened=False, full_after=10**9):
        super().__init__()
        self.gate, self.entered = threading.Event(), threading.Event()
        self.groups, self.full_after = [], full_after
        if opened:
            self.gate.set()

    def append(self, rows):
        self.entered.set()
        assert self.gate.wait(30)
        if self.last() + len(rows) > self.full_after:
            raise StoreFull("no room")
        ids = super().append(rows)
        self.groups.append(ids)
        return ids


def test_rows_that_wait_while_one_is_written_go_together_in_order():
    async def go():
        intake = Gated()
        queue = DurableQueue(intake)
        rows = example_rows(20)
        first = queue.append(rows[0])
        await asyncio.to_thread(intake.entered.wait, 30)
        others = [queue.append(row) for row in rows[1:]]
        assert (queue.pending_rows, queue.pending_bytes) == (20, sum(len(r.body) for r in rows))
        intake.gate.set()
        assert await asyncio.gather(first, *others) == list(range(1, 21))
        await queue.close()
        assert intake.groups == [[1], list(range(2, 21))]
        assert (queue.pending_rows, queue.pending_bytes) == (0, 0)
        assert [row.body for row in intake.read(0, 10**6)] == [row.body for row in rows]

    asyncio.run(go())


def test_a_group_holds_no_more_bytes_than_set_and_at_least_one_row():
    async def go():
        intake = Gated(opened=True)
        queue = DurableQueue(intake, most_bytes=1000)
        sizes = [400, 400, 400, 5000, 10, 10]
        rows = [IntakeRow(0, "tick", Source("shop"), 1, bytes(size)) for size in sizes]
        await asyncio.gather(*[queue.append(row) for row in rows])
        await queue.close()
        assert intake.groups == [[1, 2], [3], [4], [5, 6]]

    asyncio.run(go())


def test_a_commit_can_wait_for_company():
    async def go():
        intake = Gated(opened=True)
        queue = DurableQueue(intake, group_ms=20.0)
        loop = asyncio.get_running_loop()
        first, later = queue.append(example_rows(1)[0]), loop.create_future()
        # Called after the commit of the first began, had it not waited.
        loop.call_soon(lambda: later.set_result(queue.append(example_rows(1)[0])))
        await asyncio.gather(first, await later)
        await queue.close()
        assert intake.groups == [[1, 2]]

    asyncio.run(go())


def test_a_row_that_cannot_be_kept_fails_alone():
    async def go():
        queue = DurableQueue(MemoryIntake())
        good = example_rows(2)
        told = await asyncio.gather(
            *[queue.append(row) for row in (good[0], BAD, good[1])], return_exceptions=True
        )
        await queue.close()
        assert [told[0], told[2]] == [1, 2]
        assert isinstance(told[1], Unstorable)
        assert queue.pending_rows == 0

    asyncio.run(go())


def test_a_full_disk_fails_everybody_who_waits_and_the_queue_goes_on_when_there_is_room():
    async def go():
        intake = Gated(opened=True, full_after=0)
        queue = DurableQueue(intake)
        told = await asyncio.gather(
            *[queue.append(row) for row in example_rows(3)], return_exceptions=True
        )
        assert [type(error) for error in told] == [StoreFull] * 3
        intake.full_after = 10
        assert await queue.append(example_rows(1)[0]) == 1
        await queue.close()

    asyncio.run(go())


def test_whatever_an_intake_raises_reaches_the_caller():
    class Broken(MemoryIntake):
        def append(self, rows):
            raise ZeroDivisionError

    async def go():
        queue = DurableQueue(Broken())
        with pytest.raises(ZeroDivisionError):
            await queue.append(example_rows(1)[0])
        await queue.close()

    asyncio.run(go())


def test_a_caller_who_left_does_not_disturb_the_others():
    async def go():
        intake = Gated()
        queue = DurableQueue(intake)
        left, stayed = (queue.append(row) for row in example_rows(2))
        await asyncio.to_thread(intake.entered.wait, 30)
        left.cancel()
        intake.gate.set()
        assert await stayed == 2
        await queue.close()
        assert intake.last() == 2

    asyncio.run(go())


def test_closing_makes_durable_what_waits_and_trimming_goes_between():
    async def go():
        intake = Gated(opened=True)
        queue = DurableQueue(intake)
        futures = [queue.append(row) for row in example_rows(5)]
        await queue.trim(0)
        await queue.close()
        assert [future.result() for future in futures] == [1, 2, 3, 4, 5]
        assert intake.last() == 5

    asyncio.run(go())
