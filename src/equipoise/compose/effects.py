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

    def designs() -> Mapping[str, Design]:
        plays: list[Play] = []
        for row in store.plays():
            try:
                plays.append(read_play(row.text))
            except ValueError:
                continue
        return designs_of(plays, rules)

    return Counting(store, designs, clock)
