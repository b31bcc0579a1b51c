"""Everything one step writes, in one transaction, whatever the store."""

from typing import Literal

import msgspec

from equipoise.nouns.aggregates import AggregateGrant, Release
from equipoise.nouns.decisions import Action
from equipoise.nouns.events import Handle, Refused, Value
from equipoise.nouns.hypotheses import KeptHypothesis
from equipoise.nouns.lessons import LessonRow, ModelRow
from equipoise.nouns.people import Atom, CannotLink, HeldJoin, Join
from equipoise.nouns.rights import Request
from equipoise.nouns.shares import Share, ShareNotice, ShareRead

LogKind = Literal[
    "event",
    "decide",
    "page",
    "play",
    "model",
    "delivery",
    "human",
    "split",
    "right",
    "agreement",
    "share",
    "aggregate",
    "join",
]
"""What a log row is about."""


class LogRow(msgspec.Struct, frozen=True, gc=False):
    """One record of the log. `prev` is the seq of the same atom's former row in the same chain, or 0.

    `atom` is 0 for what belongs to nobody. `body` is MessagePack of the noun. Deleting an atom's rows
    is a walk along its chain; no index on people is needed.
    """

    seq: int
    atom: int
    prev: int
    kind: LogKind
    body: bytes


class ReceiptRow(msgspec.Struct, frozen=True, gc=False):
    """One receipt: its canonical JSON and salt (deletable), and the index of its leaf (for ever).

    `seq` is the decision's; `atom` and `prev` chain the receipts of one atom as in `LogRow`.
    """

    seq: int
    atom: int
    prev: int
    leaf: int
    body: bytes
    salt: bytes


class Tile(msgspec.Struct, frozen=True):
    """256 hashes of 32 bytes of one level of the tree (C2SP tlog-tiles), complete for ever."""

    level: int
    index: int
    hashes: bytes


class Timer(msgspec.Struct, frozen=True):
    """Something rings at `due_ms` for one atom; `key` says what (`held:PLAY:MOMENT`, `hush:...`)."""

    due_ms: int
    atom: int
    key: str


class PlayRow(msgspec.Struct, frozen=True):
    """One version of a play as it entered the log."""

    name: str
    version: str
    seq: int
    status: str
    text: str


class Erased(msgspec.Struct, frozen=True, kw_only=True):
    """A person whose every row goes: a store walks the chains of their atoms and finds the rest by them.

    `logged` and `receipted` head those chains, in the order of `atoms`; `handles` are all that the person
    had. Refused items that name one of the handles go too.
    """

    person: int
    atoms: tuple[int, ...]
    logged: tuple[int, ...]
    receipted: tuple[int, ...]
    handles: tuple[Handle, ...]


class Changes(msgspec.Struct):
    """One commit. Empty fields write nothing; a store applies all of it or nothing.

    `cursor` is the last intake row walked, `seq` the last record number given; `states` maps a person
    to the encoded state, or to None where the person was merged away; `actions` are upserted by id;
    `seen` holds the 64-bit keyed hashes of the message ids taken in, 8 bytes each; `spent` maps shared
    resources to what has been used of them in all; `columns` maps people to typed profile fields.
    `erased` people go first, whatever else is written; `rewritten` log rows take the place of those with
    their number; `requests`, `shares`, `share_notices`, `releases` and `hypotheses` are upserted by
    their numbers, `aggregate_grants` by the recipient.
    """

    cursor: int
    seq: int
    now_ms: int = 0
    log: list[LogRow] = []
    states: dict[int, bytes | None] = {}
    atoms: dict[int, Atom] = {}
    handles: dict[Handle, int] = {}
    joins: list[Join] = []
    cannot_links: list[CannotLink] = []
    held_joins: list[HeldJoin] = []
    receipts: list[ReceiptRow] = []
    leaves: list[bytes] = []
    tiles: list[Tile] = []
    frontier: bytes = b""
    checkpoint: str = ""
    actions: dict[int, Action] = {}
    timers_set: list[Timer] = []
    timers_cleared: list[Timer] = []
    refused: list[Refused] = []
    seen: bytes = b""
    spent: dict[str, int] = {}
    plays: list[PlayRow] = []
    models: list[ModelRow] = []
    lessons: list[LessonRow] = []
    columns: dict[int, dict[str, Value]] = {}
    counts: dict[str, int] = {}
    requests: dict[int, Request] = {}
    rewritten: list[LogRow] = []
    erased: list[Erased] = []
    shares: list[Share] = []
    share_reads: list[ShareRead] = []
    share_notices: list[ShareNotice] = []
    aggregate_grants: list[AggregateGrant] = []
    releases: list[Release] = []
    hypotheses: dict[int, KeptHypothesis] = {}


class Position(msgspec.Struct, frozen=True):
    """Where a store stands: last intake row walked, last record number, size and edge of the tree."""

    cursor: int = 0
    seq: int = 0
    leaves: int = 0
    frontier: bytes = b""
    checkpoint: str = ""
