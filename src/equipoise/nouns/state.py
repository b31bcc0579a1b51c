"""What is remembered of one person: one state per atom, so that a join can be taken apart.

The records here are encoded as MessagePack arrays and folded in place inside one step; outside a
step they are values. New fields go last and have a default, so that older blobs still open.
"""

import msgspec

from equipoise.nouns.agreements import Agreed, Signal, Talk
from equipoise.nouns.aims import Aim
from equipoise.nouns.events import Handle, Provenance, Trust, Value
from equipoise.nouns.intents import Intent
from equipoise.nouns.lessons import Trial, Window
from equipoise.nouns.wishes import Felt


class Tally(msgspec.Struct, array_like=True, gc=False):
    """Count, sum and sum of squares of one measure, with its first and last time (ms). Mergeable."""

    n: int = 0
    total: float = 0.0
    squares: float = 0.0
    first_ms: int = 0
    last_ms: int = 0


class Decayed(msgspec.Struct, array_like=True, gc=False):
    """An exponentially decayed sum: `value` as it stood at `at_ms`. Mergeable."""

    value: float = 0.0
    at_ms: int = 0


class Last(msgspec.Struct, array_like=True, gc=False):
    """The last value of one trait, by the time it happened, ties by event id. Mergeable."""

    value: Value
    at_ms: int
    id: str
    provenance: Provenance = "observed"


class Bought(msgspec.Struct, array_like=True, frozen=True, order=True):
    """One purchase, or what was given back: when (ms), its amount in thousandths, below 0 for the latter.

    `n` is 1 for a purchase and 0 for what was given back; `parts` are pairs of category and amount.
    """

    at_ms: int
    amount: int
    n: int = 1
    parts: tuple[tuple[str, int], ...] = ()


class Profile(msgspec.Struct, array_like=True):
    """Mergeable aggregates only. Keys: event kinds and `@channel` for tallies, names otherwise.

    `distinct` holds sketches (see `equipoise.sketch`); `slots` maps a UTC day number to a 48-bit mask
    of the half hours in which the person was active, for the last 28 days seen; `bought` are the purchases
    of the last two calendar months, oldest first.
    """

    tallies: dict[str, Tally] = {}
    decayed: dict[str, Decayed] = {}
    last: dict[str, Last] = {}
    distinct: dict[str, list[int]] = {}
    slots: dict[int, int] = {}
    bought: list[Bought] = []


class Stance(msgspec.Struct, array_like=True, frozen=True):
    """One answer of the person about one purpose and channel, with the notice that was served.

    `granted` False is a withdrawal or an objection. `seq` is the log position, `at_ms` when it took
    effect, `notice` the id and SHA-256 of the text served.
    """

    granted: bool
    at_ms: int
    seq: int
    event: str
    trust: Trust = "server"
    notice: str = ""
    notice_sha256: str = ""
    language: str = ""


class Terms(msgspec.Struct, array_like=True):
    """What the person allows. Keys of `stances` are `purpose|channel`, channel `*` for all.

    A grant that a public key gave has `|public` at the end of its key. `per_week` is the person's
    own budget of contacts in seven days, set at `set_ms` by the record `set_seq`; `quiet` their own
    quiet hours as local minutes (from, to), set at `quiet_ms` by the record `quiet_seq`. Both only
    ever make the engine quieter. `agreed` holds the agreements in force by family, `talks` the newest
    negotiations by id, `signals` what the person's software bars, by the name of the signal.
    """

    stances: dict[str, Stance] = {}
    per_week: int | None = None
    quiet: tuple[int, int] | None = None
    set_ms: int = 0
    set_seq: int = 0
    quiet_ms: int = 0
    quiet_seq: int = 0
    agreed: dict[str, Agreed] = {}
    talks: dict[str, Talk] = {}
    signals: dict[str, Signal] = {}


class Contact(msgspec.Struct, array_like=True, gc=False):
    """One contact charged to the budget: reserved when decided, released when it did not leave."""

    at_ms: int
    decision: int
    play: str
    channel: str


class Held(msgspec.Struct, array_like=True):
    """A moment that waits: it is opened again at `due_ms` and given up after `until_ms`."""

    play: str
    moment: str
    due_ms: int
    until_ms: int
    opened_ms: int
    event: str
    kind: str
    channel: str
    reason: str
    facts: dict[str, Value] = {}


class Hush(msgspec.Struct, array_like=True, gc=False):
    """The same silence again: how often one play kept silent for one reason on one UTC day."""

    day: int
    first_ms: int
    last_ms: int
    n: int
    decision: int


class Rights(msgspec.Struct, array_like=True):
    """What the person has asked that holds until it is answered or taken back.

    `restricted` is the number of the request that restricts what is done with their data, 0 where none
    does; `contested` maps `PLAY|OPTION` to the number of the request that contests it; `stopped` maps
    recipients that nothing may be given to (`*`: none) to the number of the record that says so.
    """

    restricted: int = 0
    contested: dict[str, int] = {}
    stopped: dict[str, int] = {}


class AtomState(msgspec.Struct, array_like=True):
    """Everything remembered of one atom.

    `event_seq` and `decision_seq` head its two chains in the log; `known` is True where it has a
    strong handle; `apart` lists atoms that it must never be joined with, `told` the held joins that
    an operator was told of already. `windows` are decisions whose outcome is awaited, `trials` the
    comparisons that the person takes part in, one for each play. `rights` are the person's requests that
    hold meanwhile, `felt` the newest answers to how contacts felt. `aims` are what the person wants of
    themselves, `meters` what counts towards that: by `Aim.measure` thousandths by the start (ms) of a period.
    `unlike` lists atoms of people whom somebody said to be others: no hypothesis joins them. `refusals` are
    the numbers of the hypotheses by which somebody said so, below 0 where the atom stood on the right of it.
    `intents` are what the person is looking for.
    """

    id: int
    handles: list[Handle] = []
    joined_seq: int = 0
    known: bool = False
    event_seq: int = 0
    decision_seq: int = 0
    profile: Profile = msgspec.field(default_factory=Profile)
    terms: Terms = msgspec.field(default_factory=Terms)
    contacts: list[Contact] = []
    held: list[Held] = []
    hushes: dict[str, Hush] = {}
    apart: list[int] = []
    told: list[str] = []
    windows: list[Window] = []
    trials: list[Trial] = []
    rights: Rights = msgspec.field(default_factory=Rights)
    felt: list[Felt] = []
    aims: list[Aim] = []
    meters: dict[str, dict[int, int]] = {}
    unlike: list[int] = []
    intents: list[Intent] = []
    refusals: list[int] = []


class PersonState(msgspec.Struct, array_like=True):
    """A person: the atoms they consist of, oldest first. The person's id is the first atom's."""

    atoms: list[AtomState]

    @property
    def person(self) -> int:
        """The id of the person, which is the id of the oldest atom."""
        return self.atoms[0].id
