"""The decisions of a file, asked of a play's guards as if they came now, row by row or alike by alike."""

from bisect import bisect_left
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from equipoise.arrive.files import DecisionLog, codes_of
from equipoise.decide.deciding import Question
from equipoise.engine import Engine
from equipoise.nouns.decisions import Moment, Verdict
from equipoise.nouns.events import Value
from equipoise.nouns.lessons import PRESSURE
from equipoise.nouns.plays import Play
from equipoise.nouns.state import Stance
from equipoise.plays.playbook import LivePlay
from equipoise.ports import Asked
from equipoise.runners.judged import UNASKED, Judged, Word, ask, column_of, looked_at, questions_of

DAY_MS = 86_400_000
NEED_NOT_BE_TOLD = ("traits.minor", "traits.age")
"""Fields that a person need not have stated, so that a file without them says that nobody did."""

ROW = "@row"
"""What an answer depends on where it depends on the row itself: its person's past, or its time."""


class NotTold(Exception):
    """Something was asked for that the file does not hold; the message names it."""


class Unasked(Exception):
    """A guard cannot be asked on this file: `guard` needs `lacks`."""

    def __init__(self, guard: str, lacks: str) -> None:
        super().__init__(f"{guard}: {lacks}")
        self.guard = guard
        self.lacks = lacks


class Contacts:
    """When each person of a log was contacted, as far as the log tells."""

    def __init__(self, log: DecisionLog, play: Play) -> None:
        at_ms = log.at_ms
        assert at_ms is not None  # noqa: S101  only asked for where the file tells times
        quiet = {option.name for option in play.options if not option.is_contact} | {"silence"}
        loud = np.array([name not in quiet for name in log.options], dtype=np.bool_)[log.taken]
        self._at_ms = at_ms
        self._people = log.people
        self._times: dict[int, list[int]] = {}
        for row in np.flatnonzero(loud)[np.argsort(at_ms[loud], kind="stable")]:
            self._times.setdefault(int(log.people[row]), []).append(int(at_ms[row]))

    def before(self, row: int) -> list[int]:
        """The times (ms) of the contacts with the row's person before it, oldest first."""
        times = self._times.get(int(self._people[row]), [])
        return times[: bisect_left(times, int(self._at_ms[row]))]


class RowStanding:
    """The person of one row as far as the file tells; satisfies `ports.Standing`.

    `read` gathers what was asked for, `lacks` what was first asked for and is not there.
    """

    def __init__(self, log: DecisionLog, play: Play, engine: Engine) -> None:
        self._log = log
        self._rules = engine.rules
        self._contacts = None if log.at_ms is None else Contacts(log, play)
        self.row = 0
        self.read: set[str] = set()
        self.lacks = ""

    def _absent(self, what: str) -> NotTold:
        self.lacks = self.lacks or what
        return NotTold(what)

    @property
    def person(self) -> int:
        """Not told: who somebody is in a file is not who they are in this house."""
        raise self._absent("person")

    @property
    def known(self) -> bool:
        """The column `known`."""
        return bool(self.get("known"))

    @property
    def timezone(self) -> str:
        """The column `traits.timezone`, else the house's zone."""
        zone = self.get("traits.timezone") if "traits.timezone" in self._log.fields else None
        return zone if isinstance(zone, str) and zone else self._rules.timezone

    @property
    def locale(self) -> str:
        """The house's language."""
        return self._rules.locale

    @property
    def per_week(self) -> int | None:
        """Nobody's own budget is told by a file."""
        return None

    @property
    def quiet(self) -> tuple[int, int] | None:
        """Nobody's own quiet hours are told; where no time is, no hours can be asked about."""
        self._need_times()
        return None

    def get(self, field: str) -> Value:
        """The column of this field in the row; contact pressure also from the log's own contacts."""
        column = self._log.fields.get(field)
        if column is None:
            if field in PRESSURE and self._contacts is not None:
                return self._pressure(field)
            if field in NEED_NOT_BE_TOLD:
                return None
            raise self._absent(field)
        self.read.add(field)
        return plain(column[self.row])

    def stance(self, purpose: str, channel: str) -> Stance | None:  # noqa: ARG002 - one answer for all
        """What the column `consent` says, of every purpose and channel."""
        if self._log.consent is None:
            raise self._absent("consent")
        self.read.add("consent")
        said = self._log.consent[self.row]
        return None if not isinstance(said, bool | np.bool_) else Stance(bool(said), 0, 0, "")

    def contact_times_ms(self, since_ms: int, play: str | None = None) -> list[int]:  # noqa: ARG002 - the log is one play
        """When the log contacted the person before this row, oldest first."""
        self._need_times()
        assert self._contacts is not None  # noqa: S101  there are times
        return [at_ms for at_ms in self._contacts.before(self.row) if at_ms >= since_ms]

    def _need_times(self) -> None:
        if self._contacts is None:
            raise self._absent("at")
        self.read.add(ROW)

    def _pressure(self, field: str) -> Value:
        assert self._log.at_ms is not None  # noqa: S101  there are times
        now_ms = int(self._log.at_ms[self.row])
        times = self.contact_times_ms(0)
        if field == "contacts.days_since":
            return (now_ms - times[-1]) / DAY_MS if times else None
        days = 7 if field == "contacts.last_7d" else 28
        return sum(at_ms > now_ms - days * DAY_MS for at_ms in times)


