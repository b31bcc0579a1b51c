"""One SQLite file: who may write it, how a transaction is durable, and when the WAL is emptied."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import apsw
import msgspec

from equipoise.stores import StoreBusy, StoreError, StoreFull, StoreVersion, Unstorable
from equipoise.stores.sqlite.emptying import BUSY_MS, Emptier
from equipoise.stores.sqlite.schema import Layout
from equipoise.stores.sqlite.scrubbing import scrubbing

PAGE_BYTES = 4096
OLDEST_SQLITE = (3, 51, 3)
"""Before it, two connections on one WAL could corrupt the file (the WAL-reset race)."""


class File:
    """One open file. A writer holds `PATH.lock` for as long as it lives and is the only one.

    `wal_bytes` is the length of the write-ahead log past which a commit empties it into the file;
    `cache_bytes` bounds the pages kept in memory. Raises `StoreError` if the file cannot be opened.
    """

    def __init__(
        self,
        path: Path,
        layout: Layout,
        *,
        readonly: bool,
        cache_bytes: int = 64 << 20,
        wal_bytes: int = 32 << 20,
    ) -> None:
        check_sqlite(apsw.sqlite_lib_version())
        self.path = path
        self.readonly = readonly
        self._emptier: Emptier | None = None
        self._lock: IO[bytes] | None = None
        if readonly and not path.exists():
            raise StoreError(
                f"{layout.kind} {path}: there is no such file to read; start its writer"
            )
        if not readonly:
            self._lock = _hold(path)
        flags = apsw.SQLITE_OPEN_READONLY if readonly else _WRITE
        try:
            self.connection = apsw.Connection(str(path), flags=flags)
            self.connection.set_busy_timeout(BUSY_MS)
            if not readonly:
                self._prepare_to_write(layout)
                self._emptier = Emptier(path, self.connection, wal_bytes // PAGE_BYTES)
            self.connection.pragma("cache_size", -(cache_bytes >> 10))
            self.connection.pragma("mmap_size", 1 << 40)
            check_version(self.connection, path, layout)
        except apsw.Error as error:
            self.close()
            raise StoreError(f"{layout.kind} {path}: cannot be opened: {error}") from error
        except StoreError:
            self.close()
            raise

    def _prepare_to_write(self, layout: Layout) -> None:
        connection = self.connection
        if connection.pragma("user_version") == 0 and _is_empty(connection):
            connection.pragma("page_size", PAGE_BYTES)
            connection.pragma("journal_mode", "wal")
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(layout.tables)
            connection.pragma("application_id", layout.application_id)
            connection.pragma("user_version", layout.version)
            connection.execute("COMMIT")
        connection.pragma("synchronous", "FULL")
        # What is deleted is overwritten, also on pages that are given back: an erasure leaves no bytes.
        connection.pragma("secure_delete", 1)
        connection.pragma("temp_store", "MEMORY")

    def rows(self, query: str, params: Any = ()) -> list[tuple[Any, ...]]:
        """All rows of one query."""
        return self.connection.execute(query, params).fetchall()

    @contextmanager
    def writing(self) -> Iterator[apsw.Connection]:
        """One durable transaction: on disk when the block is left, or undone if anything in it fails.

        Raises `StoreFull` where the disk is full, `Unstorable` for a value that no row can keep, and
        `StoreError` for everything else that SQLite reports, also where the transaction stands and
        only its log could not be emptied: its message says which.
        """
        connection = self.connection
        try:
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")
        except (
            TypeError,
            OverflowError,
            UnicodeEncodeError,
            apsw.ConstraintError,
            apsw.TooBigError,
            msgspec.MsgspecError,
        ) as error:
            raise Unstorable(
                f"{self.path}: a value cannot be kept, nothing written: {error}"
            ) from error
        except apsw.FullError as error:
            raise StoreFull(
                f"{self.path}: the disk is full, nothing of this commit was written. Make room; "
                f"the engine goes on from the last commit"
            ) from error
        except apsw.ReadOnlyError as error:
            raise StoreError(
                f"{self.path}: is open for reading only; write through its writer"
            ) from error
        except apsw.Error as error:
            raise StoreError(f"{self.path}: SQLite reports: {error}; nothing written") from error
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        if self._emptier is not None:
            self._emptier.after_commit()

    def empty_log(self) -> None:
        """Copy the write-ahead log into the file and cut it to nothing, so that no former page stays.

        Where a reader holds the log, the next commit tries again.
        """
        if self._emptier is not None:
            self._emptier.cut()

    @contextmanager
    def shortened(self) -> Iterator[None]:
        """Cut the file to what is left in it after the block, in which deleting overwrites nothing.

        What was deleted is gone with the end of the file, once the log was emptied. Raises `StoreFull`
        where there is no room to write what is left: the bytes stay until it is done again.
        """
        self.connection.pragma("secure_delete", 0)
        try:
            yield
            self.connection.execute("VACUUM")
        except apsw.FullError as error:
            raise StoreFull(f"{self.path}: the disk is full; make room and start anew") from error
        finally:
            self.connection.pragma("secure_delete", 1)

    def close(self) -> None:
        """Release the file and the right to write it; SQLite empties the log as the last one leaves.

        Raises `StoreError`, with everything released, where the log could not be emptied.
        """
        last: apsw.Connection | None = None
        try:
            if self._emptier is not None:
                self._emptier.close()
                # The last to leave copies the log: it must be one that leaves no former rows in pages.
                last = self._emptier.beside()
        finally:
            connection = getattr(self, "connection", None)
            if connection is not None:
                connection.close()
            if last is not None:
                last.close()
            if self._lock is not None:
                self._lock.close()
                self._lock = None


_WRITE = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE


def create(path: Path, layout: Layout) -> None:
    """Make the file with its tables where it is missing, so that readers can open it.

    A file whose making was cut short has no application id yet, and is made to the end.
    """
    if path.exists():
        connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
        try:
            if connection.pragma("application_id"):
                return
        except apsw.Error:
            return  # Whatever it is, opening it will say so.
        finally:
            connection.close()
    path.parent.mkdir(parents=True, exist_ok=True)
    File(path, layout, readonly=False).close()


def check_sqlite(version: str) -> None:
    """Raise `StoreError` where the SQLite library is older than `OLDEST_SQLITE`."""
    if tuple(map(int, version.split(".")[:3])) < OLDEST_SQLITE:
        oldest = ".".join(map(str, OLDEST_SQLITE))
        raise StoreError(
            f"SQLite {version}: needs {oldest} or newer (an older one can corrupt a file that two "
            f"processes have open). Install a newer apsw"
        )


def check_version(connection: apsw.Connection, path: Path, layout: Layout) -> None:
    """Raise `StoreVersion` unless the file is of this kind and of this release's version."""
    kind, version = connection.pragma("application_id"), connection.pragma("user_version")
    if kind != layout.application_id:
        raise StoreVersion(f"{path}: is not an Equipoise {layout.kind}; name another file")
    if version > layout.version:
        raise StoreVersion(
            f"{layout.kind} {path}: has version {version}, this release reads up to "
            f"{layout.version}. Install the release that wrote it, or a newer one"
        )
    if version < layout.version:
        raise StoreVersion(
            f"{layout.kind} {path}: has version {version}, this release needs {layout.version}. "
            f"Back it up, then run: equipoise migrate"
        )


