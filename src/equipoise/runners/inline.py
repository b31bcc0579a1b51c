"""A desk that walks each row at once, in the door's own process: for stores that one process holds."""

import asyncio
import contextlib

import msgspec

from equipoise.nouns.events import IntakeRow, Source
from equipoise.nouns.records import Tick
from equipoise.ports import Clock
from equipoise.runners.embedded import Embedded

TICKER = Source("ticker")


class InlineDesk:
    """Satisfies `ports.Desk` over an `Embedded` engine; what it accepts is decided when it returns."""

    def __init__(self, engine: Embedded, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._ticking: asyncio.Task[None] | None = None
        self.backlog = 0

    async def open(self) -> None:
        """Start the timers."""
        self._ticking = asyncio.create_task(self._tick())

    async def close(self) -> None:
        """Stop the timers."""
        if self._ticking is not None:
            self._ticking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._ticking

    async def accept(self, row: IntakeRow) -> int:
        """The row's id, once it is kept and walked."""
        return self._engine.hand_in(row)[0]

    async def ask(self, row: IntakeRow) -> bytes:
        """The step's answer to the row."""
        return self._engine.hand_in(row)[1]

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(0.25)
            due_ms = self._engine.store.next_due_ms()
            if due_ms is not None and due_ms <= self._clock.now_ms():
                body = msgspec.msgpack.encode(Tick())
                await self.accept(IntakeRow(0, "tick", TICKER, self._clock.now_ms(), body))
