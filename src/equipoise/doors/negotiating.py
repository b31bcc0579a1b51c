"""The door for terms: negotiations of an agreement, and the signals of a browser."""

from base64 import b64encode, urlsafe_b64decode
from binascii import Error as Base64Error
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Any

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from starlette.types import ASGIApp, Receive, Scope, Send

from equipoise.arrive.signals import (
    Heard,
    Meaning,
    NotATCString,
    Speaker,
    events_of,
    read_adpc,
    read_tc,
    says_gpc,
)
from equipoise.canon import canonical
from equipoise.doors import answers, keys
from equipoise.doors.answers import Answer, Refusal
from equipoise.doors.bodies import Disconnected, TooLarge, read_body
from equipoise.doors.requests import Id, trusted
from equipoise.doors.wellknown import ENDPOINT, SIGNALS, Published, documents
from equipoise.nouns.agreements import Negotiate, Talk
from equipoise.nouns.events import Event, Handle, IntakeRow, RowKind, Source
from equipoise.nouns.state import PersonState
from equipoise.ports import Clock, Desk, Overloaded, Store

MOST_BYTES = 65_536
"""The largest body that is read here."""

SIGNED = "equipoise/agreement/v1\n{digest}\n"
"""What both sides sign: this text, with the SHA-256 of the canonical bytes in hex."""

_NOBODY = Source("terms", "public")
_Text = Annotated[str, msgspec.Meta(max_length=512)]
_json = msgspec.json.Encoder().encode
_pack = msgspec.msgpack.Encoder().encode


class FirstParty(msgspec.Struct, frozen=True):
    """The person in a record: a pseudonym, and their agent's Ed25519 key as a JWK, if it has one."""

    pseudonym: _Text = ""
    jwk: dict[str, str] | None = None


class Proffer(msgspec.Struct, frozen=True, rename="camel"):
    """What `POST /v1/terms/negotiations` reads, and the answers to a counter-offer.

    `anonymousId` alone needs no key; other handles need a server key. `valid_until` is ISO 8601 with a
    time zone. `sig` is base64url of the agent's signature over `SIGNED` with the digest of the canonical
    `{agreement, id, nonce, pseudonym, valid_until}` (`id` is empty in a proffer, `valid_until` in ms or 0).
    """

    anonymous_id: Id = None
    user_id: Id = None
    email: _Text | None = None
    agreement: _Text = ""
    first_party: FirstParty = msgspec.field(name="first_party", default=FirstParty())
    valid_until: _Text = msgspec.field(name="valid_until", default="")
    nonce: _Text = ""
    sig: _Text = ""
    method: _Text = ""
    language: _Text = "en"


class Signals(msgspec.Struct, frozen=True, rename="camel"):
    """What `POST /v1/terms/signals` reads beside the headers `Sec-GPC` and `ADPC` of the request itself."""

    anonymous_id: Id = None
    user_id: Id = None
    email: _Text | None = None
    gpc: bool = False
    adpc: Annotated[str, msgspec.Meta(max_length=4096)] = ""
    tcf: Annotated[str, msgspec.Meta(max_length=16_384)] = ""
    locale: _Text = "en"


class TermsDoor(msgspec.Struct, frozen=True, kw_only=True):
    """What the door is handed: where rows go, who speaks, how the house reads and signs, and proofs.

    `sign` gives 64 bytes of Ed25519 over a message; `proof` the bundle of a receipt by its number.
    """

    store: Store
    desk: Desk
    clock: Clock
    sources: Callable[[str], Source | None]
    published: Published
    meaning: Meaning
    sign: Callable[[bytes], bytes]
    proof: Callable[[int], bytes | None]


def terms_app(door: TermsDoor, fallback: ASGIApp) -> ASGIApp:
    """Serve the well-known documents and `/v1/terms/...`, and hand every other path to `fallback`."""
    told = documents(door.published)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"].rstrip("/") if scope["type"] == "http" else ""
        if path not in told and path != SIGNALS and not f"{path}/".startswith(f"{ENDPOINT}/"):
            await fallback(scope, receive, send)
            return
        method: str = scope["method"]
        origin = dict(scope["headers"]).get(b"origin")
        try:
            answer = await _answered(door, told, scope, receive)
        except Disconnected:
            return
        except Refusal as refusal:
            answer = answers.refused(refusal)
        except Overloaded as full:
            after = [(b"retry-after", str(full.retry_after_s).encode())]
            answer = answers.refused(Refusal(429, "overloaded", str(full), after))
        await answers.say(send, answer, None if path in told else origin, head=method == "HEAD")

    return app


