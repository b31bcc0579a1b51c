"""What guards left of a candidate's options at each decision of a log, and who was left without help."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from equipoise.decide.deciding import Deciders, Question, judge_all
from equipoise.nouns.decisions import Answer, Verdict
from equipoise.nouns.lessons import PRESSURE
from equipoise.nouns.plays import Play
from equipoise.nouns.rehearsals import WithoutHelp
from equipoise.ports import Asked

UNASKED = {"holdout": "comparison"}
"""Guards that are not asked, with the reason: who is held out says nothing about what a play does."""

Column = NDArray[Any]
"""One value for each decision, (n,)."""


class Judged(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """The guards' word on n decisions and the K options of a play, in its order.

    `allowed` (n, K) is what may be drawn, silence always. `reason` (n, K) says by its place in
    `reasons` why an option was taken away, -1 where it was not. `not_asked` maps guards to what the
    log lacks for them. `inputs` are the features of the play, and those of contact pressure, as they
    stood.
    """

    allowed: NDArray[np.bool_]
    reason: NDArray[np.int16]
    reasons: tuple[str, ...]
    inputs: dict[str, Column]
    not_asked: dict[str, str] = {}

    def without_help(self, people: NDArray[np.intp], segments: Column | None) -> WithoutHelp:
        """Who has nothing but silence, by which reasons, in all and in each segment."""
        told = self._without(people, np.ones(len(people), dtype=np.bool_))
        if segments is None:
            return told
        parts = {
            str(name): self._without(people, segments == name)
            for name in sorted({str(label) for label in segments.tolist()})
        }
        return msgspec.structs.replace(told, segments=parts)

    def _without(self, people: NDArray[np.intp], inside: NDArray[np.bool_]) -> WithoutHelp:
        alone = (self.allowed.sum(axis=1) == 1) & inside
        helped = np.unique(people[inside & ~alone])
        never = np.setdiff1d(np.unique(people[alone]), helped)
        found = self.reason[inside]
        counts = np.bincount(found[found >= 0], minlength=len(self.reasons))
        removed = {reason: int(n) for reason, n in zip(self.reasons, counts, strict=True) if n > 0}
        return WithoutHelp(int(alone.sum()), len(never), removed)


class Word:
    """Writes down, decision by decision, what the guards say; `reasons` gives each reason its number."""

    def __init__(self, play: Play, reasons: dict[str, int] | None = None) -> None:
        self.play = play
        self.reasons = {} if reasons is None else reasons
        self.rows: list[list[int]] = []

    def note(self, judged: Sequence[tuple[Verdict, ...]]) -> None:
        """One decision: the verdicts on each option of the play, in its order."""
        row = []
        for verdicts in judged:
            against = next((v for v in verdicts if v.answer in (Answer.HOLD, Answer.REFUSE)), None)
            reason = -1
            if against is not None:
                reason = self.reasons.setdefault(against.reason, len(self.reasons))
            row.append(reason)
        self.rows.append(row)

    def written(self) -> NDArray[np.int16]:
        """The reasons as numbers, (decisions, options)."""
        return np.array(self.rows, dtype=np.int16).reshape(-1, len(self.play.options))


def ask(asked: Asked, questions: Sequence[Question]) -> list[tuple[Verdict, ...]]:
    """What the guards say of each option of the play, in its order."""
    return [verdicts for _, verdicts in judge_all(asked, questions).options]


def questions_of(deciders: Deciders, unasked: Iterable[str]) -> tuple[Question, ...]:
    """The guards that are asked, in their order."""
    left_out = set(unasked)
    return tuple(q for q in deciders.questions if q.name not in left_out)


def looked_at(play: Play) -> tuple[str, ...]:
    """The features that a chooser of this play is shown: its own, and those of contact pressure."""
    return tuple(dict.fromkeys((*play.features, *PRESSURE)))


def column_of(rows: int, value: Callable[[int], Any]) -> Column:
    """A column of objects from a function of the row."""
    column = np.empty(rows, dtype=object)
    for row in range(rows):
        column[row] = value(row)
    return column
