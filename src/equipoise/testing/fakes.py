"""Fakes that are shipped, not patched in: time, salts, senders, and a desk that walks at once."""

import asyncio
from collections.abc import Callable, Iterable
from hashlib import blake2b

import msgspec

from equipoise.act import outbox
from equipoise.nouns.decisions import Action
from equipoise.nouns.events import IntakeRow
from equipoise.nouns.records import Attempt, Delivery, HumanAnswer
from equipoise.ports import Clock, Overloaded, TryLater


class FakeClock:
    """A clock that stands still until it is told to move; satisfies `Clock`.

    `wait` is its own way of sleeping: hand it to what would wait, then move time with `advance`.
    """

    def __init__(self, now_ms: int = 1_700_000_000_000) -> None:
        self._now_ms = now_ms
        self._waiting: list[tuple[int, asyncio.Future[None]]] = []

    def now_ms(self) -> int:
        """Milliseconds since 1970, UTC, as last set."""
        return self._now_ms

    async def wait(self, seconds: float) -> None:
        """Return once the clock has been moved on by `seconds`."""
        future = asyncio.get_running_loop().create_future()
        self._waiting.append((self._now_ms + round(seconds * 1000), future))
        await future

    async def advance(self, ms: int) -> None:
        """Move on by `ms`, waking at its own time whatever waits, in order; then `settle`."""
        end_ms = self._now_ms + ms
        while True:
            self._waiting = [entry for entry in self._waiting if not entry[1].done()]
            due = [entry for entry in self._waiting if entry[0] <= end_ms]
            if not due:
                break
            at_ms, future = min(due, key=lambda entry: entry[0])
            self._now_ms = max(self._now_ms, at_ms)
            future.set_result(None)
            await settle()
        self._now_ms = end_ms
        await settle()

    @property
    def waiting(self) -> int:
        """How many waits are under way."""
        return sum(not future.done() for _, future in self._waiting)


async def settle(turns: int = 400) -> None:
    """Let every task run on until it waits for something; `turns` of the loop are enough for most."""
    for _ in range(turns):
        await asyncio.sleep(0)


class SeededEntropy:
    """Salts drawn from a seed, for the simulated town and for replays; satisfies `Entropy`."""

    def __init__(self, seed: bytes = b"town") -> None:
        self._seed = seed

    def salt(self, seq: int) -> bytes:
        """32 bytes, the same for the same seed and `seq`."""
        return blake2b(str(seq).encode(), digest_size=32, key=self._seed, person=b"salt").digest()


class RecordingSender:
    """A sender that takes everything and keeps it, in order; satisfies `Sender`."""

    def __init__(self) -> None:
        self.sent: list[Action] = []
        self.closed = 0

    async def send(self, action: Action) -> None:
        """Keep the action."""
        self.sent.append(action)

    async def close(self) -> None:
        """Count how often it was closed."""
        self.closed += 1

    @property
    def keys(self) -> list[str]:
        """The idempotency keys that arrived, in order, repeats included."""
        return [action.key for action in self.sent]


class FailingSender(RecordingSender):
    """A sender that fails on purpose `times` times, then takes everything.

    `error` is what it raises: by default that the receiver is busy. `tried` counts every call.
    """

    def __init__(self, times: int, error: Exception | None = None) -> None:
        super().__init__()
        self.left = times
        self.error = error or TryLater("the receiver is busy, on purpose")
        self.tried = 0

    async def send(self, action: Action) -> None:
        """Raise `error` while failures are left, then keep the action."""
        self.tried += 1
        if self.left > 0:
            self.left -= 1
            raise self.error
        await super().send(action)


class StuckSender(RecordingSender):
    """A sender whose receiver does not answer until `release` is called; `tried` counts every call."""

    def __init__(self) -> None:
        super().__init__()
        self.tried = 0
        self._released = asyncio.Event()

    async def send(self, action: Action) -> None:
        """Wait for `release`, then keep the action."""
        self.tried += 1
        await self._released.wait()
        await super().send(action)

    def release(self) -> None:
        """Let everything through from now on."""
        self._released.set()


