"""What plays are worth, counted from a store by the shares that its plays had."""

from collections.abc import Mapping

from equipoise.learn.counting import Counting
from equipoise.learn.effects import Design, designs_of
from equipoise.nouns.plays import Play
from equipoise.nouns.rules import Rules
from equipoise.plays.reading import read_play
from equipoise.ports import Clock, Store


def effects_in(store: Store, rules: Rules, clock: Clock) -> Counting:
    """The effects of the plays of one store; a version that cannot be read any more has none."""
    read: dict[str, Play | None] = {}

    def designs() -> Mapping[str, Design]:
        rows = store.plays()
        for row in rows:
            if row.version not in read:
                read[row.version] = _play(row.text)
        plays = (read[row.version] for row in rows)
        return designs_of((play for play in plays if play is not None), rules)

    return Counting(store, designs, clock)


def _play(text: str) -> Play | None:
    try:
        return read_play(text)
    except ValueError:
        return None
