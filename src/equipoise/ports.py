"""What the rooms ask of the world: every extension point, one sentence each."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

import msgspec

from equipoise.kept import Aggregating, Hypothesising, Sharing
from equipoise.nouns.aims import Balance
from equipoise.nouns.changes import Changes, Erased, LogRow, PlayRow, Position, ReceiptRow, Timer
from equipoise.nouns.decisions import Action, Appraisal, Choice, Explain, Moment, Verdict
from equipoise.nouns.events import Handle, IntakeRow, Refused, Value
from equipoise.nouns.intents import Intent
from equipoise.nouns.lessons import LessonRow, ModelRow
from equipoise.nouns.people import Atom, CannotLink, HeldJoin, Join
from equipoise.nouns.plays import SILENCE, Option, Play
from equipoise.nouns.rights import Request
from equipoise.nouns.rules import Rules
from equipoise.nouns.state import Stance


class Clock(Protocol):
    """Tells the time, so that tests and the simulated town can tell another."""

    def now_ms(self) -> int:
        """Milliseconds since 1970, UTC."""


class Entropy(Protocol):
    """Gives the salt of a receipt: from the operating system in use, seeded in the town."""

    def salt(self, seq: int) -> bytes:
        """32 bytes for the receipt numbered `seq`."""


class Intake(Protocol):
    """The durable queue in front of the step: what is in it was acknowledged and is never lost."""

    def append(self, rows: Sequence[IntakeRow]) -> list[int]:
        """Store the rows (their ids are ignored), return their new ids once they are on disk."""

    def read(self, after: int, most_bytes: int) -> list[IntakeRow]:
        """Rows with an id above `after`, in order, up to about `most_bytes` of body, at least one."""

    def last(self) -> int:
        """The id of the newest row ever appended, or 0."""

    def trim(self, upto: int) -> None:
        """Forget rows with an id of at most `upto`."""

    def wipe(self, upto: int) -> None:
        """As `trim`, and leave nothing of them in the files."""

    def close(self) -> None:
        """Release the files."""


class Log(Protocol):
    """The records of the past, by number."""

    def log(self, seqs: Sequence[int]) -> dict[int, LogRow]:
        """The rows with these numbers, as far as they still exist."""

    def log_after(self, seq: int, most: int) -> list[LogRow]:
        """The next `most` rows with a number above `seq`, oldest first."""

    def recent(self, most: int) -> list[LogRow]:
        """The newest `most` rows, newest first."""


class People(Protocol):
    """Handles, atoms, joins and states, as of the last commit."""

    def atoms_of(self, handles: Iterable[Handle]) -> dict[Handle, Atom]:
        """The atom (with its person) of each handle that is known."""

    def atoms(self, ids: Iterable[int]) -> dict[int, Atom]:
        """The atoms with these ids, with their present person."""

    def states(self, people: Iterable[int]) -> dict[int, bytes]:
        """The encoded states of these people, as far as they exist."""

    def cannot_links(self, atoms: Iterable[int]) -> list[CannotLink]:
        """Every cannot-link that touches one of these atoms."""

    def joins(self, atoms: Iterable[int]) -> list[Join]:
        """Every join that touches one of these atoms, oldest first."""

    def held_joins(self, most: int, atoms: Iterable[int] | None = None) -> list[HeldJoin]:
        """The newest joins that were held back, of all or of some atoms, newest first."""

    def find(self, where: str, params: Mapping[str, Value], most: int) -> list[int]:
        """People whose typed columns satisfy a compiled condition (SQL), in order of their id."""


class Ledger(Protocol):
    """Leaves, tiles and checkpoints, and the receipts that open them."""

    def leaf(self, index: int) -> bytes | None:
        """The 36 bytes of one leaf, or None."""

    def leaves(self, start: int, stop: int) -> list[bytes]:
        """The leaves from `start` up to but not including `stop`."""

    def tile(self, level: int, index: int) -> bytes | None:
        """The 8,192 bytes of one complete tile, or None."""

    def newest_receipts(self, most: int) -> list[ReceiptRow]:
        """The newest receipts, newest first."""

    def receipts(self, seqs: Sequence[int]) -> dict[int, ReceiptRow]:
        """The receipts with these numbers, as far as they still exist."""

    def receipts_after(self, seq: int, most: int) -> list[ReceiptRow]:
        """The next `most` receipts with a number above `seq`, oldest first."""


class Outbox(Protocol):
    """Actions on their way out."""

    def actions(self, ids: Iterable[int]) -> dict[int, Action]:
        """The actions with these ids."""

    def due(self, now_ms: int, most: int) -> list[Action]:
        """Actions `ready`, or `sending` past their lease, with `due_ms <= now_ms`, oldest first."""

    def with_status(self, status: str, most: int) -> list[Action]:
        """The newest actions with this status (`dead` is the dead-letter list, `review` the desk)."""

    def waiting_for(self, atoms: Iterable[int]) -> list[Action]:
        """Actions with status `waiting` of these atoms, oldest first."""


class Lessons(Protocol):
    """What became of decisions, for those who learn from them."""

    def lessons(self, kind: str, play: str, after: int, most: int) -> list[LessonRow]:
        """The next `most` rows of a kind and play with a number above `after`, in order of it."""

    def lessons_of(self, decisions: Iterable[int]) -> list[LessonRow]:
        """Every lesson of these decisions, in order of its number."""


class Rights(Protocol):
    """What people have asked of the house, and what there is of somebody who wants to go."""

    def requests(self, seqs: Iterable[int]) -> dict[int, Request]:
        """The requests with these numbers."""

    def requests_of(self, atoms: Iterable[int]) -> list[Request]:
        """Every request of these atoms, newest first."""

    def requests_owed(self, most: int) -> list[Request]:
        """Requests that still wait for an answer, the one that is due first first."""

    def newest_requests(self, most: int) -> list[Request]:
        """The newest requests, whatever their status, newest first."""

    def traces(self, whom: Erased) -> dict[str, int]:
        """How many rows of each table a commit that erases them would delete."""

    def handles_after(self, after: Handle | None, most: int) -> list[tuple[Handle, int]]:
        """The next `most` handles with their atoms, in order of (kind, value), after one of them."""


class Store(
    Log, People, Ledger, Outbox, Lessons, Rights, Sharing, Aggregating, Hypothesising, Protocol
):
    """All that one engine remembers, behind one commit."""

    def position(self) -> Position:
        """Where the store stands after its last commit."""

    def commit(self, changes: Changes) -> None:
        """Write all of it durably, or nothing at all and raise `StoreError`."""

    def timers(self, now_ms: int, most: int) -> list[Timer]:
        """Timers due at or before `now_ms`, ordered by (due, atom, key)."""

    def next_due_ms(self) -> int | None:
        """When the next timer rings, or None."""

    def plays(self) -> list[PlayRow]:
        """Every version of every play, oldest first."""

    def seen(self, since_ms: int) -> Iterable[bytes]:
        """The hashes of message ids committed at or after `since_ms`, one bytes object a commit."""

    def forget_seen(self, before_ms: int) -> None:
        """Drop the hashes of message ids committed before `before_ms`."""

    def models(self) -> list[ModelRow]:
        """The newest version of every model, in order of their names."""

    def model(self, version: str) -> ModelRow | None:
        """One version of a model, by its SHA-256 in hex; kept for ever, so that decisions replay."""

    def spent(self) -> dict[str, int]:
        """What has been used of every shared resource."""

    def refused(self, most: int) -> list[Refused]:
        """The newest refused items, newest first."""

    def counts(self) -> dict[str, int]:
        """Running totals by name (`events`, `people`, `decisions`, `silences`, `refused`, ...)."""

    def name_columns(self, fields: Mapping[str, str]) -> None:
        """Keep these profile fields as typed columns (`number`, `text`, `boolean`) from now on."""

    def fill_columns(self, columns: Mapping[int, Mapping[str, Value]]) -> None:
        """Write typed columns of people who are already there, outside a step."""

    def people_after(self, person: int, most: int) -> list[int]:
        """Ids of people above `person`, in order, at most `most`."""

    def close(self) -> None:
        """Release the files."""


class StoreError(Exception):
    """A store or an intake cannot do what was asked; nothing of it was written."""


class Standing(Protocol):
    """What a guard may see of a person: their fields, stances and contacts, merged over the atoms."""

    @property
    def person(self) -> int:
        """The person's id."""

    @property
    def known(self) -> bool:
        """True where the person has a strong handle, so that a public key may not grant for them."""

    @property
    def timezone(self) -> str:
        """The person's IANA time zone, or the house's."""

    @property
    def locale(self) -> str:
        """`en` or `fr`."""

    @property
    def per_week(self) -> int | None:
        """The person's own budget of contacts in seven days."""

    @property
    def quiet(self) -> tuple[int, int] | None:
        """The person's own quiet hours in local minutes of the day (from, to)."""

    def get(self, field: str) -> Value:
        """One profile field as of now, or None where it is not known."""

    def stance(self, purpose: str, channel: str) -> Stance | None:
        """What the person said about a purpose on a channel; deny wins, no answer is None."""

    @property
    def restricted(self) -> bool:
        """True while the person restricts what is done with their data (GDPR article 18)."""

    def contested(self, play: str, option: str) -> bool:
        """True while the person contests that this option of this play was done to them."""

    @property
    def cap(self) -> int:
        """The bits of the roster (`nouns.agreements`) that the person's agreements leave allowed."""

    @property
    def barred(self) -> int:
        """The bits of the roster that signals of the person's software bar."""

    @property
    def rest(self) -> tuple[int, str] | None:
        """Until when (ms) the person asked to be left in peace, and by which answer; None for not now."""

    @property
    def aims(self) -> tuple[Balance, ...]:
        """What the person wants of themselves (spend at most, use less, ...), and where it stands."""

    @property
    def intents(self) -> tuple[Intent, ...]:
        """What the person is looking for; each has an audience, and nobody else may read it."""

    def contact_times_ms(self, since_ms: int, play: str | None = None) -> list[int]:
        """When contacts were charged since then, of all plays or of one, oldest first."""


