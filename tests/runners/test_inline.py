"""The desk of one process: what it accepts is decided when it returns, and its timers ring by themselves."""

import asyncio
import json

import msgspec

from equipoise.nouns.events import Handle
from equipoise.nouns.records import DecideRequest
from equipoise.runners.inline import InlineDesk
from equipoise.testing.fakes import FakeClock
from house import DAY_MS, HERO, NOON_MS, SERVER, THANKS, house, identify, receipts, rows_of, track


def test_what_it_accepts_is_decided_when_it_returns():
    engine = house()
    desk = InlineDesk(engine, engine.clock)
    assert asyncio.run(desk.accept(rows_of([identify("ana")]))) == 1
    assert engine.store.counts()["events"] == 1
    assert desk.backlog == 0


def test_who_asks_gets_the_answer_of_their_row():
    engine = house()
    engine.add_play(HERO)
    asked = DecideRequest(moment="home-hero", handles=(Handle("user_id", "ana"),))
    row = engine._row("decide", msgspec.msgpack.encode(asked), SERVER)
    answer = json.loads(asyncio.run(InlineDesk(engine, engine.clock).ask(row)))
    assert answer["play"] == "hero"


def test_a_timer_rings_without_anybody_asking():
    clock = FakeClock(NOON_MS)
    engine = house(clock=clock)
    engine.add_play(THANKS)
    engine.take([identify("ana"), *(track("ana", "Order Completed", n) for n in range(3))])

    class Heard(asyncio.Event):
        """Set when a row is handed in by the desk itself."""

    async def story():
        heard = Heard()

        class Listening(InlineDesk):
            async def accept(self, row):
                row_id = await super().accept(row)
                heard.set()
                return row_id

        desk = Listening(engine, clock)
        clock._now_ms += DAY_MS
        await desk.open()
        await asyncio.wait_for(heard.wait(), 10)
        await desk.close()

    asyncio.run(story())
    assert receipts(engine)[-1]["type"] == "silences"


def test_a_desk_that_was_never_opened_can_be_closed():
    engine = house()
    asyncio.run(InlineDesk(engine, engine.clock).close())
    assert engine.take([identify("ana")]) == 1
