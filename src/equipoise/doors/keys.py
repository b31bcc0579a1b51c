"""The write key of a request, from any of the four places in which clients put it."""

import binascii
from collections.abc import Mapping
from urllib.parse import parse_qs

import msgspec


class _KeyInBody(msgspec.Struct):
    writeKey: str | None = None  # noqa: N815 - the wire's spelling


_decode = msgspec.json.Decoder(_KeyInBody).decode


def key_in_header(authorization: bytes | None) -> str:
    """The key of `Authorization: Basic base64(key:)`, also without the colon; else nothing."""
    if not authorization or authorization[:6].lower() != b"basic ":
        return ""
    try:
        text = binascii.a2b_base64(authorization[6:].strip()).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return text.partition(":")[0]


def bearer_token(authorization: bytes | None) -> str:
    """The token of `Authorization: Bearer TOKEN`, else nothing."""
    if not authorization or authorization[:7].lower() != b"bearer ":
        return ""
    return authorization[7:].strip().decode("latin-1")


def key_in_body(body: bytes) -> str:
    """`writeKey` at the top of a JSON object, else nothing, whatever the body is."""
    try:
        return _decode(body).writeKey or ""
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""


def key_in_query(query: Mapping[str, str]) -> str:
    """`?writeKey=`, as beacons and pixels send it, else nothing."""
    return query.get("writeKey", "") or query.get("writekey", "")


def query_of(query_string: bytes) -> dict[str, str]:
    """The parameters of a query string, the last of each name; at most 200 of them."""
    try:
        parsed = parse_qs(query_string.decode("latin-1"), max_num_fields=200)
    except ValueError:
        return {}
    return {name: values[-1] for name, values in parsed.items()}
