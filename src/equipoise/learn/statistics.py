"""Sufficient statistics of lessons: they add up, and a lesson can be taken out as if it had never been."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from equipoise.learn.amounts import Amounts
from equipoise.learn.binning import Binning
from equipoise.nouns.lessons import Lesson

Floats = NDArray[np.float64]

HEADS = ("response", "left")
"""What is learnt from a matured decision: whether it was answered, whether the person opted out."""

AT_ONCE = 2048
"""How many rows are counted together; counts of so many are exact in float32."""

DAY_MS = 86_400_000


class Tally(msgspec.Struct, eq=False):
    """X'X (P, P) and X'y (P, H) of one option; X'X begins with how many lessons there are."""

    gram: Floats
    sums: Floats

    @classmethod
    def none(cls, size: int, heads: int) -> "Tally":
        """The tally of no lessons."""
        return cls(np.zeros((size, size)), np.zeros((size, heads)))

    def fold(self, places: NDArray[np.intp], told: Floats, weight: float, room: "Room") -> None:
        """Count rows in: the levels (n, F) that are 1 beside the intercept, and outcomes (n, H)."""
        for first in range(0, len(places), len(room.rows)):
            some = places[first : first + len(room.rows)] + 1
            rows, each = room.rows[: len(some)], np.arange(len(some))[:, None]
            rows[each, some] = 1.0
            # Sums of ones: whole numbers, whatever the order in which they are added.
            gram = np.matmul(rows.T, rows, out=room.gram)
            sums = rows.T @ told[first : first + len(some)].astype(np.float32)
            rows[each, some] = 0.0
            self.gram += gram if weight == 1.0 else weight * gram.astype(np.float64)
            self.sums += sums if weight == 1.0 else weight * sums.astype(np.float64)


class Room(msgspec.Struct, eq=False):
    """Where rows are counted, used again for every option: making it anew costs as much as a sixth of it."""

    rows: NDArray[np.float32]
    gram: NDArray[np.float32]

    @classmethod
    def of(cls, size: int, count: int) -> "Room":
        """Room for `count` rows at most, and `AT_ONCE` at once; the intercept of each is set."""
        rows = np.zeros((max(1, min(count, AT_ONCE)), size), dtype=np.float32)
        rows[:, 0] = 1.0
        return cls(rows, np.empty((size, size), dtype=np.float32))


