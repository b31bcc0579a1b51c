"""Carrying out: due actions take their last look, leave through a sender, and are reported.

Each pair of sender and receiver has a lane of its own: so many deliveries at once, a short queue, and
nothing shared with the others, so that a receiver that hangs slows only itself. What does not fit
into a lane stays in the outbox. Nothing here decides: the look and the report are rows of the log.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any, Protocol, runtime_checkable

import msgspec
import structlog

from equipoise.nouns.decisions import Action
from equipoise.nouns.events import IntakeRow, RowKind, Source
from equipoise.nouns.records import Attempt, Delivery
from equipoise.ports import Clock, Desk, GaveUp, Outbox, Overloaded, Sender, TryLater

SOURCE = Source("equipoise.delivery")
"""The source of the rows that deliveries write."""

WINDOW_MOST = 65_536
"""The most due actions looked through at once to find one whose lane is free."""

Wait = Callable[[float], Awaitable[None]]
"""Returns after so many seconds: `asyncio.sleep` in use, a fake clock's in tests."""

_log = structlog.get_logger("equipoise.delivery")


class Pace(msgspec.Struct, frozen=True):
    """How fast deliveries go: `concurrency` at once and `queue_most` waiting, for each lane.

    `poll_s` is how often the outbox is read without being woken, `timeout_s` the longest that one
    send may take, both in seconds; `window` how many due actions are read at a time.
    """

    concurrency: int = 8
    queue_most: int = 64
    poll_s: float = 1.0
    timeout_s: float = 10.0
    window: int = 512


@runtime_checkable
class Routed(Protocol):
    """A sender with several receivers: each gets a lane of its own."""

    def receiver(self, action: Action) -> str:
        """The receiver's name, for example its host."""
        ...


class LastLook(msgspec.Struct):
    """The step's answer to an `Attempt`: the action as claimed, or why it does not go."""

    go: bool
    action: Action | None = None
    reason: str = ""


class _Lane:
    """The queue of one receiver and how many deliveries are under way."""

    def __init__(self) -> None:
        self.queue: deque[int] = deque()
        self.running = 0


