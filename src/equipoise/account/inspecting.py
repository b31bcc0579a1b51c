"""Looking at a running instance from outside, and comparing what two people hold of one ledger."""

from collections.abc import Callable, Sequence

import msgspec

from equipoise.account.bundle import read_bundle
from equipoise.account.cosignature import WitnessKey, cosigned_by
from equipoise.account.note import (
    Checkpoint,
    NoteKey,
    open_checkpoint,
    read_checkpoint,
    read_note,
    read_vkey,
)
from equipoise.account.outside import Fetch, Published
from equipoise.account.refusal import LedgerRefused
from equipoise.account.tree import TILE_WIDTH, check_inclusion, leaf_hash
from equipoise.account.verify import Check, Report, verify_ledger, verify_receipt
from equipoise.account.view import TreeView
from equipoise.account.witness import Evidence, Forked, check_growth

WHOLE_LEAVES = 131_072
"""Up to how many leaves are all read; of a larger ledger a sample is."""

SAMPLE = 64
"""How many bundles of 256 leaves a sample has."""


class Inspection(msgspec.Struct, frozen=True):
    """What is asked of an instance.

    `vkey` is its published key, "" to take the one that it tells itself; `known` the head that was
    seen last, "" the first time; `receipts` are files by name; `draw(n)` is a number from 0 below n.
    Every leaf is read of a ledger of up to `whole_leaves`, of a larger one a sample.
    """

    draw: Callable[[int], int]
    vkey: str = ""
    known: str = ""
    witnesses: tuple[WitnessKey, ...] = ()
    receipts: tuple[tuple[str, bytes], ...] = ()
    whole_leaves: int = WHOLE_LEAVES


class Inspected(msgspec.Struct, frozen=True):
    """What was found: every check, the instance's head and key, and evidence where it lied.

    `note` is "" unless the head is genuine; only a head of a report that holds is worth keeping.
    """

    report: Report
    note: str = ""
    vkey: str = ""
    evidence: Evidence | None = None


class _Findings:
    """The checks so far, and what they have established."""

    def __init__(self) -> None:
        self.checks: list[Check] = []
        self.note = ""
        self.vkey = ""
        self.evidence: Evidence | None = None

    def well(self, name: str, found: str) -> None:
        self.checks.append(Check(name, holds=True, found=found))

    def wrong(self, name: str, found: str) -> None:
        self.checks.append(Check(name, holds=False, found=found))

    def told(self) -> Inspected:
        return Inspected(Report(tuple(self.checks)), self.note, self.vkey, self.evidence)


def inspect(fetch: Fetch, asked: Inspection) -> Inspected:
    """Every check of an instance, up to the first failure that leaves the next nothing to stand on.

    What `fetch` raises passes through; whatever the instance says wrongly is a failed check.
    """
    findings = _Findings()
    stage = "answer"
    try:
        shown, newest = _text(fetch, "checkpoint"), _text(fetch, "checkpoint/newest")
        newest = newest or shown
        if not newest:
            findings.well(
                stage, "it answers; its ledger is empty, so there is nothing to prove yet"
            )
            return findings.told()
        findings.well(stage, "it answers and shows a signed head")
        stage = "key"
        key = _key(fetch, asked, findings)
        stage = "checkpoint"
        point = open_checkpoint(newest, key)
        findings.note = newest
        findings.well(stage, f"{point.origin} signed {point.size} leaves with this key")
        stage = "edge"
        published = Published(fetch, point)
        view = published.view()
        findings.well(stage, "the tiles at its edge lead to the root that was signed")
        stage = "witnesses"
        _witnesses(shown or newest, view, asked, findings)
        stage = "leaves"
        _leaves(published, view, point, asked, findings)
        stage = "history"
        _history(view, asked.known, findings)
        for name, blob in asked.receipts:
            stage = name
            _receipt(name, blob, view, findings)
    except Forked as fork:
        findings.evidence = fork.evidence
        findings.wrong(stage, str(fork))
    except LedgerRefused as fault:
        findings.wrong(stage, str(fault))
    return findings.told()


def _key(fetch: Fetch, asked: Inspection, findings: _Findings) -> NoteKey:
    told = _text(fetch, "vkey").strip()
    vkey = asked.vkey or told
    if not vkey:
        raise LedgerRefused("it tells no key; give the published one")
    key = read_vkey(vkey)
    if told and read_vkey(told) != key:
        raise LedgerRefused(
            f"it tells the key {told}, and not {vkey}: one of the two is not its own"
        )
    source = (
        "as you know it" if asked.vkey else "as it tells itself; compare it with the published one"
    )
    findings.vkey = key.vkey
    findings.well("key", f"{key.vkey} ({source})")
    return key


def _witnesses(shown: str, view: TreeView, asked: Inspection, findings: _Findings) -> None:
    """Whose names stand under the head that is shown, which may be a little behind the newest."""
    if not asked.witnesses:
        return
    note = read_note(shown)
    open_checkpoint(shown, read_vkey(findings.vkey))
    lines = cosigned_by(note, asked.witnesses)
    names = ", ".join(line.witness for line in lines)
    found = f"{len(lines)} of {len(asked.witnesses)} witnesses that you named signed"
    if lines:
        _grown(shown, findings.note, view)
        found += f" {read_checkpoint(note.text).size} leaves: {names}"
    findings.checks.append(Check("witnesses", len(lines) == len(asked.witnesses), found))


