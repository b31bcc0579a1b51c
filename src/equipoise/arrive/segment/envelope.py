"""What stands before the JSON in an intake row of the wire: which call it was, and two facts more."""

import struct
from typing import Literal

import msgspec

Call = Literal["batch", "track", "identify", "page", "screen", "group", "alias", "merge"]
"""What a path asks for: many items that name their own type, or one item of this type."""

_LETTERS: dict[Call, bytes] = {
    "batch": b"b",
    "track": b"t",
    "identify": b"i",
    "page": b"p",
    "screen": b"s",
    "group": b"g",
    "alias": b"a",
    "merge": b"m",
}
_CALLS = {letter: call for call, letter in _LETTERS.items()}
_HEAD = struct.Struct(">c?I")
"""One letter for the call, whether the browser asked for privacy, and the largest event in bytes."""


class Envelope(msgspec.Struct, frozen=True):
    """One request as it is kept: `json` is the body as it came, decompressed.

    `gpc` is True where the request carried `Sec-GPC: 1`. `event_bytes` is the largest item that may
    pass; 0 says that the door measured all of them and none is larger.
    """

    call: Call
    json: bytes
    gpc: bool = False
    event_bytes: int = 0


def wrap(envelope: Envelope) -> bytes:
    """The body of an intake row of the kind `segment`: six bytes, then the JSON."""
    head = _HEAD.pack(_LETTERS[envelope.call], envelope.gpc, envelope.event_bytes)
    return head + envelope.json


def unwrap(body: bytes) -> Envelope:
    """The envelope that `wrap` wrote; bare JSON (a library call wrote it) is a batch without limit.

    Raises `ValueError` where the row is shorter than six bytes or names no call.
    """
    if body[:1] == b"{":
        return Envelope("batch", body)
    if len(body) < _HEAD.size or body[:1] not in _CALLS:
        raise ValueError(
            f"an intake row of the wire starts with one of {b''.join(_CALLS).decode()} and five "
            f"bytes more, this one with {body[: _HEAD.size]!r}: it was not written by `wrap`"
        )
    letter, gpc, event_bytes = _HEAD.unpack_from(body)
    return Envelope(_CALLS[letter], body[_HEAD.size :], gpc, event_bytes)
