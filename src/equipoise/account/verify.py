"""Checking offline: a whole ledger, or the one receipt that a person holds, told check by check."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from equipoise.account.bundle import read_bundle
from equipoise.account.commitment import LEAF_BYTES, LEAF_TAG, commit
from equipoise.account.note import Checkpoint, NoteKey, open_checkpoint, read_vkey
from equipoise.account.refusal import LedgerRefused
from equipoise.account.tree import Frontier, append, check_inclusion, leaf_hash
from equipoise.account.view import TileSource

BLOCK_LEAVES = 4096
"""How many leaves are read at once."""


class LedgerSource(TileSource, Protocol):
    """Whatever holds leaves and complete tiles; every `Ledger` port does."""

    def leaves(self, start: int, stop: int) -> list[bytes]:
        """The leaves from `start` up to but not including `stop`."""
        ...


class Check(msgspec.Struct, frozen=True):
    """One thing that was looked at: its name, whether it holds, and what was found, in words."""

    name: str
    holds: bool
    found: str


class Report(msgspec.Struct, frozen=True):
    """Every check in order, up to the first failure that leaves the next nothing to stand on."""

    checks: tuple[Check, ...]

    @property
    def holds(self) -> bool:
        """Whether every check holds, and there was at least one."""
        return bool(self.checks) and all(check.holds for check in self.checks)

    def __str__(self) -> str:
        """One line per check."""
        return "\n".join(
            f"{'ok  ' if check.holds else 'FAIL'} {check.name}: {check.found}"
            for check in self.checks
        )


def verify_receipt(blob: bytes, vkey: str | None = None) -> Report:
    """Check a person's bundle file, against the published key of the ledger if it is given.

    Without `vkey` the key in the file is used, and the report says that it must be compared.
    """
    checks: list[Check] = []
    stage = "file"
    try:
        bundle = read_bundle(blob)
        checks.append(Check(stage, holds=True, found="the bundle is complete and well formed"))
        stage = "key"
        key = read_vkey(bundle.vkey)
        if vkey is not None and read_vkey(vkey) != key:
            raise LedgerRefused(f"the file brings {bundle.vkey}, the published key is {vkey}")
        checks.append(Check(stage, holds=True, found=_told_key(key, published=vkey is not None)))
        stage = "checkpoint"
        point = open_checkpoint(bundle.proof.checkpoint, key)
        checks.append(Check(stage, holds=True, found=_told_head(point)))
        stage = "receipt"
        leaf = leaf_hash(commit(bundle.body, bundle.salt))
        check_inclusion(leaf, bundle.proof.index, point.size, bundle.proof.hashes, point.root)
        found = f"this very receipt is leaf {bundle.proof.index} of {point.size}"
        checks.append(Check(stage, holds=True, found=found))
    except LedgerRefused as fault:
        checks.append(Check(stage, holds=False, found=str(fault)))
    return Report(tuple(checks))


def verify_ledger(
    source: LedgerSource,
    checkpoint: str,
    vkey: str,
    frontier: Frontier | None = None,
    earlier: Sequence[str] = (),
) -> Report:
    """Check a whole ledger: head, every leaf, every tile, the stored edge, and earlier heads.

    `earlier` are checkpoints that others hold; each must be signed and lie on the same history.
    Reads every leaf once, `BLOCK_LEAVES` at a time, and keeps none.
    """
    checks: list[Check] = []
    stage = "key"
    try:
        key = read_vkey(vkey)
        checks.append(Check(stage, holds=True, found=_told_key(key, published=True)))
        stage = "checkpoint"
        point = open_checkpoint(checkpoint, key)
        checks.append(Check(stage, holds=True, found=_told_head(point)))
        heads = _open_earlier(earlier, key, checks)
        stage = "leaves"
        walk = _Walk(source, point, {head.size for head in heads})
        checks += walk.checks(frontier)
        checks += [_on_history(head, walk) for head in heads]
    except LedgerRefused as fault:
        checks.append(Check(stage, holds=False, found=str(fault)))
    return Report(tuple(checks))


class _Walk:
    """One pass over all leaves: the tree grown again, compared on the way with what is stored."""

    def __init__(self, source: LedgerSource, point: Checkpoint, sizes: set[int]) -> None:
        self.point = point
        self.roots: dict[int, bytes] = {}
        self._source = source
        self._grown = Frontier()
        self._tiles = 0
        self._wrong_tiles: list[str] = []
        self._strange_leaves: list[int] = []
        for stop in sorted({size for size in sizes if size < point.size} | {point.size}):
            while self._grown.size < stop:
                self._take(min(self._grown.size + BLOCK_LEAVES, stop))
            self.roots[stop] = self._grown.root()

    def _take(self, stop: int) -> None:
        start = self._grown.size
        leaves = self._source.leaves(start, stop)
        if len(leaves) != stop - start:
            raise LedgerRefused(
                f"leaves {start} to {stop - 1} are needed, got {len(leaves)} of them"
            )
        self._strange_leaves += [
            start + at
            for at, leaf in enumerate(leaves)
            if len(leaf) != LEAF_BYTES or not leaf.startswith(LEAF_TAG)
        ]
        self._grown, tiles = append(self._grown, [leaf_hash(leaf) for leaf in leaves])
        self._tiles += len(tiles)
        self._wrong_tiles += [
            f"{tile.level}/{tile.index}"
            for tile in tiles
            if self._source.tile(tile.level, tile.index) != tile.hashes
        ]

    def checks(self, frontier: Frontier | None) -> list[Check]:
        """What the pass found about leaves, root, tiles and the stored edge."""
        size = self.point.size
        strange, wrong = self._strange_leaves, self._wrong_tiles
        same = self.roots[size] == self.point.root
        found = [
            Check(
                "leaves",
                holds=not strange,
                found=f"leaf {strange[0]} is no salted commitment; {len(strange)} of {size} are not"
                if strange
                else f"{size} leaves, each a salted commitment that names nobody",
            ),
            Check(
                "root",
                holds=same,
                found="the leaves give the root that was signed"
                if same
                else "the leaves give another root than the one signed: a leaf was changed",
            ),
            Check(
                "tiles",
                holds=not wrong,
                found=f"{len(wrong)} of {self._tiles} differ from the leaves, first {wrong[0]}"
                if wrong
                else f"{self._tiles} complete tiles agree with the leaves",
            ),
        ]
        if frontier is not None:
            same = frontier == self._grown
            words = "agrees with" if same else "differs from"
            found.append(
                Check("edge", holds=same, found=f"the stored right edge {words} the leaves")
            )
        return found


def _open_earlier(texts: Sequence[str], key: NoteKey, checks: list[Check]) -> list[Checkpoint]:
    """The earlier heads that are genuine; each of the others becomes a failed check."""
    heads = []
    for text in texts:
        try:
            heads.append(open_checkpoint(text, key))
        except LedgerRefused as fault:
            checks.append(Check("earlier checkpoint", holds=False, found=str(fault)))
    return heads


def _on_history(head: Checkpoint, walk: _Walk) -> Check:
    name = f"checkpoint of {head.size}"
    if head.size > walk.point.size:
        found = f"signed for {head.size} leaves, but now there are {walk.point.size}: some are gone"
        return Check(name, holds=False, found=found)
    if walk.roots[head.size] != head.root:
        return Check(name, holds=False, found="it was signed over another history: two were told")
    return Check(name, holds=True, found="it lies on the same history")


def _told_key(key: NoteKey, *, published: bool) -> str:
    if published:
        return f"the ledger's key is {key.vkey}"
    return f"the file's own key is used; compare it with the published one: {key.vkey}"


def _told_head(point: Checkpoint) -> str:
    return f"{point.origin} signed {point.size} leaves, root {point.root.hex()[:16]}"
