"""A cheap look at a body before it is acknowledged: what it rejects is what the step refuses."""

import msgspec

from equipoise.arrive.segment.envelope import Call, Envelope
from equipoise.arrive.segment.items import (
    UnreadableBody,
    outline_of_single,
    outlines_of_batch,
    raw_batch,
)
from equipoise.arrive.segment.rules import CROWDED_BYTES, MESSAGE_ID_MOST, fault, oversize, text_of
from equipoise.nouns.events import Source


class Limits(msgspec.Struct, frozen=True):
    """How large a request may be, decompressed, in bytes, and how many events it may hold.

    Sources whose name starts with `rudder` may send `rudder_bytes` in one request and one event.
    """

    event_bytes: int = 32_768
    request_bytes: int = 512_000
    batch_events: int = 2_500
    rudder_bytes: int = 4_194_304

    def of_event(self, source: Source) -> int:
        """The largest event that this source may send, in bytes."""
        return self.rudder_bytes if is_rudder(source) else self.event_bytes

    def of_request(self, source: Source) -> int:
        """The largest request that this source may send, in bytes."""
        return self.rudder_bytes if is_rudder(source) else self.request_bytes


class Rejected(msgspec.Struct, frozen=True, rename="camel"):
    """One item that will be refused, as the answer names it."""

    message_id: str
    code: str


class Checked(msgspec.Struct, frozen=True):
    """What the door found: how many items, which of them will be refused, and what is to be kept."""

    count: int
    rejected: tuple[Rejected, ...]
    envelope: Envelope


class BadBody(ValueError):
    """The whole body is refused: `code` is `bad_json`, `too_large` or `too_many_events`."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def is_rudder(source: Source) -> bool:
    """True for a source whose name says that RudderStack's libraries send to it."""
    return source.name.startswith("rudder")


def check(envelope: Envelope, source: Source, limits: Limits) -> Checked:
    """Look at a body as it came: count its items and find those that `parse` would refuse.

    The envelope that comes back is the one to keep: it remembers whether items were measured.
    Raises `BadBody` where no item can be taken at all.
    """
    body, call = envelope.json, envelope.call
    most = limits.of_request(source)
    if len(body) > most:
        raise BadBody("too_large", f"a request may have {most} bytes, this one has {len(body)}")
    try:
        items = outlines_of_batch(body) if call == "batch" else outline_of_single(body)
        sizes = _sizes(call, body, limits.of_event(source))
    except UnreadableBody as problem:
        raise BadBody("bad_json", str(problem)) from None
    if len(items) > limits.batch_events:
        raise BadBody(
            "too_many_events",
            f"a batch may have {limits.batch_events} events, this one has {len(items)}",
        )
    rejected = []
    trust = source.trust
    for index, item in enumerate(items):
        code = sizes.get(index) or fault(item, call, trust)
        if code:
            named = "" if item is None else text_of(item.message_id)[:MESSAGE_ID_MOST]
            rejected.append(Rejected(named, code))
    return Checked(len(items), tuple(rejected), _kept(envelope, sizes, limits.of_event(source)))


def _sizes(call: Call, body: bytes, event_bytes: int) -> dict[int, str]:
    if len(body) <= min(event_bytes, CROWDED_BYTES):
        return {}
    return oversize([body] if call != "batch" else raw_batch(body).batch, event_bytes)


def _kept(envelope: Envelope, sizes: dict[int, str], event_bytes: int) -> Envelope:
    most = event_bytes if sizes else 0
    if most == envelope.event_bytes:
        return envelope
    return Envelope(envelope.call, envelope.json, envelope.gpc, most)
