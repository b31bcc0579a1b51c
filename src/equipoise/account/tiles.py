"""Names and bodies of the files by which a ledger is published (C2SP tlog-tiles)."""

import re
from collections.abc import Sequence
from typing import Final

import msgspec

from equipoise.account.refusal import LedgerRefused
from equipoise.account.tree import TILE_WIDTH

MAX_ENTRY_BYTES: Final = 65_535
"""The longest leaf that an entry bundle can hold: its length is written in two bytes."""

_PATH = re.compile(
    r"tile/(entries|[0-9]|[1-5][0-9]|6[0-3])/((?:x[0-9]{3}/){0,6}[0-9]{3})"
    r"(?:\.p/([1-9][0-9]{0,2}))?",
    re.ASCII,
)


class TilePlace(msgspec.Struct, frozen=True):
    """Where a tile stands: its level (None for a bundle of entries), its index, its width 1 to 256."""

    level: int | None
    index: int
    width: int = TILE_WIDTH


def tile_path(place: TilePlace) -> str:
    """The path of a tile or bundle under the ledger's address, such as `tile/0/x001/234.p/112`."""
    if not 1 <= place.width <= TILE_WIDTH or not 0 <= place.index < 10**21:
        raise LedgerRefused(f"a tile needs 1 to 256 hashes and an index of 0 or more, got {place}")
    if place.level is not None and not 0 <= place.level <= 63:
        raise LedgerRefused(f"a tile needs a level from 0 to 63, got {place.level}")
    rest, last = divmod(place.index, 1000)
    name = f"{last:03}"
    while rest:
        rest, group = divmod(rest, 1000)
        name = f"x{group:03}/{name}"
    folder = "entries" if place.level is None else place.level
    part = f".p/{place.width}" if place.width < TILE_WIDTH else ""
    return f"tile/{folder}/{name}{part}"


def read_tile_path(path: str) -> TilePlace:
    """The place that a path names; raises `LedgerRefused` unless `tile_path` would spell it so."""
    found = _PATH.fullmatch(path)
    if found is None:
        raise LedgerRefused(f"a tile's path reads like tile/0/x001/234.p/112, got {path[:80]!r}")
    folder, digits, width = found.groups()
    level = None if folder == "entries" else int(folder)
    index = int(digits.replace("x", "").replace("/", ""))
    place = TilePlace(level, index, TILE_WIDTH if width is None else int(width))
    if place.width > TILE_WIDTH or tile_path(place) != path:
        raise LedgerRefused(f"a tile's path has one spelling only, got {path[:80]!r}")
    return place


def pack_entries(leaves: Sequence[bytes]) -> bytes:
    """An entry bundle: each leaf's data after its length in two bytes, high byte first."""
    for leaf in leaves:
        if len(leaf) > MAX_ENTRY_BYTES:
            raise LedgerRefused(f"a leaf needs at most {MAX_ENTRY_BYTES} bytes, got {len(leaf)}")
    return b"".join(len(leaf).to_bytes(2, "big") + leaf for leaf in leaves)


def unpack_entries(bundle: bytes) -> list[bytes]:
    """The leaves of an entry bundle, at most 256; raises `LedgerRefused` if it is cut or longer."""
    leaves: list[bytes] = []
    at = 0
    while at < len(bundle):
        start = at + 2
        at = start + int.from_bytes(bundle[at:start], "big")
        if start > len(bundle) or at > len(bundle):
            raise LedgerRefused(f"an entry bundle ends inside its entry {len(leaves)}")
        leaves.append(bundle[start:at])
    if len(leaves) > TILE_WIDTH:
        raise LedgerRefused(f"an entry bundle needs at most 256 entries, got {len(leaves)}")
    return leaves
