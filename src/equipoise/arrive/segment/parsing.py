"""An intake row of the wire becomes events, or refused items with their reason."""

import re
from typing import Any

import msgspec

from equipoise.arrive.segment.channels import channel_of
from equipoise.arrive.segment.envelope import Envelope, unwrap
from equipoise.arrive.segment.items import (
    Context,
    Item,
    Pair,
    Request,
    UnreadableBody,
    raw_batch,
    read_batch,
    read_single,
)
from equipoise.arrive.segment.rules import REFUSALS, fault, is_stated, kind_of, oversize, text_of
from equipoise.arrive.segment.times import happened, to_ms
from equipoise.nouns.events import Event, Handle, IntakeRow, Refused

TEXT_MOST = 512
"""Longest string that is kept of an item's context, in characters."""

KEPT_MOST = 4096
"""How many bytes of a refused item are kept."""

CARDS = ("loyalty_card", "card")
"""Traits and properties that hold the number of a loyalty card, in events of a server key."""

MERGED = {
    "userid": "user_id",
    "user_id": "user_id",
    "anonymousid": "anonymous_id",
    "anonymous_id": "anonymous_id",
    "email": "email",
    "mobile": "phone",
    "phone": "phone",
    "card": "card",
    "device": "device",
}
"""What RudderStack's `merge` calls a handle, in lower case, and the kind it is here."""

_NOTHING = Context()
_ASSIGNED_BY_BROWSERS = re.compile(r"[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}")
_new = tuple.__new__


class _Frame(msgspec.Struct):
    """What all items of one row share."""

    row: IntakeRow
    envelope: Envelope
    sent_ms: int | None
    context: Context | None


def parse(row: IntakeRow) -> list[Event | Refused]:
    """One event, or one refused item with its code, for each item of the row, in their order.

    Never raises for what a sender sent. A body that cannot be read at all is one refused item. The
    same row always gives the same list.
    """
    try:
        envelope = unwrap(row.body)
        request = (read_batch if envelope.call == "batch" else read_single)(envelope.json)
    except (UnreadableBody, ValueError) as problem:
        return [_refused(row, "bad_json", row.body, detail=str(problem))]
    frame = _Frame(row, envelope, to_ms(request.sent_at), request.context)
    sizes = _sizes(envelope)
    parsed: list[Event | Refused] = []
    for index, item in enumerate(request.items):
        code = sizes.get(index) or fault(item, envelope.call, row.source.trust)
        if code or item is None:
            parsed.append(_refused_item(frame, request, index, code))
        else:
            parsed.append(_event(frame, item, index))
    return parsed


def _sizes(envelope: Envelope) -> dict[int, str]:
    if not envelope.event_bytes:
        return {}
    single = envelope.call != "batch"
    return oversize(
        [envelope.json] if single else raw_batch(envelope.json).batch, envelope.event_bytes
    )


def _refused_item(frame: _Frame, request: Request, index: int, code: str) -> Refused:
    envelope, item = frame.envelope, request.items[index]
    single = envelope.call != "batch"
    raw = envelope.json if single else bytes(raw_batch(envelope.json).batch[index])
    return _refused(
        frame.row,
        code,
        raw,
        id="" if item is None else text_of(item.message_id)[:100],
        event_bytes=envelope.event_bytes,
        bytes=len(raw),
        type=None if item is None else item.type,
    )


def _refused(row: IntakeRow, code: str, raw: bytes, **detail: Any) -> Refused:
    return Refused(
        source=row.source.name,
        code=code,
        message=f"{row.source.name}: {REFUSALS[code].format(**detail)}",
        received_ms=row.received_ms,
        id=detail.get("id", ""),
        item=raw[:KEPT_MOST],
    )


def _event(frame: _Frame, item: Item, index: int) -> Event:
    row, source = frame.row, frame.row.source
    kind = kind_of(item, frame.envelope.call)
    shared = frame.context
    context = item.context or shared or _NOTHING
    if shared is not None and item.context is not None:
        context = _under(item.context, shared)
    sent_ms = frame.sent_ms if item.sent_at is None else to_ms(item.sent_at)
    at_ms, original_ms = happened(
        None if item.timestamp is None else to_ms(item.timestamp),
        None if item.original_timestamp is None else to_ms(item.original_timestamp),
        sent_ms,
        row.received_ms,
    )
    properties = item.properties or {}
    channel = properties.get("channel")
    said = (channel if type(channel) is str else None, context.channel, item.channel)
    library = context.library and context.library.name
    name = text_of(item.event) if kind == "track" else kind
    return Event(
        id=text_of(item.message_id) or f"{row.received_ms}-{row.id}-{index}",
        kind=name,
        channel=channel_of(said, library, kind, source.trust),
        source=source.name,
        at_ms=at_ms,
        received_ms=row.received_ms,
        handles=_handles(item, context, kind, server=source.trust == "server"),
        facts=properties if kind == "track" else _facts(item, context, kind),
        context=_surroundings(context, gpc=frame.envelope.gpc),
        provenance="stated" if is_stated(name) else "observed",
        trust=source.trust,
        history=source.history,
        original_ms=original_ms,
        sent_ms=sent_ms,
    )


