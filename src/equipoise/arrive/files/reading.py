"""Rows become events, in chunks that can be stopped and taken up again at any row."""

import hashlib
import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from equipoise.arrive.files.cells import CellError, cell_of, fact_in, ms_of, text_in, translated
from equipoise.arrive.files.mapping import Column, Mapping
from equipoise.arrive.files.rows import FileError, Row, rows_of
from equipoise.nouns.events import Event, Handle, Refused, Source

CHUNK_ROWS = 1_000
"""Rows of one chunk."""

KEPT_MOST = 4096
"""How many bytes of a refused row are kept."""


class Chunk(msgspec.Struct, frozen=True):
    """Some rows of a file: their events and what was refused.

    `rows` is how many rows of the file lie behind, from its start: hand it in as `after` to go on
    from here. `behind` is the share of the file that was read, 0 to 1.
    """

    events: list[Event]
    refused: list[Refused]
    rows: int
    behind: float


class _Job(msgspec.Struct, frozen=True):
    name: str
    digest: str
    mapping: Mapping
    source: Source
    received_ms: int
    typed: bool
    used: frozenset[str]


def digest_of(path: Path) -> str:
    """SHA-256 of the file, in hex: the same file is known again under another name."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_events(
    path: Path, mapping: Mapping, source: Source, received_ms: int, after: int = 0
) -> Iterator[Chunk]:
    """The events of a file, in chunks, from row `after` + 1 on.

    The same file and mapping give the same ids, whenever and however often it is read, so that what
    was taken in before is dropped as a duplicate. Raises `FileError`.
    """
    typed = not path.name.lower().removesuffix(".gz").endswith((".csv", ".tsv", ".txt"))
    used = frozenset(mapping.columns())
    job = _Job(path.name, digest_of(path), mapping, source, received_ms, typed, used)
    rows = rows_of(path, mapping)
    for _ in islice(rows, after):
        pass
    while batch := list(islice(rows, CHUNK_ROWS)):
        _all_columns(job, batch[0])
        events: list[Event] = []
        refused: list[Refused] = []
        for row in batch:
            try:
                events.append(_event(job, row))
            except CellError as problem:
                refused.append(_refused(job, row, problem))
        yield Chunk(events, refused, batch[-1].number, batch[-1].behind)


def _all_columns(job: _Job, row: Row) -> None:
    """A mapping that names a column which the file has not is a mistake, not a million of them."""
    if row.cells is None or job.name.lower().removesuffix(".gz").endswith(
        ("jsonl", "ndjson", "json")
    ):
        return
    told = job.mapping.columns() | {
        fact if isinstance(fact, str) else fact.column
        for fact in (job.mapping.facts or {}).values()
    }
    if missing := sorted(told - row.cells.keys()):
        raise FileError(f"{job.name} has no column {missing[0]!r}; it has {', '.join(row.cells)}")


def _event(job: _Job, row: Row) -> Event:
    mapping, cells = job.mapping, row.cells
    if cells is None:
        raise CellError("row_malformed", "the row does not have the columns that the file names")
    handles = tuple(
        Handle(kind, text)
        for kind, column in mapping.handles.items()
        if (text := text_in(cell_of(cells, column)))
    )
    if not handles:
        columns = ", ".join(mapping.handles.values())
        raise CellError("identity_missing", f"nobody is named in {columns}")
    kind = translated(cells, mapping.kind)
    if not kind:
        raise CellError("event_missing", "the column of the kind is empty")
    when = mapping.at
    at_ms = ms_of(cell_of(cells, when.column) if when.column else when.value, when)
    return Event(
        id=_id(job, row.number, cells),
        kind=kind,
        channel=translated(cells, mapping.channel) or "server",
        source=job.source.name,
        at_ms=min(at_ms, job.received_ms),
        received_ms=job.received_ms,
        handles=handles,
        facts=_facts(job, cells),
        provenance=mapping.provenance,
        trust=job.source.trust,
        history=mapping.history or job.source.history,
        original_ms=at_ms,
    )


def _id(job: _Job, number: int, cells: dict[str, Any]) -> str:
    """From the source and the natural key; without a key, from the file's digest and the row."""
    if not job.mapping.id:
        return f"{job.digest[:32]}-{number}"
    key = [text_in(cell_of(cells, column)) for column in job.mapping.id]
    if not any(key):
        raise CellError("key_missing", f"the columns {', '.join(job.mapping.id)} are empty")
    named = json.dumps([job.source.name, *key]).encode()
    return f"key-{hashlib.blake2b(named, digest_size=16).hexdigest()}"


def _facts(job: _Job, cells: dict[str, Any]) -> dict[str, Any]:
    """The named columns, or every column not used otherwise; what is absent is no fact.

    A text in a file that has types stays a text, unless the mapping says otherwise.
    """
    told: dict[str, Any] | None = job.mapping.facts
    if told is None:
        told = {name: name for name in cells if name not in job.used}
    facts: dict[str, Any] = {}
    for name, fact in told.items():
        column = fact if isinstance(fact, Column) else None
        value = cell_of(cells, column.column if column else fact)
        if column and column.values and isinstance(value, str):
            value = column.values.get(value, value)
        if value is None:
            continue
        kind = column.type if column else "auto"
        if kind == "auto" and isinstance(value, str) and job.typed:
            facts[name] = value
        else:
            facts[name] = fact_in(value, kind, job.mapping.decimal, name)
    return facts


def _refused(job: _Job, row: Row, problem: CellError) -> Refused:
    raw = row.raw if row.cells is None else json.dumps(row.cells, default=str, ensure_ascii=False)
    return Refused(
        source=job.source.name,
        code=problem.code,
        message=f"{job.name}, row {row.number}: {problem}",
        received_ms=job.received_ms,
        id=f"{job.digest[:32]}-{row.number}",
        item=raw.encode("utf-8", "replace")[:KEPT_MOST],
    )
