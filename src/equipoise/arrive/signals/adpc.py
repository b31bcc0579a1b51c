"""Advanced Data Protection Control: the header `ADPC`, by which a browser withdraws, objects, consents.

    ADPC: withdraw=*, object=direct-marketing, consent="q1 https://example.org/q2"

A value is one id, or several in quotation marks with spaces between them; `*` stands for all, and never
for a consent. What cannot be read is passed over: a denial beside it still counts.
"""

import msgspec

LONGEST = 4096
"""The most characters of a header that are read."""

MOST_IDS = 64
"""The most ids of one directive; further ones are passed over, save that denials become `*`."""

LONGEST_ID = 512
"""The most characters of one id; longer ones are passed over."""

DENIALS = ("withdraw", "object")
"""The directives by which a person says no."""


class Adpc(msgspec.Struct, frozen=True):
    """What one header says; ids in the order in which they came; `odd` where a part was unreadable."""

    withdraw: tuple[str, ...] = ()
    object: tuple[str, ...] = ()
    consent: tuple[str, ...] = ()
    odd: bool = False


def read_adpc(text: str) -> Adpc:
    """What a header says. Never raises; the time is linear in its length.

    A specific directive beats a general one, so a consent stands beside `withdraw=*`; an id that is both
    consented to and withdrawn is withdrawn. `consent=*` is no consent to anything.

    >>> read_adpc('withdraw=*, consent="q1 q2"')
    Adpc(withdraw=('*',), object=(), consent=('q1', 'q2'), odd=False)
    """
    odd = len(text) > LONGEST
    found: dict[str, list[str]] = {"withdraw": [], "object": [], "consent": []}
    for part in _parts(text[:LONGEST]):
        name, equals, value = part.partition("=")
        ids = _ids(value.strip())
        name = name.strip().lower()
        if not (name and equals and ids):
            odd = True
        elif name in found:
            found[name] += ids
    for name in DENIALS:
        if len(set(found[name])) > MOST_IDS:
            found[name] = ["*"]
            odd = True
    withdraw, objected = _once(found["withdraw"]), _once(found["object"])
    consent = [name for name in _once(found["consent"]) if name != "*" and name not in withdraw]
    return Adpc(withdraw, objected, tuple(consent[:MOST_IDS]), odd or len(consent) > MOST_IDS)


def _parts(text: str) -> list[str]:
    """The directives: what stands between commas that are not inside quotation marks."""
    pieces = text.split('"')
    parts, open_ = [], ""
    for place, piece in enumerate(pieces):
        closed = place < len(pieces) - 1
        if place % 2 and closed:
            open_ += f'"{piece}"'
            continue
        # A quotation mark that is never closed spoils its own directive, not those behind it.
        first, *rest = piece.split(",")
        open_ += f'"{first}' if place % 2 else first
        for further in rest:
            parts.append(open_)
            open_ = further
    return [part for part in (*parts, open_) if part.strip()]


def _ids(value: str) -> list[str]:
    quoted = len(value) >= 2 and value[0] == value[-1] == '"'
    ids = (value[1:-1] if quoted else value).split()
    if not quoted and len(ids) > 1:
        return []
    return [
        name for name in ids if len(name) <= LONGEST_ID and name.isprintable() and '"' not in name
    ]


def _once(ids: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(ids))
