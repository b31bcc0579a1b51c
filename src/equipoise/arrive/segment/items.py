"""The items of a request: decoded with types where they are as the wire says, leniently otherwise.

One odd item never spoils its batch: what the typed decoder does not take is read again alone, and
whatever can be kept of it is kept (a number too large for 64 bits as its digits, a level too deep as
its JSON).
"""

import json
import re
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

import msgspec

Identifier = str | int | float | None
"""An id, name or time as clients send it; numbers are written as text."""

DEEPEST = 6
"""Levels of objects and lists that facts keep as such; what lies deeper is kept as JSON text."""

_LARGEST = 2**63 - 1
_DIGITS_MOST = 19
_Int64 = Annotated[int, msgspec.Meta(ge=-_LARGEST - 1, le=_LARGEST)]

_Fact: Any = None | bool | _Int64 | float | str
for _ in range(DEEPEST - 1):
    _Fact = None | bool | _Int64 | float | str | list[_Fact] | dict[str, _Fact]

Facts: Any = dict[str, _Fact]
"""Type of properties and traits for the decoder: whatever MessagePack can carry too."""


class Page(msgspec.Struct, gc=False):
    """`context.page`, as far as it is kept."""

    path: str | None = None


class Named(msgspec.Struct, gc=False):
    """`context.library` or `context.device`: a name or an id."""

    name: str | None = None
    id: Identifier = None


class Context(msgspec.Struct, gc=False, rename="camel"):
    """`context`, as far as it is kept."""

    timezone: str | None = None
    locale: str | None = None
    page: Page | None = None
    user_agent: str | None = None
    channel: str | None = None
    group_id: Identifier = None
    gpc: bool | str | int | None = None
    library: Named | None = None
    device: Named | None = None
    traits: Facts | None = None


class Pair(msgspec.Struct, gc=False):
    """One of RudderStack's `mergeProperties`: a kind of handle and its value."""

    type: str | None = None
    value: Identifier = None


class Outline(msgspec.Struct, gc=False, rename="camel"):
    """As much of an item as decides whether it is taken."""

    type: str | None = None
    user_id: Identifier = None
    anonymous_id: Identifier = None
    message_id: Identifier = None
    event: Identifier = None
    group_id: Identifier = None
    previous_id: Identifier = None
    merge_properties: list[Pair] | None = None


class Item(Outline, gc=False, rename="camel"):
    """One call of the wire, in full."""

    timestamp: Identifier = None
    original_timestamp: Identifier = None
    sent_at: Identifier = None
    name: Identifier = None
    category: Identifier = None
    channel: str | None = None
    properties: Facts | None = None
    traits: Facts | None = None
    context: Context | None = None


class _ItemBatch(msgspec.Struct, gc=False, rename="camel"):
    batch: list[Item]
    sent_at: Identifier = None
    context: Context | None = None


class _OutlineBatch(msgspec.Struct, gc=False):
    batch: list[Outline]


class _RawBatch(msgspec.Struct, gc=False, rename="camel"):
    batch: list[msgspec.Raw]
    sent_at: msgspec.Raw = msgspec.Raw(b"null")
    context: msgspec.Raw = msgspec.Raw(b"null")


_item = msgspec.json.Decoder(Item).decode
_outline = msgspec.json.Decoder(Outline).decode
_items = msgspec.json.Decoder(_ItemBatch).decode
_outlines = msgspec.json.Decoder(_OutlineBatch).decode
_raws = msgspec.json.Decoder(_RawBatch).decode

_any = msgspec.json.Decoder(msgspec.Raw).decode

# Half of a surrogate pair, as browsers write a text that was cut inside an emoji; whole pairs and
# other escapes are matched first, so that they stay.
_SURROGATES = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)

Kept = TypeVar("Kept", bound=Outline)
Read = TypeVar("Read")


class Request(msgspec.Struct):
    """The items of one body in order; None stands for one that is no object."""

    items: list[Item | None]
    sent_at: Identifier = None
    context: Context | None = None


class UnreadableBody(ValueError):
    """The body is not JSON of the shape that the path asks for."""