async def _answered(
    door: TermsDoor, told: dict[str, Answer], scope: Scope, receive: Receive
) -> Answer:
    path, method = scope["path"].rstrip("/"), scope["method"]
    if path in told:
        _needs(method, "GET", "HEAD")
        return told[path]
    if method == "OPTIONS":
        return answers.preflight(("GET", "POST"))
    if path == SIGNALS:
        _needs(method, "POST")
        return await _signalled(door, scope, receive)
    rest = path.removeprefix(ENDPOINT).strip("/").split("/")
    match rest:
        case [""]:
            _needs(method, "POST")
            return await _turn(door, scope, receive, "proffer", "")
        case [name, "accept-counter" | "refuse" as verb]:
            _needs(method, "POST")
            does = "accept" if verb == "accept-counter" else "refuse"
            return await _turn(door, scope, receive, does, name)
        case [name]:
            _needs(method, "GET", "HEAD")
            return Answer(body=_json(_shown(_found(door, scope, name)[1])), headers=_NOT_KEPT)
        case [name, "record"]:
            _needs(method, "GET", "HEAD")
            return Answer(body=_record(door, scope, name), headers=_NOT_KEPT)
        case _:
            raise Refusal(404, "not_found", f"there is no such path under {ENDPOINT}")


_NOT_KEPT = ((b"cache-control", b"no-store"),)


def _needs(method: str, *taken: str) -> None:
    if method not in taken:
        told = f"this path takes {' or '.join(taken)}, not {method}"
        raise Refusal(405, "method_not_allowed", told, [(b"allow", ", ".join(taken).encode())])


# --- negotiating ---------------------------------------------------------------------------------


async def _turn(door: TermsDoor, scope: Scope, receive: Receive, does: str, name: str) -> Answer:
    """One turn of the person, answered after its step is committed."""
    body = await _body(receive, Proffer)
    source = _source(door, scope)
    handles = _handles(body.anonymous_id, body.user_id, body.email, source)
    until_ms = _until(body.valid_until)
    key, method = _signer(body, name, until_ms), body.method
    if method not in ("portal_click", "email_link"):
        method = "portal_click"
    said = Negotiate(
        does=does,  # type: ignore[arg-type]
        handles=handles,
        agreement=body.agreement,
        id=name,
        nonce=body.nonce,
        until_ms=until_ms,
        first_party=body.first_party.pseudonym,
        method="agent_key" if key else method,
        key=key,
        signature=body.sig if key else "",
        language=body.language[:2].lower(),
    )
    turn = msgspec.json.decode(await door.desk.ask(_row(door, "agreement", source, _pack(said))))
    if not turn.get("ok"):
        code = turn.get("code") or turn.get("reason") or "agreement_failed"
        raise Refusal(_STATUS.get(code, 400), code, turn.get("message", ""))
    links = {"self": f"{ENDPOINT}/{turn['id']}", "record": f"{ENDPOINT}/{turn['id']}/record"}
    told = {name: turn[name] for name in ("id", "status", "agreement", "counter") if turn[name]}
    return Answer(201 if does == "proffer" else 200, _json(told | {"links": links}))


_STATUS = {
    "public_cannot_grant": 403,
    "negotiation_unknown": 404,
    "negotiation_closed": 409,
    "step_failed": 500,
}


def _signer(body: Proffer, name: str, until_ms: int) -> str:
    """The agent's public key (base64), where it signed; raises `Refusal` where the signature is wrong."""
    jwk = body.first_party.jwk
    if jwk is None and not body.sig:
        return ""
    told = {
        "agreement": body.agreement,
        "id": name,
        "nonce": body.nonce,
        "pseudonym": body.first_party.pseudonym,
        "valid_until": until_ms,
    }
    try:
        if jwk is None or jwk.get("kty") != "OKP" or jwk.get("crv") != "Ed25519":
            raise ValueError("kty")
        public = _unpadded(jwk.get("x", ""))
        message = SIGNED.format(digest=sha256(canonical(told)).hexdigest()).encode()
        Ed25519PublicKey.from_public_bytes(public).verify(_unpadded(body.sig), message)
    except (InvalidSignature, ValueError, Base64Error):
        raise Refusal(
            400,
            "signature_wrong",
            "a signed proffer needs first_party.jwk (OKP, Ed25519) and sig over the digest of "
            "{agreement, id, nonce, pseudonym, valid_until}; leave both out to proffer without a key",
        ) from None
    return b64encode(public).decode()


def _unpadded(text: str) -> bytes:
    return urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))


def _until(text: str) -> int:
    """A time as ms since 1970, 0 for none; raises `Refusal`."""
    if not text:
        return 0
    try:
        when = datetime.fromisoformat(text)
        if when.tzinfo is None:
            raise ValueError("zone")
        return round(when.timestamp() * 1000)
    except (ValueError, OverflowError):
        needed = "valid_until needs ISO 8601 with a time zone, such as 2027-01-31T00:00:00Z"
        raise Refusal(400, "agreement_malformed", needed) from None


