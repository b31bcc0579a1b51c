"""The door's half of two processes: accepted is durable, asked is answered, a dead step is replaced."""

import asyncio
import json
import socket
import threading
from contextlib import asynccontextmanager
from functools import partial

import msgspec
import pytest

from equipoise.nouns.events import IntakeRow, Source
from equipoise.nouns.records import DecideRequest, PlayVersion, Tick
from equipoise.ports import Overloaded
from equipoise.runners.frames import Walked, frame
from equipoise.runners.served import Bounds, ServedDesk, start_stepper
from equipoise.settings import read_settings
from equipoise.stores import StoreFull, open_store
from equipoise.stores.queue import DurableQueue
from equipoise.testing.fakes import FakeClock
from house import HERO, NOON_MS, SERVER

SOON_S = 20.0


class FakeQueue:
    """Rows are durable at once; satisfies `Queue`."""

    def __init__(self):
        self.rows = []
        self.full = False
        self.trimmed = asyncio.Queue()

    async def append(self, row):
        if self.full:
            raise StoreFull("no space left")
        self.rows.append(row)
        return len(self.rows)

    async def trim(self, upto):
        self.trimmed.put_nowait(upto)


class FakeStepper:
    """The step's end of the socket, played by the test; satisfies what the desk asks of a process."""

    def __init__(self, theirs):
        self.end = theirs.dup()
        self.ended = threading.Event()

    def say(self, cursor, next_due_ms=None, replies=None):
        self.end.sendall(frame(Walked(cursor, next_due_ms, replies or {})))

    def die(self):
        self.end.close()
        self.ended.set()

    def wait(self, timeout=None):
        self.ended.wait(SOON_S)
        return -9


@asynccontextmanager
async def desk_with(bounds=None, clock=None, first=0):
    """An open desk, its queue, and the steppers that it has started so far."""
    queue, started = FakeQueue(), asyncio.Queue()

    def start(theirs):
        stepper = FakeStepper(theirs)
        stepper.say(first)
        started.put_nowait(stepper)
        return stepper

    desk = ServedDesk(queue, 0, start, clock or FakeClock(NOON_MS), bounds or Bounds())
    await asyncio.wait_for(desk.open(), SOON_S)
    stepper = await started.get()
    try:
        yield desk, queue, stepper, started
    finally:
        stepper.die()
        while not started.empty():
            started.get_nowait().die()
        await asyncio.wait_for(desk.close(), SOON_S)


def row(body=b"x", kind="segment"):
    return IntakeRow(0, kind, Source("server"), NOON_MS, body)


async def once(condition, desk):
    """Wait until something is true that only a frame of the stepper can make true."""
    while not condition():
        await asyncio.wait_for(desk.walked.wait(), SOON_S)


def run(story):
    asyncio.run(asyncio.wait_for(story, 2 * SOON_S))


def test_a_row_counts_as_backlog_until_the_step_says_it_walked_it():
    async def story():
        async with desk_with() as (desk, _, stepper, _started):
            assert [await desk.accept(row()) for _ in range(3)] == [1, 2, 3]
            assert desk.backlog == 3
            stepper.say(2)
            await once(lambda: desk.backlog == 1, desk)

    run(story())


def test_the_step_is_woken_for_every_row_that_lies_durable():
    async def story():
        async with desk_with() as (desk, _, stepper, _started):
            await desk.accept(row())
            assert await asyncio.to_thread(stepper.end.recv, 10) == b"\0"

    run(story())


def test_who_asks_gets_the_answer_to_their_own_row():
    async def story():
        async with desk_with() as (desk, _, stepper, _started):
            asking = [asyncio.create_task(desk.ask(row())) for _ in range(2)]
            await asyncio.to_thread(stepper.end.recv, 1)
            stepper.say(2, None, {2: b"two", 1: b"one"})
            assert await asyncio.gather(*asking) == [b"one", b"two"]

    run(story())


