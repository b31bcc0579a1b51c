"""What is given to partners: a grant with its questions or fields, each read, a person's no, and notices.

`ShareRecord` is the body of an intake row of the kind `share`; `Share`, `ShareRead` and `ShareNotice` are
the rows that it folds into. Times are milliseconds since 1970, UTC.
"""

from typing import Final, Literal

import msgspec

from equipoise.nouns.events import Handle
from equipoise.nouns.plays import Condition

Mode = Literal["answers", "fields"]
"""What a share gives: answers to stated questions, or, where those will not do, fields by their names."""

ShareOutcome = Literal["granted", "refused"]
"""How a read ended."""

Demand = Literal["delete", "correct", "restrict"]
"""What a partner owes after a person was erased, put right, or restricted (GDPR article 19)."""

EVERYBODY: Final = "*"
"""The recipient of a person who says no to all."""

INTENTS: Final = "intents"
"""The field of what a person is looking for, as far as the recipient is in its audience."""

LEAST_GROUP: Final = 20
"""The smallest number of people that a count may be asked about."""


class Holds(msgspec.Struct, frozen=True, kw_only=True, tag="holds"):
    """Whether a condition holds for one person: yes or no. `text` is the condition as it was written.

    A field that is not known fulfils nothing, so *no* also stands for *not known*.
    """

    name: str
    condition: Condition
    text: str


class Band(msgspec.Struct, frozen=True, kw_only=True, tag="band"):
    """Between which two edges a number of one person lies: at the lower one or above, below the upper."""

    name: str
    field: str
    edges: tuple[float, ...]


class Count(msgspec.Struct, frozen=True, kw_only=True, tag="count"):
    """Whether at least `at_least` people fulfil a condition, and a rounded band of how many do."""

    name: str
    condition: Condition
    text: str
    at_least: int = LEAST_GROUP


Question = Holds | Band | Count
"""One question of a grant, asked by its name."""


class Duties(msgspec.Struct, frozen=True, kw_only=True):
    """What the partner owes for what it is given.

    `no_onward`: pass it to nobody; `no_profiling`: conclude nothing else from it; `delete_days`: delete
    it so many days after the read (0: none is set); `delete_by` is a day (ISO 8601) beside it, or empty.
    """

    no_onward: bool = True
    no_profiling: bool = True
    delete_days: int = 30
    delete_by: str = ""


class ShareToken(msgspec.Struct, frozen=True):
    """One token of a share: the part that may be shown, and the SHA-256 of the whole in hex.

    `until_ms` ends it before its share; 0 does not.
    """

    id: str
    sha256: str
    made_ms: int = 0
    until_ms: int = 0


class OpenShare(msgspec.Struct, frozen=True, kw_only=True, tag="open"):
    """An officer lets a partner read, for one purpose. `why` says why an answer will not do for `fields`."""

    recipient: str
    purpose: str
    token: ShareToken
    by: str
    mode: Mode = "answers"
    questions: tuple[Question, ...] = ()
    fields: tuple[str, ...] = ()
    why: str = ""
    duties: Duties = Duties()
    until_ms: int = 0


class RenewToken(msgspec.Struct, frozen=True, kw_only=True, tag="renew"):
    """An officer gives a share one more token; those before it end at `until_ms`."""

    share: int
    token: ShareToken
    until_ms: int
    by: str


class EndShare(msgspec.Struct, frozen=True, kw_only=True, tag="end"):
    """An officer ends a share: its next read is refused."""

    share: int
    by: str
    note: str = ""


class ReadShare(msgspec.Struct, frozen=True, kw_only=True, tag="read"):
    """A partner reads. `token` is the id of the token that it proved to have.

    `asked` are names of questions or fields, `purpose` the one that the partner states. `handles` say of
    whom; none is for counts, of which `counted` brings how many people fulfil each, by its name.
    """

    share: int
    token: str
    purpose: str
    asked: tuple[str, ...]
    handles: tuple[Handle, ...] = ()
    counted: dict[str, int] = {}


class StopSharing(msgspec.Struct, frozen=True, kw_only=True, tag="stop"):
    """A person says no to one recipient, or to all (`*`), or takes such a no back (`lift`).

    `person` or `handles` say who, from a door that knows it. Nobody else lifts it.
    """

    recipient: str = EVERYBODY
    lift: bool = False
    person: int = 0
    handles: tuple[Handle, ...] = ()


class AckNotice(msgspec.Struct, frozen=True, kw_only=True, tag="ack"):
    """A partner says that it did what a notice asks."""

    share: int
    notice: str


ShareRecord = OpenShare | RenewToken | EndShare | ReadShare | StopSharing | AckNotice
"""The body of an intake row of the kind `share`, in MessagePack."""


class Counted(msgspec.Struct, frozen=True):
    """How many people fulfilled a counted question on a UTC day; asked again that day, it stays so."""

    day: int
    n: int


class Share(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One share as it stands; its id is `s_SEQ`. `until_ms` 0 has no end, `ended_ms` 0 has not ended.

    `granted`, `refused` and `nobody` count reads; those of handles that nobody has are refused as well.
    """

    seq: int
    recipient: str
    purpose: str
    by: str
    opened_ms: int
    tokens: tuple[ShareToken, ...]
    mode: Mode = "answers"
    questions: tuple[Question, ...] = ()
    fields: tuple[str, ...] = ()
    why: str = ""
    duties: Duties = Duties()
    until_ms: int = 0
    ended_ms: int = 0
    ended_by: str = ""
    note: str = ""
    granted: int = 0
    refused: int = 0
    nobody: int = 0
    last_ms: int = 0
    counted: dict[str, Counted] = {}

    @property
    def id(self) -> str:
        """The public name of the share, stable for ever."""
        return f"s_{self.seq}"

    def lives(self, now_ms: int) -> bool:
        """True while it was not ended and its time is not over."""
        return not self.ended_ms and not (self.until_ms and now_ms >= self.until_ms)


class ShareRead(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One read of a share. `seq` is the number of its receipt, `atom` of whom it was, 0 for nobody."""

    seq: int
    share: int
    atom: int
    at_ms: int
    outcome: ShareOutcome
    reason: str
    recipient: str
    purpose: str
    asked: tuple[str, ...] = ()

    @property
    def receipt(self) -> str:
        """The public name of its receipt."""
        return f"v_{self.seq}"


class ShareNotice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a partner must do about reads it was granted, known to it by their receipts alone.

    `seq` is the record that asks for it. Once acknowledged the receipts are forgotten; how many is kept.
    """

    seq: int
    share: int
    demand: Demand
    at_ms: int
    receipts: tuple[int, ...] = ()
    n: int = 0
    acked_ms: int = 0

    @property
    def id(self) -> str:
        """The public name of the notice: what asks for it, and of which share."""
        return f"m_{self.seq}_{self.share}"


class Recipient(msgspec.Struct, frozen=True):
    """Somebody who was given something about a person: what, since when and until when (ms), how often."""

    name: str
    since_ms: int
    last_ms: int
    n: int
    asked: tuple[str, ...]
