"""Rows of a file, one by one, whatever its kind: nothing is read before it is asked for."""

import csv
import gzip
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import msgspec

from equipoise.arrive.files.mapping import Mapping

PARQUET_ROWS = 4096
"""Rows that are taken out of a Parquet file at once."""


class FileError(ValueError):
    """The file as a whole cannot be read; the message says what to do."""


class Row(msgspec.Struct, frozen=True, gc=False):
    """One row: its number from 1 on, its cells, and how much of the file lies behind it (0 to 1).

    `cells` is None where the row has no columns to speak of; `raw` is then what stands there.
    """

    number: int
    cells: dict[str, Any] | None
    behind: float
    raw: str = ""


def rows_of(path: Path, mapping: Mapping) -> Iterator[Row]:
    """Every row of a file, by the end of its name: csv, tsv, jsonl, ndjson (also .gz), parquet.

    Raises `FileError` for another kind, a wrong encoding, or a missing optional library.
    """
    match Path(path.name.lower().removesuffix(".gz")).suffix:
        case ".csv" | ".txt":
            return _in_text(path, mapping, lambda text: _separated(text, mapping.delimiter))
        case ".tsv":
            return _in_text(path, mapping, lambda text: _separated(text, "\t"))
        case ".jsonl" | ".ndjson" | ".json":
            return _in_text(path, mapping, _json_lines)
        case ".parquet":
            return _parquet(path)
    raise FileError(
        f"{path.name}: a file ends in .csv, .tsv, .jsonl or .ndjson (also .gz), or .parquet"
    )


def _in_text(path: Path, mapping: Mapping, read: Any) -> Iterator[Row]:
    encoding = mapping.encoding or "utf-8-sig"
    size = max(1, path.stat().st_size)
    with path.open("rb") as raw:
        # gzip seeks in what it reads; `raw` still says how far it is in the file itself.
        binary: IO[bytes] = gzip.GzipFile(fileobj=raw) if path.suffix.lower() == ".gz" else raw  # type: ignore[assignment]  # a GzipFile reads bytes too
        try:
            text = io.TextIOWrapper(binary, encoding=encoding, newline="")
            for number, (cells, line) in enumerate(read(text), 1):
                yield Row(number, cells, min(1.0, raw.tell() / size), line)
        except (UnicodeDecodeError, LookupError) as problem:
            raise FileError(
                f"{path.name} is not {encoding}: {problem}. Set `encoding` in the mapping, for "
                "example cp1252"
            ) from None
        except (gzip.BadGzipFile, EOFError, csv.Error) as problem:
            raise FileError(f"{path.name} cannot be read to its end: {problem}") from None


def _separated(
    text: io.TextIOWrapper, delimiter: str
) -> Iterator[tuple[dict[str, Any] | None, str]]:
    reader = csv.reader(text, delimiter=delimiter)
    names = [name.strip() for name in next(reader, [])]
    for cells in reader:
        if not cells:
            continue
        if len(cells) == len(names):
            yield dict(zip(names, cells, strict=True)), ""
        else:
            yield None, delimiter.join(cells)


def _json_lines(text: io.TextIOWrapper) -> Iterator[tuple[dict[str, Any] | None, str]]:
    for line in text:
        if not line.strip():
            continue
        try:
            cells = json.loads(line)
        except (ValueError, RecursionError):
            cells = None
        yield (cells, "") if isinstance(cells, dict) else (None, line.strip())


def _parquet(path: Path) -> Iterator[Row]:
    try:
        from pyarrow import ArrowException, parquet
    except ImportError:
        raise FileError(
            f"{path.name}: Parquet needs one more library: pip install 'equipoise[parquet]'"
        ) from None
    try:
        file = parquet.ParquetFile(path)
        total = max(1, file.metadata.num_rows)
        number = 0
        for batch in file.iter_batches(PARQUET_ROWS):
            for cells in batch.to_pylist():
                number += 1
                yield Row(number, cells, number / total)
    except ArrowException as problem:
        raise FileError(f"{path.name} is no whole Parquet file: {problem}") from None