class Statistics(msgspec.Struct, eq=False, kw_only=True):
    """What the lessons of one play add up to, for one way of cutting features; folded in place.

    `window_ms` is how long a decision takes to mature: a lesson that is younger tells only of the early
    goal. `full` has a tally of matured lessons for each option, `early` one of all lessons where the
    play has an early goal. `amounts` are the values of responses. `faded` says up to which lesson
    everything was multiplied by what, so that an old lesson can be taken out with what is left of it.
    """

    binning: Binning
    window_ms: float = 0.0
    has_early: bool = False
    options: list[str] = []
    full: list[Tally] = []
    early: list[Tally] = []
    amounts: Amounts = msgspec.field(default_factory=Amounts)
    faded: list[tuple[int, float]] = []
    last: int = 0

    @property
    def size(self) -> int:
        """P: the intercept and the levels of all features."""
        return 1 + self.binning.size

    @property
    def n(self) -> float:
        """How many matured lessons there are, less what has faded."""
        return float(sum(tally.gram[0, 0] for tally in self.full))

    def total(self, head: Literal["response", "left"]) -> float:
        """How many of them were answered, or ended in opting out."""
        return float(sum(tally.sums[0, HEADS.index(head)] for tally in self.full))

    def add(self, lessons: Iterable[Lesson]) -> None:
        """Take lessons in; each decision once, with its inputs."""
        for some, weight in self._weighted(lessons):
            self._fold(some, weight)
            self.last = max(self.last, some[-1].seq)

    def subtract(self, lessons: Iterable[Lesson]) -> None:
        """Take lessons out (an erasure), exactly as they were taken in: what is left never knew them."""
        for some, weight in self._weighted(lessons):
            self._fold(some, -weight)

    def decay(self, factor: float) -> None:
        """Let everything so far count `factor` (above 0, at most 1) of what it did.

        Raises `ValueError` for another factor.
        """
        if not 0.0 < factor <= 1.0:
            raise ValueError(f"decay: needed a factor above 0 and at most 1, got {factor!r}")
        if factor == 1.0:
            return
        for tally in (*self.full, *self.early):
            tally.gram *= factor
            tally.sums *= factor
        self.amounts = self.amounts.scaled(factor)
        self.faded.append((self.last, factor))

    def merge(self, other: "Statistics") -> None:
        """Take in what other lessons add up to; raises `ValueError` where features are cut differently."""
        if self.binning != other.binning or self.has_early != other.has_early:
            raise ValueError(
                "merge: needed statistics with the same cuts and goal, got different ones"
            )
        for place, name in enumerate(other.options):
            mine = self._place(name)
            pairs = [(self.full[mine], other.full[place])]
            if self.has_early:
                pairs.append((self.early[mine], other.early[place]))
            for ours, theirs in pairs:
                ours.gram += theirs.gram
                ours.sums += theirs.sums
        self.amounts = self.amounts.merged(other.amounts)
        self.last = max(self.last, other.last)

    def _weighted(self, lessons: Iterable[Lesson]) -> Iterator[tuple[list[Lesson], float]]:
        """Lessons in the order of their numbers, those that have faded alike together."""
        ordered = sorted(lessons, key=lambda lesson: lesson.seq)
        start = 0
        for last, _ in (*self.faded, (1 << 63, 1.0)):
            stop = start
            while stop < len(ordered) and ordered[stop].seq <= last:
                stop += 1
            if stop > start:
                weight = 1.0
                for until, factor in self.faded:
                    weight *= factor if ordered[start].seq <= until else 1.0
                yield ordered[start:stop], weight
            start = stop

    def _place(self, option: str) -> int:
        if option not in self.options:
            self.options.append(option)
            self.full.append(Tally.none(self.size, len(HEADS)))
            if self.has_early:
                self.early.append(Tally.none(self.size, 1))
        return self.options.index(option)

    def _fold(self, lessons: Sequence[Lesson], weight: float) -> None:
        levels = self.binning.levels_of_all([lesson.inputs for lesson in lessons])
        options = np.array([self._place(lesson.option) for lesson in lessons], dtype=np.intp)
        ripe = np.array([self.is_ripe(lesson) for lesson in lessons])
        told = np.array([(lesson.n > 0, lesson.left) for lesson in lessons], dtype=np.float64)
        soon = np.array([[lesson.early > 0] for lesson in lessons], dtype=np.float64)
        room = Room.of(self.size, len(lessons))
        for place in np.unique(options).tolist():
            mine = options == place
            self.full[place].fold(levels[mine & ripe], told[mine & ripe], weight, room)
            if self.has_early:
                self.early[place].fold(levels[mine], soon[mine], weight, room)
        for lesson in lessons:
            if lesson.n > 0 and self.is_ripe(lesson):
                self.amounts.add(lesson.value, weight)

    def is_ripe(self, lesson: Lesson) -> bool:
        """True where the window of the decision is over, so that no answer means no."""
        return lesson.matured_ms - lesson.decided_ms >= self.window_ms

    def encode(self) -> bytes:
        """The statistics as bytes; `decode` gives them back to the bit."""
        tallies = [[(t.gram.tobytes(), t.sums.tobytes()) for t in side] for side in self._sides()]
        kept = _Kept(
            self.binning,
            float(self.window_ms),
            self.has_early,
            self.options,
            tallies,
            self.amounts,
            self.faded,
            self.last,
        )
        return msgspec.msgpack.encode(kept)

    @classmethod
    def decode(cls, body: bytes) -> "Statistics":
        """Statistics from what `encode` gave; raises `msgspec.DecodeError` or `ValueError` otherwise."""
        kept = msgspec.msgpack.decode(body, type=_Kept)
        size = 1 + kept.binning.size
        full, early = (
            [
                Tally(
                    np.frombuffer(gram).reshape(size, size).copy(),
                    np.frombuffer(sums).reshape(size, -1).copy(),
                )
                for gram, sums in side
            ]
            for side in kept.tallies
        )
        return cls(
            binning=kept.binning,
            window_ms=kept.window_ms,
            has_early=kept.has_early,
            options=kept.options,
            full=full,
            early=early,
            amounts=kept.amounts,
            faded=kept.faded,
            last=kept.last,
        )

    def _sides(self) -> tuple[list[Tally], list[Tally]]:
        return self.full, self.early


class _Kept(msgspec.Struct, array_like=True):
    """Statistics as they are stored."""

    binning: Binning
    window_ms: float
    has_early: bool
    options: list[str]
    tallies: list[list[tuple[bytes, bytes]]]
    amounts: Amounts
    faded: list[tuple[int, float]]
    last: int
