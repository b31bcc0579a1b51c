"""Where the engine remembers: one store and one intake behind the ports, found by a URL.

`sqlite:shop.db` keeps two files, `shop.db` and `shop.intake.db`; `memory:` keeps nothing. Stores of
others are found by the entry point group `equipoise.stores`. Stores never import each other; what they
raise, and the rules that all of them keep, are here.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from importlib.metadata import entry_points
from typing import Literal

from equipoise.nouns.changes import Changes
from equipoise.nouns.events import Handle, Value
from equipoise.ports import Intake, Store, StoreError

__all__ = [
    "COLUMN_TYPES",
    "REFUSED_KEPT",
    "Naming",
    "OpenStore",
    "Side",
    "StoreBusy",
    "StoreError",
    "StoreFull",
    "StoreVersion",
    "Unstorable",
    "check_columns",
    "fitting",
    "not_forward",
    "open_store",
]

Side = Literal["both", "door", "step", "reader"]
"""What a process writes: both files (library), the intake (door), the store (step), or nothing."""

OpenStore = Callable[[str, Side], tuple[Store, Intake]]
"""What an entry point names: given what follows `NAME:` in the URL, opens the pair."""

OURS = {"memory": "equipoise.stores.memory", "sqlite": "equipoise.stores.sqlite"}
"""Our own stores: the name in the URL, and the module whose `open_pair` opens it."""

REFUSED_KEPT = 10_000
"""How many refused items stay visible; the oldest go first."""

COLUMN_TYPES = {"number": "REAL", "text": "TEXT", "boolean": "INTEGER"}
"""Kinds of a typed profile column, and the SQL type under which conditions compare it."""

LARGEST_NUMBER = 1e300
"""A number beyond it, and one that is not a number, is not known in a column."""


class StoreFull(StoreError):
    """The disk is full: nothing was written, and nothing more is taken until there is room."""


class StoreBusy(StoreError):
    """Another process (or another object in this one) already writes this file."""


class StoreVersion(StoreError):
    """The file was written by another release, or is not a file of ours at all."""


class Unstorable(StoreError):
    """The changes hold a value of a type that a row cannot keep; none of them was written."""


def open_store(url: str, side: Side = "both") -> tuple[Store, Intake]:
    """The store and the intake that a URL such as `sqlite:shop.db` names; missing files are made.

    Raises `StoreError` where the name is not known, or where the two are not a pair: an intake that
    ends before the store's cursor would give out numbers that were walked already.
    """
    name, colon, rest = url.partition(":")
    opener = _opener(name) if colon else None
    if opener is None:
        known = ", ".join(sorted({*OURS, *entry_points(group="equipoise.stores").names}))
        raise StoreError(
            f"store {url!r}: needs NAME:PLACE with one of the names {known}. "
            f"Write for example sqlite:equipoise.db"
        )
    store, intake = opener(rest, side)
    cursor, last = store.position().cursor, intake.last()
    if last < cursor:
        store.close()
        intake.close()
        raise StoreError(
            f"store {url!r}: the store has walked intake row {cursor}, but the intake ends at {last}. "
            f"They are not one pair: restore both from one backup."
        )
    return store, intake


def _opener(name: str) -> OpenStore | None:
    if name in OURS:
        opener: OpenStore = import_module(OURS[name]).open_pair
        return opener
    for point in entry_points(group="equipoise.stores", name=name):
        loaded: OpenStore = point.load()
        return loaded
    return None


def not_forward(changes: Changes, cursor: int, seq: int) -> StoreError:
    """The error of a commit that ends before the position (`cursor`, `seq`) of its store."""
    return StoreError(
        f"commit ends at cursor {changes.cursor}, seq {changes.seq}, but the store stands at "
        f"{cursor}, {seq}: two steps write at once. Stop one of them"
    )


def check_columns(known: Mapping[str, str], fields: Mapping[str, str]) -> None:
    """Raise `StoreError` unless these fields can be columns beside the known ones.

    A name holds no double quote, is not `person`, and differs from every other in more than its case
    (SQL takes those for one); its kind is one of `COLUMN_TYPES` and never changes.
    """
    folded = {name.casefold(): name for name in ("person", *known)}
    kinds = {"person": "the id of the person", **known}
    for name, kind in fields.items():
        twin = folded.setdefault(name.casefold(), name)
        taken = kinds.get(twin, kind)
        if '"' in name or kind not in COLUMN_TYPES or twin != name or taken != kind:
            raise StoreError(
                f"column {name!r} of kind {kind!r}: needs a name without a double quote that differs "
                f"from others in more than case, and one kind of {', '.join(COLUMN_TYPES)} for ever; "
                f"there is {twin!r}, {taken}"
            )


def fitting(kind: str, value: Value) -> Value:
    """The value if it is of the column's kind, else None: what is of another kind is not known."""
    if kind == "text":
        return value if isinstance(value, str) else None
    if kind == "boolean":
        return value if isinstance(value, bool) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) < LARGEST_NUMBER else None


LEAST_BARE = 6
"""Characters of a handle that is looked for by itself; a shorter one counts only in quotation marks."""

LEAST_DIGITS = 8
"""Digits from which on a telephone number is found however it was written."""


class Naming:
    """Tells whether a text names one of some handles, as it stands or as people write it."""

    def __init__(self, handles: Iterable[Handle]) -> None:
        values = {handle.value.casefold() for handle in handles}
        self._bare = [value for value in values if len(value) >= LEAST_BARE]
        self._quoted = [f'"{value}"' for value in values if len(value) < LEAST_BARE]
        digits = (
            re.sub(r"\D", "", value) for value in values if re.fullmatch(r"[+\d\s().-]+", value)
        )
        self._digits = [found for found in digits if len(found) >= LEAST_DIGITS]

    def names(self, *texts: bytes | str) -> bool:
        """True where one of the texts names one of the handles."""
        for text in texts:
            plain = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
            folded = plain.casefold()
            if any(value in folded for value in self._bare):
                return True
            if any(value in folded for value in self._quoted):
                return True
            if self._digits:
                bare = re.sub(r"\D", "", plain)
                if any(digits in bare for digits in self._digits):
                    return True
        return False
