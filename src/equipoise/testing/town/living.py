"""A town lives with an engine in one process, step by step in simulated time: a day takes a second.

Each step hands in what was said since the last one, lets timers ring, carries out what is due with
the last look at every attempt, lets the staff answer, and notes how people react.
"""

from pathlib import Path
from typing import Any, Protocol

import msgspec

from equipoise.act.delivering import LastLook
from equipoise.nouns.decisions import Action
from equipoise.nouns.events import IntakeRow, RowKind
from equipoise.nouns.records import Attempt, Delivery
from equipoise.ports import Store
from equipoise.testing.town.calls import requests_of
from equipoise.testing.town.clocks import SteppedClock
from equipoise.testing.town.diary import Diary
from equipoise.testing.town.rows import row_of
from equipoise.testing.town.streets import HOUR_MS, MINUTE_MS
from equipoise.testing.town.town import Town

STEP_MS = 5 * MINUTE_MS
"""How much simulated time passes in one step."""

MOST_DUE = 500
"""Most actions that are carried out in one step."""


class House(Protocol):
    """What a town needs of an engine; `equipoise.Engine` is one."""

    store: Store

    def add_plays(self, folder: Path) -> list[str]:
        """Put the plays of a folder into the log."""
        ...

    def hand_in(self, row: IntakeRow) -> tuple[int, bytes]:
        """Append a row and walk it: its id, and the answer where it asked."""
        ...

    def tick(self, most: int = 1_000) -> int:
        """Let the timers ring that are due."""
        ...

    def ask(self, kind: RowKind, record: msgspec.Struct) -> bytes:
        """Put a record into the log and return the step's answer to it, as JSON."""
        ...


class Life:
    """One town with one engine: `begin` once, then `pass_time`, as often as one likes.

    `shown` counts pages by option, `judged` human answers; letters are kept by the town.
    """

    def __init__(self, house: House, town: Town, clock: SteppedClock) -> None:
        self.house = house
        self.town = town
        self.clock = clock
        self.diary = Diary(town, town.start_ms)
        self.shown: dict[str, int] = {}
        self.judged: dict[str, int] = {}

    def begin(self, plays: Path | None = None) -> None:
        """Import what the shop knew before, then put its plays on stage."""
        self.clock.step_to(self.town.start_ms)
        for request in requests_of(self.town.history()):
            self.house.hand_in(row_of(request.path, request.source, request.body, self._now_ms))
        if plays is not None:
            self.house.add_plays(plays)

    def pass_time(self, hours: float) -> None:
        """Let simulated time pass, in steps of five minutes."""
        for _ in range(round(hours * HOUR_MS / STEP_MS)):
            self.clock.step_to(self._now_ms + STEP_MS)
            self._speak()
            self.house.tick()
            self._deliver()
            self._judge()

    @property
    def _now_ms(self) -> int:
        return self.clock.now_ms()

    def _speak(self) -> None:
        for request in self.diary.read(self._now_ms):
            row = row_of(request.path, request.source, request.body, self._now_ms)
            _, reply = self.house.hand_in(row)
            if request.path == "/v1/decide":
                answer: dict[str, Any] = msgspec.json.decode(reply)
                option = answer.get("option", "silence")
                self.shown[option] = self.shown.get(option, 0) + 1
                self.diary.write(self.town.sees(request.calls[0], answer))

    def _deliver(self) -> None:
        for due in self.house.store.due(self._now_ms, MOST_DUE):
            reply = self.house.ask("attempt", Attempt(due.id))
            look = msgspec.json.decode(reply, type=LastLook)
            if look.go and look.action is not None:
                self.house.ask("delivery", self._carry(look.action))

    def _carry(self, action: Action) -> Delivery:
        if not any(handle.kind == "email" for handle in action.handles):
            return Delivery(action=action.id, result="failed", detail="there is no address")
        self.diary.write(self.town.receive(action, self._now_ms))
        return Delivery(action=action.id, result="sent")

    def _judge(self) -> None:
        waiting = self.house.store.with_status("review", MOST_DUE)
        for action in sorted(waiting, key=lambda action: action.id):
            answer = self.town.judges(action, self._now_ms)
            if answer is not None:
                self.house.ask("human", answer)
                self.judged[answer.answer] = self.judged.get(answer.answer, 0) + 1
        for request in self.house.store.requests_owed(MOST_DUE):
            said = self.town.answers(request, self._now_ms)
            if said is not None:
                self.house.ask("right", said)


def live(
    house: House, town: Town, clock: SteppedClock, hours: float, plays: Path | None = None
) -> Life:
    """Let a town live with an engine for some simulated hours from its start, and return its life."""
    life = Life(house, town, clock)
    life.begin(plays)
    life.pass_time(hours)
    return life
