"""The simulated town beside a served house: what it says, the mails it gets, how its staff answer."""

import asyncio
from typing import TYPE_CHECKING, Any

import msgspec

from equipoise.nouns.decisions import Action
from equipoise.nouns.events import IntakeRow, Source
from equipoise.ports import Clock, Overloaded, Store
from equipoise.senders.mailbox import Mailbox
from equipoise.testing.town.calls import Request, requests_of
from equipoise.testing.town.diary import Diary
from equipoise.testing.town.rows import row_of
from equipoise.testing.town.town import Town

if TYPE_CHECKING:
    from equipoise.compose.serving import Served

STAFF = Source("staff")
PAUSE_S = 0.25
"""How often the town speaks, in seconds of the real clock."""

MOST_WAITING = 200


class TownMailbox(Mailbox):
    """A mailbox whose mails are read: the people of the town react to what they get."""

    def __init__(self, town: Town, diary: Diary, clock: Clock) -> None:
        super().__init__()
        self._town = town
        self._diary = diary
        self._clock = clock

    async def send(self, action: Action) -> None:
        """Keep the mail, and note what the person will do about it; a repeat changes nothing."""
        known = self.mail(action.key) is not None
        await super().send(action)
        if not known:
            self._diary.write(self._town.receive(action, self._clock.now_ms()))


class Visit:
    """A town that lives beside a house: a chore of `compose.serving.serve`."""

    def __init__(self, town: Town, clock: Clock, from_ms: int) -> None:
        self.town = town
        self.clock = clock
        self.diary = Diary(town, from_ms)
        self.mailbox = TownMailbox(town, self.diary, clock)

    async def live(self, served: "Served") -> None:
        """Tell a new house what the shop knew before, then speak until cancelled."""
        if not served.store.position().seq:
            for request in requests_of(self.town.history()):
                await self._say(served, request)
        while True:
            for request in self.diary.read(self.clock.now_ms()):
                await self._say(served, request)
            await self._judge(served)
            await asyncio.sleep(PAUSE_S)

    async def _say(self, served: "Served", request: Request) -> None:
        row = row_of(request.path, request.source, request.body, self.clock.now_ms())
        while True:
            try:
                if request.path != "/v1/decide":
                    await served.desk.accept(row)
                    return
                answer: dict[str, Any] = msgspec.json.decode(await served.desk.ask(row))
            except Overloaded as full:
                await asyncio.sleep(full.retry_after_s)
            else:
                self.diary.write(self.town.sees(request.calls[0], answer))
                return

    async def _judge(self, served: "Served") -> None:
        now_ms = self.clock.now_ms()
        for action in served.store.with_status("review", MOST_WAITING):
            said = self.town.judges(action, now_ms)
            if said is not None:
                row = IntakeRow(0, "human", STAFF, now_ms, msgspec.msgpack.encode(said))
                await served.desk.ask(row)
        for request in served.store.requests_owed(MOST_WAITING):
            answer = self.town.answers(request, now_ms)
            if answer is not None:
                row = IntakeRow(0, "right", STAFF, now_ms, msgspec.msgpack.encode(answer))
                await served.desk.ask(row)


def went_on_until(store: Store, otherwise_ms: int) -> int:
    """When the newest receipt of a store was made, in its own time (ms since 1970)."""
    rows = store.newest_receipts(1)
    told: dict[str, Any] = msgspec.json.decode(rows[0].body) if rows else {}
    return max(otherwise_ms, int(told.get("at_ms", 0)))
