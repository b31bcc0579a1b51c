"""How an event that says something about the person is refused."""

import msgspec

from equipoise.nouns.events import Event, Refused


def refused(event: Event, code: str, why: str) -> Refused:
    """The refused item of an event, with what came, so that an operator sees it."""
    return Refused(
        source=event.source,
        code=code,
        message=f"{event.kind} {event.id!r} from {event.source!r}: {why}",
        received_ms=event.received_ms,
        id=event.id,
        # With its handles, which an erasure finds it by.
        item=msgspec.json.encode(event)[:4096],
    )
