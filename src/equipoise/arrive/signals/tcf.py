"""TC strings of the Transparency and Consent Framework 2.3, read within bounds.

Layout: IAB Tech Lab, "Consent string and vendor list formats v2", core string and segments 1 to 3. Fields
are read from the bytes by shifting, ranges of vendors stay ranges, and every count is bounded by the bits
that are there, so that no string makes work that it does not pay for with its own length.
"""

from base64 import urlsafe_b64decode

import msgspec

LONGEST = 16_384
"""The most characters of a string: two bits for each of 65,535 vendors fit in."""

MOST_ENTRIES = 4_095
"""The most entries of one list of ranges (a field of 12 bits cannot say more)."""

DISCLOSED_SINCE_MS = 1_772_236_800_000
"""28 February 2026: since then a string has to say which vendors were disclosed."""

_ALPHABET = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
_NEVER_INTEREST = frozenset((1, 3, 4, 5, 6))

Ranges = tuple[tuple[int, int], ...]
"""Vendors from and to, both included."""


class NotATCString(ValueError):
    """The text is no TC string of version 2, or departs from the format; the message says where."""


class Vendors(msgspec.Struct, frozen=True):
    """A set of vendors: `bits` has one bit for each up to `most` (the first is the highest), or ranges."""

    most: int
    bits: int = 0
    ranges: Ranges = ()

    def __contains__(self, vendor: int) -> bool:
        if not 0 < vendor <= self.most:
            return False
        if self.ranges:
            return _within(vendor, self.ranges)
        return bool(self.bits >> (self.most - vendor) & 1)


class Restriction(msgspec.Struct, frozen=True):
    """What a publisher says of a purpose for some vendors: 0 never, 1 by consent, 2 by interest only."""

    purpose: int
    kind: int
    ranges: Ranges


class TCString(msgspec.Struct, frozen=True, kw_only=True):
    """What one string says. Times in ms since 1970, purposes and features as sets of their numbers.

    `disclosed` is None where the string does not say which vendors were disclosed.
    """

    created_ms: int
    updated_ms: int
    cmp_id: int
    cmp_version: int
    screen: int
    language: str
    list_version: int
    policy_version: int
    service_specific: bool
    non_standard: bool
    special_features: frozenset[int]
    purposes_consent: frozenset[int]
    purposes_interest: frozenset[int]
    purpose_one: bool
    country: str
    consent: Vendors
    interest: Vendors
    restrictions: tuple[Restriction, ...]
    disclosed: Vendors | None = None
    publisher_consent: frozenset[int] = frozenset()
    publisher_interest: frozenset[int] = frozenset()


