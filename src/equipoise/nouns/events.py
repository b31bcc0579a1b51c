"""What arrives: events, handles, intake rows, and what was refused at the door."""

from typing import Any, Literal, NamedTuple

import msgspec

Provenance = Literal["stated", "observed", "inferred", "third_party"]
"""How a fact came to be known; decides what is exported, explained and allowed."""

Trust = Literal["public", "server"]
"""What a source's key may say: `public` speaks only for its own anonymous id."""

Value = str | int | float | bool | None
"""One scalar fact or profile field."""


class Handle(NamedTuple):
    """One way of being recognised, for example `("email", "ana@example.org")`."""

    kind: str
    value: str


class Source(msgspec.Struct, frozen=True):
    """Who speaks: the name of a source and how far it is trusted.

    `history` marks a source whose events open no moments (imports of the past).
    """

    name: str
    trust: Trust = "server"
    history: bool = False


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Something a source says happened. Times are milliseconds since 1970, UTC.

    `at_ms` is when it happened (corrected for the sender's clock), `received_ms` when it was
    acknowledged; `original_ms` and `sent_ms` are kept as they came. `facts` are what the event says,
    `context` holds the few strings about its surroundings (`timezone`, `locale`, `page`, ...).
    """

    id: str
    kind: str
    channel: str
    source: str
    at_ms: int
    received_ms: int
    handles: tuple[Handle, ...]
    facts: dict[str, Any] = {}
    context: dict[str, str] = {}
    provenance: Provenance = "observed"
    trust: Trust = "server"
    history: bool = False
    original_ms: int | None = None
    sent_ms: int | None = None


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """One item that could not be taken, kept where an operator sees it.

    `code` is a reason code of `docs/reasons.md`; `message` says who, what was needed, what came and
    what to do; `item` is what came, cut to 4,096 bytes save where a whole row was set aside.
    """

    source: str
    code: str
    message: str
    received_ms: int
    id: str = ""
    item: bytes = b""


RowKind = Literal[
    "segment",
    "events",
    "decide",
    "page",
    "tick",
    "play",
    "model",
    "attempt",
    "delivery",
    "human",
    "split",
    "right",
    "agreement",
    "share",
    "aggregate",
    "join",
]
"""What an intake row holds; every kind that can change a decision is in the log."""


class IntakeRow(msgspec.Struct, frozen=True):
    """One durable intake row: the raw body as it came, who sent it, and when it arrived (ms).

    `id` grows by one for each row of one intake log and is 0 before the log has given one.
    """

    id: int
    kind: RowKind
    source: Source
    received_ms: int
    body: bytes
