"""The write-ahead log is emptied into its file beside the commits, so that none waits for the disk.

Copying 32 MB of scattered pages and syncing them takes 50 to 200 ms: on the way of a commit it would
be seen in every percentile above the 95th. So a second connection of the writer's own process copies
in a thread while commits go on. SQLite starts the log anew only when all of it was copied at the moment
a commit begins; what arrived during the copying is copied in shorter and shorter rounds, and the
last few pages, where commits leave no gap, by the writer itself.
"""

from contextlib import closing, suppress
from pathlib import Path
from threading import Thread

import apsw

from equipoise.stores import StoreError
from equipoise.stores.sqlite.scrubbing import scrubbing

ROUNDS = 6
"""Rounds of copying in one go; each takes about as long as commits went on during the former."""

MOST_LOGS = 8
"""A log of so many times its set length makes commits wait: the disk does not keep up."""


BUSY_MS = 10_000
"""How long a connection waits for another one, in ms."""

CUT_MS = 500
"""How long it waits for readers where the log is to be cut, in ms; it tries again after the next commit."""


class Emptier:
    """Empties the log of one file once it is `most_pages` long. Only the file's writer has one."""

    def __init__(self, path: Path, connection: apsw.Connection, most_pages: int) -> None:
        self._path = path
        self._connection = connection
        self._most_pages = most_pages
        self._pages = 0
        self._commits = 0
        self._copying: Thread | None = None
        self._owes_cut = False
        connection.pragma("wal_autocheckpoint", 0)
        connection.pragma("journal_size_limit", 4 * most_pages * connection.pragma("page_size"))
        connection.set_wal_hook(self._note)

    def _note(self, _connection: apsw.Connection, _name: str, pages: int) -> int:
        self._pages = pages
        self._commits += 1
        return apsw.SQLITE_OK

    def after_commit(self) -> None:
        """Start copying, or finish what was copied, if the log is long enough."""
        if self._owes_cut:
            self.cut(wait_ms=0)
        if self._pages < self._most_pages:
            return
        if self._copying is None:
            self._copying = Thread(target=self._copy, name="checkpoint")
            self._copying.start()
        elif not self._copying.is_alive() or self._pages >= MOST_LOGS * self._most_pages:
            self._copying.join()
            self._copying = None
            with closing(self.beside()) as copier:
                empty(copier)

    def cut(self, wait_ms: int = CUT_MS) -> None:
        """Copy all of it and cut the log to nothing; where a reader holds it, after the next commit."""
        self.close()
        with closing(self.beside()) as copier:
            copier.set_busy_timeout(wait_ms)
            try:
                copier.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
                self._owes_cut = False
            except (apsw.FullError, apsw.BusyError, apsw.LockedError, apsw.IOError):
                self._owes_cut = True
        # Pages in memory still hold in their gaps what those in the file do not.
        self._connection.pragma("shrink_memory")

    def beside(self) -> apsw.Connection:
        """A second connection, through which pages lose what they do not use as they enter the file.

        Raises `StoreError` where the file can no longer be found by its name, or not be opened again.
        """
        flags = apsw.SQLITE_OPEN_READWRITE
        try:
            connection = apsw.Connection(str(self._path), flags=flags, vfs=scrubbing())
            connection.pragma("synchronous", "FULL")
        except apsw.CantOpenError as error:
            raise StoreError(
                f"{self._path}: what was committed stands, but the file cannot be opened again to empty "
                f"its log: it was moved or deleted under its writer, or the process has too many files "
                f"open. Put it back in its place and start again"
            ) from error
        return connection

    def _copy(self) -> None:
        # Where it cannot be opened again, a later commit needs it too, and says so.
        with suppress(StoreError), closing(self.beside()) as copier:
            for _ in range(ROUNDS):
                before = self._commits
                if not empty(copier) or before == self._commits:
                    return

    def close(self) -> None:
        """Wait for a copy that is under way."""
        if self._copying is not None:
            self._copying.join()
            self._copying = None


def empty(connection: apsw.Connection) -> bool:
    """Copy the log into the file as far as readers allow; False where it could not be done now.

    Nothing is lost then: commits are durable in the log, and a later round copies it. If the disk is
    full, it is the next commit that cannot be written which says so.
    """
    try:
        connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
    except (apsw.FullError, apsw.BusyError, apsw.LockedError, apsw.IOError):
        return False
    return True
