"""All that goes into one person's export, gathered beforehand: the export itself asks nobody."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from equipoise.nouns.aims import Balance
from equipoise.nouns.decisions import Action
from equipoise.nouns.events import Event, Provenance, Value
from equipoise.nouns.intents import Intent
from equipoise.nouns.lessons import Lesson
from equipoise.nouns.rights import Request
from equipoise.nouns.state import PersonState

SHARES = "share"
"""The type of a receipt that says what a partner was given."""

Sentence = Callable[[str, str, Mapping[str, str]], str]
"""Says a reason code in a language (`en`, `fr`), with the detail that fills its places."""


Row = tuple[Any, ...]
"""One row of a table: texts, numbers and booleans; None is an empty cell."""


class Known(msgspec.Struct, frozen=True):
    """One field of the profile as it stood: `at_ms` is when it was said, 0 for a fold of many events."""

    name: str
    value: Value
    provenance: Provenance
    at_ms: int
    folded: bool
    meaning: str
    unit: str = ""


class Logged(msgspec.Struct, frozen=True):
    """One record of the log that is no event: a question, a delivery, an answer, a request."""

    seq: int
    kind: str
    body: Any


class Receipt(msgspec.Struct, frozen=True):
    """One receipt: its body as plain values, the file that proves it, and the proof alone.

    Both are empty where there is no key to prove it under.
    """

    seq: int
    body: dict[str, Any]
    bundle: bytes = b""
    proof: str = ""

    @property
    def name(self) -> str:
        """What its files are called, for example `d_48`."""
        return str(self.body["id"])


class Taking(msgspec.Struct, frozen=True, kw_only=True):
    """Everything of one person, oldest first. `as_of_ms` is the newest time in it, not that of the export.

    So the same state gives the same bytes. `aims` and `intents` are those that held then. `person` is their
    public name; `vkey` the public key of the ledger and `checker` the program that checks a receipt with it.
    """

    company: str
    origin: str
    person: str
    as_of_ms: int
    state: PersonState
    events: tuple[tuple[int, Event], ...] = ()
    records: tuple[Logged, ...] = ()
    receipts: tuple[Receipt, ...] = ()
    known: tuple[Known, ...] = ()
    actions: dict[int, Action] = {}
    lessons: tuple[Lesson, ...] = ()
    requests: tuple[Request, ...] = ()
    aims: tuple[Balance, ...] = ()
    intents: tuple[Intent, ...] = ()
    vkey: str = ""
    checker: str = ""

    def of_type(self, name: str) -> tuple[Receipt, ...]:
        """The receipts of one type, oldest first."""
        return tuple(one for one in self.receipts if one.body.get("type") == name)


def iso(at_ms: int) -> str:
    """A time as ISO 8601 in UTC, to the millisecond; empty for 0, which stands for no time.

    >>> iso(1_790_000_000_123), iso(0)
    ('2026-09-21T14:13:20.123Z', '')
    """
    if not at_ms:
        return ""
    when = datetime.fromtimestamp(at_ms // 1000, UTC).isoformat()
    return f"{when[:19]}.{at_ms % 1000:03d}Z"
