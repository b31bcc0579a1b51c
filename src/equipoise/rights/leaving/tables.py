"""The tables of a whole export: what a row of each is, and the type of each column."""

from typing import Any, Literal

import msgspec

Kind = Literal["int64", "string", "binary", "bool"]
"""Types of columns, by their names in Arrow."""

Row = tuple[Any, ...]
"""One row, in the order of its columns."""

JSON = "The record with its names, as JSON, for others to read."
BODY = "The record as it is kept, MessagePack; taken in again byte for byte."


class Part(msgspec.Struct, frozen=True):
    """One table: columns as (name, kind, meaning), in order."""

    name: str
    text: str
    columns: tuple[tuple[str, Kind, str], ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(name for name, _, _ in self.columns)


_SEQ = ("seq", "int64", "The place in the log.")
_ATOM = ("atom", "int64", "The group of handles it belongs to; 0 belongs to nobody.")
_PREV = ("prev", "int64", "The same atom's former row, 0 at the beginning.")
_BODY = ("body", "binary", BODY)
_JSON = ("json", "string", JSON)
_PAIR = (("left", "int64", "One atom."), ("right", "int64", "The other atom."))
_PROOF = (
    ("event", "string", "The event that is the evidence."),
    ("evidence", "string", "The handles that are the evidence, as JSON."),
    ("at_ms", "int64", "When, in milliseconds since 1970, UTC."),
)
_AT = ("at_ms", "int64", "When, in milliseconds since 1970, UTC.")


def _part(name: str, text: str, *columns: Any) -> Part:
    return Part(name, text, columns)


PARTS = (
    _part(
        "log",
        "Every record that can change a decision, in order.",
        _SEQ,
        _ATOM,
        _PREV,
        ("kind", "string", "What the record is about."),
        _BODY,
        _JSON,
    ),
    _part(
        "states",
        "What is remembered of each person.",
        ("person", "int64", "The id of the person."),
        _BODY,
        _JSON,
    ),
    _part(
        "atoms",
        "Groups of handles, and whom they belong to.",
        ("id", "int64", "The atom."),
        ("person", "int64", "The person it belongs to."),
    ),
    _part(
        "handles",
        "How people are recognised.",
        ("kind", "string", "What kind of handle."),
        ("value", "string", "The handle."),
        _ATOM,
    ),
    _part(
        "joins",
        "Which atoms became one person, and why.",
        _SEQ,
        *_PAIR,
        ("source", "string", "Who said so."),
        *_PROOF,
    ),
    _part(
        "cannot_links",
        "Which atoms must never be joined.",
        *_PAIR,
        ("by", "string", "Who decided."),
        _AT,
        ("note", "string", "Why."),
    ),
    _part(
        "held_joins",
        "Joins that were not made.",
        _SEQ,
        *_PAIR,
        ("reason", "string", "Why not."),
        *_PROOF,
    ),
    _part(
        "receipts",
        "What was decided, as it was committed to in the ledger.",
        _SEQ,
        _ATOM,
        _PREV,
        ("leaf", "int64", "Its place in the ledger."),
        ("json", "string", "The receipt, canonical JSON."),
        ("salt", "binary", "What opens its leaf: 32 bytes."),
    ),
    _part(
        "actions", "What left, and what waits.", ("id", "int64", "The decision's number."), _JSON
    ),
    _part(
        "timers",
        "What will ring.",
        ("due_ms", "int64", "When."),
        _ATOM,
        ("key", "string", "What for."),
    ),
    _part(
        "refused",
        "What could not be taken.",
        ("source", "string", "Who sent it."),
        ("code", "string", "Why, as a code."),
        ("message", "string", "Why, as a sentence."),
        ("received_ms", "int64", "When."),
        ("id", "string", "Its own id."),
        ("item", "binary", "What came."),
    ),
    _part(
        "seen",
        "Digests of message ids, against repeats.",
        ("hash", "binary", "One digest of 8 bytes."),
    ),
    _part(
        "spent",
        "What was used of shared resources.",
        ("resource", "string", "Its name."),
        ("used", "int64", "How much."),
    ),
    _part(
        "plays",
        "Every version of every play.",
        ("name", "string", "Its name."),
        ("version", "string", "The SHA-256 of its text."),
        _SEQ,
        ("status", "string", "Whether it was taken."),
        ("text", "string", "The play, as YAML."),
    ),
    _part(
        "models",
        "Every version of every model.",
        ("name", "string", "What it was learnt for."),
        ("version", "string", "The SHA-256 of its body."),
        _SEQ,
        _AT,
        _BODY,
    ),
    _part(
        "lessons",
        "What decisions led to.",
        _SEQ,
        _ATOM,
        ("kind", "string", "lesson or tried."),
        ("play", "string", "The play."),
        ("decision", "int64", "The decision, 0 for a comparison."),
        _BODY,
        _JSON,
    ),
    _part("requests", "What people asked for under the law.", _SEQ, _JSON),
    _part("shares", "What partners may read, and what they owe for it.", _SEQ, _JSON),
    _part("share_reads", "What partners read, or were refused.", _SEQ, _JSON),
    _part("share_notices", "What partners were told to delete or correct.", _SEQ, _JSON),
    _part(
        "aggregate_grants",
        "Who may ask for figures about many people.",
        ("recipient", "string", "Whoever may ask."),
        _JSON,
    ),
    _part("releases", "Figures about many people that left, and what they cost.", _SEQ, _JSON),
    _part(
        "hypotheses",
        "Who may be one person, and what was said to it.",
        _SEQ,
        *_PAIR,
        ("state", "string", "How it stands."),
        _JSON,
    ),
    _part(
        "counts",
        "Running totals.",
        ("name", "string", "What is counted."),
        ("n", "int64", "How many."),
    ),
    _part(
        "intake",
        "What was acknowledged and not yet walked.",
        ("kind", "string", "What the row holds."),
        ("source", "string", "Who sent it."),
        ("trust", "string", "How far they are trusted."),
        ("history", "bool", "Whether it is of the past."),
        ("received_ms", "int64", "When it arrived."),
        ("body", "binary", "What came."),
    ),
)
"""Every table, in the order in which an import writes them. The leaves of the ledger are in its tiles."""

BY_NAME = {part.name: part for part in PARTS}
"""The tables by their names."""


def named(value: Any) -> Any:
    """A record as plain values with the names of its fields, also where it is kept as an array."""
    if isinstance(value, msgspec.Struct):
        return {name: named(getattr(value, name)) for name in value.__struct_fields__}
    if isinstance(value, dict):
        return {str(key): named(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [named(item) for item in value]
    return value


def text_of(value: Any) -> str:
    """A value as JSON with names in order."""
    return msgspec.json.encode(value, order="sorted").decode()
