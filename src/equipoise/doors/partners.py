"""The door for partners: a read with a purpose-bound token, what it owes for it, and what it has to undo.

Whether a read is granted is decided in the step, and its receipt is committed before the answer leaves. A
person who is refused and a handle that nobody has are answered alike.
"""

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from math import ceil
from typing import Any

import msgspec
from starlette.types import ASGIApp, Receive, Scope, Send

from equipoise.doors import answers, keys
from equipoise.doors.answers import Answer, Refusal
from equipoise.doors.bodies import Disconnected, TooLarge, read_body
from equipoise.doors.pacing import Pace
from equipoise.doors.partner_bodies import (
    AckReply,
    Asking,
    Notice,
    NoticesReply,
    ProofReply,
    ReadBody,
    ReadReply,
    ShareReply,
)
from equipoise.doors.requests import KINDS
from equipoise.nouns.events import Handle, IntakeRow, Source
from equipoise.nouns.shares import AckNotice, Band, Count, Duties, ReadShare, Share, ShareRecord
from equipoise.ports import Clock, Desk, Overloaded, Store

PATH = "/v1/shares"
MOST_BYTES = 16_384
MOST_TOKENS = 10_000
"""Ids of tokens whose share is remembered; past it the oldest is forgotten."""

_json = msgspec.json.Encoder().encode
_pack = msgspec.msgpack.Encoder().encode


class PartnerDoor(msgspec.Struct, frozen=True, kw_only=True):
    """What the door is handed.

    `count` counts how many people fulfil counted questions of a share, by their names; `prove` gives the
    proof of a receipt without its body; `sentence` tells a reason code; `duties` writes duties as plain
    values; `asks` a question as text. `pace` is how fast one token may ask, None for any.
    """

    store: Store
    desk: Desk
    clock: Clock
    count: Callable[[Share, tuple[str, ...]], Awaitable[dict[str, int]]]
    prove: Callable[[int], ProofReply | None]
    sentence: Callable[[str], str]
    duties: Callable[[Duties], dict[str, Any]]
    asks: Callable[[Band | Count | Any], str]
    pace: Pace | None = None


class Partner(msgspec.Struct, frozen=True):
    """Who speaks: the token that was proven, by its id, and its share as it stands."""

    token: str
    share: Share


