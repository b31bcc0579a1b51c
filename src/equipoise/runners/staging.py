"""Which plays are on stage: versions as they enter the log, their columns, and their schedules."""

import logging
from collections.abc import Callable, Iterator, Mapping

import msgspec

from equipoise.engine import Engine
from equipoise.nouns import records
from equipoise.nouns.changes import LogRow, PlayRow, Timer
from equipoise.nouns.events import IntakeRow, Value
from equipoise.nouns.plays import Play
from equipoise.nouns.sheet import PLACES
from equipoise.nouns.state import PersonState
from equipoise.plays.playbook import Playbook
from equipoise.ports import Store
from equipoise.runners.step import SCHEDULE, Step, Work

HOUR_MS = 3_600_000
_log = logging.getLogger("equipoise.step")

Columns = Callable[[PersonState, Mapping[str, str]], dict[str, Value]]
"""One state's values for typed columns, by name."""


class Stage:
    """The latest version of every play, and the typed columns that the scheduled ones select by."""

    def __init__(
        self, engine: Engine, store: Store, read_play: Callable[[str], Play], columns: Columns
    ) -> None:
        self.fields: dict[str, str] = {}
        self._engine = engine
        self._store = store
        self._read_play = read_play
        self._columns = columns
        self._decode = msgspec.msgpack.Decoder(PersonState).decode
        self._plays: dict[str, Play] = {}
        self.unreadable: dict[str, str] = {}
        for row in store.plays():
            try:
                self._install(row.text)
            except ValueError as error:
                # Written for another release, or for a chooser that is gone: it rests, and says so.
                self.unreadable[row.name] = str(error)
                self._plays.pop(row.name, None)
                _log.error(
                    "a play in the log cannot be read here; it rests", extra={"play": row.name}
                )
        if self.unreadable:
            engine.playbook = Playbook.of(self._plays.values())

    def columns(self, state: PersonState) -> dict[str, Value]:
        """The typed columns of one person."""
        return self._columns(state, self.fields)

    def _install(self, text: str) -> Play:
        play = self._read_play(text)
        self._plays[play.name] = play
        self._engine.playbook = Playbook.of(self._plays.values())
        columns = self._engine.playbook.columns()
        named = {name: kind for name, kind in columns.items() if name not in self.fields}
        if named:
            self.fields |= named
            self._store.name_columns(named)
            self._fill_columns()
        return play

    def _fill_columns(self) -> None:
        """A play names new fields: give everybody who is already there their columns."""
        after = 0
        while people := self._store.people_after(after, 1_000):
            states = self._store.states(people)
            self._store.fill_columns(
                {person: self.columns(self._decode(blob)) for person, blob in states.items()}
            )
            after = people[-1]

    def enter(self, row: IntakeRow, version: records.PlayVersion, step: Step) -> list[PlayRow]:
        """A version of a play enters the log; its first schedule rings with the next tick.

        One with mistakes is answered with them, and changes nothing.
        """
        try:
            play = self._install(version.text)
        except ValueError as error:
            step.replies[row.id] = msgspec.json.encode({"ok": False, "reason": str(error)})
            return []
        step.seq += PLACES
        step.sheet.log.append(LogRow(step.seq, 0, 0, "play", row.body))
        if play.moment.every_hours is not None and play.status == "live":
            step.sheet.timers_set.append(Timer(row.received_ms, 0, _key(play)))
        step.replies[row.id] = msgspec.json.encode({"ok": True, "play": play.name})
        return [PlayRow(play.name, version.sha256, step.seq, play.status, version.text)]

    def ring(self, row: IntakeRow, timer: Timer, most: int, step: Step) -> Iterator[Work]:
        """A schedule rings: a moment for each person whom SQL finds, a bounded number at a time."""
        step.sheet.timers_cleared.append(timer)
        key, _, after = timer.key.partition("|")
        live = self._engine.playbook.named(key.removeprefix(SCHEDULE).rpartition("@")[0])
        if live is None or live.selection is None or key != _key(live.play):
            return
        params = dict(live.selection.params)
        params |= {"now": row.received_ms, "after": int(after or 0)}
        people = self._store.find(f"({live.selection.sql}) AND person > :after", params, most)
        for person in people:
            yield Work(row, records.Occasion(live.play.name, person))
        if len(people) == most:
            again = Timer(row.received_ms, 0, f"{key}|{people[-1]}")
        else:
            pause_ms = round((live.play.moment.every_hours or 24.0) * HOUR_MS)
            again = Timer(max(timer.due_ms + pause_ms, row.received_ms), 0, key)
        step.sheet.timers_set.append(again)


def _key(play: Play) -> str:
    """A schedule belongs to one version, so that the next one does not run beside it."""
    return f"{SCHEDULE}{play.name}@{play.version[:16]}"
