"""Which items are refused, and why: one rule for the door and for the step."""

from collections.abc import Sequence

import msgspec

from equipoise.arrive.segment.items import Identifier, Outline
from equipoise.nouns.events import Trust

MESSAGE_ID_MOST = 100
"""Longest message id, in characters; a longer one cannot be told from another by its start."""

PROPERTIES_MOST = 10_000
"""Most properties, or traits, of one event."""

CROWDED_BYTES = 50_000
"""An item of fewer bytes cannot hold so many properties, each with a name of its own."""

TYPES: dict[str | None, str] = {
    written: kind
    for kind in ("track", "identify", "page", "screen", "group", "alias", "merge")
    for written in (kind, kind.capitalize(), kind.upper())
}
"""The types of calls as they are written, and as they are called here."""

REFUSALS: dict[str, str] = {
    "bad_json": "the body is not JSON of the shape that the path asks for: {detail}",
    "item_not_an_object": "an item of a batch is a JSON object, this one is another value",
    "event_too_large": (
        "an event may have {event_bytes} bytes, this one has {bytes}: send less, or raise "
        "limits.event_bytes"
    ),
    "too_many_properties": "an event may have 10,000 properties or traits, this one has more",
    "type_unknown": (
        "an item names its type (track, identify, page, screen, group, alias or merge), "
        "this one says {type!r}"
    ),
    "message_id_too_long": "a messageId has at most 100 characters, this one has more",
    "identity_missing": "an item needs a userId or an anonymousId that is not empty",
    "event_missing": "a track call names its event, this one does not",
    "public_key_needs_anonymous_id": (
        "a public key speaks only for an anonymousId, and this item has none: send it with a "
        "server key, or add the anonymousId"
    ),
}
"""Every code with which an item of the wire is refused, and its sentence."""


_STATED = ("terms.", "aim.", "intent.")


def is_stated(kind: str) -> bool:
    """True for the kinds of events by which people say something of themselves, whoever passes it on.

    >>> is_stated("identify"), is_stated("aim.declared"), is_stated("page")
    (True, True, False)
    """
    return kind in ("identify", "felt") or kind.startswith(_STATED)


class _Names(msgspec.Struct):
    properties: dict[str, msgspec.Raw] | None = None
    traits: dict[str, msgspec.Raw] | None = None


_names = msgspec.json.Decoder(_Names).decode


def text_of(value: Identifier) -> str:
    """An identifier as text, stripped; empty where it is absent. 5.0 is written 5, as in JSON."""
    if type(value) is str:
        return value.strip()
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def kind_of(item: Outline, call: str) -> str:
    """Which call an item is: `call` is what the path says, or `batch`; empty where it is none."""
    return TYPES.get(item.type, "") if call == "batch" else call


def fault(item: Outline | None, call: str, trust: Trust) -> str:
    """The code with which this item is refused, or nothing. `call` is the type, or `batch`.

    Only what an `Outline` holds is looked at, so that the door and the step agree.
    """
    if item is None:
        return "item_not_an_object"
    kind = kind_of(item, call)
    if not kind:
        return "type_unknown"
    if item.message_id is not None and len(text_of(item.message_id)) > MESSAGE_ID_MOST:
        return "message_id_too_long"
    if item.anonymous_id is None or not text_of(item.anonymous_id):
        if trust == "public":
            return "public_key_needs_anonymous_id"
        if not (text_of(item.user_id) or _named_otherwise(item, kind)):
            return "identity_missing"
    if kind == "track" and not text_of(item.event):
        return "event_missing"
    return ""


def _named_otherwise(item: Outline, kind: str) -> bool:
    """The Node library sends groups and aliases without an id of the person."""
    if kind == "merge":
        return any(text_of(pair.value) for pair in item.merge_properties or ())
    return bool(text_of(item.group_id) or text_of(item.previous_id))


def oversize(raws: Sequence[bytes | msgspec.Raw], event_bytes: int) -> dict[int, str]:
    """The items that are too large: their place in the batch, and the code to refuse them with."""
    if max(map(len, raws), default=0) <= min(event_bytes, CROWDED_BYTES):
        return {}
    return {i: code for i, raw in enumerate(raws) if (code := _size_fault(raw, event_bytes))}


def _size_fault(raw: bytes | msgspec.Raw, event_bytes: int) -> str:
    if len(raw) > event_bytes:
        return "event_too_large"
    if len(raw) > CROWDED_BYTES and _crowd(raw) > PROPERTIES_MOST:
        return "too_many_properties"
    return ""


def _crowd(raw: bytes | msgspec.Raw) -> int:
    try:
        names = _names(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return 0
    return max(len(names.properties or ()), len(names.traits or ()))
