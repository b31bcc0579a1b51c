"""The proof file of one leaf (C2SP tlog-proof): checked offline against nothing but a key."""

import re
from typing import Final

import msgspec

from equipoise.account.note import (
    MAX_NOTE_BYTES,
    Checkpoint,
    NoteKey,
    decode64,
    encode64,
    open_checkpoint,
    read_checkpoint,
    read_note,
)
from equipoise.account.refusal import LedgerRefused
from equipoise.account.tree import HASH_BYTES, check_inclusion, leaf_hash

FIRST_LINE: Final = "c2sp.org/tlog-proof@v1"
MAX_PATH: Final = 63
"""The longest path: a tree holds fewer than 2**63 leaves."""
MAX_EXTRA_BYTES: Final = 65_535

_INDEX = re.compile(r"index (0|[1-9][0-9]{0,18})")
_MAX_TEXT = MAX_NOTE_BYTES + 2 * MAX_EXTRA_BYTES


class TlogProof(msgspec.Struct, frozen=True):
    """A leaf's place, the hashes from its sibling up to the root's child, and the signed head.

    `extra` is opaque and not covered by any signature; ours stays empty.
    """

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: str
    extra: bytes = b""


def write_proof(proof: TlogProof) -> str:
    """The text of a `.tlog-proof` file."""
    lines = [FIRST_LINE]
    if proof.extra:
        lines.append(f"extra {encode64(proof.extra)}")
    lines.append(f"index {proof.index}")
    lines += [encode64(item) for item in proof.hashes]
    return "\n".join(lines) + "\n\n" + proof.checkpoint


def read_proof(text: str) -> TlogProof:
    """The parts of a `.tlog-proof` file; raises `LedgerRefused` on any departure from the format.

    Says nothing about their truth: see `check_proof`.
    """
    if len(text) > _MAX_TEXT:
        raise LedgerRefused(f"a proof needs at most {_MAX_TEXT} characters, got {len(text)}")
    head, gap, checkpoint = text.partition("\n\n")
    first, *lines = head.split("\n")
    if first != FIRST_LINE or not gap:
        raise LedgerRefused(f"a proof needs the first line {FIRST_LINE!r}, got {first[:60]!r}")
    extra = b""
    if lines and lines[0].startswith("extra "):
        extra = decode64(lines.pop(0).removeprefix("extra "))
        if not 1 <= len(extra) <= MAX_EXTRA_BYTES:
            raise LedgerRefused(f"a proof's extra data needs 1 to {MAX_EXTRA_BYTES} bytes")
    place = _INDEX.fullmatch(lines[0]) if lines else None
    if place is None:
        raise LedgerRefused("a proof needs a line 'index' with a number without leading zeros")
    hashes = tuple(decode64(line) for line in lines[1 : MAX_PATH + 2])
    if len(hashes) > MAX_PATH or any(len(item) != HASH_BYTES for item in hashes):
        raise LedgerRefused(f"a proof needs at most {MAX_PATH} hashes of {HASH_BYTES} bytes")
    read_checkpoint(read_note(checkpoint).text)
    return TlogProof(int(place[1]), hashes, checkpoint, extra)


def check_proof(proof: TlogProof, leaf: bytes, key: NoteKey) -> Checkpoint:
    """The verified checkpoint, if the leaf's data stands in it where the proof says.

    Raises `LedgerRefused` if the checkpoint is not signed by the key or the path leads elsewhere.
    """
    point = open_checkpoint(proof.checkpoint, key)
    check_inclusion(leaf_hash(leaf), proof.index, point.size, proof.hashes, point.root)
    return point