Opinion = Callable[[Action], str]
"""What the guards say at the last look: a reason code to cancel for, or empty to let it go."""


class FakeDesk:
    """An outbox in memory and the desk that walks it, at once; satisfies `Desk` and `Outbox`.

    It answers attempts, deliveries and human answers as the engine does, save that `opinion` stands
    for the guards. `rows` keeps what was handed in; `overloads` refuses that many rows first.
    """

    def __init__(
        self, clock: Clock, retries: outbox.Retries, opinion: Opinion | None = None
    ) -> None:
        self._clock = clock
        self._retries = retries
        self._opinion: Opinion = opinion or (lambda _: "")
        self._actions: dict[int, Action] = {}
        self.rows: list[IntakeRow] = []
        self.overloads = 0

    def put(self, *actions: Action) -> None:
        """Place actions in the outbox, or replace them."""
        self._actions |= {action.id: action for action in actions}

    async def accept(self, row: IntakeRow) -> int:
        """Walk the row and return its number; raises `Overloaded` while `overloads` are left."""
        self._walk(row)
        return len(self.rows)

    async def ask(self, row: IntakeRow) -> bytes:
        """Walk the row and return the step's answer; raises `Overloaded` while `overloads` are left."""
        return self._walk(row)

    def actions(self, ids: Iterable[int]) -> dict[int, Action]:
        """The actions with these ids."""
        return {key: self._actions[key] for key in ids if key in self._actions}

    def due(self, now_ms: int, most: int) -> list[Action]:
        """Actions `ready` or `sending` with `due_ms <= now_ms`, oldest first."""
        open_ = [
            action
            for action in self._actions.values()
            if action.status in ("ready", "sending") and action.due_ms <= now_ms
        ]
        return sorted(open_, key=lambda action: (action.due_ms, action.id))[:most]

    def with_status(self, status: str, most: int) -> list[Action]:
        """The newest actions with this status."""
        found = [action for action in self._actions.values() if action.status == status]
        return sorted(found, key=lambda action: -action.id)[:most]

    def waiting_for(self, atoms: Iterable[int]) -> list[Action]:
        """Actions with status `waiting` of these atoms, oldest first."""
        wanted = set(atoms)
        return [a for a in reversed(self.with_status("waiting", 10**9)) if a.atom in wanted]

    def _walk(self, row: IntakeRow) -> bytes:
        if self.overloads > 0:
            self.overloads -= 1
            raise Overloaded(2)
        self.rows.append(msgspec.structs.replace(row, id=len(self.rows) + 1))
        if row.kind == "attempt":
            return self._attempt(msgspec.msgpack.decode(row.body, type=Attempt))
        if row.kind == "delivery":
            report = msgspec.msgpack.decode(row.body, type=Delivery)
            action = self._actions[report.action]
            self.put(outbox.after(action, report, self._clock.now_ms(), self._retries))
        elif row.kind == "human":
            answer = msgspec.msgpack.decode(row.body, type=HumanAnswer)
            action = self._actions[answer.action]
            self.put(outbox.answered(action, answer, self._clock.now_ms()))
        return b"{}"

    def _attempt(self, attempt: Attempt) -> bytes:
        action, now_ms = self._actions[attempt.action], self._clock.now_ms()
        answer = outbox.look(action, now_ms, self._retries)
        reason = self._opinion(action) if answer == "go" else answer
        if not reason:
            claimed = outbox.claim(action, now_ms, self._retries.lease_ms)
            self.put(claimed)
            return msgspec.json.encode({"go": True, "action": claimed})
        if answer in ("go", "expired"):
            self.put(outbox.cancel(action, reason))
        elif answer == "exhausted":
            spent = Delivery(action=action.id, result="failed", detail=reason)
            self.put(outbox.after(action, spent, now_ms, self._retries))
        return msgspec.json.encode({"go": False, "reason": reason})
