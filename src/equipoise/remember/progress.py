"""How far people have got with their aims, as plays read it: what is left, and how much is used."""

from collections.abc import Callable, Iterator, Sequence

from equipoise.nouns.aims import DAY_MS, THOUSAND, AimKind, Balance
from equipoise.nouns.state import AtomState
from equipoise.remember.aims import balances

Progress = Callable[[Sequence[AtomState], int], float | None]
"""Reads a figure of a person's aims as of a time (ms); None where they set no such limit."""


def _of(atoms: Sequence[AtomState], now_ms: int, kind: AimKind) -> Iterator[Balance]:
    return (one for one in balances(atoms, now_ms) if one.aim.kind == kind)


def _left(kind: AimKind) -> Progress:
    def read(atoms: Sequence[AtomState], now_ms: int) -> float | None:
        left = [one.left for one in _of(atoms, now_ms, kind) if one.left is not None]
        return min(left) / THOUSAND if left else None

    return read


def _share(kind: AimKind) -> Progress:
    def read(atoms: Sequence[AtomState], now_ms: int) -> float | None:
        shares = (one.share for one in _of(atoms, now_ms, kind))
        return max((share for share in shares if share is not None), default=None)

    return read


READERS: dict[str, Progress] = {
    "spend.left": _left("spend_at_most"),
    "spend.share": _share("spend_at_most"),
    "contacts.left": _left("contacts_at_most"),
    "use.share": _share("use_less"),
}
"""By the name of the field after `aims.`: of several limits the one that is nearest to being reached."""


def goal_days(atoms: Sequence[AtomState], now_ms: int, category: str) -> float | None:
    """Days to the nearest goal that the person set in a category; None where there is none."""
    days = [
        (one.aim.until_ms - now_ms) / DAY_MS
        for one in _of(atoms, now_ms, "goal")
        if one.aim.category == category
    ]
    return min(days, default=None)
