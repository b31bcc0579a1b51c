"""A file of logged decisions: who, what was done, how likely that was, and what came of it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from equipoise.arrive.files.cells import CellError, fact_in, ms_of
from equipoise.arrive.files.columns import Table, objects, table_of
from equipoise.arrive.files.decision_mapping import ROLES, DecisionMapping
from equipoise.arrive.files.mapping import When
from equipoise.arrive.files.rows import FileError

Floats = NDArray[np.float64]


class DecisionLog(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """The decisions of a file that could be read, by time where it tells times; n rows.

    `options` are the names that were taken, `taken` (n,) says which; `people` (n,) are codes from 0,
    one for each person. `at_ms`, `left`, `cost`, `consent` (None where not told), `segments` and
    `incumbent` (n, options) are None where the file does not tell. `fields` are all other columns, by
    the name of the field. `number` (n,) is the row of the file. `refused` counts the other rows by
    code, `first` tells the first of each.
    """

    name: str
    options: tuple[str, ...]
    taken: NDArray[np.intp]
    propensity: Floats
    reward: Floats
    people: NDArray[np.intp]
    number: NDArray[np.int64]
    fields: dict[str, NDArray[Any]]
    at_ms: NDArray[np.int64] | None = None
    left: NDArray[np.bool_] | None = None
    cost: Floats | None = None
    consent: NDArray[Any] | None = None
    segments: NDArray[Any] | None = None
    incumbent: Floats | None = None
    refused: dict[str, int] = {}
    first: dict[str, str] = {}

    @property
    def n(self) -> int:
        """How many decisions."""
        return len(self.taken)


def read_decisions(
    path: Path, mapping: DecisionMapping, type_of: Callable[[str], str | None] = lambda _: None
) -> DecisionLog:
    """The decisions of a CSV, TSV or Parquet file; rows that cannot be read are counted and told.

    `type_of` gives the type of a profile field (`boolean`, `text`, `number`) where there is one of
    that name, so that 1 and 0 are read as what the field holds. Raises `FileError`.
    """
    table = table_of(path, mapping.delimiter, mapping.encoding)
    return _Reader(path.name, mapping, table).read(type_of)


class _Reader:
    """One file on its way from columns to decisions: `bad` marks the rows that cannot be read."""

    def __init__(self, name: str, mapping: DecisionMapping, table: Table) -> None:
        self.name = name
        self.mapping = mapping
        self.table = table
        self.n = len(table.number)
        self.bad = np.zeros(self.n, dtype=np.bool_)
        self.refused: dict[str, int] = {}
        self.first: dict[str, str] = {}
        if table.malformed:
            self.refused["row_malformed"] = len(table.malformed)
            self.first["row_malformed"] = (
                f"{name}, row {table.malformed[0]}: does not have the columns that the file names"
            )

    def read(self, type_of: Callable[[str], str | None]) -> DecisionLog:
        option = self._texts(self.column("option"))
        taken, names = self._options(option)
        propensity = self._propensity()
        reward = self._numbers("reward", self.column("reward"))
        person = self.column("person") if self.mapping.person else None
        if person is not None:
            self._refuse("person_missing", _absent(person), person, "needs a person")
        at = self.given("at")
        at_ms = None if at is None else self._times(at)
        cost = self._optional_numbers("cost")
        left, consent = self._truth("left"), self._truth("consent")
        kept = np.flatnonzero(~self.bad)
        if at_ms is not None:
            kept = kept[np.argsort(at_ms[kept], kind="stable")]
        if not len(kept):
            told = "; ".join(self.first.values()) or "it has no rows"
            raise FileError(f"{self.name}: no decision in it can be read: {told}")
        return DecisionLog(
            name=self.name,
            options=names,
            taken=taken[kept],
            propensity=propensity[kept],
            reward=reward[kept],
            people=codes_of(kept if person is None else person[kept])[0],
            number=self.table.number[kept],
            fields={
                name: _as(type_of(name), column)[kept] for name, column in self._fields().items()
            },
            at_ms=None if at_ms is None else at_ms[kept],
            left=None
            if left is None
            else np.array([x is True for x in left[kept]], dtype=np.bool_),
            cost=None if cost is None else cost[kept],
            consent=None if consent is None else consent[kept],
            segments=self._segments(kept),
            incumbent=self._incumbent(names, kept),
            refused=self.refused,
            first=self.first,
        )

    # --- columns ------------------------------------------------------------------------------

    def column(self, role: str) -> NDArray[Any]:
        """The column of a role that a log cannot do without."""
        return self._named(getattr(self.mapping, role), role)

    def given(self, role: str) -> NDArray[Any] | None:
        """The column of a role that may be absent; one that is named otherwise has to be there."""
        name = getattr(self.mapping, role)
        if not name or (name == role and role not in self.table.columns):
            return None
        return self._named(name, role)

    def _named(self, name: str, role: str) -> NDArray[Any]:
        column = self.table.columns.get(name)
        if column is None:
            hint = " (--map person= makes each row a person of their own)" * (role == "person")
            raise FileError(
                f"{self.name} has no column {name!r} for the {role}{hint}; it has "
                f"{', '.join(self.table.columns)}. Name the column with --map {role}=COLUMN"
            )
        return column

    def _fields(self) -> dict[str, NDArray[Any]]:
        """Every column that nothing else is read from, by the field it is mapped to or its own name."""
        mapping = self.mapping
        used = {getattr(mapping, role) for role in ROLES} | set(mapping.fields.values())
        chances = {name for name in self.table.columns if name.startswith(f"{mapping.propensity}.")}
        found = {
            name: column
            for name, column in self.table.columns.items()
            if name not in used | chances
        }
        return found | {
            field: self._named(column, field) for field, column in mapping.fields.items()
        }

    def _segments(self, kept: NDArray[np.intp]) -> NDArray[Any] | None:
        names = self.mapping.segments or (("segment",) if self._has_own_segment() else ())
        if not names:
            return None
        columns = [self._texts(self._named(name, "segment")[kept]) for name in names]
        if len(columns) == 1:
            return objects([text or "–" for text in columns[0]])
        return objects([" / ".join(x or "–" for x in row) for row in zip(*columns, strict=True)])

    def _has_own_segment(self) -> bool:
        taken = {getattr(self.mapping, role) for role in ROLES} | set(self.mapping.fields.values())
        return "segment" in self.table.columns and "segment" not in taken

    def _incumbent(self, names: tuple[str, ...], kept: NDArray[np.intp]) -> Floats | None:
        """The whole distribution of the logging policy: columns `propensity.OPTION`, one for each."""
        back = {new: old for old, new in self.mapping.options.items()}
        wanted = [f"{self.mapping.propensity}.{back.get(name, name)}" for name in names]
        if not all(name in self.table.columns for name in wanted):
            return None
        columns = [self._numbers(name, self.table.columns[name], quiet=True) for name in wanted]
        return np.column_stack([column[kept] for column in columns])

    # --- cells --------------------------------------------------------------------------------

    def _refuse(self, code: str, wrong: NDArray[np.bool_], cells: Any, needs: str) -> None:
        fresh = wrong & ~self.bad
        many = int(np.count_nonzero(fresh))
        if not many:
            return
        place = int(np.argmax(fresh))
        self.refused[code] = self.refused.get(code, 0) + many
        self.first.setdefault(
            code,
            f"{self.name}, row {self.table.number[place]}: {needs}, came {_shown(cells[place])}",
        )
        self.bad |= wrong

    def _texts(self, column: NDArray[Any]) -> list[str]:
        if column.dtype.kind == "f":
            return ["" if x != x else f"{x:.15g}" for x in column.tolist()]  # noqa: PLR0124 - NaN
        return ["" if x is None else str(x) for x in column.tolist()]

    def _options(self, texts: list[str]) -> tuple[NDArray[np.intp], tuple[str, ...]]:
        told = self.mapping.options
        named = objects([told.get(text, text) or None for text in texts])
        self._refuse("option_missing", _absent(named), named, "needs the option that was taken")
        codes, names = codes_of(named)
        options = tuple("" if name is None else str(name) for name in names)
        if "" not in options:
            return codes, options
        # Rows without an option are refused; their code may be anything that exists.
        empty = options.index("")
        codes = np.where(codes > empty, codes - 1, np.where(codes == empty, 0, codes))
        return codes, tuple(name for name in options if name)

    def _propensity(self) -> Floats:
        written = self.mapping.propensity
        try:
            constant = float(written)
        except ValueError:
            found = self._numbers("propensity", self.column("propensity"))
        else:
            found = np.full(self.n, constant)
        wrong = ~((found > 0.0) & (found <= 1.0))
        needs = "the propensity is the probability of what was done, above 0 and at most 1"
        self._refuse("propensity_unreadable", wrong, found, needs)
        return found

    def _numbers(self, role: str, column: NDArray[Any], *, quiet: bool = False) -> Floats:
        found = np.array(
            [_number(x) for x in column.tolist()] if column.dtype.kind == "O" else column,
            dtype=np.float64,
        )
        if not quiet:
            code: Literal["propensity_unreadable", "number_unreadable"] = (
                "propensity_unreadable" if role == "propensity" else "number_unreadable"
            )
            self._refuse(code, ~np.isfinite(found), column, f"the {role} should be a number")
        return found

    def _optional_numbers(self, role: str) -> Floats | None:
        column = self.given(role)
        return None if column is None else self._numbers(role, column)

    def _truth(self, role: str) -> NDArray[Any] | None:
        column = self.given(role)
        return None if column is None else _as("boolean", column)

    def _times(self, column: NDArray[Any]) -> NDArray[np.int64]:
        if column.dtype.kind == "M":
            wrong = np.isnat(column)
            found = np.where(wrong, 0, column.astype("datetime64[ms]").astype(np.int64))
        else:
            when = When(
                column=self.mapping.at,
                format=self.mapping.format,
                timezone=self.mapping.timezone,
            )
            known: dict[Any, int] = {}
            found = np.array([_time(x, when, known) for x in column.tolist()], dtype=np.int64)
            wrong = found < 0
        needs = f"the time should be written as {self.mapping.format!r}"
        self._refuse("time_unreadable", wrong, column, needs)
        return found.astype(np.int64)


def codes_of(column: NDArray[Any]) -> tuple[NDArray[np.intp], list[Any]]:
    """Each value as a whole number in order of appearance, (n,), and the values in that order.

    What is not a number (NaN) is one value like any other.
    """
    seen: dict[Any, int] = {}
    absent = object()
    keys = [absent if x != x else x for x in column.tolist()]  # noqa: PLR0124 - only NaN differs from itself
    codes = np.array([seen.setdefault(key, len(seen)) for key in keys], dtype=np.intp)
    return codes, [None if key is absent else key for key in seen]


def _absent(column: NDArray[Any]) -> NDArray[np.bool_]:
    if column.dtype.kind == "f":
        absent: NDArray[np.bool_] = np.isnan(column)
        return absent
    return np.array([x is None or x == "" for x in column.tolist()], dtype=np.bool_)


def _number(value: Any) -> float:
    try:
        return float(fact_in(value, "number", ".", "")) if value is not None else float("nan")
    except CellError:
        return float("nan")


def _time(value: Any, when: When, known: dict[Any, int]) -> int:
    found = known.get(value)
    if found is None:
        try:
            found = ms_of(value, when)
        except CellError:
            found = -1
        known[value] = found
    return found


def _as(kind: str | None, column: NDArray[Any]) -> NDArray[Any]:
    """A column as a field of this type holds it; what is no truth value stays as it is."""
    if kind != "boolean" or column.dtype.kind == "b":
        return column
    return objects([_true_or(x) for x in column.tolist()])


def _true_or(value: Any) -> Any:
    if value is None or value != value:  # noqa: PLR0124 - only NaN differs from itself
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    try:
        return fact_in(value, "boolean", ".", "")
    except CellError:
        return value


def _shown(value: Any) -> str:
    text = repr(value.item() if isinstance(value, np.generic) else value)
    return text if len(text) <= 60 else f"{text[:57]}..."