def _under(own: Context, shared: Context) -> Context:
    """The item's own context, and under it what the batch says for all."""
    merged = Context()
    for name in Context.__struct_fields__:
        value = getattr(own, name)
        setattr(merged, name, getattr(shared, name) if value is None else value)
    return merged


def _facts(item: Item, context: Context, kind: str) -> dict[str, Any]:
    """What a call other than track says: traits from both places, or properties with the name."""
    facts: dict[str, Any] = dict(item.properties or {})
    if kind in ("identify", "group"):
        facts = {**(context.traits or {}), **(item.traits or {})}
    told = {"name": item.name, "category": item.category} if kind in ("page", "screen") else {}
    if kind == "group":
        told = {"groupId": item.group_id}
    facts.update({name: text for name, value in told.items() if (text := text_of(value))})
    return facts


def _surroundings(context: Context, *, gpc: bool) -> dict[str, str]:
    kept = {}
    if context.timezone:
        kept["timezone"] = context.timezone[:TEXT_MOST]
    if context.locale:
        kept["locale"] = context.locale[:TEXT_MOST]
    if context.page and context.page.path:
        kept["page"] = context.page.path[:TEXT_MOST]
    if context.user_agent:
        kept["user_agent"] = context.user_agent[:TEXT_MOST]
    if context.group_id is not None and (group := text_of(context.group_id)):
        kept["group"] = group[:TEXT_MOST]
    if gpc or context.gpc in (True, 1, "1", "true"):
        kept["gpc"] = "1"
    return kept


def _handles(item: Item, context: Context, kind: str, *, server: bool) -> tuple[Handle, ...]:
    """Every handle of the item, raw and maybe twice. A card counts only with a server key."""
    found = []
    anonymous_id, user_id = text_of(item.anonymous_id), text_of(item.user_id)
    if anonymous_id:
        found.append(_new(Handle, ("anonymous_id", anonymous_id)))
    if user_id:
        found.append(_new(Handle, ("user_id", user_id)))
    if context.device and (device := text_of(context.device.id)):
        found.append(Handle("device", device))
    if server and item.properties and not item.properties.keys().isdisjoint(CARDS):
        found += _of_kind("card", CARDS, item.properties)
    if kind == "alias" and (previous := text_of(item.previous_id)):
        found.append(_previous(previous, anonymous_id, user_id))
    elif kind == "merge":
        found += _merged(item.merge_properties or [])
    if (item.traits or context.traits) and kind != "group":
        found += _named(item.traits or {}, server=server)
        found += _named(context.traits or {}, server=server)
    return tuple(found)


def _previous(previous: str, anonymous_id: str, user_id: str) -> Handle:
    """The former id of an alias: an anonymous id where it looks like one that a browser assigned.

    Beside no user id it is the only user id; otherwise a second one, which is held for a human.
    """
    if previous == anonymous_id or (user_id and _ASSIGNED_BY_BROWSERS.fullmatch(previous)):
        return Handle("anonymous_id", previous)
    return Handle("user_id", previous)


def _named(traits: dict[str, Any], *, server: bool) -> list[Handle]:
    found = _of_kind("email", ("email",), traits) + _of_kind("phone", ("phone",), traits)
    return found + _of_kind("card", CARDS, traits) if server else found


def _of_kind(kind: str, names: tuple[str, ...], facts: dict[str, Any]) -> list[Handle]:
    values = [facts.get(name) for name in names]
    return [
        Handle(kind, text)
        for value in values
        if type(value) in (str, int, float) and (text := text_of(value))
    ]


def _merged(pairs: list[Pair]) -> list[Handle]:
    told = [(MERGED.get((pair.type or "").lower()), text_of(pair.value)) for pair in pairs]
    return [Handle(kind, value) for kind, value in told if kind and value]
