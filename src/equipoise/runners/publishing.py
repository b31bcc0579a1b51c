"""The ledger as static files, which any web server can show; and a store that catches up from them."""

import os
from collections.abc import Iterator
from pathlib import Path

import msgspec

from equipoise.account.note import NoteKey, open_checkpoint, read_checkpoint, read_note
from equipoise.account.outside import Fetch, Published
from equipoise.account.publishing import Publisher
from equipoise.account.refusal import LedgerRefused
from equipoise.account.tiles import TilePlace, tile_path
from equipoise.account.tree import (
    TILE_HEIGHT,
    TILE_WIDTH,
    append,
    check_consistency,
    leaf_hash,
    read_frontier,
)
from equipoise.account.view import TreeView
from equipoise.account.witness import check_growth
from equipoise.nouns.changes import Changes
from equipoise.ports import Store

RANGE = 1 << 40
"""How far apart the numbers of records begin before and after leaves were taken back."""


class Told(msgspec.Struct, frozen=True):
    """What was done: leaves before, leaves now, files written (or none, for a store)."""

    before: int
    now: int
    files: int = 0


def publish(publisher: Publisher, store: Store, key: NoteKey, folder: Path) -> Told:
    """Bring a folder up to the ledger's signed head: new tiles first, then the head, as a whole.

    Only what is new is written. Whoever reads meanwhile sees the former head with all its tiles, and a
    crash leaves that. Raises `Forked` where the head in the folder is not of this ledger's history,
    and writes nothing then.
    """
    before, size = _published(folder, key)
    note = publisher.head()
    if note and open_checkpoint(note, key).size < size:
        # Witnesses may be a little behind what was published without them.
        note = publisher.newest()
    if not note:
        return Told(size, size)
    point = open_checkpoint(note, key)
    view = TreeView(store, read_frontier(store.position().frontier))
    if before:
        proof = view.consistency(size, point.size) if 0 < size <= point.size else []
        check_growth(point.origin, before, note, proof)
    files = 0
    for place in _places(size, point.size):
        body = publisher.file(tile_path(place))
        if body is None:
            raise LedgerRefused(f"{tile_path(place)}: the store has no such tile; verify the store")
        _put(folder / tile_path(place), body)
        files += 1
    _put(folder / "vkey", f"{key.vkey}\n".encode())
    # The head must not reach the disk before the tiles that it promises.
    os.sync()
    _put(folder / "checkpoint", note.encode())
    _sweep(folder, size, point.size)
    return Told(size, point.size, files)


def catch_up(store: Store, key: NoteKey, fetch: Fetch) -> Told:
    """Append the leaves that a restored store lacks, from the files that its ledger published.

    The ledger then goes on where it was seen last, instead of forking. The receipts behind these
    leaves stay lost: the leaves stand as those of erased receipts do. Nobody can say how many numbers were
    given out to what was lost, so the next ones begin at the next `RANGE`. One transaction. Raises
    `LedgerRefused` where the files are not of this ledger's history.
    """
    note = (fetch("checkpoint") or b"").decode(errors="replace")
    if not note:
        raise LedgerRefused("nothing is published there: it has no file `checkpoint`")
    point = open_checkpoint(note, key)
    position = store.position()
    edge = read_frontier(position.frontier)
    if point.size <= edge.size:
        if TreeView(store, edge).root(point.size) != point.root:
            raise LedgerRefused(
                f"the {point.size} leaves published there are of another history than this store's"
            )
        return Told(edge.size, edge.size)
    published = Published(fetch, point)
    if edge.size:
        proof = published.view().consistency(edge.size)
        check_consistency(edge.size, edge.root(), point.size, point.root, proof)
    leaves = published.leaves(edge.size, point.size)
    grown, tiles = append(edge, [leaf_hash(leaf) for leaf in leaves])
    if grown.root() != point.root:
        raise LedgerRefused("the leaves published there are not those of the signed head")
    store.commit(
        Changes(
            position.cursor,
            (position.seq // RANGE + 1) * RANGE,
            leaves=leaves,
            tiles=tiles,
            frontier=grown.encode(),
            checkpoint=note,
        )
    )
    return Told(edge.size, point.size)


def _published(folder: Path, key: NoteKey) -> tuple[str, int]:
    """The head that a folder shows and its size; nothing before the first time."""
    file = folder / "checkpoint"
    if not file.exists():
        return "", 0
    note = file.read_bytes().decode(errors="replace")
    open_checkpoint(note, key)
    return note, read_checkpoint(read_note(note).text).size


def _places(before: int, now: int) -> Iterator[TilePlace]:
    """Every tile and bundle of entries that a tree has at size `now` and not yet at `before`."""
    for level in (None, *range(64)):
        height = TILE_HEIGHT * (level or 0)
        count = now >> height
        if not count:
            return
        if count == before >> height:
            continue
        for index in range((before >> height) // TILE_WIDTH, -(-count // TILE_WIDTH)):
            yield TilePlace(level, index, min(TILE_WIDTH, count - index * TILE_WIDTH))


def _sweep(folder: Path, before: int, now: int) -> None:
    """Take parts of tiles away that were completed since; C2SP lets readers expect the whole then."""
    for level in (None, *range(64)):
        height = TILE_HEIGHT * (level or 0)
        index = (before >> height) // TILE_WIDTH
        if not before >> height:
            return
        parts = folder / f"{tile_path(TilePlace(level, index))}.p"
        if index < (now >> height) // TILE_WIDTH and parts.is_dir():
            for part in parts.iterdir():
                part.unlink()
            parts.rmdir()


def _put(file: Path, body: bytes) -> None:
    """Put a file in place as a whole."""
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_name(f"{file.name}.new")
    beside.write_bytes(body)
    beside.replace(file)
