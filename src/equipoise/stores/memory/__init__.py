"""A store and an intake that live in the process and die with it: for tests, rehearsals and the town."""

from equipoise.stores import Side, StoreError
from equipoise.stores.memory.intake import MemoryIntake
from equipoise.stores.memory.store import MemoryStore

__all__ = ["MemoryIntake", "MemoryStore", "open_pair"]


def open_pair(place: str, side: Side) -> tuple[MemoryStore, MemoryIntake]:
    """A new store and intake; raises `StoreError` for a place, or for one side of two processes."""
    if place or side != "both":
        raise StoreError(
            f"store 'memory:{place}', side {side!r}: memory is neither kept nor shared with another "
            f"process. Write memory: in a library or a test, sqlite:PATH for a server"
        )
    return MemoryStore(), MemoryIntake()
