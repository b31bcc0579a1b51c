"""The body of a request: put together, and inflated no further than its limit."""

import zlib

from starlette.types import Receive

GZIP_MAGIC = b"\x1f\x8b"
_GZIP_WINDOW = 31
MEMBERS_MOST = 16
"""Parts that one gzip body may be put together from; each costs a copy of what follows it."""


class TooLarge(ValueError):
    """The body, as sent or as inflated, is larger than its limit in bytes."""


class NotGzip(ValueError):
    """The body says that it is compressed with gzip, and cannot be inflated."""


class Disconnected(Exception):
    """The client went away before its body was whole; nothing was taken."""


async def read_body(receive: Receive, most_bytes: int) -> bytes:
    """The whole body as it was sent. Raises `TooLarge` past `most_bytes`, and `Disconnected`."""
    message = await receive()
    body: bytes = message.get("body", b"")
    if message["type"] == "http.disconnect":
        raise Disconnected
    if not message.get("more_body", False) and len(body) <= most_bytes:
        return body
    parts = [body]
    size = len(body)
    while message.get("more_body", False) and size <= most_bytes:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Disconnected
        parts.append(message.get("body", b""))
        size += len(parts[-1])
    if size > most_bytes:
        raise TooLarge(f"a request may have {most_bytes} bytes, this one has at least {size}")
    return b"".join(parts)


def inflated(body: bytes, most_bytes: int) -> bytes:
    """The body, decompressed where it is gzip (JSON never starts with its magic bytes).

    At most one byte past `most_bytes` is ever produced. Raises `TooLarge` and `NotGzip`.
    """
    if not body.startswith(GZIP_MAGIC):
        return body
    whole = b""
    for _ in range(MEMBERS_MOST):
        inflater = zlib.decompressobj(_GZIP_WINDOW)
        try:
            whole += inflater.decompress(body, most_bytes + 1 - len(whole))
        except zlib.error as problem:
            raise NotGzip(f"the body starts like gzip and cannot be inflated: {problem}") from None
        if len(whole) > most_bytes:
            raise TooLarge(f"a request may have {most_bytes} bytes when it is decompressed")
        if not inflater.eof:
            raise NotGzip("the body starts like gzip and ends too early")
        body = inflater.unused_data
        if not body:
            return whole
    raise NotGzip(f"the body is put together from more than {MEMBERS_MOST} gzip members")