def _leaves(
    published: Published,
    view: TreeView,
    point: Checkpoint,
    asked: Inspection,
    findings: _Findings,
) -> None:
    if point.size <= asked.whole_leaves:
        report = verify_ledger(published, findings.note, findings.vkey)
        known = {"key", "checkpoint"}
        findings.checks += [check for check in report.checks if check.name not in known]
        return
    bundles = -(-point.size // TILE_WIDTH)
    chosen = sorted({asked.draw(bundles) for _ in range(SAMPLE)})
    for index in chosen:
        _bundle(published, view, point, index)
    findings.well(
        "leaves",
        f"{len(chosen)} of {bundles} bundles of leaves, drawn by chance, stand in the signed tree",
    )


def _bundle(published: Published, view: TreeView, point: Checkpoint, index: int) -> None:
    """Raise `LedgerRefused` unless every leaf of a bundle is in the tree.

    The path of the first leaf takes in every other hash of its tile, so one path proves them all.
    """
    first = index * TILE_WIDTH
    leaves = published.leaves(first, min(first + TILE_WIDTH, point.size))
    hashes = [leaf_hash(leaf) for leaf in leaves]
    if b"".join(hashes) != published.tile(0, index):
        raise LedgerRefused(f"the leaves from {first} on are not those of their tile")
    check_inclusion(hashes[0], first, point.size, view.inclusion(first), point.root)


def _history(view: TreeView, known: str, findings: _Findings) -> None:
    if not known:
        findings.well("history", "this is the first look; the next one compares with it")
        return
    size = read_checkpoint(read_note(known).text).size
    _grown(known, findings.note, view)
    findings.well("history", f"it continues the {size} leaves that were seen here before")


def _receipt(name: str, blob: bytes, view: TreeView, findings: _Findings) -> None:
    """A person's receipt: that it proves itself, and that its head is of the history shown now."""
    report = verify_receipt(blob, findings.vkey)
    last = report.checks[-1]
    if not report.holds:
        findings.wrong(name, last.found)
        return
    _grown(read_bundle(blob).proof.checkpoint, findings.note, view)
    findings.well(name, f"{last.found}, and of the history shown now")


def _grown(before: str, now: str, view: TreeView) -> None:
    """Raise `Forked` unless the head `now`, whose tree this is, continues the head `before`."""
    old, new = (read_checkpoint(read_note(text).text) for text in (before, now))
    proof = view.consistency(old.size) if 0 < old.size <= new.size else []
    check_growth(new.origin, before, now, proof)


def _text(fetch: Fetch, path: str) -> str:
    try:
        return (fetch(path) or b"").decode()
    except UnicodeDecodeError:
        raise LedgerRefused(f"what it shows as {path} is not text in UTF-8") from None


class Held(msgspec.Struct, frozen=True):
    """What one person holds: a name for it, a signed head, and the key that it came with."""

    name: str
    note: str
    vkey: str


def read_held(name: str, blob: bytes, vkey: str) -> Held:
    """What a file holds: a receipt's bundle, which is checked, or a signed head by itself.

    Raises `LedgerRefused` where it is neither, does not hold, or is a head and no `vkey` is given.
    """
    if blob.lstrip()[:1] == b"{":
        report = verify_receipt(blob, vkey or None)
        if not report.holds:
            raise LedgerRefused(f"{name}: {report.checks[-1].found}")
        bundle = read_bundle(blob)
        return Held(name, bundle.proof.checkpoint, bundle.vkey)
    if not vkey:
        raise LedgerRefused(f"{name}: is a head without its key; give the published key")
    try:
        open_checkpoint(blob.decode(), read_vkey(vkey))
    except UnicodeDecodeError:
        raise LedgerRefused(f"{name}: is neither a receipt nor a signed head") from None
    return Held(name, blob.decode(), vkey)


class NeedsTiles(LedgerRefused):
    """Two heads of different sizes can only be compared with the ledger's tiles between them."""


def compare(one: Held, other: Held, fetch: Fetch | None = None) -> Report:
    """Whether what two people hold is of one ledger with one history.

    Raises `NeedsTiles` where that depends on tiles, and there is nowhere to fetch them.
    """
    points = [read_checkpoint(read_note(held.note).text) for held in (one, other)]
    if one.vkey != other.vkey:
        why = f"{one.name} was signed with {one.vkey}, {other.name} with {other.vkey}: two ledgers"
        return Report((Check("ledger", holds=False, found=why),))
    same = Check("ledger", holds=True, found=f"both are of {points[0].origin}, under one key")
    if points[0].size == points[1].size:
        return Report((same, _alike(points)))
    if fetch is None:
        raise NeedsTiles(
            f"one was signed at {points[0].size} leaves and the other at {points[1].size}: whether one "
            "continues the other is shown by the ledger's tiles"
        )
    return Report((same, *_placed((one, other), fetch)))


def _alike(points: Sequence[Checkpoint]) -> Check:
    size = points[0].size
    if points[0].root == points[1].root:
        return Check("history", holds=True, found=f"both stand under one head of {size} leaves")
    found = f"two roots were signed for {size} leaves: TWO HISTORIES WERE TOLD, and these files prove it"
    return Check("history", holds=False, found=found)


def _placed(both: tuple[Held, Held], fetch: Fetch) -> list[Check]:
    """Whether each of two heads is of the history whose tiles can be fetched."""
    note = _text(fetch, "checkpoint/newest") or _text(fetch, "checkpoint")
    point = open_checkpoint(note, read_vkey(both[0].vkey))
    view = Published(fetch, point).view()
    checks = []
    for held in both:
        try:
            _grown(held.note, note, view)
        except LedgerRefused as fault:
            checks.append(Check(held.name, holds=False, found=str(fault)))
        else:
            size = read_checkpoint(read_note(held.note).text).size
            found = f"its {size} leaves begin the {point.size} that are published now"
            checks.append(Check(held.name, holds=True, found=found))
    return checks
