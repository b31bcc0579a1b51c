"""The live plays, found by what opens their moment."""

from collections.abc import Iterable, Iterator

import msgspec

from equipoise.nouns.plays import All, Condition, Play
from equipoise.plays.conditions import (
    ColumnType,
    Compiled,
    Predicate,
    fields_of,
    predicate,
    to_sql,
)


class LivePlay(msgspec.Struct, frozen=True):
    """A play with its conditions compiled: `where` narrows the moment, `audience` the people.

    `fields` are the profile fields that either names; `selection` selects, for a play on a schedule,
    the people to open a moment for, and is None for any other.
    """

    play: Play
    where: Predicate
    audience: Predicate
    fields: tuple[str, ...]
    selection: Compiled | None = None


class Playbook:
    """Plays that are live, each moment's in the order of their turn: (-priority, name).

    Of several versions of one play the last one given counts, and it alone says whether it is live.
    """

    def __init__(self, plays: Iterable[LivePlay]) -> None:
        ordered = sorted(plays, key=lambda live: (-live.play.priority, live.play.name))
        self._named = {live.play.name: live for live in ordered}
        self._scheduled = tuple(live for live in ordered if live.selection is not None)
        self._events: dict[str, tuple[LivePlay, ...]] = {}
        self._decides: dict[str, tuple[LivePlay, ...]] = {}
        for live in ordered:
            moment = live.play.moment
            if moment.event is not None:
                self._events[moment.event] = (*self._events.get(moment.event, ()), live)
            if moment.decide is not None:
                self._decides[moment.decide] = (*self._decides.get(moment.decide, ()), live)

    @classmethod
    def of(cls, plays: Iterable[Play]) -> "Playbook":
        """The playbook of these plays, which may hold several versions of one, oldest first."""
        newest = {play.name: play for play in plays}
        return cls(live_play(play) for play in newest.values() if play.status == "live")

    def on_event(self, kind: str) -> tuple[LivePlay, ...]:
        """The plays whose moment an event of this kind may open; one look-up."""
        return self._events.get(kind, ())

    def on_decide(self, moment: str) -> tuple[LivePlay, ...]:
        """The plays that answer when a channel asks for this moment."""
        return self._decides.get(moment, ())

    def scheduled(self) -> tuple[LivePlay, ...]:
        """The plays that open moments every so many hours."""
        return self._scheduled

    def named(self, name: str) -> LivePlay | None:
        """The live play of this name, or None where it is not live."""
        return self._named.get(name)

    def columns(self) -> dict[str, ColumnType]:
        """The typed columns that the scheduled plays select by."""
        found: dict[str, ColumnType] = {}
        for live in self._scheduled:
            if live.selection is not None:
                found |= live.selection.columns
        return found

    def __iter__(self) -> Iterator[LivePlay]:
        return iter(self._named.values())

    def __len__(self) -> int:
        return len(self._named)


def live_play(play: Play) -> LivePlay:
    """The play with its conditions compiled; an absent condition holds for everybody."""
    given = [c for c in (play.moment.where, play.audience) if c is not None]
    both = All(tuple(given))
    return LivePlay(
        play,
        _or_everybody(play.moment.where),
        _or_everybody(play.audience),
        fields_of(both),
        to_sql(both) if play.moment.every_hours is not None else None,
    )


def _or_everybody(condition: Condition | None) -> Predicate:
    return predicate(condition if condition is not None else All(()))
