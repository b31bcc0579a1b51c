"""Which kinds of handles there are, how each is written, and which values name nobody.

A value such as "null" or "guest" that slipped into one shop's events would join thousands of
strangers into one person, so it is dropped before it can be looked up.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from typing import NamedTuple

from equipoise.nouns.events import Handle, Trust

LONGEST = 256
"""The most characters of a value; an address has at most 254 (RFC 5321), an id is shorter still."""

ILLEGAL = frozenset(
    (
        "",
        "-",
        "--",
        "-1",
        "0",
        "?",
        "[]",
        "{}",
        "[object object]",
        "(none)",
        "(not set)",
        "anonymous",
        "anonymousid",
        "anonymous_id",
        "default",
        "empty",
        "false",
        "guest",
        "inf",
        "infinity",
        "invalid",
        "n/a",
        "na",
        "nan",
        "nil",
        "no",
        "none",
        "not_set",
        "notset",
        "null",
        "test",
        "tbd",
        "true",
        "undefined",
        "unknown",
        "void",
        "yes",
    )
)
"""Values that name nobody, whatever the kind, in lower case."""

_ADDRESS = re.compile(
    r"[^@\s\"(),:;<>\[\]\\]{1,64}@(?=.{4,253}\Z)(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_][\w-]{0,61}[^\W_]"
)
_PHONE_NOISE = str.maketrans("", "", " \t.-/()\u00a0\u2011\u2013")


def _as_it_is(value: str) -> str | None:
    return value


def _address(value: str) -> str | None:
    value = value.lower()
    local = value.partition("@")[0]
    if not _ADDRESS.fullmatch(value) or ".." in local or local[0] == "." or local[-1] == ".":
        return None
    return value


def _phone(value: str) -> str | None:
    """Digits with an optional leading +; E.164 allows 15 of them, the shortest plans have 6."""
    digits = value.replace("(0)", "").translate(_PHONE_NOISE)
    if digits.startswith("00"):
        digits = "+" + digits[2:]
    bare = digits.removeprefix("+")
    if not (bare.isascii() and bare.isdigit() and 6 <= len(bare) <= 15 and len(set(bare)) > 1):
        return None
    return digits


class Kind(NamedTuple):
    """One row of the table of kinds.

    `strong` names one person by itself; `most` is how many different ones a person may have (None:
    only the total counts); `normalise` gives the one way of writing a value, or None where it cannot
    be one; `illegal` are further values, in lower case, that name nobody.
    """

    strong: bool
    most: int | None
    normalise: Callable[[str], str | None] = _as_it_is
    illegal: frozenset[str] = frozenset()


KINDS: dict[str, Kind] = {
    "user_id": Kind(
        strong=True,
        most=1,
        illegal=frozenset(("id", "me", "self", "user", "user_id", "userid", "visitor", "customer")),
    ),
    "card": Kind(strong=True, most=5, illegal=frozenset(("card", "no card", "nocard"))),
    "email": Kind(
        strong=True,
        most=5,
        normalise=_address,
        illegal=frozenset(
            (
                "a@a.com",
                "email@email.com",
                "guest@guest.com",
                "na@na.com",
                "no@email.com",
                "none@none.com",
                "noreply@noreply.com",
                "null@null.com",
                "test@test.com",
            )
        ),
    ),
    "phone": Kind(
        strong=True, most=5, normalise=_phone, illegal=frozenset(("+123456789", "0123456789"))
    ),
    # The id that a whole series of Android 2.2 devices shared.
    "device": Kind(strong=False, most=None, illegal=frozenset(("9774d56d682e549c", "device"))),
    "anonymous_id": Kind(strong=False, most=None, illegal=frozenset(("anon", "visitor"))),
}
"""The kinds that are allowed, the strongest first; an event folds where its strongest handle is."""

RANK: dict[str, int] = {kind: rank for rank, kind in enumerate(KINDS)}
"""Place of each kind in the order of strength, 0 the strongest."""

_CACHED_MOST = 1 << 16
_cached: dict[Handle, Handle | str] = {}


def is_strong(handle: Handle) -> bool:
    """True where the handle names one person by itself, so that the person counts as known."""
    return KINDS[handle.kind].strong


def clean(handles: Iterable[Handle], trust: Trust) -> tuple[tuple[Handle, ...], tuple[str, ...]]:
    """The handles that may be looked up, each written one way and once, and why others were dropped.

    Codes: `handle_kind_unknown`, `handle_illegal` (a value that names nobody), `handle_malformed`,
    `handle_not_trusted`. A public source speaks for one anonymous id only: with a single weak handle
    its events can never join two people.
    """
    kept: list[Handle] = []
    dropped: list[str] = []
    for handle in handles:
        found = _cached.get(handle)
        if found is None:
            found = _judge(handle)
            if len(_cached) >= _CACHED_MOST:
                _cached.clear()
            _cached[handle] = found
        if type(found) is str:
            dropped.append(found)
        elif trust == "public" and (found[0] != "anonymous_id" or (kept and found not in kept)):
            dropped.append("handle_not_trusted")
        elif found not in kept:
            kept.append(found)  # type: ignore[arg-type]  # a Handle: the only other type was seen above
    return tuple(kept), tuple(dropped)


def _judge(handle: Handle) -> Handle | str:
    """The handle as it is looked up, or the code of the reason why it is not."""
    kind = KINDS.get(handle.kind)
    if kind is None:
        return "handle_kind_unknown"
    value = handle.value.strip()
    if not value.isascii():
        value = unicodedata.normalize("NFC", value)
    lower = value.lower()
    # Not printable: control characters, halves of surrogate pairs, invisible marks inside the value.
    if len(value) > LONGEST or not value.isprintable() or lower in ILLEGAL or lower in kind.illegal:
        return "handle_illegal"
    if not lower.strip("0-"):  # 0000, 00000000-0000-0000-0000-000000000000
        return "handle_illegal"
    normal = kind.normalise(value)
    if normal is None:
        return "handle_malformed"
    return "handle_illegal" if normal in kind.illegal else Handle(handle.kind, normal)
