"""A whole file of rows as columns, for what is counted over all of them at once."""

import csv
import gzip
import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from equipoise.arrive.files.cells import fact_in
from equipoise.arrive.files.rows import FileError

TYPED_ROWS = 1_000
"""Rows looked at first: a column that has a text among them is no column of numbers."""

_ZERO_FIRST = re.compile(r"-?0\d")
_TRUTH = {"true": True, "false": False}


class Table(msgspec.Struct, frozen=True, eq=False):
    """The columns of a file by name, each (n,): numbers (NaN where absent), times, or objects.

    Objects are texts and booleans, None where absent. `number` (n,) is each row's number in the
    file, from 1 on; `malformed` the numbers of rows that did not have the columns of the head.
    """

    columns: dict[str, NDArray[Any]]
    number: NDArray[np.int64]
    malformed: tuple[int, ...] = ()


def table_of(path: Path, delimiter: str = ",", encoding: str = "") -> Table:
    """The columns of a CSV or TSV file (also .gz) or a Parquet file, by the end of its name.

    In text files a column is numbers where all of it reads as such (a leading zero makes a text),
    booleans where it says true and false. Raises `FileError`.
    """
    suffix = Path(path.name.lower().removesuffix(".gz")).suffix
    if suffix == ".parquet":
        return _parquet(path)
    if suffix in (".csv", ".tsv", ".txt"):
        return _separated(path, "\t" if suffix == ".tsv" else delimiter, encoding or "utf-8-sig")
    raise FileError(
        f"{path.name}: a file of decisions ends in .csv or .tsv (also .gz), or .parquet"
    )


def _separated(path: Path, delimiter: str, encoding: str) -> Table:
    opened = gzip.open if path.suffix.lower() == ".gz" else open
    try:
        with opened(path, "rb") as raw:
            text = io.TextIOWrapper(raw, encoding=encoding, newline="")
            reader = csv.reader(text, delimiter=delimiter)
            names = [name.strip() for name in next(reader, [])]
            rows = [row for row in reader if row]
    except (UnicodeDecodeError, LookupError) as problem:
        raise FileError(
            f"{path.name} is not {encoding}: {problem}. Set `encoding` in the mapping, for example "
            "cp1252"
        ) from None
    except (gzip.BadGzipFile, EOFError, csv.Error) as problem:
        raise FileError(f"{path.name} cannot be read to its end: {problem}") from None
    if not names:
        raise FileError(f"{path.name} is empty: its first row has to name the columns")
    wide = len(names)
    odd = tuple(place for place, row in enumerate(rows, 1) if len(row) != wide)
    if odd:
        kept = set(odd)
        numbers = np.array([n for n in range(1, len(rows) + 1) if n not in kept], dtype=np.int64)
        rows = [row for row in rows if len(row) == wide]
    else:
        numbers = np.arange(1, len(rows) + 1, dtype=np.int64)
    turned = list(zip(*rows, strict=True)) if rows else [()] * wide
    columns = {name: _typed(cells) for name, cells in zip(names, turned, strict=True)}
    return Table(columns, numbers, odd)


def _typed(cells: Sequence[str]) -> NDArray[Any]:
    """The narrowest type that all cells of a column of texts have."""
    head = [cell.strip() for cell in cells[:TYPED_ROWS]]
    if all(_looks_like_number(cell) for cell in head):
        try:
            numbers = np.array([cell or "nan" for cell in cells], dtype=np.float64)
        except ValueError:
            pass
        else:
            if not any(_ZERO_FIRST.match(cell.strip()) for cell in cells):
                return numbers
    found: list[Any] = [cell.strip() or None for cell in cells]
    if all(cell is None or cell.lower() in _TRUTH for cell in found[:TYPED_ROWS]):
        truths = [cell and _TRUTH.get(cell.lower(), cell) for cell in found]
        if all(cell is None or isinstance(cell, bool) for cell in truths):
            found = truths
    return objects(found)


def _looks_like_number(cell: str) -> bool:
    return not cell or isinstance(fact_in(cell, "auto", ".", ""), int | float)


def objects(cells: Sequence[Any]) -> NDArray[Any]:
    """Any values as a column of objects, (n,)."""
    column = np.empty(len(cells), dtype=object)
    column[:] = cells
    return column


def _parquet(path: Path) -> Table:
    try:
        from pyarrow import ArrowException, parquet, types
    except ImportError:
        raise FileError(
            f"{path.name}: Parquet needs one more library: pip install 'equipoise[parquet]'"
        ) from None
    try:
        read = parquet.read_table(path)
        columns = {}
        for name in read.column_names:
            column, kind = read.column(name), read.schema.field(name).type
            if types.is_integer(kind) and column.null_count == 0:
                columns[name] = column.to_numpy()
            elif types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind):
                columns[name] = column.cast("float64").to_numpy()
            elif types.is_temporal(kind):
                columns[name] = column.cast("timestamp[ms]").to_numpy()
            elif types.is_dictionary(kind):
                columns[name] = objects(column.cast(kind.value_type).to_pylist())
            else:
                columns[name] = objects(column.to_pylist())
    except ArrowException as problem:
        raise FileError(f"{path.name} is no whole Parquet file: {problem}") from None
    return Table(columns, np.arange(1, read.num_rows + 1, dtype=np.int64))