class Tokens:
    """Finds the share of a token by the token's id, and compares its digest in constant time."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._shares: OrderedDict[str, int] = OrderedDict()

    def of(self, text: str) -> Partner | None:
        """The partner that proves itself by this token, over or not; None where no token is like it."""
        parts = text.split("_", 3)
        if len(parts) != 4 or parts[0] != "eqs":
            return None
        share = self._share(parts[2])
        digest = sha256(text.encode("utf-8", "replace")).hexdigest()
        for token in share.tokens if share is not None else ():
            if share is not None and token.id == parts[2] and compare_digest(token.sha256, digest):
                return Partner(token.id, share)
        return None

    def _share(self, id_: str) -> Share | None:
        number = self._shares.get(id_)
        known = self._store.shares([number] if number is not None else ())
        share = next((one for one in known if any(t.id == id_ for t in one.tokens)), None)
        if share is not None and number is None:
            self._shares[id_] = share.seq
            if len(self._shares) > MOST_TOKENS:
                self._shares.popitem(last=False)
        return share


def partners_app(door: PartnerDoor, fallback: ASGIApp) -> ASGIApp:
    """Serve `/v1/shares...` to partners with a token, and hand every other path to `fallback`."""
    tokens = Tokens(door.store)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"].rstrip("/") if scope["type"] == "http" else ""
        if not f"{path}/".startswith(f"{PATH}/"):
            await fallback(scope, receive, send)
            return
        try:
            partner = _admit(door, tokens, scope)
            rest = path.removeprefix(PATH).strip("/").split("/")
            answer = await _answered(door, partner, (scope["method"], *rest), receive)
        except Disconnected:
            return
        except Refusal as refusal:
            answer = answers.refused(refusal)
        except Overloaded as full:
            after = [(b"retry-after", str(full.retry_after_s).encode())]
            answer = answers.refused(Refusal(429, "overloaded", str(full), after))
        await answers.say(send, answer, None, head=scope["method"] == "HEAD")

    return app


def _admit(door: PartnerDoor, tokens: Tokens, scope: Scope) -> Partner:
    authorization = dict(scope["headers"]).get(b"authorization")
    text = keys.bearer_token(authorization) or keys.key_in_header(authorization)
    partner = tokens.of(text) if text else None
    if partner is None:
        told = "a token of a share is needed, in the header Authorization: Bearer eqs_..."
        raise Refusal(401, "unknown_token", told, [(b"www-authenticate", b"Bearer")])
    wait_s = 0.0 if door.pace is None else door.pace.wait_s(partner.token)
    if wait_s > 0.0:
        after = [(b"retry-after", str(ceil(wait_s)).encode())]
        raise Refusal(429, "too_fast", "this token asks faster than it may: come back", after)
    return partner


async def _answered(
    door: PartnerDoor, partner: Partner, asked: tuple[str, ...], receive: Receive
) -> Answer:
    match asked:
        case ("GET" | "HEAD", ""):
            return _told(_shown(door, partner.share))
        case ("POST", "reads"):
            return await _read(door, partner, await _body(receive))
        case ("GET" | "HEAD", "notices"):
            return _told(_notices(door, partner.share))
        case ("POST", "notices", notice, "ack"):
            return await _acknowledged(door, partner, notice)
        case ("GET" | "HEAD", "receipts", receipt):
            return _told(_proof(door, partner.share, receipt))
        case (_, "" | "notices"):
            raise _method("GET")
        case (_, "reads") | (_, "notices", _, "ack"):
            raise _method("POST")
        case (_, "receipts", _):
            raise _method("GET")
        case _:
            raise Refusal(404, "not_found", f"there is no such path under {PATH}")


_PRIVATE = ((b"cache-control", b"no-store"),)


def _told(reply: msgspec.Struct) -> Answer:
    return Answer(body=_json(reply), headers=_PRIVATE)


def _method(taken: str) -> Refusal:
    told = f"this path takes {taken}"
    return Refusal(405, "method_not_allowed", told, [(b"allow", taken.encode())])


async def _body(receive: Receive) -> ReadBody:
    try:
        return msgspec.json.decode(await read_body(receive, MOST_BYTES), type=ReadBody)
    except TooLarge as problem:
        raise Refusal(413, "too_large", str(problem)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise Refusal(400, "bad_json", f"the read cannot be read: {problem}") from None


# --- reads ----------------------------------------------------------------------------------------


async def _read(door: PartnerDoor, partner: Partner, body: ReadBody) -> Answer:
    named = ((kind, getattr(body, kind)) for kind in KINDS)
    handles = tuple(
        Handle(kind, text)
        for kind, value in named
        if value is not None and (text := str(value).strip())
    )
    share = partner.share
    counted = await door.count(share, body.asked) if not handles else {}
    said = ReadShare(
        share=share.seq,
        token=partner.token,
        purpose=body.purpose,
        asked=tuple(dict.fromkeys(body.asked)),
        handles=handles,
        counted=counted,
    )
    told = await _ask(door, partner, said)
    granted = told["outcome"] == "granted"
    reply = ReadReply(
        outcome=told["outcome"],
        share=told["share"],
        receipt=told["receipt"],
        proof=f"{PATH}/receipts/{told['receipt']}",
        code=told["reason"],
        message="" if granted else door.sentence(told["reason"]),
        answers=told.get("answers"),
        fields=told.get("fields"),
        provenance=told.get("provenance"),
        duties=_dated(told["duties"], door.clock.now_ms()) if granted else None,
    )
    headers = [
        *_PRIVATE,
        (b"equipoise-receipt", reply.receipt.encode()),
        (b"link", b'</.well-known/myterms.json>; rel="terms-of-service"'),
    ]
    if granted:
        headers.append((b"equipoise-duties", _structured(reply.duties or {}).encode()))
    return Answer(200 if granted else 403, _json(reply), headers=headers)


async def _ask(door: PartnerDoor, partner: Partner, said: ShareRecord) -> dict[str, Any]:
    source = Source(f"partner:{partner.share.id}")
    row = IntakeRow(0, "share", source, door.clock.now_ms(), _pack(said))
    told: dict[str, Any] = msgspec.json.decode(await door.desk.ask(row))
    if not told.get("ok"):
        code = "step_failed" if told.get("reason") == "step_failed" else "not_found"
        raise Refusal(500 if code == "step_failed" else 404, code, str(told.get("reason", "")))
    return told


def _dated(duties: dict[str, Any], now_ms: int) -> dict[str, Any]:
    """The duties with the day by which to delete: the stated one, or so many days from now, if sooner."""
    if "delete_days" not in duties:
        return duties
    today = datetime.fromtimestamp(now_ms / 1000, UTC).date()
    by = (today + timedelta(days=duties["delete_days"])).isoformat()
    return duties | {"delete_by": min(by, duties.get("delete_by", by))}


def _structured(duties: dict[str, Any]) -> str:
    """Duties as a dictionary of RFC 8941: `no-onward, no-profiling, delete-by="2027-01-31"`."""
    parts = []
    for name, value in duties.items():
        word = name.replace("_", "-")
        if value is True:
            parts.append(word)
        elif value is False:
            parts.append(f"{word}=?0")
        else:
            parts.append(f'{word}="{value}"' if isinstance(value, str) else f"{word}={value}")
    return ", ".join(parts)


# --- what a partner may see -----------------------------------------------------------------------


def _shown(door: PartnerDoor, share: Share) -> ShareReply:
    asking = [
        Asking(question.name, door.asks(question), type(question).__name__.lower())
        for question in share.questions
    ]
    asking += [Asking(name, name, "field") for name in share.fields]
    return ShareReply(
        share=share.id,
        recipient=share.recipient,
        purpose=share.purpose,
        mode=share.mode,
        alive=share.lives(door.clock.now_ms()),
        until_ms=share.until_ms,
        may_ask=tuple(asking),
        duties=door.duties(share.duties),
    )


def _notices(door: PartnerDoor, share: Share) -> NoticesReply:
    return NoticesReply(
        tuple(
            Notice(
                notice=notice.id,
                demand=notice.demand,
                receipts=tuple(f"v_{seq}" for seq in notice.receipts),
                at_ms=notice.at_ms,
                acknowledged_ms=notice.acked_ms,
            )
            for notice in door.store.share_notices(share.seq)
        )
    )


async def _acknowledged(door: PartnerDoor, partner: Partner, notice: str) -> Answer:
    told = await _ask(door, partner, AckNotice(share=partner.share.seq, notice=notice[:64]))
    return _told(AckReply(told["notice"], told["acked_ms"]))


def _proof(door: PartnerDoor, share: Share, receipt: str) -> ProofReply:
    """The proof of one of the partner's own reads."""
    number = receipt.removeprefix("v_")
    wanted = int(number) if number.isascii() and number.isdigit() and len(number) < 16 else 0
    row = door.store.receipts([wanted]).get(wanted)
    mine = row is not None and msgspec.json.decode(row.body, type=_Told).share == share.id
    found = door.prove(wanted) if mine else None
    if found is None:
        raise Refusal(404, "not_found", "this share has no such receipt, or its person was erased")
    return found


class _Told(msgspec.Struct):
    share: str = ""
