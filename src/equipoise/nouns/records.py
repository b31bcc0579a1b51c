"""The bodies of intake rows that are not events: requests, ticks, versions, answers, results."""

from typing import Literal

import msgspec

from equipoise.nouns.events import Handle, Value


class DecideRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A channel asks now what this person should see or get at the moment called `moment`.

    `gpc` is True where the request carried `Sec-GPC: 1`.
    """

    moment: str
    handles: tuple[Handle, ...]
    facts: dict[str, Value] = {}
    channel: str = "web"
    gpc: bool = False


class PageRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A page asks for what waits to be shown to this person on the channel `page`; `gpc` as above."""

    handles: tuple[Handle, ...]
    gpc: bool = False


class Tick(msgspec.Struct, frozen=True):
    """Time passed: timers due at or before the row's arrival ring, at most `most` of them."""

    most: int = 1000


class PlayVersion(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a play enters the log: its text and the SHA-256 of that text, in hex."""

    name: str
    sha256: str
    text: str


class ModelVersion(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a model enters the log: `name` is `play/NAME` or `lifetime`.

    `body` is the encoded model, `sha256` its digest in hex, which is the version.
    """

    name: str
    sha256: str
    body: bytes


class Attempt(msgspec.Struct, frozen=True):
    """The delivery of one action asks for its last look before it leaves."""

    action: int


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """How one delivery ended: `sent`, `retry` (temporary) or `failed` (for good), with the reason.

    `after_s` is how many seconds the receiver asked to be left alone, 0 where it did not say.
    """

    action: int
    result: Literal["sent", "retry", "failed"]
    detail: str = ""
    after_s: float = 0.0


class HumanAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A member of staff approves or declines one action that waits for a human."""

    action: int
    answer: Literal["approve", "decline"]
    by: str
    note: str = ""


class Split(msgspec.Struct, frozen=True, kw_only=True):
    """An operator takes a join apart: `atoms` and `handles` leave `person`, and never join it again.

    An atom all of whose handles are named leaves whole. Of any other the named handles leave alone, and its
    past stays with the person.
    """

    person: int
    atoms: tuple[int, ...]
    by: str
    note: str = ""
    handles: tuple[Handle, ...] = ()


class Occasion(msgspec.Struct, frozen=True):
    """A schedule brings a moment of one play to one person; it never lies in the intake."""

    play: str
    person: int
