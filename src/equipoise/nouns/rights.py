"""What a person may ask of the house, what it answers, and the clock between the two.

`AskRight` and `AnswerRight` are the two bodies of an intake row of the kind `right`; `Request` is what
they fold into, one row for each request.
"""

from typing import Literal

import msgspec

from equipoise.nouns.events import Handle, Value

RequestKind = Literal[
    "access",
    "correction",
    "erasure",
    "restriction",
    "portability",
    "objection",
    "review",
    "contest",
]
"""GDPR articles 15, 16, 17, 18, 20, 21, and 22(3): a human who looks, and a decision contested."""

RequestStatus = Literal["open", "in_progress", "fulfilled", "refused", "withdrawn", "expired"]
"""`expired` says that the clock ran out unanswered: the request is late, and still owed an answer."""

OWED = ("open", "in_progress", "expired")
"""The statuses in which the house still owes an answer."""

Ground = Literal["wrong_data", "wrong_reason", "unwanted_purpose", "unfair", "other"]
"""Why a decision is contested."""

Proof = Literal["handle", "officer"]
"""Who stands for it that it was the person: a handle they proved, or an officer who checked."""

Verb = Literal["begin", "extend", "fulfil", "refuse", "withdraw"]
"""What an answer does; `withdraw` is the person's own, `extend` is once, with a reason."""

Outcome = Literal["", "upheld", "changed", "withdrawn"]
"""How a contest ended: the decision stands, was changed, or the person let it rest."""


class AskRight(msgspec.Struct, frozen=True, kw_only=True, tag="ask"):
    """A person asks. `handles` or, from a page that knows it already, `person` says who.

    `by` is `person` or the officer's name. `decision` is the number of the decision that is contested or to
    be looked at by a human (48 for `d_48`), `ground` and `text` why. `values` are the right values of a
    correction by field (`traits.city`; None: it is not known), `strike` ids of events that never happened.
    `purpose` and `channel` are what is objected to. `at_once` carries an erasure or correction out
    in the same step, for a person who has proved a handle; restrictions and objections always are.
    `lift` ends the person's restriction instead.
    """

    kind: RequestKind
    handles: tuple[Handle, ...] = ()
    person: int = 0
    by: str = "person"
    proof: Proof = "handle"
    decision: int = 0
    ground: Ground = "other"
    text: str = ""
    values: dict[str, Value] = {}
    strike: tuple[str, ...] = ()
    purpose: str = "*"
    channel: str = "*"
    at_once: bool = False
    lift: bool = False


class AnswerRight(msgspec.Struct, frozen=True, kw_only=True, tag="answer"):
    """An answer to the request `request`: by an officer, or a person who withdraws their own.

    `reason` is needed to refuse and to extend; `outcome` (`upheld` or `changed`) to fulfil a contest.
    """

    request: int
    verb: Verb
    by: str
    reason: str = ""
    outcome: Outcome = ""


RightRecord = AskRight | AnswerRight
"""The body of an intake row of the kind `right`, in MessagePack."""


class Request(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One request as it stands. Its id is `r_SEQ`; times are milliseconds since 1970, UTC.

    `atom` is whose it is, 0 once they were erased; `due_ms` when an answer is owed, `extended` whether
    that was put off; `reason` why it was put off or refused. `play`, `option`, `frozen` (the receipt, as
    its bytes) and `replayed` (`same`, or what differs) belong to a contest; `recipients` were told.
    """

    seq: int
    kind: RequestKind
    status: RequestStatus
    atom: int
    asked_ms: int
    due_ms: int
    by: str = "person"
    proof: Proof = "handle"
    extended: bool = False
    reason: str = ""
    answered_by: str = ""
    answered_ms: int = 0
    outcome: Outcome = ""
    decision: int = 0
    play: str = ""
    option: str = ""
    ground: Ground = "other"
    text: str = ""
    values: dict[str, Value] = {}
    strike: tuple[str, ...] = ()
    purpose: str = "*"
    channel: str = "*"
    frozen: bytes = b""
    replayed: str = ""
    recipients: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The public name of the request, stable for ever."""
        return f"r_{self.seq}"

    @property
    def owed(self) -> bool:
        """True where the house still owes an answer."""
        return self.status in OWED