def migrate(path: Path, layout: Layout) -> tuple[int, int]:
    """Bring a file to the layout's version in one transaction; returns the versions before and after.

    Raises `StoreVersion` for a newer or foreign file, `StoreBusy` while an engine has it open.
    """
    if not path.exists():
        raise StoreError(f"{layout.kind} {path}: there is no such file to migrate")
    with _hold(path):
        flags = apsw.SQLITE_OPEN_READWRITE
        connection = apsw.Connection(str(path), flags=flags, vfs=scrubbing())
        try:
            before: int = connection.pragma("user_version")
            is_ours = connection.pragma("application_id") == layout.application_id
            if is_ours and 1 <= before < layout.version:
                connection.execute("BEGIN IMMEDIATE")
                for step in layout.steps[before - 1 :]:
                    connection.execute(step)
                connection.pragma("user_version", layout.version)
                connection.execute("COMMIT")
                # Former releases left what they deleted in the file. Where there is no room, it stays.
                with suppress(apsw.FullError):
                    connection.execute("VACUUM")
            check_version(connection, path, layout)
            return before, layout.version
        except apsw.Error as error:
            raise StoreError(f"{layout.kind} {path}: migration undone: {error}") from error
        finally:
            connection.close()


def _hold(path: Path) -> IO[bytes]:
    """The right to write a file, which the operating system takes back when the process ends."""
    try:
        lock = path.with_name(f"{path.name}.lock").open("ab")
    except OSError as error:
        raise StoreError(f"{path}: its folder cannot be written: {error}") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise StoreBusy(
            f"{path}: another engine writes this file. Stop it, or name another file"
        ) from None
    return lock


def _is_empty(connection: apsw.Connection) -> bool:
    return not connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchall()