class Asked(msgspec.Struct, kw_only=True):
    """What a guard is asked: whether `option` may be done to this person at this moment.

    One record serves every question of a moment; only `option` is set anew. `spent` maps shared
    resources (`play:NAME`, `stock:PLAY/OPTION`) to their use so far; `in_audience` is what the audience of
    the play says; `model` what was learnt for it, if anything, `inputs` what a chooser may look at.
    """

    play: Play
    moment: Moment
    standing: Standing
    now_ms: int
    rules: Rules
    seed: bytes
    spent: Mapping[str, int]
    in_audience: bool = True
    model: "Model | None" = None
    inputs: Mapping[str, Value] = {}
    option: Option = SILENCE


Guard = Callable[[Asked], Verdict]
"""A guard is a function: one question about one option; it never sees the other options."""


class Model(Protocol):
    """One immutable version of what was learnt for a play: it appraises options, and chooses nothing."""

    @property
    def version(self) -> str:
        """The SHA-256 of its encoded form, in hex: the same name means the same numbers."""

    @property
    def explains(self) -> Explain:
        """How far it explains itself."""

    @property
    def lessons(self) -> int:
        """From how many matured decisions it was learnt; the more, the less is explored."""

    @property
    def scale(self) -> float:
        """The 99th percentile of what one decision brought, in money and above 0; scores are read in it."""

    def appraise(
        self, options: Sequence[Option], inputs: Mapping[str, Value]
    ) -> tuple[Appraisal, ...]:
        """What each option is expected to bring and cost with these inputs; raises `ModelBroke`."""


