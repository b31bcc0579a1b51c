"""What door and step say to each other over a socket: short MessagePack frames, length first."""

import struct

import msgspec

_LENGTH = struct.Struct(">I")
_encode = msgspec.msgpack.Encoder().encode


class Walked(msgspec.Struct, frozen=True, array_like=True):
    """From the step, after each commit: how far it walked, what rings next, and the answers.

    `next_due_ms` is None where no timer waits; `replies` are JSON by intake row id. Where
    somebody was erased, the rows of the intake up to `wipe` are to leave no trace; else it is 0.
    """

    cursor: int
    next_due_ms: int | None
    replies: dict[int, bytes]
    wipe: int = 0


def frame(message: Walked) -> bytes:
    """The bytes of one message, with its length in four bytes before it."""
    body = _encode(message)
    return _LENGTH.pack(len(body)) + body


class Frames:
    """Cuts a stream of bytes back into messages."""

    def __init__(self) -> None:
        self._rest = b""
        self._decode = msgspec.msgpack.Decoder(Walked).decode

    def feed(self, data: bytes) -> list[Walked]:
        """The messages that are complete with these bytes."""
        rest = self._rest + data
        messages = []
        while len(rest) >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(rest)
            end = _LENGTH.size + length
            if len(rest) < end:
                break
            messages.append(self._decode(rest[_LENGTH.size : end]))
            rest = rest[end:]
        self._rest = rest
        return messages
