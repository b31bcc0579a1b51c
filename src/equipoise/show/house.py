"""What the console is handed: all that its pages read and the one desk through which they act."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol

import msgspec

from equipoise.nouns.access import Role
from equipoise.nouns.aggregates import Spending
from equipoise.nouns.effects import Effect
from equipoise.nouns.events import Handle
from equipoise.nouns.explanations import Explanation
from equipoise.nouns.hypotheses import Searched
from equipoise.nouns.plays import Play
from equipoise.nouns.rules import Rules
from equipoise.nouns.shares import Question, ShareToken
from equipoise.nouns.state import PersonState
from equipoise.ports import Clock, Desk, Standing, Store
from equipoise.show.sessions import Terms


class Health(Protocol):
    """What a look at the ledger found: its size, its root in base64, how many receipts were proven.

    `complaint` is empty where all of it holds.
    """

    @property
    def size(self) -> int:
        """Leaves under the signed head."""
        ...

    @property
    def root(self) -> str:
        """The root of the tree, in base64; empty before the first leaf."""
        ...

    @property
    def checked(self) -> int:
        """Receipts that were opened and proven."""
        ...

    @property
    def complaint(self) -> str:
        """What does not hold, or nothing."""
        ...


class Publishing(Protocol):
    """How the ledger is shown to outsiders; `account.publishing.Publisher` is one."""

    @property
    def vkey(self) -> str:
        """The public key of the ledger, as C2SP writes it."""
        ...

    def head(self) -> str:
        """The signed head to show, with its witnesses; "" before the first receipt."""
        ...

    def newest(self) -> str:
        """The newest signed head, whoever has seen it; "" before the first receipt."""
        ...

    def health(self, most: int) -> Health:
        """Open and prove up to `most` of the newest receipts; raises nothing."""
        ...

    def bundle(self, seq: int) -> bytes | None:
        """The file that proves one receipt offline (JSON), or None where there is none."""
        ...

    def file(self, path: str) -> bytes | None:
        """The bytes of one published tile or bundle of entries, or None where there is none."""
        ...


class Mail(Protocol):
    """One mail of the simulated town, as it would have left."""

    @property
    def person(self) -> int:
        """Whom it is for."""
        ...

    @property
    def play(self) -> str:
        """The play that it comes from."""
        ...

    @property
    def to(self) -> str:
        """The address that it would have gone to."""
        ...

    @property
    def subject(self) -> str:
        """Its subject."""
        ...

    @property
    def text(self) -> str:
        """Its text, plain."""
        ...

    @property
    def action(self) -> int:
        """The action, whose number is that of its decision."""
        ...

    @property
    def at_ms(self) -> int:
        """When it was decided, in ms since 1970."""
        ...


class Counting(Protocol):
    """What plays are worth; `learn.counting.Counting` is one."""

    def count(self) -> Iterator[int]:
        """Count what is new, in pieces of some milliseconds; yields the rows of each."""
        ...

    def told(self) -> list[Effect]:
        """The effects of all plays with a goal, as far as was counted."""
        ...


class Explains(Protocol):
    """Tells how a decision came about; `compose.explaining.Explainer` is one."""

    def __call__(
        self, told: Mapping[str, Any], locale: str, *, contrasts: bool = True
    ) -> Explanation | None:
        """The explanation of a receipt in a language, with or without looking for a contrast.

        None for receipts that are no decision.
        """
        ...


def _untold(
    told: Mapping[str, Any],  # noqa: ARG001 - the shape of an explainer
    locale: str,  # noqa: ARG001
    *,
    contrasts: bool = True,  # noqa: ARG001
) -> Explanation | None:
    return None


class Sentences(msgspec.Struct, frozen=True):
    """The sentences of the house, each by a language (`en` or `fr`).

    `reason` tells a reason code with its detail; `held_join` why two people were not joined; `why` a
    whole decision (`outcome`, `reason`, `detail`, `option`, `chance`, `propensity`, `best`); `explain`
    how it came about.
    """

    reason: Callable[[str, str, Mapping[str, str]], str]
    held_join: Callable[[str, str], str]
    why: Callable[[Mapping[str, Any], str], str]
    explain: Explains = _untold


class Grants(msgspec.Struct, frozen=True, kw_only=True):
    """How officers let partners read.

    `token` makes a fresh token and what is kept of it, `question` the question that a typed line means
    (raises `ValueError` with what to do), and `text` writes a question as it is shown.
    """

    token: Callable[[], tuple[str, ShareToken]]
    question: Callable[[str], Question]
    text: Callable[[Question], str]


def _never() -> bool:
    return False


def _admin(operator: str, sha256: str) -> Role | None:  # noqa: ARG001 - the shape of a key file
    return "admin"


class Looking(Protocol):
    """Looks for people who may be one, beside the door."""

    began_ms: int
    """Since when a search is under way; 0 where none is."""

    last: Searched | None
    """How the last one ended, since the server started."""

    def begin(self) -> None:
        """Search soon; where a search is under way there is no second one."""
        ...


class House(msgspec.Struct, frozen=True, kw_only=True):
    """One company's house, as its console sees it.

    `handles` gives every handle that a typed text could be; `view` a person as guards see them at a
    time (ms); `operator` the name behind an operator's token; `backlog` the rows not yet walked;
    `mails` the newest mails of the town, newest first; `effects` what plays are worth; `mistakes` the
    files of plays that cannot be read, with every mistake; `closing` is true once the server stops, so
    that nobody keeps it waiting; `role` is the role of an operator whose token has a SHA-256, asked at
    every request, and None once they were taken out; `terms` say how long sessions last;
    `grants` are for officers who share, `spendings` what figures for each recipient cost in the year of a
    time (ms); `searcher` looks for people who may be one.
    """

    company: str
    store: Store
    desk: Desk
    clock: Clock
    rules: Rules
    sentences: Sentences
    ledger: Publishing
    handles: Callable[[str], Sequence[Handle]]
    view: Callable[[PersonState, int], Standing]
    read_play: Callable[[str], Play]
    operator: Callable[[str], str | None]
    backlog: Callable[[], int]
    mails: Callable[[int], Sequence[Mail]] | None = None
    effects: Counting | None = None
    mistakes: Mapping[str, str] = {}
    closing: Callable[[], bool] = _never
    public_url: str = ""
    locale: str = "en"
    open_console: bool = False
    role: Callable[[str, str], Role | None] = _admin
    terms: Terms = Terms()
    simulated: bool = False
    grants: Grants | None = None
    spendings: Callable[[int], Sequence[Spending]] | None = None
    searcher: Looking | None = None
