"""How much it would cost a company, or a person, to leave: one number, 0 for nothing at all.

    lock_in = 1 - coverage x fidelity x equivalence

Each factor is a share from 0 to 1: of what is known, how much is exported; of what is exported, how much
comes back the same; of the decisions that can be made again, how many come out the same afterwards.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

MOST = 0.01
"""The largest lock-in that this house puts up with."""

_NOTHING: tuple[Any, ...] = (None, "", 0, False, [], (), {})


class LockIn(msgspec.Struct, frozen=True):
    """The three shares, each from 0 to 1."""

    coverage: float
    fidelity: float
    equivalence: float

    @property
    def lock_in(self) -> float:
        """What keeps somebody here who would rather go, from 0 to 1."""
        return 1.0 - self.coverage * self.fidelity * self.equivalence


def coverage(known: Iterable[str], exported: Iterable[str]) -> float:
    """The share of the known fields that are exported; 1 where nothing is known.

    >>> coverage(["name", "city"], ["city", "colour"])
    0.5
    """
    wanted = set(known)
    return len(wanted & set(exported)) / len(wanted) if wanted else 1.0


def fidelity(
    before: Mapping[str, Iterable[Any]], after: Mapping[str, Iterable[Any]]
) -> tuple[float, list[str]]:
    """The share of records that are the same after export and import, and the tables with others.

    Records are compared by their canonical bytes, each with each occurrence of its own.

    >>> fidelity({"plays": [("a", 1), ("b", 2)]}, {"plays": [("b", 2), ("a", 3)]})
    (0.5, ['plays'])
    """
    same = total = 0
    changed = []
    for name in sorted({*before, *after}):
        was = Counter(map(_bytes, before.get(name, ())))
        now = Counter(map(_bytes, after.get(name, ())))
        kept = (was & now).total()
        # A record that came from nowhere is as false as one that was lost.
        wanted = max(was.total(), now.total())
        same, total = same + kept, total + wanted
        if kept < wanted:
            changed.append(name)
    return (same / total if total else 1.0), changed


def equivalence(before: Mapping[str, Any], after: Mapping[str, Any]) -> float:
    """The share of decisions, by their names, that are made again with the same outcome; 1 of none.

    >>> equivalence({"d_1": "mail", "d_2": "none"}, {"d_1": "mail"})
    0.5
    """
    same = sum(name in after and after[name] == made for name, made in before.items())
    return same / len(before) if before else 1.0


def paths_of(value: Any, under: str = "") -> set[str]:
    """The names of all fields of a record that hold something; lists are looked into, not counted.

    >>> sorted(paths_of({"name": "Ana", "age": None, "at": [{"city": "Nice"}]}))
    ['at.city', 'name']
    """
    if isinstance(value, Mapping):
        return {
            path
            for name, item in value.items()
            for path in paths_of(item, f"{under}.{name}" if under else str(name))
        }
    if isinstance(value, list | tuple) and value:
        return {path for item in value for path in paths_of(item, under)}
    return set() if value in _NOTHING else {under}


def _bytes(record: Any) -> bytes:
    return msgspec.msgpack.encode(record, order="deterministic")