class ModelBroke(Exception):
    """A model of one's own failed or gave no numbers: the engine keeps silent, and says so."""


class Hand(msgspec.Struct, frozen=True):
    """What a chooser is handed: the options that the guards left (silence is one), and one draw.

    `draw` is in [0, 1); `inputs` are the features that the play names and those of contact pressure, as
    they stand; `model` is what was learnt for the play, None where nothing was yet.
    """

    play: Play
    options: tuple[Option, ...]
    standing: Standing
    draw: float
    model: Model | None = None
    inputs: Mapping[str, Value] = {}


Chooser = Callable[[Hand], Choice]
"""A chooser computes every probability once, and samples from exactly those with the draw."""


class Desk(Protocol):
    """Where doors hand in what they took: durable first, walked in order, answered after its step."""

    async def accept(self, row: IntakeRow) -> int:
        """Return the row's id once it is on disk; raises `Overloaded` past the set backlog."""

    async def ask(self, row: IntakeRow) -> bytes:
        """Return the step's answer (JSON) once the row is walked and committed; raises `Overloaded`."""


class Overloaded(Exception):
    """The backlog is at its limit; the caller should come back in `retry_after_s` seconds."""

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(f"the intake is full: come back in {retry_after_s} s")
        self.retry_after_s = retry_after_s


class Sender(Protocol):
    """Carries one action out, once; the receiver can drop repeats by the action's key."""

    async def send(self, action: Action) -> None:
        """Return when the receiver has it; raise `TryLater` or `GaveUp` otherwise."""

    async def close(self) -> None:
        """Release connections."""


class TryLater(Exception):
    """The receiver cannot take it now, or for `after_s` seconds (0: it did not say); it is tried again."""

    def __init__(self, reason: str, after_s: float = 0.0) -> None:
        super().__init__(reason)
        self.after_s = after_s


class GaveUp(Exception):
    """The receiver will never take it; the action goes to the dead-letter list."""
