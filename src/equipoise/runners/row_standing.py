"""The person of one row of a file, as guards see them: what the columns tell, and what they lack."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from equipoise.arrive.files import DecisionLog
from equipoise.engine import Engine
from equipoise.nouns.aims import Balance
from equipoise.nouns.events import Value
from equipoise.nouns.intents import Intent
from equipoise.nouns.lessons import PRESSURE
from equipoise.nouns.plays import SILENCE, Play
from equipoise.nouns.state import Stance
from equipoise.runners.judged import Column

DAY_MS = 86_400_000
NEED_NOT_BE_TOLD = ("traits.minor", "traits.age")
"""Fields that a person need not have stated, so that a file without them says that nobody did."""

ROW = "@row"
"""What an answer depends on where it may depend on anything about the row."""

PAST = "@contacts"
"""What an answer depends on where it depends on when the person was contacted before."""

TIME = "@minute"
"""What an answer depends on where it depends on the minute in which the decision was made."""


class NotTold(Exception):
    """Something was asked for that the file does not hold; the message names it."""


class Contacts:
    """When each person of a log was contacted before each row, as far as the log tells."""

    def __init__(self, log: DecisionLog, play: Play) -> None:
        at_ms = log.at_ms
        assert at_ms is not None  # noqa: S101  only asked for where the file tells times
        quiet = {option.name for option in play.options if not option.is_contact} | {SILENCE.name}
        loud = np.array([name not in quiet for name in log.options], dtype=np.bool_)[log.taken]
        # One number for person and time, so that all rows are looked up at once.
        begin = int(at_ms.min())
        span = int(at_ms.max()) - begin + 40 * DAY_MS
        self._base = log.people.astype(np.int64) * span + 39 * DAY_MS
        self._rows = self._base + (at_ms - begin)
        self._keys = np.sort(self._rows[loud])
        order = np.argsort(self._rows[loud], kind="stable")
        self._times: list[int] = at_ms[loud][order].tolist()
        self._first = np.searchsorted(self._keys, self._base, side="left")
        self._stop = np.searchsorted(self._keys, self._rows, side="left")

    def before(self, row: int) -> list[int]:
        """The times (ms) of the contacts with the row's person before it, oldest first."""
        return self._times[self._first[row] : self._stop[row]]

    @property
    def marks(self) -> NDArray[np.intp]:
        """0 for rows whose person was never contacted before, and each other row a number of its own."""
        rows = np.arange(1, len(self._rows) + 1)
        return np.where(self._stop > self._first, rows, 0)

    def pressure(self, field: str) -> NDArray[np.float64]:
        """One of the features of contact pressure at every row, (n,); NaN where there was no contact."""
        if field == "contacts.days_since":
            some = self._stop > self._first
            last = np.where(some, self._stop - 1, 0)
            keys = self._keys if len(self._keys) else np.zeros(1, dtype=np.int64)
            return np.where(some, (self._rows - keys[last]) / DAY_MS, np.nan)
        days = 7 if field == "contacts.last_7d" else 28
        window = np.searchsorted(self._keys, self._rows - days * DAY_MS, side="right")
        return (self._stop - np.maximum(window, self._first)).astype(np.float64)


class RowStanding:
    """The person of one row as far as the file tells; satisfies `ports.Standing`.

    `read` gathers what was asked for, `lacks` what was first asked for and is not there.
    """

    def __init__(self, log: DecisionLog, play: Play, engine: Engine) -> None:
        self._log = log
        self._rules = engine.rules
        self._pressures: dict[str, Column] = {}
        self._contacts = None if log.at_ms is None else Contacts(log, play)
        self.row = 0
        self.read: set[str] = set()
        self.lacks = ""

    @property
    def past(self) -> NDArray[np.intp]:
        """Rows alike in when their person was contacted before, by number; the file tells times."""
        assert self._contacts is not None  # noqa: S101  only asked for where there are times
        return self._contacts.marks

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
    def cap(self) -> int:
        """Nobody's agreement is told by a file: that of people who chose none."""
        return self._rules.default_cap

    @property
    def barred(self) -> int:
        """Nobody's signals are told by a file."""
        return 0

    @property
    def per_week(self) -> int | None:
        """Nobody's own budget is told by a file."""
        return None

    @property
    def quiet(self) -> tuple[int, int] | None:
        """Nobody's own quiet hours are told; where no time is, no hours can be asked about."""
        self._need_times(TIME)
        return None

    @property
    def rest(self) -> tuple[int, str] | None:
        """Nobody's answers to how a contact felt are told by a file."""
        return None

    @property
    def aims(self) -> tuple[Balance, ...]:
        """Nobody's aims are told by a file."""
        return ()

    @property
    def intents(self) -> tuple[Intent, ...]:
        """Nobody's intents are told by a file."""
        return ()

    @property
    def restricted(self) -> bool:
        """Not told: what somebody asked of this house is not in a file."""
        raise self._absent("person")

    def contested(self, play: str, option: str) -> bool:  # noqa: ARG002 - the port's
        """Not told: what somebody asked of this house is not in a file."""
        raise self._absent("person")

    def get(self, field: str) -> Value:
        """The column of this field in the row; contact pressure also from the log's own contacts."""
        column = self._log.fields.get(field)
        if column is None:
            pressure = self.pressure(field)
            if pressure is not None:
                self.read.add(PAST)
                return plain(pressure[self.row])
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
        self._need_times(PAST)
        assert self._contacts is not None  # noqa: S101  there are times
        return [at_ms for at_ms in self._contacts.before(self.row) if at_ms >= since_ms]

    def _need_times(self, what: str) -> None:
        if self._contacts is None:
            raise self._absent("at")
        self.read.add(what)

    def pressure(self, field: str) -> Column | None:
        """A feature of contact pressure at every row, from the log's own contacts, where it has times."""
        if self._contacts is None or field not in PRESSURE:
            return None
        if field not in self._pressures:
            self._pressures[field] = self._contacts.pressure(field)
        return self._pressures[field]


def plain(value: Any) -> Value:
    """A cell as conditions compare it: a text, number or truth value; None for what is none of them."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and value != value:  # noqa: PLR0124 - only NaN differs from itself
        return None
    return value if isinstance(value, str | int | float | bool) else None


def cells(column: Column) -> list[Value]:
    """A whole column as conditions compare it, the same as `plain` one by one."""
    if column.dtype.kind in "iub":
        whole: list[Value] = column.tolist()
        return whole
    if column.dtype.kind == "f":
        return [None if x != x else x for x in column.tolist()]  # noqa: PLR0124 - only NaN differs from itself
    return [plain(x) for x in column.tolist()]


def amounts(column: Column) -> NDArray[np.float64]:
    """A column of money, (n,); what is no number is 0."""
    if column.dtype.kind in "iuf":
        return np.nan_to_num(column.astype(np.float64), nan=0.0)
    told = (x if isinstance(x, int | float) else 0.0 for x in cells(column))
    return np.fromiter(told, dtype=np.float64, count=len(column))
