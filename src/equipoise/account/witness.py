"""A witness: it signs a ledger's head only where that continues the head it signed before.

C2SP tlog-witness, v1.0, without the network: the same rules whether a log hands its heads in or the
witness follows it. What a witness must remember is one head for each log; it is kept before the
signature is given away, so that no crash makes it sign two histories.
"""

import re
from collections.abc import Sequence
from typing import Final, Protocol

import msgspec

from equipoise.account.cosignature import WitnessSigner
from equipoise.account.note import (
    MAX_NOTE_BYTES,
    Checkpoint,
    NoteKey,
    check_note,
    decode64,
    encode64,
    read_checkpoint,
    read_note,
    read_vkey,
)
from equipoise.account.refusal import LedgerRefused
from equipoise.account.tree import EMPTY_ROOT, HASH_BYTES, check_consistency

MAX_PROOF: Final = 63
"""The most hashes of a consistency proof that are read, as C2SP says."""

_OLD = re.compile(r"old (0|[1-9][0-9]{0,18})", re.ASCII)


class Head(msgspec.Struct, frozen=True):
    """What a witness remembers of a log: its key, and the last head that it signed for it.

    `note` is that head as the log signed it, "" before the first; `at_s` when the witness signed.
    """

    vkey: str
    note: str = ""
    at_s: int = 0

    @property
    def point(self) -> Checkpoint | None:
        """The last head that was signed, or None; raises `LedgerRefused` if the memory is damaged."""
        return read_checkpoint(read_note(self.note).text) if self.note else None


class Memory(Protocol):
    """Where a witness keeps what it signed. Each method returns once its word is durable."""

    def head(self, origin: str) -> Head | None:
        """What is known of a log, or None where nobody told the witness to look after it."""
        ...

    def keep(self, origin: str, head: Head) -> None:
        """Remember a head from now on."""
        ...

    def accuse(self, evidence: "Evidence") -> None:
        """Keep two signed heads that cannot both be true, for everybody to see."""
        ...


class Evidence(msgspec.Struct, frozen=True):
    """Two heads signed by one log that cannot both be true, and why, in a sentence."""

    origin: str
    why: str
    before: str
    now: str


class UnknownLog(LedgerRefused):
    """The witness was not told to look after the log of this name (C2SP: 404)."""


class NotSigned(LedgerRefused):
    """The head is not signed by the log's key (C2SP: 403)."""


class OldSizeWrong(LedgerRefused):
    """The proof does not begin where the witness stands (C2SP: 409); `size` is where it does."""

    def __init__(self, message: str, size: int) -> None:
        super().__init__(message)
        self.size = size


class ProofWrong(LedgerRefused):
    """The proof does not lead from the head signed before to the one shown (C2SP: 422)."""


class Forked(LedgerRefused):
    """The log signed two histories, or took leaves back; `evidence` holds both of its heads."""

    def __init__(self, evidence: Evidence) -> None:
        super().__init__(evidence.why)
        self.evidence = evidence


class Asked(msgspec.Struct, frozen=True):
    """What a log asks of a witness: the size that its proof begins with, the proof, the new head."""

    old_size: int
    proof: tuple[bytes, ...]
    note: str


def read_asked(text: str) -> Asked:
    """The parts of an `add-checkpoint` body; raises `LedgerRefused` on any departure from C2SP."""
    if len(text) > MAX_NOTE_BYTES:
        raise LedgerRefused(f"a request needs at most {MAX_NOTE_BYTES} characters, got more")
    head, gap, note = text.partition("\n\n")
    first, *lines = head.split("\n")
    told = _OLD.fullmatch(first)
    if told is None or not gap:
        raise LedgerRefused(f"a request begins with a line 'old SIZE', got {first[:60]!r}")
    if len(lines) > MAX_PROOF:
        raise LedgerRefused(f"a proof needs at most {MAX_PROOF} hashes, got {len(lines)}")
    proof = tuple(decode64(line) for line in lines)
    if any(len(item) != HASH_BYTES for item in proof):
        raise LedgerRefused(f"each line of a proof needs {HASH_BYTES} bytes")
    return Asked(int(told[1]), proof, note)


