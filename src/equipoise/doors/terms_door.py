"""What the doors for terms share: what they are handed, who speaks and how fast, and reading a body."""

from collections.abc import Callable
from math import ceil
from typing import Annotated, Any

import msgspec
from starlette.types import Receive, Scope

from equipoise.arrive.signals import Meaning
from equipoise.doors import keys
from equipoise.doors.answers import Refusal
from equipoise.doors.bodies import TooLarge, read_body
from equipoise.doors.pacing import Pace
from equipoise.doors.requests import Id, trusted
from equipoise.doors.wellknown import Published
from equipoise.nouns.events import Handle, IntakeRow, RowKind, Source
from equipoise.ports import Clock, Desk, Store

MOST_BYTES = 65_536
"""The largest body that is read here."""

Text = Annotated[str, msgspec.Meta(max_length=512)]
"""A text as bodies here may have it."""

NOBODY = Source("terms", "public")
"""Who speaks without a key: somebody who speaks for an anonymous id alone."""


class TermsDoor(msgspec.Struct, frozen=True, kw_only=True):
    """What the door is handed: where rows go, who speaks, how the house reads and signs, and proofs.

    `sources` says who a key is, and may raise `Refusal`; `pace` is how fast one address may ask without
    a key, None for any. `sign` gives 64 bytes of Ed25519 over a message; `proof` the bundle of a receipt
    by its number.
    """

    store: Store
    desk: Desk
    clock: Clock
    sources: Callable[[str], Source | None]
    published: Published
    meaning: Meaning
    sign: Callable[[bytes], bytes]
    proof: Callable[[int], bytes | None]
    pace: Pace | None = None


def source_of(door: TermsDoor, scope: Scope) -> Source:
    """The source of the key, else `NOBODY`; raises `Refusal`, 429 where an address asks too fast."""
    authorization = dict(scope["headers"]).get(b"authorization")
    query = keys.query_of(scope.get("query_string", b""))
    key = (
        keys.key_in_header(authorization)
        or keys.key_in_query(query)
        or keys.bearer_token(authorization)
    )
    if not key:
        _paced(door, scope)
        return NOBODY
    source = door.sources(key)
    if source is None:
        raise Refusal(
            401, "unknown_key", "this write key is not known; without one, speak for an anonymousId"
        )
    return source


def _paced(door: TermsDoor, scope: Scope) -> None:
    client = scope.get("client") or ("",)
    wait_s = 0.0 if door.pace is None else door.pace.wait_s(str(client[0]))
    if wait_s > 0.0:
        after = [(b"retry-after", str(ceil(wait_s)).encode())]
        told = "this address asks faster than it may without a key: come back"
        raise Refusal(429, "too_fast", told, after)


def handles_of(anonymous_id: Id, user_id: Id, email: Id, source: Source) -> tuple[Handle, ...]:
    """The handles of a body, as far as the source may speak for them; raises `Refusal`."""
    told = {"anonymous_id": anonymous_id, "user_id": user_id, "email": email}
    return trusted(told, source)


def row_of(door: TermsDoor, kind: RowKind, source: Source, body: bytes) -> IntakeRow:
    """A row that arrives now."""
    return IntakeRow(0, kind, source, door.clock.now_ms(), body)


async def body_of(receive: Receive, kind: type[Any]) -> Any:
    """The body as one of these records; raises `Refusal`, and `Disconnected`."""
    try:
        return msgspec.json.decode(await read_body(receive, MOST_BYTES) or b"{}", type=kind)
    except TooLarge as problem:
        raise Refusal(413, "too_large", str(problem)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise Refusal(400, "bad_json", f"the request cannot be read: {problem}") from None
