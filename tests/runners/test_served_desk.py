"""The door's half of a served house, with a step process that the test plays itself."""

import asyncio
import subprocess
import sys
from contextlib import asynccontextmanager

import pytest

from equipoise.nouns.events import IntakeRow, Source
from equipoise.ports import Overloaded
from equipoise.runners.frames import Walked, frame
from equipoise.runners.served import Bounds, ServedDesk
from equipoise.stores import StoreError
from equipoise.testing.fakes import FakeClock

ROW = IntakeRow(0, "decide", Source("server"), 0, b"0123456789")
PATIENCE_S = 10


class Ended:
    """A process that has ended by the time one asks."""

    def wait(self, timeout=None):
        return 1


class Queue:
    """Numbers rows; `gate` holds back the news that a row is on disk."""

    def __init__(self):
        self.last = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.wiped = asyncio.Queue()

    async def append(self, row):
        self.last += 1
        row_id = self.last
        await self.gate.wait()
        return row_id

    async def trim(self, upto):
        raise AssertionError("there is nothing to trim")

    async def wipe(self, upto):
        self.wiped.put_nowait(upto)


class Stage:
    """A desk, and the far ends of the sockets of the step processes that it could start."""

    def __init__(self, bounds=None, starts=9):
        self.starts = starts
        self.queue = Queue()
        self.ends = asyncio.Queue()
        clock = FakeClock(0)
        self.desk = ServedDesk(self.queue, 0, self._start, clock, bounds or Bounds())

    def _start(self, theirs):
        self.starts -= 1
        if self.starts < 0:
            raise OSError("no more processes")
        end = theirs.dup()
        end.setblocking(False)
        self.ends.put_nowait(end)
        return Ended()

    async def step(self, cursor):
        """The next step process that is started; it says that it stands at `cursor`."""
        end = await within(self.ends.get())
        await say(end, cursor)
        return end


async def within(awaitable):
    return await asyncio.wait_for(awaitable, PATIENCE_S)


async def say(end, cursor, **replies):
    told = {int(name.removeprefix("row")): reply for name, reply in replies.items()}
    await asyncio.get_running_loop().sock_sendall(end, frame(Walked(cursor, None, told)))


@asynccontextmanager
async def opened(**more):
    stage = Stage(**more)
    opening = asyncio.create_task(stage.desk.open())
    end = await stage.step(0)
    await within(opening)
    try:
        yield stage, end
    finally:
        end.close()
        await within(stage.desk.close())


def test_a_step_process_that_dies_with_wakes_unread_is_started_again():
    """Its end of the socket then breaks with a reset instead of ending."""

    async def play():
        async with opened() as (stage, end):
            await stage.desk.accept(ROW)
            end.close()
            again = await stage.step(1)
            assert stage.desk.restarts == 1
            await within(stage.desk.walked.wait())
            assert stage.desk.backlog == 0
            again.close()

    asyncio.run(play())


def test_an_answer_that_died_with_its_step_process_is_told_at_once():
    """The decision stands and nobody will tell it, so the caller is sent away to ask again."""

    async def play():
        async with opened() as (stage, end):
            asked = asyncio.create_task(stage.desk.ask(ROW))
            await within(asyncio.get_running_loop().sock_recv(end, 1))
            end.close()
            again = await stage.step(1)
            with pytest.raises(Overloaded) as told:
                await within(asked)
            assert told.value.retry_after_s <= 1
            again.close()

    asyncio.run(play())


def test_an_answer_that_comes_before_its_row_is_known_to_be_on_disk_is_kept_for_it():
    async def play():
        async with opened(bounds=Bounds(backlog_bytes=15)) as (stage, end):
            for n in range(1, 4):
                stage.queue.gate.clear()
                asked = asyncio.create_task(stage.desk.ask(ROW))
                walked = stage.desk.walked
                await say(end, n, **{f"row{n}": b"answer"})
                await within(walked.wait())
                stage.queue.gate.set()
                assert await within(asked) == b"answer"

    asyncio.run(play())


def test_past_the_set_backlog_nothing_is_taken_until_the_step_has_caught_up():
    async def play():
        async with opened(bounds=Bounds(backlog_bytes=15)) as (stage, end):
            await stage.desk.accept(ROW)
            await stage.desk.accept(ROW)
            with pytest.raises(Overloaded):
                await stage.desk.accept(ROW)
            walked = stage.desk.walked
            await say(end, 1)
            await within(walked.wait())
            assert await stage.desk.accept(ROW) == 3

    asyncio.run(play())


def test_a_step_process_that_cannot_be_started_ends_the_house_with_its_error():
    async def play():
        desk = Stage(starts=0).desk
        with pytest.raises(OSError, match="no more processes"):
            await within(desk.open())
        await desk.close()

    asyncio.run(play())


def test_a_step_process_that_ends_before_it_has_opened_the_store_ends_the_house():
    async def story():
        stage = Stage()
        opening = asyncio.create_task(stage.desk.open())
        (await stage.ends.get()).close()
        with pytest.raises(StoreError, match="before it had opened the store"):
            await asyncio.wait_for(opening, PATIENCE_S)
        await stage.desk.close()

    asyncio.run(story())


def test_a_step_process_that_could_not_be_started_again_ends_the_house_with_its_error():
    async def play():
        async with opened(starts=1) as (stage, end):
            keeping = asyncio.create_task(stage.desk.keep())
            end.close()
            with pytest.raises(OSError, match="no more processes"):
                await within(keeping)

    asyncio.run(play())


def test_a_step_process_that_does_not_end_when_it_should_is_killed():
    """Killing it is safe at any moment: what it had not committed is walked again."""
    command = [sys.executable, "-c", "import sys; sys.stdin.read()"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE)

    async def play():
        async with opened() as (stage, _):
            stage.desk.stop_s = 0.01
            stage.desk._process = process

    try:
        asyncio.run(play())
        assert process.returncode == -9
    finally:
        process.kill()
        process.wait()
        process.stdin.close()


def test_after_an_erasure_the_door_wipes_what_was_walked_once():
    async def play():
        async with opened() as (stage, end):
            await stage.desk.accept(ROW)
            told = frame(Walked(1, None, {}, wipe=1))
            await asyncio.get_running_loop().sock_sendall(end, told)
            assert await within(stage.queue.wiped.get()) == 1
            await say(end, 1)
            assert stage.queue.wiped.empty()

    asyncio.run(play())
