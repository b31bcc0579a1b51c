"""The decisions of a file, asked of a play's guards as if they came now, those alike only once."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from equipoise.arrive.files import DecisionLog, codes_of
from equipoise.decide.deciding import Memory, Question, judge
from equipoise.engine import Engine
from equipoise.nouns.decisions import Moment, Verdict
from equipoise.plays.playbook import LivePlay
from equipoise.ports import Asked
from equipoise.runners.judged import UNASKED, Column, Judged, Word, looked_at, questions_of
from equipoise.runners.row_standing import PAST, ROW, TIME, NotTold, RowStanding

MINUTE_MS = 60_000


class Unasked(Exception):
    """A guard cannot be asked on this file; the message names what it lacks."""


def recount(log: DecisionLog, live: LivePlay, engine: Engine) -> Judged:
    """What the play's guards say at every decision of the file, and the features as they stood.

    A guard that asks for what the file does not hold is asked about no row, and named. Rows that are
    alike in all that a guard looked at are asked about once.
    """
    asking = _Asking(log, live, engine)
    reason = np.full((log.n, len(live.play.options)), -1, dtype=np.int16)
    for question in questions_of(engine.deciders, asking.not_asked):
        try:
            said = asking.answers(question)
        except Unasked as problem:
            asking.not_asked[question.name] = str(problem)
            continue
        reason = np.where(reason < 0, said, reason)
    return Judged(
        allowed=reason < 0,
        reason=reason,
        reasons=tuple(asking.reasons),
        inputs=asking.inputs(),
        not_asked=asking.not_asked,
    )


class _Asking:
    """One play that is asked about the rows of one file."""

    def __init__(self, log: DecisionLog, live: LivePlay, engine: Engine) -> None:
        self.log = log
        self.live = live
        self.engine = engine
        self.standing = RowStanding(log, live.play, engine)
        self.reasons: dict[str, int] = {}
        self.not_asked: dict[str, str] = dict(UNASKED)
        limits = live.play.limits
        if limits.total is not None or any(o.stock is not None for o in live.play.options):
            self.not_asked["limits"] = "spent"

    def answers(self, question: Question) -> NDArray[np.int16]:
        """Why one guard takes each option away at each row, (n, K); raises `Unasked`.

        Rows are alike as long as they agree in all that was looked at so far; a first look at one row
        tells where to look, and so on until nothing new is looked at.
        """
        keys: set[str] = set()
        if self.log.at_ms is not None and _is_from_outside(question):
            keys.add(ROW)
        while True:
            firsts, which = self._alike(keys)
            word = self._ask(question, firsts)
            if ROW in keys or self.standing.read <= keys:
                return word.written()[which]
            keys |= self.standing.read

    def _alike(self, keys: set[str]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """The first row of each group of rows that agree in what was looked at, and each row's group."""
        log = self.log
        if ROW in keys:
            every = np.arange(log.n)
            return every, every
        columns: list[Column | None] = [log.fields.get(name) for name in sorted(keys)]
        if "consent" in keys:
            columns.append(log.consent)
        if log.at_ms is not None and keys & {TIME, PAST}:
            columns.append(log.at_ms // MINUTE_MS)
        if PAST in keys:
            columns.append(self.standing.past)
        return groups([column for column in columns if column is not None], log.n)

    def _ask(self, question: Question, rows: Iterable[int]) -> Word:
        word, standing = Word(self.live.play, self.reasons), self.standing
        standing.read.clear()
        for row in rows:
            standing.row, standing.lacks = row, ""
            asked = self._asked(row, question)
            memory: Memory = {}
            verdicts: list[tuple[Verdict, ...]] = [
                judge(asked, option, (question,), memory) for option in self.live.play.options
            ]
            if any(_not_told(verdict) for option in verdicts for verdict in option):
                raise Unasked(standing.lacks)
            word.note(verdicts)
        return word

    def _asked(self, row: int, question: Question) -> Asked:
        log, live = self.log, self.live
        at_ms = 0 if log.at_ms is None else int(log.at_ms[row])
        moment = Moment(
            id=f"row-{log.number[row]}.{live.play.name}",
            kind=live.play.moment.event or f"decide:{live.play.moment.decide}",
            event="",
            channel="",
            at_ms=at_ms,
            opened_ms=at_ms,
        )
        return Asked(
            play=live.play,
            moment=moment,
            standing=self.standing,
            now_ms=at_ms,
            rules=self.engine.rules,
            seed=self.engine.seed,
            spent={},
            in_audience=question.name != "audience" or self._in_audience(),
            model=self.engine.learnt.model_of(live.play),
        )

    def _in_audience(self) -> bool:
        try:
            return self.live.where(self.standing.get) and self.live.audience(self.standing.get)
        except NotTold as problem:
            raise Unasked(str(problem)) from None

    def inputs(self) -> dict[str, Column]:
        """The features of the play, (n,) each; those that the file does not tell are None everywhere."""
        log, found = self.log, {}
        for field in looked_at(self.live.play):
            column = log.fields.get(field)
            if column is None:
                column = self.standing.pressure(field)
            found[field] = np.full(log.n, None, dtype=object) if column is None else column
        return found


def _not_told(verdict: Verdict) -> bool:
    return verdict.reason == "guard_failed" and verdict.detail.get("fault") == NotTold.__name__


def _is_from_outside(question: Question) -> bool:
    """A guard of others may look at the time without asking the person for anything."""
    return not getattr(question.guard, "__module__", "").startswith("equipoise.")


def groups(columns: Iterable[NDArray[Any]], rows: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The first row of each group of rows that agree in all columns, and the group of each row, (n,)."""
    which = np.zeros(rows, dtype=np.intp)
    firsts = np.zeros(1, dtype=np.intp)
    for column in columns:
        codes = codes_of(column)[0] if column.dtype.kind in "OM" else _sorted_codes(column)
        both = which * (int(codes.max(initial=0)) + 1) + codes
        _, firsts, which = np.unique(both, return_index=True, return_inverse=True)
    return firsts, which


def _sorted_codes(column: NDArray[Any]) -> NDArray[np.intp]:
    codes: NDArray[np.intp] = np.unique(column, return_inverse=True)[1]
    return codes
