"""The store on SQLite: one file, one writer, one durable transaction for each step."""

from collections.abc import Mapping
from pathlib import Path

from equipoise.nouns.changes import Changes
from equipoise.nouns.events import Value
from equipoise.stores.sqlite.files import File
from equipoise.stores.sqlite.reading import Reading
from equipoise.stores.sqlite.schema import STORE
from equipoise.stores.sqlite.writing import add_columns, named_columns, write, write_columns


class SqliteStore(Reading):
    """`ports.Store` on the file at `path`, made where it is missing.

    With `readonly` it opens beside the process that writes, sees each of its commits as soon as it is
    durable, and never writes or checkpoints. Raises `StoreError` (see `equipoise.stores`).
    """

    def __init__(self, path: Path | str, *, readonly: bool = False) -> None:
        super().__init__(File(Path(path), STORE, readonly=readonly))
        self._columns = named_columns(self._file.connection)

    def commit(self, changes: Changes) -> None:
        """Write all of it durably, or raise `StoreError` and write nothing."""
        with self._file.writing() as connection:
            write(connection, changes, self._columns)
        if changes.erased:
            self._file.empty_log()

    def forget_seen(self, before_ms: int) -> None:
        """Drop the hashes of message ids committed before `before_ms`."""
        with self._file.writing() as connection:
            connection.execute("DELETE FROM seen WHERE at_ms < ?", (before_ms,))

    def name_columns(self, fields: Mapping[str, str]) -> None:
        """Keep these profile fields as typed columns (`number`, `text`, `boolean`) from now on."""
        with self._file.writing() as connection:
            add_columns(connection, self._columns, fields)
        self._columns = named_columns(self._file.connection)

    def fill_columns(self, columns: Mapping[int, Mapping[str, Value]]) -> None:
        """Write typed columns of people who are already there, outside a step."""
        with self._file.writing() as connection:
            write_columns(connection, columns, self._columns)
