"""What a channel asks the door: which decision, for whom, and what waits to be shown to them."""

from collections.abc import Mapping
from typing import Annotated

import msgspec

from equipoise.doors.answers import Refusal
from equipoise.nouns.events import Handle, Source
from equipoise.nouns.records import DecideRequest, PageRequest

_Int64 = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
_Text = Annotated[str, msgspec.Meta(max_length=512)]
Id = _Text | _Int64 | None
"""An id as text or as a number, which is written as text."""


class DecideBody(msgspec.Struct, frozen=True, rename="camel"):
    """What `POST /v1/decide` reads: the name of the moment, and who is there.

    A server key may name any of the handles; a public key only `anonymousId`. `facts` are scalars
    that conditions read as `event.NAME`.
    """

    moment: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    user_id: Id = None
    anonymous_id: Id = None
    email: _Text | None = None
    phone: Id = None
    card: Id = None
    device: Id = None
    facts: dict[str, str | _Int64 | float | bool | None] = {}
    channel: Annotated[str, msgspec.Meta(max_length=32)] = "web"
    write_key: str | None = None


KINDS = ("anonymous_id", "user_id", "email", "phone", "card", "device")
"""The handles that a request may name, by their fields."""

_decode = msgspec.json.Decoder(DecideBody).decode
_pack = msgspec.msgpack.Encoder().encode


def decide_row(body: bytes, source: Source, *, gpc: bool = False) -> bytes:
    """The body of an intake row of the kind `decide`. Raises `Refusal`."""
    try:
        asked = _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise Refusal(400, "bad_json", f"the request to decide cannot be read: {problem}") from None
    handles = trusted({kind: getattr(asked, kind) for kind in KINDS}, source)
    return _pack(
        DecideRequest(
            moment=asked.moment,
            handles=handles,
            facts=asked.facts,
            channel=asked.channel,
            gpc=gpc,
        )
    )


def page_row(query: Mapping[str, str], source: Source, *, gpc: bool = False) -> bytes:
    """The body of an intake row of the kind `page`. Raises `Refusal`."""
    told = {"anonymous_id": query.get("anonymousId"), "user_id": query.get("userId")}
    return _pack(PageRequest(handles=trusted(told, source), gpc=gpc))


def trusted(told: Mapping[str, Id], source: Source) -> tuple[Handle, ...]:
    """The handles told, as far as the source may speak for them; raises `Refusal`."""
    handles = tuple(
        Handle(kind, text)
        for kind, value in told.items()
        if value is not None and (text := str(value).strip())
    )
    if not handles:
        raise Refusal(
            400,
            "identity_missing",
            "name who is there: an anonymousId, or a userId with a server key",
        )
    if source.trust == "public" and any(handle.kind != "anonymous_id" for handle in handles):
        raise Refusal(
            403,
            "source_not_trusted",
            f"{source.name} has a public key, which speaks only for an anonymousId: "
            "ask for another handle with a server key",
        )
    return handles


class DecideReply(msgspec.Struct, frozen=True):
    """What `POST /v1/decide` answers: what to do for this person now, and why.

    `outcome` is act, silence, held or review; `content` what to show; `propensity` the probability
    with which the option could be drawn; `chance` whether there was more than one that could; `best`
    what a model expected to be worth most, empty where none was asked.
    """

    outcome: str
    reason: str
    decision: str | None
    content: dict[str, str]
    play: str = ""
    option: str = "silence"
    channel: str = ""
    detail: dict[str, str] = {}
    propensity: float = 1.0
    chance: bool = False
    best: str = ""


class Shown(msgspec.Struct, frozen=True):
    """One thing for the page to show: its key, the option's name and its content.

    `felt` is the path at which one tap says how it felt.
    """

    id: str
    option: str
    content: dict[str, str]
    felt: str = ""


class PageReply(msgspec.Struct, frozen=True):
    """What `GET /v1/page` answers: what waited for this person, once."""

    shown: list[Shown]
