"""Canonical bytes of a record, and keyed hashes: the same input gives the same bits everywhere.

The bytes are those of JCS (RFC 8785) for a subset in which no two implementations can differ: text,
whole numbers that a double holds exactly, true, false, null, lists, and objects with ASCII keys.
A fraction travels as text ("0.7312"): how a float is printed is where implementations part.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from hashlib import blake2b
from typing import Annotated, Any
from uuid import UUID

import msgspec

LARGEST_INT = 2**53 - 1
"""The largest whole number, either sign, that every JSON reader keeps exactly (RFC 8785)."""


class NotCanonical(ValueError):
    """A record holds something that has no canonical bytes; the message says where and what."""


def canonical(record: msgspec.Struct | dict[str, Any]) -> bytes:
    """The canonical bytes of a record; equal records give equal bytes in every process.

    Nested Structs count as objects, tuples and sets as lists (sets sorted). Raises `NotCanonical`
    on a float, bytes, a date, a whole number beyond `LARGEST_INT`, a key that is not ASCII text,
    half a surrogate pair, or too many levels.
    """
    try:
        plain: Any = record if type(record) is dict else _plain(record)
        if _known(plain):
            text = _encode(plain)
            if text.isascii() or _named_in_ascii(plain):
                return text
        # A fault to be worded, or nesting deeper than the type knows.
        plain = _plain(record)
        for fault in _faults(plain, type(record).__name__):
            raise NotCanonical(fault)
        return _encode(plain)
    except RecursionError:
        raise NotCanonical("the record is nested too deeply; flatten it") from None
    except UnicodeEncodeError:
        raise NotCanonical("a text holds half a surrogate pair; it is not valid Unicode") from None
    except TypeError as fault:
        raise NotCanonical(f"the record holds what JSON cannot: {fault}") from None


def uniform(seed: bytes, moment_id: str, purpose: str) -> float:
    """A number in [0, 1), one of 2**53 equally likely ones, fixed by (seed, moment, purpose).

    The top 53 bits of BLAKE2b keyed by `seed` (1 to 64 bytes) over the two texts, the first with
    its length before it so that no two pairs read alike.
    """
    text = f"{len(moment_id)}:{moment_id}{purpose}"
    return (keyed64(seed, text) >> 11) * 2.0**-53


def keyed64(key: bytes, text: str) -> int:
    """The 64-bit BLAKE2b hash of a text under a key of 1 to 64 bytes, from 0 to 2**64 - 1."""
    if not 1 <= len(key) <= 64:
        raise ValueError(f"keyed64 needs a key of 1 to 64 bytes, got {len(key)}")
    return int.from_bytes(blake2b(text.encode(), digest_size=8, key=key).digest(), "big")


_encode = msgspec.json.Encoder(order="sorted").encode
_KEPT = (bytes, bytearray, memoryview, datetime, date, time, timedelta, UUID, Decimal)
"""Types that would silently become text on the way to JSON; kept, so that they are refused."""

_NESTED = {dict, list, tuple}
_Exact = None | bool | str | Annotated[int, msgspec.Meta(ge=-LARGEST_INT, le=LARGEST_INT)]
# No float is both above 1 and below 0: the type knows floats only in order to refuse each of them.
_Leaf = _Exact | Annotated[float, msgspec.Meta(gt=1, lt=0)]
_Level1 = _Leaf | list[_Leaf] | dict[str, _Leaf]
_Level2 = _Leaf | list[_Level1] | dict[str, _Level1]
_Level3 = _Leaf | list[_Level2] | dict[str, _Level2]
_Level4 = _Leaf | list[_Level3] | dict[str, _Level3]
_Level5 = _Leaf | list[_Level4] | dict[str, _Level4]


class _Fits(msgspec.Struct, array_like=True):
    record: dict[str, _Level5]


def _plain(record: msgspec.Struct | dict[str, Any]) -> Any:
    """Nested Structs as dicts and sets as sorted lists."""
    return msgspec.to_builtins(record, order="sorted", builtin_types=_KEPT)


def _known(plain: Any) -> bool:
    """Whether the subset's type, checked in C, takes the record."""
    try:
        msgspec.convert((plain,), _Fits)
    except msgspec.ValidationError:
        return False
    return True


def _named_in_ascii(record: dict[str, Any]) -> bool:
    """Whether every key, at every level, is ASCII."""
    nested: list[Any] = [record]
    for value in nested:
        items = value
        if type(value) is dict:
            if not "".join(value).isascii():
                return False
            items = value.values()
        nested += [item for item in items if type(item) in _NESTED]
    return True


def _faults(value: Any, path: str) -> Iterator[str]:
    """Say where a value leaves the subset, if it does."""
    kind = type(value)
    if kind is dict:
        for key, item in value.items():
            if type(key) is not str or not key.isascii():
                yield f"{path}: needs keys of ASCII text, got {key!r}"
            yield from _faults(item, f"{path}.{key}")
    elif kind is list or kind is tuple:
        for at, item in enumerate(value):
            yield from _faults(item, f"{path}[{at}]")
    elif kind is float:
        yield f"{path}: a float ({value!r}) has no canonical form; write it as text"
    elif kind is int and abs(value) > LARGEST_INT:
        yield f"{path}: {value} is beyond what every reader keeps exactly; write it as text"
    elif kind not in (str, bool, int, type(None)):
        yield f"{path}: needs text, a whole number, true, false or null, got {kind.__name__}"