def _found(door: TermsDoor, scope: Scope, name: str) -> tuple[PersonState, Talk]:
    """The negotiation of the person whom the query names; raises `Refusal`."""
    query = keys.query_of(scope.get("query_string", b""))
    source = _source(door, scope)
    handles = _handles(query.get("anonymousId"), query.get("userId"), query.get("email"), source)
    atoms = door.store.atoms_of(handles)
    people = {atom.person for atom in atoms.values()}
    for blob in door.store.states(people).values() if len(atoms) == len(set(handles)) else ():
        state = msgspec.msgpack.decode(blob, type=PersonState)
        for atom in state.atoms:
            if name in atom.terms.talks:
                return state, atom.terms.talks[name]
    raise Refusal(404, "negotiation_unknown", "this person has no such negotiation")


def _shown(talk: Talk) -> dict[str, Any]:
    return {
        "id": talk.id,
        "status": talk.status,
        "agreement": talk.agreement,
        "counter": talk.counter,
        "opened_ms": talk.at_ms,
        "valid_until_ms": talk.until_ms,
    }


def _record(door: TermsDoor, scope: Scope, name: str) -> bytes:
    """The record both sides keep, to the byte, with the signatures and the proof of its receipt."""
    _, talk = _found(door, scope, name)
    seq = (talk.closed_seq or talk.seq) + 1
    row = door.store.receipts([seq]).get(seq)
    if row is None:
        raise Refusal(410, "gone", "the record of this negotiation was erased")
    record = msgspec.json.decode(row.body)["record"]
    bytes_ = canonical(record)
    digest = sha256(bytes_).hexdigest()
    ours = door.sign(SIGNED.format(digest=digest).encode())
    signatures = [
        {
            "by": "second_party",
            "alg": "EdDSA",
            "kid": door.published.key_id,
            "method": "ledger_key",
            "sig": b64encode(ours).decode(),
        }
    ]
    if record["signature"]:
        signatures.insert(
            0,
            {
                "by": "first_party",
                "alg": "EdDSA",
                "key": record["first_party"]["key"],
                "method": "agent_key",
                "sig": record["signature"],
            },
        )
    bundle = door.proof(seq)
    return b'{"record":%b,"sha256":%b,"over":%b,"signatures":%b,"receipt":%b}' % (
        bytes_,
        _json(digest),
        _json(SIGNED),
        _json(signatures),
        bundle or b"null",
    )


# --- signals -------------------------------------------------------------------------------------


async def _signalled(door: TermsDoor, scope: Scope, receive: Receive) -> Answer:
    """Take in what a browser says; 200 once it is durable, with what was understood."""
    body = await _body(receive, Signals)
    source = _source(door, scope)
    handles = _handles(body.anonymous_id, body.user_id, body.email, source)
    header = b", ".join(value for name, value in scope["headers"] if name == b"adpc")
    said = ", ".join(part for part in (header.decode("latin-1"), body.adpc) if part)
    try:
        tc = read_tc(body.tcf) if body.tcf else None
    except NotATCString as fault:
        raise Refusal(400, "tc_string_malformed", str(fault)) from None
    heard = Heard(
        gpc=body.gpc or says_gpc(scope["headers"]), adpc=read_adpc(said) if said else None, tc=tc
    )
    now_ms = door.clock.now_ms()
    locale = body.locale[:2].lower()
    who = Speaker(handles, source.name, source.trust, now_ms, locale)
    events: list[Event] = events_of(heard, who, door.meaning)
    if events:
        await door.desk.accept(_row(door, "events", source, _pack(events)))
    told = [{"kind": event.kind, "purpose": event.facts.get("purpose", "")} for event in events]
    return Answer(body=_json({"success": True, "understood": told}))


# --- who speaks ----------------------------------------------------------------------------------


def _source(door: TermsDoor, scope: Scope) -> Source:
    """The source of the key; without a key somebody who speaks for an anonymous id alone."""
    authorization = dict(scope["headers"]).get(b"authorization")
    query = keys.query_of(scope.get("query_string", b""))
    key = (
        keys.key_in_header(authorization)
        or keys.key_in_query(query)
        or keys.bearer_token(authorization)
    )
    if not key:
        return _NOBODY
    source = door.sources(key)
    if source is None:
        raise Refusal(
            401, "unknown_key", "this write key is not known; without one, speak for an anonymousId"
        )
    return source


def _handles(anonymous_id: Id, user_id: Id, email: Id, source: Source) -> tuple[Handle, ...]:
    told = {"anonymous_id": anonymous_id, "user_id": user_id, "email": email}
    return trusted(told, source)


def _row(door: TermsDoor, kind: RowKind, source: Source, body: bytes) -> IntakeRow:
    return IntakeRow(0, kind, source, door.clock.now_ms(), body)


async def _body(receive: Receive, kind: type[Any]) -> Any:
    try:
        return msgspec.json.decode(await read_body(receive, MOST_BYTES) or b"{}", type=kind)
    except TooLarge as problem:
        raise Refusal(413, "too_large", str(problem)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise Refusal(400, "bad_json", f"the request cannot be read: {problem}") from None
