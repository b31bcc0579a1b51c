"""One store in two SQLite files: `NAME.db` for what the engine remembers, `NAME.intake.db` for its queue.

Each file is written and checkpointed by exactly one connection, which a lock file enforces; other
processes open it read-only. See `docs/rooms/stores.md`.
"""

from pathlib import Path

from equipoise.stores import Side, StoreError
from equipoise.stores.sqlite.files import create, migrate
from equipoise.stores.sqlite.intake import SqliteIntake
from equipoise.stores.sqlite.schema import INTAKE, STORE
from equipoise.stores.sqlite.store import SqliteStore

__all__ = ["SqliteIntake", "SqliteStore", "intake_path", "migrate_pair", "open_pair"]


def intake_path(path: Path) -> Path:
    """The intake's file beside a store's: `shop.intake.db` for `shop.db`."""
    return path.with_name(f"{path.stem}.intake{path.suffix}")


def open_pair(place: str, side: Side) -> tuple[SqliteStore, SqliteIntake]:
    """Open `place` and its intake; each is read-only where `side` does not write it.

    Files that are missing are made, unless `side` is `reader`. Raises `StoreError`.
    """
    if not place:
        raise StoreError("store 'sqlite:': needs the path of a file, e.g. sqlite:equipoise.db")
    path = Path(place)
    queue = intake_path(path)
    if side != "reader":
        create(path, STORE)
        create(queue, INTAKE)
    store = SqliteStore(path, readonly=side in ("door", "reader"))
    try:
        return store, SqliteIntake(queue, readonly=side in ("step", "reader"))
    except StoreError:
        store.close()
        raise


def migrate_pair(place: str) -> dict[Path, tuple[int, int]]:
    """Bring both files to this release's version; each file with its version before and after.

    Raises `StoreError` where a file is missing, of a newer release, or open in an engine; a file
    that could not be brought forward is as it was.
    """
    path = Path(place)
    queue = intake_path(path)
    return {path: migrate(path, STORE), queue: migrate(queue, INTAKE)}
