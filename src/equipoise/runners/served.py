"""The door's half of a served house: durable intake, the step in a process of its own, and answers."""

import asyncio
import contextlib
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable
from typing import Protocol

import msgspec
import structlog

from equipoise.nouns.events import IntakeRow, Source
from equipoise.nouns.records import Tick
from equipoise.ports import Clock, Overloaded
from equipoise.runners.frames import Frames, Walked
from equipoise.stores import StoreError, StoreFull

TICKER = Source("ticker")
ANSWER_S = 30.0
"""How long a caller waits for a step before it is told to come back, in seconds."""

LOST_S = 1
"""How long a caller whose answer was lost with a step process is asked to wait, in seconds."""

STOP_S = 5.0
"""How long a step process may take to end before it is killed, in seconds: that is safe at any time."""

_log = structlog.get_logger("equipoise.door")


class Queue(Protocol):
    """Makes rows durable in groups, on a thread of its own."""

    def append(self, row: IntakeRow) -> Awaitable[int]:
        """The row's id, once it is on disk."""
        ...

    async def trim(self, upto: int) -> None:
        """Forget rows with an id of at most `upto`."""
        ...

    async def wipe(self, upto: int) -> None:
        """As `trim`, and leave nothing of them in the files."""
        ...


class Bounds(msgspec.Struct, frozen=True):
    """When the door says 429, and how many walked rows it keeps."""

    backlog_rows: int = 20_000
    backlog_bytes: int = 536_870_912
    keep_rows: int = 1_000


