"""Events that are events already: from a library call, a file or a simulated town."""

import msgspec

from equipoise.nouns.events import Event, IntakeRow, Refused

_decode = msgspec.msgpack.Decoder(list[Event]).decode
_encode = msgspec.msgpack.Encoder().encode


def pack(events: list[Event]) -> bytes:
    """The body of an intake row of the kind `events`."""
    return _encode(events)


def parse(row: IntakeRow) -> list[Event | Refused]:
    """The events of a row, under the row's own source.

    What is trusted is the row: name, trust and arrival are its source's and its own, whatever the
    events say; nothing happens later than it arrives; a source of history makes all of them history.
    A body of another shape is one refused item (`bad_events`).
    """
    source = row.source
    try:
        events = _decode(row.body)
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        message = f"{source.name}: a row of events is MessagePack of a list of Event, this is not: {problem}"
        return [
            Refused(
                source=source.name,
                code="bad_events",
                message=message,
                received_ms=row.received_ms,
                item=row.body[:4096],
            )
        ]
    return [
        msgspec.structs.replace(
            event,
            id=event.id or f"{row.received_ms}-{row.id}-{index}",
            source=source.name,
            trust=source.trust,
            received_ms=row.received_ms,
            at_ms=max(0, min(event.at_ms, row.received_ms)),
            history=event.history or source.history,
        )
        for index, event in enumerate(events)
    ]