def write_asked(asked: Asked) -> str:
    """The body of an `add-checkpoint` request, as C2SP writes it."""
    lines = "".join(f"{encode64(item)}\n" for item in asked.proof)
    return f"old {asked.old_size}\n{lines}\n{asked.note}"


def check_growth(origin: str, before: str, now: str, proof: Sequence[bytes]) -> None:
    """Raise `Forked` unless the head `now` continues the head `before`, by this proof.

    Both are notes whose signatures were checked. A proof that leads nowhere is held against the log
    here: whoever calls made the proof of the log's own tiles.
    """
    old, new = (read_checkpoint(read_note(text).text) for text in (before, now))
    if new.size < old.size:
        why = f"{origin} showed {old.size} leaves before and shows {new.size} now: leaves were taken back"
        raise Forked(Evidence(origin, why, before, now))
    if new.size == old.size and new.root != old.root:
        why = f"{origin} signed two roots for one size, {new.size} leaves: two histories were told"
        raise Forked(Evidence(origin, why, before, now))
    try:
        if old.size:
            check_consistency(old.size, old.root, new.size, new.root, proof)
    except LedgerRefused as fault:
        why = f"{origin} shows a head of {new.size} leaves that does not continue its {old.size}: {fault}"
        raise Forked(Evidence(origin, why, before, now)) from None


class Witness:
    """Looks after logs under one name and signs what continues; refuses and remembers the rest."""

    def __init__(self, signer: WitnessSigner, memory: Memory) -> None:
        self._signer = signer
        self._memory = memory

    def add_checkpoint(self, asked: Asked, now_s: int) -> str:
        """The cosignature line for a head that a log hands in, with its proof.

        Raises `UnknownLog`, `NotSigned`, `OldSizeWrong`, `ProofWrong` or `Forked`, in the order that
        C2SP gives. Two roots of one size are a fork whoever hands them in; a proof that fails is not,
        since anybody may send a bad proof.
        """
        point, known = self._opened(asked.note)
        if asked.old_size > point.size:
            raise LedgerRefused(f"old size {asked.old_size} is above the head's {point.size}")
        before = known.point
        old_size = before.size if before else 0
        if asked.old_size != old_size:
            raise OldSizeWrong(f"{point.origin} was last signed at {old_size} leaves", old_size)
        if before and before.size == point.size and before.root != point.root:
            self._judge(point.origin, known.note, asked.note, ())
        try:
            if old_size == 0 and (asked.proof or (point.size == 0 and point.root != EMPTY_ROOT)):
                raise LedgerRefused("from an empty tree there is nothing to prove")
            if before and old_size:
                check_consistency(old_size, before.root, point.size, point.root, asked.proof)
        except LedgerRefused as fault:
            raise ProofWrong(str(fault)) from None
        return self._sign(point, known, asked.note, now_s)

    def follow(self, note: str, proof: Sequence[bytes], now_s: int) -> str:
        """The cosignature line for a head that the witness fetched, with a proof of the log's tiles.

        Raises `Forked` where the head does not continue the last one signed; both are kept before.
        """
        point, known = self._opened(note)
        if known.note:
            self._judge(point.origin, known.note, note, proof)
        return self._sign(point, known, note, now_s)

    def _opened(self, note: str) -> tuple[Checkpoint, Head]:
        """The head that a note tells, and what is known of its log; its signature holds."""
        read = read_note(note)
        point = read_checkpoint(read.text)
        known = self._memory.head(point.origin)
        if known is None:
            raise UnknownLog(f"this witness does not look after {point.origin!r}")
        key: NoteKey = read_vkey(known.vkey)
        try:
            check_note(read, [key])
        except LedgerRefused as fault:
            raise NotSigned(str(fault)) from None
        return point, known

    def _judge(self, origin: str, before: str, now: str, proof: Sequence[bytes]) -> None:
        try:
            check_growth(origin, before, now, proof)
        except Forked as fork:
            self._memory.accuse(fork.evidence)
            raise

    def _sign(self, point: Checkpoint, known: Head, note: str, now_s: int) -> str:
        # A log that stands still is signed again at a later time, never at an earlier one.
        at_s = max(now_s, known.at_s)
        self._memory.keep(point.origin, Head(known.vkey, note, at_s))
        return self._signer.cosign(read_note(note).text, at_s)
