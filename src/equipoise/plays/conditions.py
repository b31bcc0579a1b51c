"""Conditions compile twice, to a predicate and to SQL, and both select the same people.

The logic has two values. A field that is missing (or is not a number, NaN) matches nothing, not
even `is_not`; only `known: false` matches it. `not: {field: x, is: 1}` does match where `x` is
missing, because the inner condition is plainly false. Text is compared with text, numbers with
numbers and booleans with booleans; values of different types never match. Only numbers have an order.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Literal

import msgspec

from equipoise.nouns.events import Value
from equipoise.nouns.plays import All, Compare, Condition, Not, Operator

Get = Callable[[str], Value]
"""Reads one field of one person by name; None where it is not known."""

Predicate = Callable[[Get], bool]
"""Says whether one person, given by how their fields are read, satisfies a condition."""

ColumnType = Literal["number", "text", "boolean"]
"""What a typed column of the store holds; any other value is kept as NULL."""

LARGEST = 2**53 - 1
"""The largest whole number, either sign, that a double holds exactly; conditions name none beyond."""

SINCE = (".days_since", ".first_days_ago")
"""Endings of fields that grow by themselves: a column keeps the time (ms) that they count from."""

_SIGNS: dict[str, str] = {"at_least": ">=", "more_than": ">", "at_most": "<=", "less_than": "<"}
_READING = re.compile(r"(.+) \((number|text|boolean|known)\)", re.DOTALL)
_ESCAPED = re.compile(r"\^(?:([a-z])|\(([0-9a-f]+)\))")


class Compiled(msgspec.Struct, frozen=True):
    """A condition as an SQL expression that is true or false, never NULL.

    `params` are its named parameters (`p0`, `p1`, ...); where `timed` is true it also needs `now`,
    the present in ms. `columns` are the typed columns that it reads, by name.
    """

    sql: str
    params: dict[str, Value]
    columns: dict[str, ColumnType]
    timed: bool = False


def predicate(condition: Condition) -> Predicate:
    """The condition as a function of one person's fields.

    >>> old_hand = predicate(Compare("orders.count", "at_least", 3))
    >>> old_hand({"orders.count": 4}.get), old_hand({}.get)
    (True, False)
    """
    if isinstance(condition, Not):
        inner = predicate(condition.of)
        return lambda get: not inner(get)
    if isinstance(condition, Compare):
        return _compare(condition)
    parts = tuple(predicate(part) for part in condition.of)
    if len(parts) == 1:
        return parts[0]
    if isinstance(condition, All):
        return lambda get: all(part(get) for part in parts)
    return lambda get: any(part(get) for part in parts)


def fields_of(condition: Condition | None) -> tuple[str, ...]:
    """The names of the fields that a condition reads, each once, in the order they appear."""
    return tuple(dict.fromkeys(compare.field for compare in comparisons(condition)))


def comparisons(condition: Condition | None) -> Iterator[Compare]:
    """Every comparison inside a condition, from left to right."""
    if isinstance(condition, Compare):
        yield condition
    elif isinstance(condition, Not):
        yield from comparisons(condition.of)
    elif condition is not None:
        for part in condition.of:
            yield from comparisons(part)


def type_of(value: object) -> ColumnType | None:
    """The type under which a value is compared; None for nothing, NaN and whatever is no scalar."""
    kind = type(value)
    if kind is str:
        return "text"
    if kind is bool:
        return "boolean"
    if kind is int or (kind is float and value == value):  # noqa: PLR0124 - only NaN differs from itself
        return "number"
    return None


def _compare(condition: Compare) -> Predicate:
    """One comparison; the reading of a field is the only thing left to do per person."""
    field, operator, wanted = condition.field, condition.operator, condition.value
    if operator == "known":
        known = bool(wanted)
        return lambda get: (type_of(get(field)) is not None) is known
    if operator == "one_of":
        options = {(type_of(value), value) for value in _listed(wanted)}
        return lambda get: (
            (found := type_of(value := get(field))) is not None and (found, value) in options
        )
    kind = type_of(wanted)
    if operator in _SIGNS:
        return _ordered(field, operator, wanted) if kind == "number" else lambda _: False
    if kind is None:
        return lambda _: False
    if operator == "is":
        return lambda get: (value := get(field)) == wanted and type_of(value) == kind
    return lambda get: (value := get(field)) != wanted and type_of(value) == kind


def _ordered(field: str, operator: Operator, wanted: object) -> Predicate:
    """A comparison by order. Comparing NaN is false by itself, so its type need not be asked."""
    bound = wanted if isinstance(wanted, int | float) else 0.0
    numbers = (int, float)
    if operator == "at_least":
        return lambda get: type(v := get(field)) in numbers and v >= bound  # type: ignore[operator]
    if operator == "more_than":
        return lambda get: type(v := get(field)) in numbers and v > bound  # type: ignore[operator]
    if operator == "at_most":
        return lambda get: type(v := get(field)) in numbers and v <= bound  # type: ignore[operator]
    return lambda get: type(v := get(field)) in numbers and v < bound  # type: ignore[operator]


def _listed(value: Value | tuple[Value, ...]) -> tuple[Value, ...]:
    items = value if isinstance(value, tuple) else (value,)
    return tuple(item for item in items if type_of(item) is not None)


def to_sql(condition: Condition) -> Compiled:
    """The condition as SQL over one row per person, for SQLite and engines that read its dialect.

    A column has the name of its field where it holds the field's usual type (text for `traits.`,
    numbers elsewhere), and else `FIELD (TYPE)`; `FIELD (known)` says whether there is a value. SQL
    takes capitals for small letters, so a capital is written `^` and small. Time goes on without
    events, so `X.days_since` is computed from the column `X.days_since.at_ms` and the parameter
    `now`. Facts of the opening event are no part of a person: in SQL they are missing.

    >>> to_sql(Compare("orders.days_since", "at_least", 90)).sql
    '("orders.days_since.at_ms" IS NOT NULL AND (:now - "orders.days_since.at_ms") / 8.64e7 >= :p0)'
    """
    writing = _Writing()
    sql = writing.write(condition)
    return Compiled(sql, writing.params, writing.columns, writing.timed)


class _Writing:
    """The parameters and columns gathered while one condition is written as SQL."""

    def __init__(self) -> None:
        self.params: dict[str, Value] = {}
        self.columns: dict[str, ColumnType] = {}
        self.timed = False

    def write(self, condition: Condition) -> str:
        if isinstance(condition, Not):
            return f"(NOT {self.write(condition.of)})"
        if isinstance(condition, Compare):
            return self._compare(condition)
        if not condition.of:
            return "TRUE" if isinstance(condition, All) else "FALSE"
        word = " AND " if isinstance(condition, All) else " OR "
        return f"({word.join(self.write(part) for part in condition.of)})"

    def _compare(self, condition: Compare) -> str:
        field, operator, wanted = condition.field, condition.operator, condition.value
        if operator == "known":
            there = "FALSE" if field.startswith("event.") else self._known(field)
            return there if wanted else f"(NOT {there})"
        if field.startswith("event."):
            return "FALSE"
        if operator == "one_of":
            return self._one_of(field, _listed(wanted))
        kind = type_of(wanted)
        if kind is None or isinstance(wanted, tuple) or (operator in _SIGNS and kind != "number"):
            return "FALSE"
        sign = _SIGNS.get(operator) or ("=" if operator == "is" else "<>")
        column, value = self._column(field, kind)
        return f"({column} IS NOT NULL AND {value} {sign} {self._param(wanted)})"

    def _one_of(self, field: str, items: Iterable[Value]) -> str:
        kinds: dict[ColumnType, list[str]] = {}
        for item in items:
            kind = type_of(item)
            if kind is not None:
                kinds.setdefault(kind, []).append(self._param(item))
        parts = []
        for kind, params in kinds.items():
            column, value = self._column(field, kind)
            parts.append(f"({column} IS NOT NULL AND {value} IN ({', '.join(params)}))")
        return f"({' OR '.join(parts)})" if parts else "FALSE"

    def _known(self, field: str) -> str:
        return f"COALESCE({self._named(f'{_escaped(field)} (known)', 'boolean')}, FALSE)"

    def _column(self, field: str, kind: ColumnType) -> tuple[str, str]:
        """The column of a field, and the SQL that gives the field's value from it."""
        name = _escaped(field)
        if kind == "number" and field.endswith(SINCE) and not field.startswith("traits."):
            self.timed = True
            column = self._named(f"{name}.at_ms", kind)
            return column, f"(:now - {column}) / 8.64e7"
        usual = "text" if field.startswith("traits.") else "number"
        column = self._named(name if kind == usual else f"{name} ({kind})", kind)
        return column, column

    def _named(self, column: str, kind: ColumnType) -> str:
        self.columns[column] = kind
        return f'"{column}"'

    def _param(self, value: Value) -> str:
        name = f"p{len(self.params)}"
        self.params[name] = value
        return f":{name}"


