"""Walks a person's two chains, of records and of receipts, from the newest back."""

from collections.abc import Iterable, Iterator
from heapq import heappop, heappush

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
    """The newest `most` rows under these heads, of these atoms only, however many chains there are.

    Each row is read once; what is kept beside them is one row for each chain.
    """
    ahead: dict[tuple[str, int], LogRow | ReceiptRow] = {}
    newest: list[tuple[int, str]] = []
    unread = set(heads)
    found: list[LogRow | ReceiptRow] = []
    while len(found) < most:
        for head, row in _read(store, [head for head in unread if head not in ahead]):
            # A row may have been erased, and a head may be anybody's: both end their chain.
            if row.atom in atoms:
                ahead[head] = row
                heappush(newest, (-head[1], head[0]))
        if not newest:
            unread = set()
            break
        minus_seq, where = heappop(newest)
        row = ahead.pop((where, -minus_seq))
        found.append(row)
        unread = {(where, row.prev)} if 0 < row.prev < row.seq else set()
    onward = ".".join(f"{where}{seq}" for where, seq in sorted(unread | ahead.keys()))
    return Walk(tuple(found), onward)


def _read(
    store: Store, wanted: list[tuple[str, int]]
) -> Iterator[tuple[tuple[str, int], LogRow | ReceiptRow]]:
    logged = [seq for where, seq in wanted if where == "l"]
    receipted = [seq for where, seq in wanted if where == "r"]
    if logged:
        yield from ((("l", seq), row) for seq, row in store.log(logged).items())
    if receipted:
        yield from ((("r", seq), row) for seq, row in store.receipts(receipted).items())