class _Bits:
    """Reads fields from bytes, most significant bit first; raises `NotATCString` past the end."""

    __slots__ = ("_at", "_data", "_length", "_segment")

    def __init__(self, data: bytes, segment: str) -> None:
        self._data = data
        self._length = len(data) * 8
        self._at = 0
        self._segment = segment

    def whole(self, bits: int) -> int:
        """The next field as a whole number."""
        start, end = self._at, self._at + bits
        if end > self._length:
            raise NotATCString(
                f"{self._segment} needs {end} bits, got {self._length}: the string was cut"
            )
        self._at = end
        last = (end + 7) // 8
        found = int.from_bytes(self._data[start // 8 : last])
        return found >> (last * 8 - end) & ((1 << bits) - 1)

    def flag(self) -> bool:
        """The next bit."""
        return bool(self.whole(1))

    def ones(self, bits: int) -> frozenset[int]:
        """The places, from 1, of the bits that are set in the next field."""
        field = self.whole(bits)
        return frozenset(place for place in range(1, bits + 1) if field >> (bits - place) & 1)

    def letters(self) -> str:
        """Two letters of six bits each, A is 0."""
        return "".join(chr(65 + self.whole(6)) for _ in range(2))

    def time_ms(self) -> int:
        """Tenths of a second since 1970, in ms."""
        return self.whole(36) * 100


def read_tc(text: str) -> TCString:
    """What a TC string says; raises `NotATCString`."""
    if len(text) > LONGEST:
        raise NotATCString(f"a TC string has at most {LONGEST} characters, this one {len(text)}")
    core, *segments = text.strip().split(".")
    if len(segments) > 3:
        raise NotATCString(
            f"a TC string has at most 3 segments after the core, got {len(segments)}"
        )
    told = _core(_Bits(_decoded(core, "the core"), "the core"))
    seen = set()
    for segment in segments:
        bits = _Bits(_decoded(segment, "a segment"), "a segment")
        kind = bits.whole(3)
        if kind not in (1, 2, 3) or kind in seen:
            raise NotATCString(f"segments have the types 1, 2 and 3, each once; got {kind}")
        seen.add(kind)
        if kind == 3:
            told["publisher_consent"], told["publisher_interest"] = bits.ones(24), bits.ones(24)
            bits.whole(2 * bits.whole(6))
        else:
            vendors = _vendors(bits)
            if kind == 1:
                told["disclosed"] = vendors
    return msgspec.convert(told, TCString)


def allows(told: TCString, vendor: int, purpose: int) -> bool:
    """Whether the string lets a vendor do this purpose on consent; the careful side in every doubt.

    A vendor that was not disclosed may do nothing, and neither may any where a string of 28 February 2026
    or later does not say who was. Interest counts only where the publisher requires it and the
    framework still knows it for the purpose.
    """
    if told.disclosed is None:
        if told.updated_ms >= DISCLOSED_SINCE_MS:
            return False
    elif vendor not in told.disclosed:
        return False
    kinds = {
        restriction.kind
        for restriction in told.restrictions
        if restriction.purpose == purpose and _within(vendor, restriction.ranges)
    }
    if 0 in kinds:
        return False
    consented = purpose in told.purposes_consent and vendor in told.consent
    if 2 in kinds and 1 not in kinds:
        return (
            purpose not in _NEVER_INTEREST
            and purpose in told.purposes_interest
            and vendor in told.interest
        )
    return consented


def _core(bits: _Bits) -> dict[str, object]:
    version = bits.whole(6)
    if version != 2:
        raise NotATCString(f"a TC string of version 2 is needed, got version {version}")
    told: dict[str, object] = {
        "created_ms": bits.time_ms(),
        "updated_ms": bits.time_ms(),
        "cmp_id": bits.whole(12),
        "cmp_version": bits.whole(12),
        "screen": bits.whole(6),
        "language": bits.letters(),
        "list_version": bits.whole(12),
        "policy_version": bits.whole(6),
        "service_specific": bits.flag(),
        "non_standard": bits.flag(),
        "special_features": bits.ones(12),
        "purposes_consent": bits.ones(24),
        "purposes_interest": bits.ones(24),
        "purpose_one": bits.flag(),
        "country": bits.letters(),
        "consent": _vendors(bits),
        "interest": _vendors(bits),
    }
    restrictions = []
    for _ in range(bits.whole(12)):
        purpose, kind = bits.whole(6), bits.whole(2)
        restrictions.append(Restriction(purpose, kind, _ranges(bits, 65_535)))
    told["restrictions"] = tuple(restrictions)
    return told


def _vendors(bits: _Bits) -> Vendors:
    most = bits.whole(16)
    if bits.flag():
        return Vendors(most, ranges=_ranges(bits, most))
    return Vendors(most, bits=bits.whole(most))


def _ranges(bits: _Bits, most: int) -> Ranges:
    found = []
    for _ in range(bits.whole(12)):
        several, start = bits.flag(), bits.whole(16)
        end = bits.whole(16) if several else start
        if not 0 < start <= end <= most:
            raise NotATCString(
                f"a range of vendors needs 0 < from <= to <= {most}, got {start} to {end}"
            )
        found.append((start, end))
    return tuple(found)


def _within(vendor: int, ranges: Ranges) -> bool:
    return any(start <= vendor <= end for start, end in ranges)


def _decoded(text: str, segment: str) -> bytes:
    if not text or not _ALPHABET.issuperset(text):
        raise NotATCString(f"{segment} needs base64url without padding, got {text[:20]!r}")
    # Some write whole characters of six bits and no more; zeros behind change no field.
    return urlsafe_b64decode(text + "A" * (-len(text) % 4))