def test_a_full_disk_acknowledges_nothing():
    async def story():
        async with desk_with() as (desk, queue, _, _started):
            queue.full = True
            with pytest.raises(Overloaded):
                await desk.accept(row())
            assert desk.backlog == 0

    run(story())


def test_a_timer_that_is_due_appends_one_tick_until_it_was_walked():
    async def story():
        async with desk_with() as (desk, queue, stepper, _started):
            stepper.say(0, NOON_MS - 1)
            await asyncio.to_thread(stepper.end.recv, 1)
            (tick,) = queue.rows
            assert tick.kind == "tick"
            assert msgspec.msgpack.decode(tick.body, type=Tick) == Tick()
            stepper.say(1, NOON_MS - 1)
            await asyncio.to_thread(stepper.end.recv, 1)
            assert len(queue.rows) == 2, "the next one waits until the first was walked"
            assert desk.backlog == 1

    run(story())


def test_walked_rows_are_forgotten_but_for_the_last_ones():
    async def story():
        async with desk_with(Bounds(keep_rows=10)) as (_, queue, stepper, _started):
            stepper.say(1_000)
            assert await asyncio.wait_for(queue.trimmed.get(), SOON_S) == 990

    run(story())


def test_a_step_that_ends_is_started_again_and_what_waits_is_answered():
    async def story():
        async with desk_with() as (desk, _, stepper, started):
            asking = asyncio.create_task(desk.ask(row()))
            await asyncio.to_thread(stepper.end.recv, 1)
            stepper.die()
            again = await asyncio.wait_for(started.get(), SOON_S)
            assert desk.restarts == 1
            again.say(1, None, {1: b"after all"})
            assert await asyncio.wait_for(asking, SOON_S) == b"after all"
            again.die()

    run(story())


def test_a_house_of_many_years_opens_without_counting_its_rows():
    class CountedPops(dict):
        pops = 0

        def pop(self, *key):
            CountedPops.pops += 1
            return super().pop(*key)

    async def story():
        desk = ServedDesk(FakeQueue(), 0, lambda _: None, FakeClock(NOON_MS), Bounds())
        desk._bytes = CountedPops()
        desk._hear(Walked(100_000, None, {}))
        assert desk._cursor == 100_000
        assert CountedPops.pops == 0

    run(story())


def test_two_real_processes_decide_and_a_killed_one_is_replaced(tmp_path):
    """Intake on disk, a step process of its own, a kill, and the same question again."""

    async def story():
        settings = read_settings(
            environ={}, given={"seed": "t", "store": f"sqlite:{tmp_path}/a.db"}
        )
        store, intake = open_store(settings.text("store"), "door")
        queue = DurableQueue(intake)
        start = partial(start_stepper, msgspec.json.encode(settings.values))
        desk = ServedDesk(queue, intake.last(), start, FakeClock(NOON_MS), Bounds())
        await desk.open()
        version = PlayVersion(name="hero", sha256="", text=HERO)
        await desk.ask(IntakeRow(0, "play", SERVER, NOON_MS, msgspec.msgpack.encode(version)))
        asked = DecideRequest(moment="home-hero", handles=(("user_id", "ana"),))
        question = IntakeRow(0, "decide", SERVER, NOON_MS, msgspec.msgpack.encode(asked))
        first = json.loads(await desk.ask(question))
        desk._process.kill()
        second = json.loads(await desk.ask(question))
        assert desk.restarts == 1
        assert first["play"] == second["play"] == "hero"
        assert first["decision"] != second["decision"]
        assert store.counts()["asked"] == 2
        process = desk._process
        await desk.close()
        assert process.returncode == 0, "it left by itself when the door closed its end"
        await queue.close()
        intake.close()
        store.close()

    run(story())


def test_a_socket_of_the_desk_never_blocks_the_door():
    async def story():
        async with desk_with() as (desk, _, _stepper, _started):
            for _ in range(3_000):
                desk._wake_now()
            assert isinstance(desk._socket, socket.socket)
            assert not desk._socket.getblocking()

    run(story())
