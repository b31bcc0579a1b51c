"""The door for terms: negotiations of an agreement, and the signals of a browser."""

from base64 import b64encode, urlsafe_b64decode
from binascii import Error as Base64Error
from datetime import datetime
from hashlib import sha256
from typing import Any

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from msgspec.structs import replace
from starlette.types import ASGIApp, Receive, Scope, Send

from equipoise.canon import canonical
from equipoise.doors import answers, keys
from equipoise.doors.answers import Answer, Refusal
from equipoise.doors.bodies import Disconnected
from equipoise.doors.requests import Id
from equipoise.doors.signalling import signalled
from equipoise.doors.terms_door import TermsDoor, Text, body_of, handles_of, row_of, source_of
from equipoise.doors.wellknown import ENDPOINT, SIGNALS, documents
from equipoise.nouns.agreements import Negotiate, Talk
from equipoise.nouns.state import PersonState
from equipoise.ports import Overloaded

SIGNED = "equipoise/agreement/v1\n{digest}\n"
"""What both sides sign: this text, with the SHA-256 of the canonical bytes in hex."""

_json = msgspec.json.Encoder().encode
_pack = msgspec.msgpack.Encoder().encode


class FirstParty(msgspec.Struct, frozen=True):
    """The person in a record: a pseudonym, and their agent's Ed25519 key as a JWK, if it has one."""

    pseudonym: Text = ""
    jwk: dict[str, str] | None = None


class Proffer(msgspec.Struct, frozen=True, rename="camel"):
    """What `POST /v1/terms/negotiations` reads, the answers to a counter-offer, and the end of an agreement.

    `anonymousId` alone needs no key; other handles need a server key. `valid_until` is ISO 8601 with a
    time zone. `sig` is base64url of the agent's signature over `SIGNED` with the digest of the canonical
    `{agreement, does, id, nonce, pseudonym, valid_until}`: `does` is `proffer`, `accept`, `refuse` or
    `end`, `id` is empty in a proffer, `valid_until` in ms or 0.
    """

    anonymous_id: Id = None
    user_id: Id = None
    email: Text | None = None
    agreement: Text = ""
    first_party: FirstParty = msgspec.field(name="first_party", default=FirstParty())
    valid_until: Text = msgspec.field(name="valid_until", default="")
    nonce: Text = ""
    sig: Text = ""
    method: Text = ""
    language: Text = "en"


class Links(msgspec.Struct, frozen=True):
    """Where a negotiation and its record are read."""

    this: str = msgspec.field(name="self")
    record: str


class NegotiationReply(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a turn of a negotiation is answered: where it stands, and the house's counter-offer, if any."""

    id: str
    status: str
    agreement: str
    links: Links
    counter: str = ""


class NegotiationShown(msgspec.Struct, frozen=True):
    """One negotiation as it stands; times in ms since 1970, `valid_until_ms` 0 for no end."""

    id: str
    status: str
    agreement: str
    counter: str
    opened_ms: int
    valid_until_ms: int


class RecordReply(msgspec.Struct, frozen=True):
    """The record that both sides keep, to the byte, its digest, what was signed, by whom, and its receipt."""

    record: dict[str, Any]
    sha256: str
    over: str
    signatures: list[dict[str, str]]
    receipt: dict[str, Any] | None


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
        return await signalled(door, scope, receive)
    rest = path.removeprefix(ENDPOINT).strip("/").split("/")
    match rest:
        case [""]:
            _needs(method, "POST")
            return await _turn(door, scope, receive, "proffer", "")
        case [name, "accept-counter" | "refuse" | "end" as verb]:
            _needs(method, "POST")
            return await _turn(door, scope, receive, verb.removesuffix("-counter"), name)
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
    body = await body_of(receive, Proffer)
    source = source_of(door, scope)
    handles = handles_of(body.anonymous_id, body.user_id, body.email, source)
    said = Negotiate(
        does=does,  # type: ignore[arg-type]
        handles=handles,
        agreement=body.agreement,
        id=name,
        nonce=body.nonce,
        until_ms=_until(body.valid_until),
        first_party=body.first_party.pseudonym,
        method="email_link" if body.method == "email_link" else "portal_click",
        language=body.language[:2].lower(),
    )
    key = _signer(body, said)
    if key:
        said = replace(said, method="agent_key", key=key, signature=body.sig)
    turn = msgspec.json.decode(await door.desk.ask(row_of(door, "agreement", source, _pack(said))))
    if not turn.get("ok"):
        code = turn.get("code") or turn.get("reason") or "agreement_failed"
        raise Refusal(_STATUS.get(code, 400), code, turn.get("message", ""))
    at = f"{ENDPOINT}/{turn['id']}"
    links = Links(at, f"{at}/record")
    reply = NegotiationReply(turn["id"], turn["status"], turn["agreement"], links, turn["counter"])
    return Answer(201 if does == "proffer" else 200, _json(reply))


_STATUS = {
    "public_cannot_grant": 403,
    "negotiation_unknown": 404,
    "negotiation_closed": 409,
    "agreement_not_in_force": 409,
    "step_failed": 500,
}


def _signer(body: Proffer, said: Negotiate) -> str:
    """The agent's public key (base64), where it signed; raises `Refusal` where the signature is wrong."""
    jwk = body.first_party.jwk
    if jwk is None and not body.sig:
        return ""
    try:
        if jwk is None or jwk.get("kty") != "OKP" or jwk.get("crv") != "Ed25519":
            raise ValueError("kty")
        public = _unpadded(jwk.get("x", ""))
        message = SIGNED.format(digest=sha256(canonical(said.signed())).hexdigest()).encode()
        Ed25519PublicKey.from_public_bytes(public).verify(_unpadded(body.sig), message)
    except (InvalidSignature, ValueError, Base64Error):
        raise Refusal(
            400,
            "signature_wrong",
            "what is signed needs first_party.jwk (OKP, Ed25519) and sig over the digest of "
            "{agreement, does, id, nonce, pseudonym, valid_until}; leave both out to speak without a key",
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
    source = source_of(door, scope)
    handles = handles_of(query.get("anonymousId"), query.get("userId"), query.get("email"), source)
    atoms = door.store.atoms_of(handles)
    people = {atom.person for atom in atoms.values()}
    for blob in door.store.states(people).values() if len(atoms) == len(set(handles)) else ():
        state = msgspec.msgpack.decode(blob, type=PersonState)
        for atom in state.atoms:
            if name in atom.terms.talks:
                return state, atom.terms.talks[name]
    raise Refusal(404, "negotiation_unknown", "this person has no such negotiation")


def _shown(talk: Talk) -> NegotiationShown:
    told = talk.id, talk.status, talk.agreement, talk.counter
    return NegotiationShown(*told, talk.at_ms, talk.until_ms)


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