def read_batch(body: bytes) -> Request:
    """The items of `{"batch": [...]}` with the context and the time that stand beside them.

    Raises `UnreadableBody`.
    """
    try:
        batch = _items(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raw = raw_batch(body)
        sent_at, context = _loads(raw.sent_at), _loads(raw.context)
        return Request(
            [_leniently(item, _item) for item in raw.batch],
            _identifier(sent_at),
            _context(context) if isinstance(context, dict) else None,
        )
    return Request(list(batch.batch), batch.sent_at, batch.context)


def read_single(body: bytes) -> Request:
    """The one item of a body that is that item. Raises `UnreadableBody`."""
    return Request([_leniently(_object(body), _item)])


def outlines_of_batch(body: bytes) -> list[Outline | None]:
    """As `read_batch`, as much of each item as decides whether it is taken."""
    try:
        str(body, "utf-8")  # what an outline skips is not read, and may be anything
        return list(_outlines(body).batch)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return [_leniently(item, _outline) for item in raw_batch(body).batch]


def outline_of_single(body: bytes) -> list[Outline | None]:
    """As `read_single`, as much of the item as decides whether it is taken."""
    return [_leniently(_object(body), _outline)]


def raw_batch(body: bytes) -> _RawBatch:
    """The undecoded items of a batch. Raises `UnreadableBody`."""
    return _grammatical(body, _raws, '{"batch": [...]}')


def _object(body: bytes) -> msgspec.Raw:
    raw = _grammatical(body, _any, "a JSON object")
    if not bytes(raw).lstrip().startswith(b"{"):
        raise UnreadableBody("the body should be a JSON object and is another JSON value")
    return raw


def _grammatical(body: bytes, decode: Callable[[bytes], Read], wanted: str) -> Read:
    """What `decode` reads, if need be with halves of surrogate pairs replaced."""
    try:
        str(body, "utf-8")
        try:
            return decode(body)
        except msgspec.DecodeError:
            mended = _SURROGATES.sub(_mend, body)
            if mended == body:
                raise
            return decode(mended)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise UnreadableBody(f"the body should be {wanted} and is not: {problem}") from None


def _mend(escape: re.Match[bytes]) -> bytes:
    return escape[0] if escape[1] is None else b"\\ufffd"


def _leniently(
    raw: msgspec.Raw | bytes, strictly: Callable[[msgspec.Raw | bytes], Kept]
) -> Kept | Item | None:
    try:
        return strictly(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        value = _loads(raw)
        return _coerced(value) if isinstance(value, dict) else None


def _integer(digits: str) -> int | str:
    if len(digits.lstrip("-")) <= _DIGITS_MOST and -_LARGEST - 1 <= (n := int(digits)) <= _LARGEST:
        return n
    return digits


def _number(digits: str) -> float | str:
    value = float(digits)
    return digits if value in (float("inf"), float("-inf")) else value


def _loads(raw: msgspec.Raw | bytes) -> Any:
    try:
        return json.loads(bytes(raw), parse_int=_integer, parse_float=_number)
    except (ValueError, RecursionError):
        return None


def _plain(value: Any, levels: int) -> Any:
    """The value as facts may hold it: no deeper than `levels`."""
    if not isinstance(value, dict | list):
        return value
    if levels == 0:
        return json.dumps(value)
    if isinstance(value, dict):
        return {key: _plain(inner, levels - 1) for key, inner in value.items()}
    return [_plain(inner, levels - 1) for inner in value]


def _identifier(value: Any) -> Identifier:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, int | float) else None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _facts(value: Any) -> dict[str, Any] | None:
    """An object as it is; another value under the name `value`, where it says anything."""
    if isinstance(value, dict):
        return {key: _plain(inner, DEEPEST - 1) for key, inner in value.items()}
    return {"value": _plain(value, DEEPEST - 1)} if value else None


def _named(value: Any) -> Named | None:
    if not isinstance(value, dict):
        return None
    return Named(_text(value.get("name")), _identifier(value.get("id")))


def _context(value: dict[str, Any]) -> Context:
    page = value.get("page")
    gpc = value.get("gpc")
    return Context(
        timezone=_text(value.get("timezone")),
        locale=_text(value.get("locale")),
        page=Page(_text(page.get("path"))) if isinstance(page, dict) else None,
        user_agent=_text(value.get("userAgent")),
        channel=_text(value.get("channel")),
        group_id=_identifier(value.get("groupId")),
        gpc=gpc if isinstance(gpc, bool | str | int) else None,
        library=_named(value.get("library")),
        device=_named(value.get("device")),
        traits=_facts(value.get("traits")),
    )


def _coerced(value: dict[str, Any]) -> Item:
    """The item that an object of any content comes to; what has an impossible type is absent."""
    context = value.get("context")
    pairs = value.get("mergeProperties")
    names = {name: _identifier(value.get(key)) for name, key in _IDENTIFIERS.items()}
    return Item(
        type=_text(value.get("type")),
        channel=_text(value.get("channel")),
        properties=_facts(value.get("properties")),
        traits=_facts(value.get("traits")),
        context=_context(context) if isinstance(context, dict) else None,
        merge_properties=[
            Pair(_text(pair.get("type")), _identifier(pair.get("value")))
            for pair in (pairs if isinstance(pairs, list) else [])
            if isinstance(pair, dict)
        ],
        **names,
    )


_IDENTIFIERS = {
    "user_id": "userId",
    "anonymous_id": "anonymousId",
    "message_id": "messageId",
    "event": "event",
    "group_id": "groupId",
    "previous_id": "previousId",
    "timestamp": "timestamp",
    "original_timestamp": "originalTimestamp",
    "sent_at": "sentAt",
    "name": "name",
    "category": "category",
}
