"""What partners ask and are answered, as it stands on the wire."""

from typing import Annotated, Any

import msgspec

from equipoise.doors.requests import Id

_Text = Annotated[str, msgspec.Meta(max_length=200)]


class ReadBody(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """What `POST /v1/shares/reads` reads: for which purpose, what is asked, and of whom.

    `asked` are names of questions, or of fields, of the grant. One handle or more say of whom; a question
    that counts people is asked of nobody.
    """

    purpose: _Text
    asked: Annotated[tuple[_Text, ...], msgspec.Meta(min_length=1, max_length=20)]
    user_id: Id = None
    anonymous_id: Id = None
    email: _Text | None = None
    phone: Id = None
    card: Id = None
    device: Id = None


class ReadReply(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What `POST /v1/shares/reads` answers, 200 where granted and 403 where refused.

    `answers` are true or false, the edges of a band (`from`, `below`; null: not known), or for a count
    whether there are enough with a rounded band; `fields` are values with their `provenance`. `receipt` is
    the number in the ledger, `proof` where its proof is. A refusal has a `code` and a `message`.
    """

    outcome: str
    share: str
    receipt: str
    proof: str
    code: str = ""
    message: str = ""
    answers: dict[str, Any] | None = None
    fields: dict[str, str | int | float | bool | None] | None = None
    provenance: dict[str, str] | None = None
    duties: dict[str, Any] | None = None


class Asking(msgspec.Struct, frozen=True):
    """One thing that may be asked: a question by its name and text, or a field."""

    name: str
    text: str
    kind: str


class ShareReply(msgspec.Struct, frozen=True, kw_only=True):
    """What `GET /v1/shares` answers: what this token may ask, for what, and what it owes."""

    share: str
    recipient: str
    purpose: str
    mode: str
    alive: bool
    until_ms: int
    may_ask: tuple[Asking, ...]
    duties: dict[str, Any]


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """Something that the partner must do about earlier reads, named by their receipts alone."""

    notice: str
    demand: str
    receipts: tuple[str, ...]
    at_ms: int
    acknowledged_ms: int


class NoticesReply(msgspec.Struct, frozen=True):
    """What `GET /v1/shares/notices` answers, oldest first; those acknowledged name no receipts any more."""

    notices: tuple[Notice, ...]


class AckReply(msgspec.Struct, frozen=True):
    """What `POST /v1/shares/notices/{notice}/ack` answers."""

    notice: str
    acknowledged_ms: int


class ProofReply(msgspec.Struct, frozen=True):
    """What `GET /v1/shares/receipts/{receipt}` answers: that a receipt is in the ledger, not its body.

    `leaf` is its salted commitment (base64), `proof` the path to a signed head (C2SP tlog-proof), `key`
    the ledger's public key (vkey).
    """

    receipt: str
    leaf: str
    proof: str
    key: str
