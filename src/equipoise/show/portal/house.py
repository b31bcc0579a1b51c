"""What the portal is handed: the house as the console has it, and what only a person needs."""

from collections.abc import Awaitable, Callable, Sequence
from time import monotonic
from typing import Protocol

import msgspec

from equipoise.nouns.changes import ReceiptRow
from equipoise.nouns.events import Handle
from equipoise.nouns.letters import Letter
from equipoise.nouns.rules import Rules
from equipoise.ports import Standing
from equipoise.show.house import House

Limit = Callable[[str], float]
"""Takes one turn of somebody: 0 where they may, else the seconds that they have to wait."""

Export = Callable[[int], Awaitable[bytes]]
"""Makes everything about a person, by their id, one file to take away (zip), and blocks nobody meanwhile."""


class NotMade(Exception):
    """A copy could not be made."""


Gate = Callable[[Standing, Rules, str, str], str]
"""What forbids a purpose on a channel, as a reason code; empty where nothing does."""


class Looked(Protocol):
    """What a look at the log found for one person."""

    @property
    def size(self) -> int:
        """Leaves under the signed head; 0 before the first."""
        ...

    @property
    def root(self) -> str:
        """The root of the tree, in base64."""
        ...

    @property
    def proven(self) -> int:
        """How many of the person's receipts were opened and proven under the head."""
        ...

    @property
    def since(self) -> int:
        """The size of the tree at the oldest of them: the present tree continues that one."""
        ...

    @property
    def complaint(self) -> str:
        """What does not hold, or nothing."""
        ...


class LooksBack(Protocol):
    """Checks the log for a person; `account.looking_back.LookingBack` is one."""

    def since(self, rows: Sequence[ReceiptRow]) -> Looked:
        """Prove each receipt under the signed head, and that the head continues the oldest's tree."""
        ...

    def kept(self, text: str) -> Looked:
        """Whether the present head continues a head that somebody kept; `since` is its size."""
        ...


class PersonHouse(msgspec.Struct, frozen=True, kw_only=True):
    """One house as a person sees it.

    `post` sends a letter and raises nothing (None: this house sends no mail, and nobody can enter);
    `settled` returns once all that was handed in is decided; `limit` paces those who ask; `looks`
    checks the log; `gate` is the one that decisions pass; `emails` reads a typed address; `export` makes
    a person's file, for which a request waits `patience_s` seconds before it tells that it is being made;
    `checker` is the program (Python) with which anybody checks a receipt; `profile_purpose` is what a
    profile is folded for; `seconds` is a clock that never goes back.
    """

    house: House
    post: Callable[[Letter], Awaitable[None]] | None
    settled: Callable[[], Awaitable[None]]
    limit: Limit
    looks: LooksBack
    gate: Gate
    emails: Callable[[str], Sequence[Handle]]
    export: Export | None = None
    patience_s: float = 8.0
    checker: str = ""
    profile_purpose: str = "personalisation"
    seconds: Callable[[], float] = monotonic
