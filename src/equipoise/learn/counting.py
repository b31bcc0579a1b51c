"""The people of every play's comparison as a store holds them, counted some rows at a time."""

from collections.abc import Callable, Iterator, Mapping

import msgspec

from equipoise.learn.effects import Design, effect_of
from equipoise.learn.tallies import Key, Tally, merge, tally
from equipoise.nouns.effects import Effect
from equipoise.nouns.lessons import Tried
from equipoise.ports import Clock, Lessons

ROWS_AT_ONCE = 2_000
"""Rows between two pauses, some milliseconds of work: a door that counts goes on answering."""

RECOUNT_MS = 3_600_000
"""After this the sums are made anew from the rows that there are, so that whoever was erased is gone."""

_decode = msgspec.msgpack.Decoder(Tried).decode


class Counting:
    """Effects of all plays that `designs` tells of; newer rows are added to what is counted already."""

    def __init__(
        self, store: Lessons, designs: Callable[[], Mapping[str, Design]], clock: Clock
    ) -> None:
        self._store = store
        self._read = designs
        self._clock = clock
        self._since_ms = 0
        self._designs: Mapping[str, Design] = {}
        self._tallies: dict[str, dict[Key, Tally]] = {}
        self._after: dict[str, int] = {}

    def count(self) -> Iterator[int]:
        """Count the rows that are new; yields how many rows each piece of the work took.

        Several may count at once in one thread: each piece goes on where the last one ended.
        """
        now_ms = self._clock.now_ms()
        if not 0 <= now_ms - self._since_ms < RECOUNT_MS:
            self._since_ms = now_ms
            self._tallies, self._after = {}, {}
        self._designs = self._read()
        for play in self._designs:
            while taken := self._take(play):
                yield taken

    def _take(self, play: str) -> int:
        after = self._after.get(play, 0)
        rows = self._store.lessons("tried", play, after, ROWS_AT_ONCE)
        if rows:
            fresh = tally([_decode(row.body) for row in rows])
            self._tallies[play] = merge([self._tallies.get(play, {}), fresh])
            self._after[play] = rows[-1].seq
        return len(rows)

    def told(self) -> list[Effect]:
        """The effects as far as rows were counted, by the names of the plays."""
        return [
            effect_of(design, self._tallies.get(play, {})) for play, design in self._designs.items()
        ]
