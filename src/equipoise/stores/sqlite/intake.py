"""The intake on SQLite: one row for each request body, compressed, on disk before the answer."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import zstandard

from equipoise.nouns.events import IntakeRow, Source
from equipoise.stores import StoreError, Unstorable
from equipoise.stores.sqlite.files import File
from equipoise.stores.sqlite.schema import INTAKE

SMALL_BYTES = 1024
"""Bodies below it are kept as they came: compressing them costs more than it saves."""


FEW_BYTES = 4 << 20
"""Bodies that stay, up to which the file is written anew where it is wiped."""


class SqliteIntake:
    """`ports.Intake` on the file at `path`, made where it is missing.

    With `readonly` it opens beside the process that appends and sees its rows as soon as they are
    durable. `append` may be called from any one thread at a time. Raises `StoreError`.
    """

    def __init__(self, path: Path | str, *, readonly: bool = False) -> None:
        self._file = File(
            Path(path), INTAKE, readonly=readonly, cache_bytes=8 << 20, wal_bytes=16 << 20
        )
        self._last = self._newest()
        self._compress = zstandard.ZstdCompressor(level=1).compress
        self._decompress = zstandard.ZstdDecompressor().decompress

    def append(self, rows: Sequence[IntakeRow]) -> list[int]:
        """Store the rows in one transaction and return their ids once they are on disk.

        Raises `StoreFull` or `Unstorable`; then none of the rows is stored and no id is used up.
        """
        first = self._last + 1
        packed = [self._pack(id_, row) for id_, row in enumerate(rows, first)]
        if not packed:
            return []
        with self._file.writing() as connection:
            connection.executemany("INSERT INTO row VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", packed)
        self._last += len(packed)
        return list(range(first, self._last + 1))

    def _pack(self, id_: int, row: IntakeRow) -> tuple[Any, ...]:
        body, source = row.body, row.source
        if not isinstance(body, bytes):
            raise Unstorable(
                f"an intake row of kind {row.kind!r} from {source.name!r}: needs a body of bytes, "
                f"got {type(body).__name__}; encode it first"
            )
        size = len(body)
        if size >= SMALL_BYTES:
            body = self._compress(body)
        packed = len(body) < size
        return (
            id_,
            row.kind,
            source.name,
            source.trust,
            source.history,
            row.received_ms,
            size,
            packed,
            body if packed else row.body,
        )

    def read(self, after: int, most_bytes: int) -> list[IntakeRow]:
        """Rows with an id above `after`, in order, up to `most_bytes` of body, at least one.

        Raises `StoreError` where a body does not decompress: the file is damaged.
        """
        found: list[IntakeRow] = []
        total = 0
        cursor = self._file.connection.execute(
            "SELECT id, kind, source, trust, history, received_ms, size, packed, body "
            "FROM row WHERE id > ? ORDER BY id",
            (after,),
        )
        for id_, kind, name, trust, history, received_ms, size, packed, body in cursor:
            total += size
            if found and total > most_bytes:
                break
            plain = self._unpack(id_, body, size) if packed else body
            source = Source(name, trust, bool(history))
            found.append(IntakeRow(id_, kind, source, received_ms, plain))
        # An unfinished read would hold its snapshot and keep the log from being emptied.
        cursor.close()
        return found

    def _unpack(self, id_: int, body: bytes, size: int) -> bytes:
        try:
            plain: bytes = self._decompress(body, max_output_size=size)
        except zstandard.ZstdError as error:
            raise StoreError(
                f"intake {self._file.path}: row {id_} does not decompress ({error}); "
                f"restore the file from a backup"
            ) from error
        return plain

    def last(self) -> int:
        """The id of the newest row ever appended, or 0."""
        return self._newest() if self._file.readonly else self._last

    def _newest(self) -> int:
        query = "SELECT max((SELECT upto FROM trimmed), ifnull((SELECT max(id) FROM row), 0))"
        newest: int = self._file.rows(query)[0][0]
        return newest

    def trim(self, upto: int) -> None:
        """Forget rows with an id of at most `upto`."""
        upto = min(upto, self._last)
        with self._file.writing() as connection:
            connection.execute("UPDATE trimmed SET upto = max(upto, ?)", (upto,))
            connection.execute("DELETE FROM row WHERE id <= ?", (upto,))

    def wipe(self, upto: int) -> None:
        """As `trim`, and leave nothing of them in the files, as soon as no reader holds the log."""
        query = "SELECT ifnull(sum(length(body)), 0) FROM row WHERE id > ?"
        if self._file.rows(query, (upto,))[0][0] > FEW_BYTES:
            self.trim(upto)
        else:
            # To write the few rows that stay into a short file is less work than to zero the long one.
            with self._file.shortened():
                self.trim(upto)
        self._file.empty_log()

    def close(self) -> None:
        """Release the file."""
        self._file.close()