class ServedDesk:
    """Takes rows at the door, keeps the stepper running, and hands its answers to who asked.

    `last` is the id of the newest durable row; `start` starts the step process with one end of a
    socket. Satisfies `ports.Desk`.
    """

    def __init__(
        self,
        queue: Queue,
        last: int,
        start: Callable[[socket.socket], subprocess.Popen[bytes]],
        clock: Clock,
        bounds: Bounds,
    ) -> None:
        self._queue = queue
        self._start = start
        self._clock = clock
        self._bounds = bounds
        self._last = last
        self._cursor = 0
        self._bytes: dict[int, int] = {}
        self._backlog_bytes = 0
        self._next_due_ms: int | None = None
        self._wipe = 0
        self._asked: dict[int, asyncio.Future[bytes]] = {}
        self._early: dict[int, bytes] = {}
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._waking = False
        self._ready = asyncio.Event()
        self.walked = asyncio.Event()
        self.restarts = 0
        self.stop_s = STOP_S
        self.on_walked: Callable[[Walked], None] = lambda _: None

    async def open(self) -> None:
        """Start the step process and wait until it has said where it stands."""
        self._tasks = [
            asyncio.create_task(self._keep_stepping()),
            asyncio.create_task(self._keep_ticking()),
        ]
        ready = asyncio.create_task(self._ready.wait())
        try:
            await asyncio.wait([ready, *self._tasks], return_when=asyncio.FIRST_COMPLETED)
            if not ready.done():
                await self.keep()
        finally:
            ready.cancel()

    async def keep(self) -> None:
        """Run beside the door; ends only with the error that keeps the step from going on."""
        await asyncio.gather(*self._tasks)

    async def close(self) -> None:
        """Stop the step process after what it is doing, and wait for it."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._socket is not None:
            self._socket.close()
        if self._process is not None:
            await asyncio.to_thread(self._end, self._process)
        for future in self._asked.values():
            future.cancel()

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        try:
            process.wait(self.stop_s)
        except subprocess.TimeoutExpired:
            _log.error("the step process did not end; killing it", after_s=self.stop_s)
            process.kill()
            process.wait()

    @property
    def backlog(self) -> int:
        """Durable rows that were not walked yet."""
        return max(0, self._last - self._cursor)

    async def accept(self, row: IntakeRow) -> int:
        """Return the row's id once it is on disk; raises `Overloaded` past the set backlog."""
        bounds = self._bounds
        if self.backlog >= bounds.backlog_rows or self._backlog_bytes >= bounds.backlog_bytes:
            raise Overloaded(2)
        try:
            row_id = await self._queue.append(row)
        except StoreFull as full:
            # Nothing was kept, so the sender has to keep it and come back.
            _log.error("the disk is full; the door sends everybody away", error=str(full))
            raise Overloaded(30) from None
        self._last = max(self._last, row_id)
        # The step may have walked the row before the door heard that it is on disk.
        if row_id > self._cursor:
            self._bytes[row_id] = len(row.body)
            self._backlog_bytes += len(row.body)
            self._wake()
        return row_id

    async def ask(self, row: IntakeRow) -> bytes:
        """Return the step's answer once the row is walked and committed."""
        row_id = await self.accept(row)
        if row_id in self._early:
            return self._early.pop(row_id)
        if row_id <= self._cursor:
            raise Overloaded(LOST_S)
        future = asyncio.get_running_loop().create_future()
        self._asked[row_id] = future
        try:
            return await asyncio.wait_for(future, ANSWER_S)
        except TimeoutError:
            raise Overloaded(5) from None
        finally:
            self._asked.pop(row_id, None)

    def _wake(self) -> None:
        """Wake the stepper once for all rows that became durable together."""
        if not self._waking:
            self._waking = True
            asyncio.get_running_loop().call_soon(self._wake_now)

    def _wake_now(self) -> None:
        self._waking = False
        if self._socket is not None:
            # A full socket means that the stepper was told often enough.
            with contextlib.suppress(BlockingIOError, OSError):
                self._socket.send(b"\0")

    async def _keep_stepping(self) -> None:
        """Run the stepper; where it ends by itself, start another: the store knows where it stood."""
        while True:
            ours, theirs = socket.socketpair()
            ours.setblocking(False)  # noqa: FBT003 - the standard library's own spelling
            self._socket = ours
            with theirs:
                self._process = self._start(theirs)
            # A process that dies with wakes unread breaks the socket instead of ending it.
            with contextlib.suppress(ConnectionError):
                await self._listen(ours)
            code = await asyncio.to_thread(self._process.wait)
            ours.close()
            if not self._ready.is_set():
                raise StoreError(
                    f"the step process ended with code {code} before it had opened the store; it "
                    "said why above. `equipoise doctor` looks at everything it needs"
                )
            self.restarts += 1
            _log.error("the step process ended; starting it again", code=code)
            await asyncio.sleep(min(5.0, 0.2 * self.restarts))

    async def _listen(self, ours: socket.socket) -> None:
        frames = Frames()
        loop = asyncio.get_running_loop()
        while data := await loop.sock_recv(ours, 1_048_576):
            for message in frames.feed(data):
                self._hear(message)

    def _hear(self, message: Walked) -> None:
        # What was walked before this door opened was never counted by it.
        first = self._cursor if self._ready.is_set() else message.cursor
        for row_id in range(first + 1, message.cursor + 1):
            self._backlog_bytes -= self._bytes.pop(row_id, 0)
        self._cursor = message.cursor
        self._next_due_ms = message.next_due_ms
        self._wipe = max(self._wipe, message.wipe)
        for row_id, reply in message.replies.items():
            future = self._asked.get(row_id)
            if future is None:
                self._early[row_id] = reply
                if len(self._early) > 10_000:
                    self._early.pop(next(iter(self._early)))
            elif not future.done():
                future.set_result(reply)
        for row_id, future in self._asked.items():
            if row_id <= message.cursor and not future.done():
                # Walked and committed by a process that ended before it could tell the answer.
                future.set_exception(Overloaded(LOST_S))
        self._ready.set()
        self.on_walked(message)
        self.walked.set()
        self.walked = asyncio.Event()

    async def _keep_ticking(self) -> None:
        """Append a tick when a timer is due, trim what was walked, and wipe it after an erasure."""
        ticked_at = -1
        trimmed = 0
        while True:
            await asyncio.sleep(0.25)
            due_ms, cursor = self._next_due_ms, self._cursor
            if due_ms is not None and due_ms <= self._clock.now_ms() and ticked_at != cursor:
                body = msgspec.msgpack.encode(Tick())
                with contextlib.suppress(Overloaded):
                    ticked_at = cursor
                    await self.accept(IntakeRow(0, "tick", TICKER, self._clock.now_ms(), body))
            if self._wipe > trimmed:
                trimmed = self._wipe
                await self._queue.wipe(trimmed)
            if cursor - trimmed > 2 * self._bounds.keep_rows:
                trimmed = cursor - self._bounds.keep_rows
                await self._queue.trim(trimmed)


def start_stepper(settings: bytes, theirs: socket.socket) -> subprocess.Popen[bytes]:
    """Start the step process: settings come as JSON on its standard input, never as arguments."""
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and module, no outside text
        [sys.executable, "-m", "equipoise.compose", str(theirs.fileno())],
        stdin=subprocess.PIPE,
        pass_fds=[theirs.fileno()],
    )
    if process.stdin is not None:
        process.stdin.write(settings)
        process.stdin.close()
    return process