class Delivering:
    """The delivery loop over one outbox, one desk and the senders by name.

    Senders are lent: whoever made them closes them. `wait` is injected so that tests need no time.
    """

    def __init__(
        self,
        outbox: Outbox,
        desk: Desk,
        senders: Mapping[str, Sender],
        clock: Clock,
        pace: Pace | None = None,
        wait: Wait = asyncio.sleep,
    ) -> None:
        self._outbox = outbox
        self._desk = desk
        self._senders = senders
        self._clock = clock
        self._pace = pace or Pace()
        self._wait = wait
        self._woken = asyncio.Event()
        self._lanes: dict[tuple[str, str], _Lane] = {}
        self._taken: set[int] = set()
        self._left_out = False
        self._asked: set[int] = set()
        self._asked_from_ms = 0

    def wake(self) -> None:
        """Read the outbox now: something became due. Call it in the loop's own thread."""
        self._woken.set()

    async def run(self) -> None:
        """Deliver until cancelled; then what is under way stops, to be repeated after its lease.

        Errors of the desk other than `Overloaded` and of the outbox end it (an `ExceptionGroup`).
        """
        async with asyncio.TaskGroup() as group:
            while True:
                self._woken.clear()
                for lane in self._fill():
                    free = self._pace.concurrency - lane.running
                    for _ in range(min(free, len(lane.queue))):
                        lane.running += 1
                        group.create_task(self._empty(lane))
                await self._first(self._woken.wait(), self._wait(self._pace.poll_s))

    def _fill(self) -> list[_Lane]:
        """Put what is due into its lanes as far as there is room; the lanes that have work."""
        now_ms, window = self._clock.now_ms(), self._pace.window
        if now_ms - self._asked_from_ms >= self._pace.poll_s * 1000:
            self._asked.clear()
            self._asked_from_ms = now_ms
        while True:
            due = self._outbox.due(now_ms, window)
            busy = self._taken | self._asked
            placed = [self._place(action) for action in due if action.id not in busy]
            self._left_out = not all(placed) or len(due) == window
            # A window full of actions whose lanes are full must not hide the others behind it.
            if any(placed) or len(due) < window or window >= WINDOW_MOST:
                break
            window *= 4
        return [lane for lane in self._lanes.values() if lane.queue]

    def _place(self, action: Action) -> bool:
        """Whether the action went into its lane now."""
        sender: object = self._senders.get(action.sender)
        receiver = sender.receiver(action) if isinstance(sender, Routed) else ""
        lane = self._lanes.setdefault((action.sender, receiver), _Lane())
        if len(lane.queue) >= self._pace.queue_most:
            return False
        self._taken.add(action.id)
        lane.queue.append(action.id)
        return True

    async def _empty(self, lane: _Lane) -> None:
        """One of a lane's workers: deliver until its queue is empty."""
        try:
            while lane.queue:
                action = lane.queue.popleft()
                try:
                    await self._deliver(action)
                finally:
                    self._taken.discard(action)
                if self._left_out and len(lane.queue) <= self._pace.queue_most // 2:
                    self._woken.set()
        finally:
            lane.running -= 1
            if not lane.running and not lane.queue:
                self._lanes = {key: kept for key, kept in self._lanes.items() if kept is not lane}

    async def _deliver(self, action_id: int) -> None:
        """Last look, send, report. Where the desk is full, the action is left for a later turn."""
        try:
            answer = await self._desk.ask(self._row("attempt", Attempt(action_id)))
        except Overloaded as full:
            await self._wait(full.retry_after_s)
            return
        look = msgspec.json.decode(answer, type=LastLook)
        if not look.go or look.action is None:
            # Should it still be due, it is asked again at the next poll and not before.
            self._asked.add(action_id)
            return
        report = await self._send(look.action)
        while True:
            try:
                await self._desk.accept(self._row("delivery", report))
            except Overloaded as full:
                await self._wait(full.retry_after_s)
            else:
                return

    async def _send(self, action: Action) -> Delivery:
        """How sending one action ended; it never raises, so that one action cannot stop the rest."""
        sender = self._senders.get(action.sender)
        if sender is None:
            have = ", ".join(sorted(self._senders)) or "none"
            detail = f"there is no sender {action.sender!r} (there is: {have}); check the settings"
            return Delivery(action=action.id, result="failed", detail=detail)
        try:
            await self._in_time(sender.send(action))
        except TryLater as busy:
            return Delivery(
                action=action.id, result="retry", detail=str(busy), after_s=busy.after_s
            )
        except GaveUp as refused:
            return Delivery(action=action.id, result="failed", detail=str(refused))
        except Exception as fault:  # noqa: BLE001 - the outermost loop of a delivery: see the test
            kind = type(fault).__name__
            _log.error("send_broke", action=action.id, sender=action.sender, fault=kind)
            detail = f"the sender {action.sender!r} broke: {kind}: {fault}"
            return Delivery(action=action.id, result="retry", detail=detail)
        return Delivery(action=action.id, result="sent")

    async def _in_time(self, sending: Coroutine[Any, Any, None]) -> None:
        """Wait for the send, at most `timeout_s`; raises `TryLater` past that."""
        task = asyncio.ensure_future(sending)
        await self._first(task, self._wait(self._pace.timeout_s))
        if task.cancelled():
            raise TryLater(f"no answer within {self._pace.timeout_s:g} s")
        task.result()

    @staticmethod
    async def _first(*things: Awaitable[Any]) -> None:
        """Return when the first has ended; the others are cancelled and have ended too."""
        tasks = [asyncio.ensure_future(thing) for thing in things]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _row(self, kind: RowKind, record: Attempt | Delivery) -> IntakeRow:
        body = msgspec.msgpack.encode(record)
        return IntakeRow(0, kind, SOURCE, self._clock.now_ms(), body)
