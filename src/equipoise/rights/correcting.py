"""What a correction changes in records that were kept: wrong values go, what never happened goes."""

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from equipoise.nouns.events import Event, Handle, Value
from equipoise.nouns.rights import AskRight

STATED = "identify"
"""The kind of event by which traits are stated."""


def correction(
    values: Mapping[str, Value], handles: tuple[Handle, ...], seq: int, now_ms: int
) -> Event:
    """The event that states the right values (by `traits.NAME`), as the person did now."""
    return Event(
        id=f"correction-{seq}",
        kind=STATED,
        channel="",
        source="person",
        at_ms=now_ms,
        received_ms=now_ms,
        handles=handles,
        facts={name.removeprefix("traits."): value for name, value in values.items()},
        provenance="stated",
        trust="server",
        history=True,
    )


def corrected(event: Event, fields: Iterable[str]) -> Event | None:
    """A former event without the values that were corrected; None where it has none of them.

    `fields` are `traits.NAME` or, for a value inside a record, `traits.NAME.INNER`.
    """
    if event.kind != STATED:
        return None
    facts = dict(event.facts)
    for field in fields:
        name = field.removeprefix("traits.")
        facts.pop(name, None)
        outer, dot, inner = name.partition(".")
        nested = facts.get(outer)
        if dot and isinstance(nested, dict):
            facts[outer] = {key: value for key, value in nested.items() if key != inner}
    return replace(event, facts=facts) if facts != event.facts else None


def struck() -> AskRight:
    """What stands in the log in the place of an event that never happened: that it was struck."""
    return AskRight(kind="correction", by="house")
