"""Global Privacy Control: the header `Sec-GPC` (W3C working draft of 3 December 2024, section 3)."""

from collections.abc import Iterable

HEADER = b"sec-gpc"
"""The header's name, as ASGI has it."""


def says_gpc(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """True where one of the headers is exactly `1`; anything else is as if there were none.

    >>> says_gpc([(b"sec-gpc", b"0"), (b"sec-gpc", b"1")]), says_gpc([(b"sec-gpc", b"true")])
    (True, False)
    """
    return any(name == HEADER and value == b"1" for name, value in headers)