def _escaped(field: str) -> str:
    """A field's name without what SQL cannot tell apart, or would end an identifier with."""
    return "".join(_escaped_letter(letter) for letter in field)


def _escaped_letter(letter: str) -> str:
    if "A" <= letter <= "Z":
        return f"^{letter.lower()}"
    if letter in '"^(' or letter.casefold() != letter:
        return f"^({ord(letter):x})"
    return letter


def _source(column: str) -> tuple[str, str]:
    """What a column is made from (a field, or `FIELD.at_ms`), and as what it is read."""
    reading = _READING.fullmatch(column)
    name = reading[1] if reading else column
    plain = _ESCAPED.sub(lambda e: e[1].upper() if e[1] else chr(int(e[2], 16)), name)
    return plain, reading[2] if reading else ""


def sources(columns: Iterable[str]) -> tuple[str, ...]:
    """The fields, and times of fields (`orders.days_since.at_ms`, in ms), that columns are made from."""
    return tuple(dict.fromkeys(_source(column)[0] for column in columns))


def row(columns: Mapping[str, str], get: Get) -> dict[str, Value]:
    """What a store keeps of one person in these columns; a value of another type is kept as NULL.

    `columns` are those of `Compiled`; `get` gives the value of each of their `sources`.
    """
    return {name: _cell(name, kind, get) for name, kind in columns.items()}


def _cell(name: str, kind: str, get: Get) -> Value:
    source, reading = _source(name)
    value = get(source)
    if reading == "known":
        return type_of(value) is not None
    if type_of(value) != kind:
        return None
    if type(value) is int and abs(value) > LARGEST:
        # A database has no such whole numbers; none is near a bound that a condition may name.
        try:
            return float(value)
        except OverflowError:
            return float("inf") if value > 0 else float("-inf")
    return value
