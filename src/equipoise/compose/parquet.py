"""Tables as Parquet files, in chunks. Needs pyarrow: `pip install "equipoise[parquet]"`."""

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from equipoise.rights.leaving.tables import Part, Row

if TYPE_CHECKING:
    import pyarrow as pa

CHUNK = 4096
"""Rows that are held at once."""


class NoParquet(ImportError):
    """pyarrow is not installed; the message says what to do."""


def write_table(path: Path, part: Part, rows: Iterable[Row]) -> int:
    """Write one table; how many rows there were. Raises `NoParquet`."""
    pa, pq = _pyarrow()
    schema = _schema(part)
    source, n = iter(rows), 0
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        while chunk := list(islice(source, CHUNK)):
            columns = [
                pa.array(values, type=field.type)
                for values, field in zip(zip(*chunk, strict=True), schema, strict=True)
            ]
            writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=schema))
            n += len(chunk)
    return n


def read_table(path: Path, part: Part) -> Iterator[list[Row]]:
    """The rows of one table in chunks, in the order of `part`'s columns, whatever that of the file.

    Raises `NoParquet`, and `ValueError` where a column is missing or of another type.
    """
    _, pq = _pyarrow()
    wanted = _schema(part)
    with pq.ParquetFile(path) as file:
        found = file.schema_arrow
        for field in wanted:
            at = found.get_field_index(field.name)
            if at < 0 or found.field(at).type != field.type:
                raise ValueError(
                    f"{path.name}: needs a column {field.name!r} of type {field.type}; "
                    "it was not made by this release"
                )
        for batch in file.iter_batches(CHUNK, columns=list(part.names)):
            columns = [batch.column(name).to_pylist() for name in part.names]
            yield list(zip(*columns, strict=True))


def _schema(part: Part) -> "pa.Schema":
    pa, _ = _pyarrow()
    kinds = {"int64": pa.int64(), "string": pa.string(), "binary": pa.binary(), "bool": pa.bool_()}
    return pa.schema(
        [pa.field(name, kinds[kind], nullable=False) for name, kind, _ in part.columns]
    )


def _pyarrow() -> tuple[Any, Any]:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise NoParquet(
            'a whole export is written in Parquet: pip install "equipoise[parquet]"'
        ) from error
    return pa, pq
