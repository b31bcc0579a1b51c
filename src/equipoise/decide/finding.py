"""Ours by walking a folder, others' by entry points: adding one more edits no list."""

from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import entry_points
from pkgutil import iter_modules
from types import ModuleType
from typing import Any


class NotFound(LookupError):
    """A file or an entry point does not hold what its name promises; the message says which."""


def find(shelf: ModuleType, group: str) -> Iterator[tuple[str, Any]]:
    """Name and object of everything on a shelf (a package), then of an entry point group.

    A file `NAME.py` holds one object called `NAME`. Raises `NotFound` where it does not, and where an
    entry point takes a name that is taken: a missing or replaced guard would let through what it is
    there to stop.
    """
    taken = set()
    for _, name, _ in iter_modules(shelf.__path__):
        if name.startswith("_"):
            continue
        module = import_module(f"{shelf.__name__}.{name}")
        if not hasattr(module, name):
            raise NotFound(f"{module.__name__}: needs one function or class called {name!r}")
        taken.add(name)
        yield name, getattr(module, name)
    for point in sorted(entry_points(group=group)):
        if point.name in taken:
            raise NotFound(
                f"entry point {point.name!r} of {group} ({point.value}): the name is taken; "
                "give it another"
            )
        taken.add(point.name)
        try:
            yield point.name, point.load()
        except (ImportError, AttributeError) as error:
            raise NotFound(
                f"entry point {point.name!r} of {group} ({point.value}) cannot be loaded: {error}. "
                "Install what it needs, or remove the package that names it."
            ) from error