def plain(value: Any) -> Value:
    """A cell as conditions compare it: a text, number or truth value; None for what is none of them."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and value != value:  # noqa: PLR0124 - only NaN differs from itself
        return None
    return value if isinstance(value, str | int | float | bool) else None


def recount(log: DecisionLog, live: LivePlay, engine: Engine) -> Judged:
    """What the play's guards say at every decision of the file, and the features as they stood.

    A guard that asks for what the file does not hold is asked about no row, and named. Rows that are
    alike in all that the guards looked at are asked about once.
    """
    asking = _Asking(log, live, engine)
    keys: set[str] = set()
    while True:
        firsts, which = alike(log, keys)
        try:
            word = asking.ask(firsts)
        except Unasked as problem:
            asking.leave_out(problem.guard, problem.lacks)
            continue
        if asking.standing.read <= keys or ROW in keys:
            break
        keys |= asking.standing.read
    reason = word.written()[which]
    return Judged(
        allowed=reason < 0,
        reason=reason,
        reasons=tuple(word.reasons),
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
        self.not_asked: dict[str, str] = dict(UNASKED)
        limits = live.play.limits
        if limits.total is not None or any(o.stock is not None for o in live.play.options):
            self.not_asked["limits"] = "spent"

    def leave_out(self, guard: str, lacks: str) -> None:
        """Do not ask this guard again."""
        self.not_asked[guard] = lacks
        self.standing.read.clear()

    def ask(self, rows: Iterable[int]) -> Word:
        """The guards' word on these rows; raises `Unasked` where one of them cannot be asked."""
        questions = questions_of(self.engine.deciders, self.not_asked)
        word, standing = Word(self.live.play), self.standing
        if self.log.at_ms is not None and any(map(_is_from_outside, questions)):
            standing.read.add(ROW)
        for row in rows:
            standing.row, standing.lacks = row, ""
            verdicts = ask(self._asked(row), questions)
            for verdict in (v for option in verdicts for v in option):
                if _not_told(verdict):
                    raise Unasked(verdict.guard, standing.lacks)
            word.note(verdicts)
        return word

    def _asked(self, row: int) -> Asked:
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
            in_audience="audience" in self.not_asked or self._in_audience(),
        )

    def _in_audience(self) -> bool:
        try:
            return self.live.where(self.standing.get) and self.live.audience(self.standing.get)
        except NotTold as problem:
            raise Unasked("audience", str(problem)) from None

    def inputs(self) -> dict[str, NDArray[Any]]:
        """The features of the play, (n,) each; those that the file does not tell are None everywhere."""
        log, found = self.log, {}
        for field in looked_at(self.live.play):
            if field in log.fields:
                found[field] = log.fields[field]
            elif field in PRESSURE and log.at_ms is not None:
                found[field] = column_of(log.n, self._reader(field))
            else:
                found[field] = np.full(log.n, None, dtype=object)
        return found

    def _reader(self, field: str) -> Any:
        def read(row: int) -> Value:
            self.standing.row = row
            return self.standing.get(field)

        return read


def _not_told(verdict: Verdict) -> bool:
    return verdict.reason == "guard_failed" and verdict.detail.get("fault") == NotTold.__name__


def _is_from_outside(question: Question) -> bool:
    """A guard of others may look at the time without asking the person for anything."""
    return not getattr(question.guard, "__module__", "").startswith("equipoise.")


def alike(log: DecisionLog, keys: Iterable[str]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The first row of each group of rows that agree in these columns, and the group of each row."""
    names = set(keys)
    if ROW in names:
        every = np.arange(log.n)
        return every, every
    columns = [log.consent if name == "consent" else log.fields[name] for name in sorted(names)]
    return groups([column for column in columns if column is not None], log.n)


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
