"""What the first page shows, read from the store at most twice a second however many people watch."""

from collections import deque
from collections.abc import Callable, Mapping
from itertools import pairwise

import msgspec

from equipoise.nouns.changes import LogRow, Position, ReceiptRow
from equipoise.nouns.events import Refused
from equipoise.nouns.people import Atom, HeldJoin, Join
from equipoise.ports import Store
from equipoise.show.house import Health, House
from equipoise.show.who import Who, who_all

PAUSE_S = 0.5
"""The shortest time between two readings of the store, in seconds."""

ROWS = 14
RECEIPTS = 10
RECENT = 60
HELD = 3
REFUSED = 4
BARS = 7
OPEN_MOST = 99
HEALTH_S = 5.0
PROVEN = 8
SAMPLES = 40
RATE_OVER_S = 5.0
OPEN = ("ready", "sending", "waiting", "review")


class Bar(msgspec.Struct, frozen=True):
    """One bar: what it counts, how often, and its length as a share of the longest."""

    code: str
    n: int
    share: float


class Actions(msgspec.Struct, frozen=True):
    """Where the actions stand. Those that are open are counted up to `OPEN_MOST`; `more` says so."""

    made: int
    sent: int
    cancelled: int
    dead: int
    open: dict[str, int]
    more: frozenset[str]


class Glance(msgspec.Struct, frozen=True, kw_only=True):
    """One look at the house, in no language yet. `faces` maps an atom to its present person."""

    position: Position
    counts: dict[str, int]
    rows: list[LogRow]
    receipts: list[ReceiptRow]
    faces: dict[int, Who]
    joins: list[Join]
    held: list[HeldJoin]
    refused: list[Refused]
    silences: list[Bar]
    actions: Actions


class Pulse(msgspec.Struct, frozen=True):
    """How fast events come: a second over the last few (None before two readings), and bars of it."""

    per_s: float | None
    bars: tuple[float, ...]


def bars_of(counts: Mapping[str, int]) -> list[Bar]:
    """Silences by reason, the most frequent first; what is left over is `other`."""
    reasons = sorted(
        (-n, name.removeprefix("silence:"))
        for name, n in counts.items()
        if name.startswith("silence:")
    )
    rest = -sum(n for n, _ in reasons[BARS:])
    pairs = [(code, -n) for n, code in reasons[:BARS]] + ([("other", rest)] if rest else [])
    longest = max((n for _, n in pairs), default=1)
    return [Bar(code, n, n / longest) for code, n in pairs]


def actions_of(store: Store, counts: Mapping[str, int]) -> Actions:
    """Where the actions stand: what is open is looked up, the rest is known from running totals."""
    found = {status: len(store.with_status(status, OPEN_MOST + 1)) for status in OPEN}
    made = counts.get("actions", 0)
    cancelled = counts.get("cancelled", 0) + counts.get("human:decline", 0)
    dead = counts.get("delivery:dead", 0)
    more = frozenset(status for status, n in found.items() if n > OPEN_MOST)
    sent = counts.get("delivery:sent", 0)
    if not more:
        sent = max(sent, made - cancelled - dead - sum(found.values()))
    shown = {status: min(n, OPEN_MOST) for status, n in found.items()}
    return Actions(made, sent, cancelled, dead, shown, more)


def read_glance(store: Store, position: Position) -> Glance:
    """Everything the first page shows, in a dozen short questions to the store."""
    counts = store.counts()
    rows = store.recent(RECENT)
    receipts = store.newest_receipts(RECEIPTS)
    held = store.held_joins(HELD)
    touched = {row.atom for row in rows if row.atom}
    joins = store.joins(touched)[-HELD:]
    touched |= {receipt.atom for receipt in receipts}
    touched |= {join.left for join in joins} | {join.left for join in held}
    atoms = store.atoms(touched)
    return Glance(
        position=position,
        counts=counts,
        rows=rows,
        receipts=receipts,
        faces=faces_of(store, atoms),
        joins=joins,
        held=held,
        refused=store.refused(REFUSED),
        silences=bars_of(counts),
        actions=actions_of(store, counts),
    )


def faces_of(store: Store, atoms: Mapping[int, Atom]) -> dict[int, Who]:
    """The person of each atom, in short."""
    people = who_all(store, (atom.person for atom in atoms.values()))
    return {atom.id: people[atom.person] for atom in atoms.values()}


class Watch:
    """Keeps the last glance for as long as it is fresh enough, and a short history of the pace."""

    def __init__(self, house: House, seconds: Callable[[], float]) -> None:
        self._house = house
        self._seconds = seconds
        self._read_s = float("-inf")
        self._glance: Glance | None = None
        self._samples: deque[tuple[float, int]] = deque(maxlen=SAMPLES)
        self._health: Health | None = None
        self._proven_s = float("-inf")
        self._proven = ""

    def glance(self) -> Glance:
        """The house as it stands, at most `PAUSE_S` old; unchanged where nothing was committed."""
        now_s = self._seconds()
        glance = self._glance
        if glance is not None and now_s - self._read_s < PAUSE_S:
            return glance
        self._read_s = now_s
        position = self._house.store.position()
        if glance is None or glance.position != position:
            glance = self._glance = read_glance(self._house.store, position)
        self._samples.append((now_s, glance.counts.get("events", 0)))
        return glance

    def pulse(self) -> Pulse:
        """How fast events came lately, by the readings that were made."""
        if len(self._samples) < 2:
            return Pulse(None, ())
        last_s, last = self._samples[-1]
        first_s, first = next(
            sample for sample in self._samples if last_s - sample[0] <= RATE_OVER_S
        )
        per_s = (last - first) / (last_s - first_s) if last_s > first_s else None
        steps = [
            max(0.0, (more - less) / max(after_s - before_s, PAUSE_S))
            for (before_s, less), (after_s, more) in pairwise(self._samples)
        ]
        highest = max(steps, default=0.0) or 1.0
        return Pulse(per_s, tuple(step / highest for step in steps))

    def health(self) -> Health:
        """A small sample of the ledger, proven anew every few seconds while it grows."""
        glance, now_s = self.glance(), self._seconds()
        fresh = glance.position.checkpoint == self._proven or now_s - self._proven_s < HEALTH_S
        if self._health is None or not fresh:
            self._health = self._house.ledger.health(PROVEN)
            self._proven, self._proven_s = glance.position.checkpoint, now_s
        return self._health
