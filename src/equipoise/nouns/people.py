"""Who is who: atoms, joins with their evidence, cannot-links, and joins that were held back."""

from typing import Literal

import msgspec

from equipoise.nouns.events import Handle


class Atom(msgspec.Struct, frozen=True):
    """One group of handles as first seen; `person` is the id of the oldest atom it is joined with."""

    id: int
    person: int


class Join(msgspec.Struct, frozen=True, kw_only=True):
    """Two atoms became one person: which event and which handles are the evidence, from whom, when."""

    seq: int
    left: int
    right: int
    event: str
    source: str
    evidence: tuple[Handle, ...]
    at_ms: int


class CannotLink(msgspec.Struct, frozen=True, kw_only=True):
    """Two atoms that must never be joined again: written by a split, beats every later join."""

    left: int
    right: int
    by: str
    at_ms: int
    note: str = ""


class HeldJoin(msgspec.Struct, frozen=True, kw_only=True):
    """A join that was not made, and why; an operator sees it."""

    seq: int
    left: int
    right: int
    reason: Literal["strong_conflict", "cannot_link", "too_large"]
    event: str
    evidence: tuple[Handle, ...]
    at_ms: int


class Recognised(msgspec.Struct, frozen=True, kw_only=True):
    """What recognising one event came to.

    `atom` is where the event folds; `fresh` the handles that no atom had; `merged` the persons (ids)
    that became one with the survivor `person`, with the `joins` that say why; `held` what was held.
    """

    person: int
    atom: int
    fresh: tuple[Handle, ...] = ()
    merged: tuple[int, ...] = ()
    joins: tuple[Join, ...] = ()
    held: tuple[HeldJoin, ...] = ()
