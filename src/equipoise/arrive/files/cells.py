"""What stands in a cell: texts, numbers and times as files write them."""

import math
import re
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from equipoise.arrive.files.mapping import Column, Kind, When

_NUMBER = re.compile(r"[+-]?(?:0|[1-9]\d{0,17})(?:\.\d+)?(?:[eE][+-]?\d{1,3})?")
_YES, _NO = {"true", "1", "yes", "y", "t", "oui"}, {"false", "0", "no", "n", "f", "non"}
_SPACES = str.maketrans("", "", " \u00a0\u202f'")


class CellError(ValueError):
    """A cell does not hold what its column should: the row is refused with `code`."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def cell_of(cells: dict[str, Any], name: str) -> Any:
    """The value under a name; a name with dots is also a path. None where it is absent or empty."""
    value: Any = cells.get(name)
    if value is None and "." in name:
        value = cells
        for part in name.split("."):
            value = value.get(part) if isinstance(value, dict) else None
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def text_in(value: Any) -> str:
    """A value as text; 17850.0 is written 17850, and nothing is the empty text."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def fact_in(value: Any, kind: Kind, decimal: str, name: str) -> Any:
    """A value as a fact holds it. Raises `CellError` where the column's type is not met."""
    match kind:
        case "text":
            return text_in(value)
        case "number":
            return _number(value, decimal, name)
        case "boolean":
            return _boolean(value, name)
    if isinstance(value, str):
        written = _point(value, decimal)
        if not _NUMBER.fullmatch(written):
            return value
        return float(written) if "." in written or "e" in written.lower() else int(written)
    return _plain(value)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def _point(text: str, decimal: str) -> str:
    if decimal == ".":
        return text
    return text.translate(_SPACES).replace(".", "").replace(",", ".")


def _number(value: Any, decimal: str, name: str) -> float | int:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    if isinstance(value, Decimal):
        return float(value)
    text = text_in(value).translate(_SPACES)
    text = _point(text, decimal) if decimal == "," else text.replace(",", "")
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise CellError("number_unreadable", f"column {name!r} should be a number, not {value!r}")
    return number


def _boolean(value: Any, name: str) -> bool:
    text = text_in(value).lower()
    if text not in _YES | _NO:
        raise CellError("boolean_unreadable", f"column {name!r} should be yes or no, not {value!r}")
    return text in _YES


def translated(cells: dict[str, Any], told: str | Column) -> str:
    """One text for all rows, or what a column says, by its table."""
    if isinstance(told, str):
        return told
    text = text_in(cell_of(cells, told.column))
    return told.values.get(text, text)


def ms_of(value: Any, when: When) -> int:
    """A time in a cell as ms since 1970, UTC; earlier ones count as 0. Raises `CellError`."""
    try:
        if when.format in ("seconds", "milliseconds"):
            scale = 1000 if when.format == "seconds" else 1
            return max(0, int(float(value) * scale))
        moment = _moment(value, when.format)
    except (ValueError, OverflowError, TypeError):
        raise CellError(
            "time_unreadable",
            f"column {when.column!r} should be a time written as {when.format!r}, not {value!r}",
        ) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(when.timezone))
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return max(0, since.days * 86_400_000 + since.seconds * 1000 + since.microseconds // 1000)


def _moment(value: Any, written: str) -> datetime:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime.combine(value, time())
    if written == "iso":
        return datetime.fromisoformat(text_in(value))
    return datetime.strptime(text_in(value), written)  # noqa: DTZ007 - the mapping gives the zone
