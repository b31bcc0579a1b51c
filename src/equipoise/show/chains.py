"""Walks a person's two chains, of records and of receipts, from the newest back."""

from collections.abc import Iterable

import msgspec

from equipoise.nouns.changes import LogRow, ReceiptRow
from equipoise.nouns.state import PersonState
from equipoise.ports import Store

_WHERE = "lr"


class Walk(msgspec.Struct, frozen=True):
    """A stretch of a person's past, newest first, and where to go on (empty at the beginning)."""

    rows: tuple[LogRow | ReceiptRow, ...]
    onward: str = ""


def heads_of(state: PersonState) -> set[tuple[str, int]]:
    """The newest record and receipt of every atom: `l` for the log, `r` for receipts, with the seq."""
    heads = {("l", atom.event_seq) for atom in state.atoms}
    heads |= {("r", atom.decision_seq) for atom in state.atoms}
    return {head for head in heads if head[1]}


def read_onward(text: str) -> set[tuple[str, int]]:
    """The heads that `Walk.onward` names; what is not one is passed over."""
    return {
        (part[0], int(part[1:]))
        for part in text[:2000].split(".")
        if part[:1] in _WHERE and part[1:].isascii() and part[1:].isdigit() and len(part) < 17
    }


def walk(store: Store, heads: Iterable[tuple[str, int]], atoms: frozenset[int], most: int) -> Walk:
    """The newest `most` rows under these heads, of these atoms only, however many chains there are."""
    open_heads = set(heads)
    read: dict[tuple[str, int], LogRow | ReceiptRow] = {}
    found: list[LogRow | ReceiptRow] = []
    while open_heads and len(found) < most:
        _read(store, open_heads - read.keys(), read)
        # A row may have been erased, and a head may be anybody's: both end their chain.
        open_heads = {head for head in open_heads if head in read and read[head].atom in atoms}
        if not open_heads:
            break
        newest = max(open_heads, key=lambda head: head[1])
        row = read[newest]
        found.append(row)
        open_heads.remove(newest)
        if 0 < row.prev < row.seq:
            open_heads.add((newest[0], row.prev))
    onward = ".".join(f"{where}{seq}" for where, seq in sorted(open_heads))
    return Walk(tuple(found), onward)


def _read(
    store: Store,
    wanted: set[tuple[str, int]],
    read: dict[tuple[str, int], LogRow | ReceiptRow],
) -> None:
    logged = [seq for where, seq in wanted if where == "l"]
    receipted = [seq for where, seq in wanted if where == "r"]
    if logged:
        read.update({("l", seq): row for seq, row in store.log(logged).items()})
    if receipted:
        read.update({("r", seq): row for seq, row in store.receipts(receipted).items()})
