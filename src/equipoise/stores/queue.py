"""Group commit: many requests wait, one transaction makes them all durable, all are answered.

Rows that arrive while a commit is on its way to the disk go together into the next one, so that the
cost of one sync is shared by everybody who waits and a lone row never waits for company.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from equipoise.nouns.events import IntakeRow
from equipoise.ports import Intake
from equipoise.stores import Unstorable


class _Waiting(NamedTuple):
    row: IntakeRow
    done: asyncio.Future[int]


class DurableQueue:
    """Appends rows from one event loop to an intake, in the order of the calls.

    The intake is only touched by one thread of the queue's own. `group_ms` is how long a commit waits
    for company (0: not at all); `most_bytes` bounds the bodies of one commit. `pending_rows` and
    `pending_bytes` tell what is not durable yet.
    """

    def __init__(
        self, intake: Intake, *, group_ms: float = 0.0, most_bytes: int = 8_000_000
    ) -> None:
        self._intake = intake
        self._group_s = group_ms / 1000
        self._most_bytes = most_bytes
        self._waiting: list[_Waiting] = []
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="intake")
        self._draining: asyncio.Task[None] | None = None
        self.pending_rows = 0
        self.pending_bytes = 0

    def append(self, row: IntakeRow) -> asyncio.Future[int]:
        """A future of the row's id, done once the row is on disk; await it.

        It raises `StoreError` (`StoreFull`, `Unstorable`) where the row could not be kept. A row whose
        future is cancelled is kept all the same.
        """
        done = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(row, done))
        self.pending_rows += 1
        self.pending_bytes += len(row.body)
        if self._draining is None:
            self._draining = asyncio.create_task(self._drain())
        return done

    async def trim(self, upto: int) -> None:
        """Forget rows with an id of at most `upto`, between two commits."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._thread, self._intake.trim, upto)

    async def wipe(self, upto: int) -> None:
        """As `trim`, and leave nothing of the rows in the files."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._thread, self._intake.wipe, upto)

    async def close(self) -> None:
        """Make durable what waits, then release the thread; the intake stays open."""
        while self._draining is not None:
            await asyncio.wait([self._draining])
        self._thread.shutdown()

    async def _drain(self) -> None:
        if self._group_s:
            await asyncio.sleep(self._group_s)
        while self._waiting:
            group = self._next_group()
            await self._keep(group)
            self.pending_rows -= len(group)
            self.pending_bytes -= sum(len(waiting.row.body) for waiting in group)
        self._draining = None

    async def _keep(self, group: list[_Waiting]) -> None:
        """Append one group and answer everybody in it."""
        loop = asyncio.get_running_loop()
        rows = [waiting.row for waiting in group]
        work = loop.run_in_executor(self._thread, self._intake.append, rows)
        await asyncio.wait([work])
        error = work.exception()
        if isinstance(error, Unstorable) and len(group) > 1:
            # One bad row must not fail the good ones that happened to wait beside it.
            for waiting in group:
                await self._keep([waiting])
        elif error is not None:
            for waiting in group:
                if not waiting.done.done():
                    waiting.done.set_exception(error)
        else:
            for waiting, id_ in zip(group, work.result(), strict=True):
                if not waiting.done.done():
                    waiting.done.set_result(id_)

    def _next_group(self) -> list[_Waiting]:
        size = 0
        for n, waiting in enumerate(self._waiting):
            size += len(waiting.row.body)
            if n and size > self._most_bytes:
                group, self._waiting = self._waiting[:n], self._waiting[n:]
                return group
        group, self._waiting = self._waiting, []
        return group
