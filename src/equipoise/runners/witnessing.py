"""A witness at work: its folder with key, heads and evidence, and one look at a log that it follows."""

import contextlib
import fcntl
import json
import os
import secrets
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import IO

import msgspec

from equipoise.account.cosignature import WitnessSigner
from equipoise.account.note import read_checkpoint, read_note, read_vkey
from equipoise.account.outside import Fetch, Published
from equipoise.account.refusal import LedgerRefused
from equipoise.account.tree import HASH_BYTES
from equipoise.account.witness import Evidence, Head, UnknownLog, Witness

KEY = "witness.json"
HEADS = "heads.json"
EVIDENCE = "evidence"


class _Secret(msgspec.Struct):
    name: str
    secret: str


class WitnessFolder:
    """All that a witness has: its key, the last head it signed for each log, evidence of forks.

    One process at a time holds it: two would sign two histories. Every word is on disk before the
    method returns. Raises `LedgerRefused` where the folder is held by another process or damaged.
    """

    def __init__(self, folder: Path, name: str = "") -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = folder
        self._lock = _held(folder / "lock")
        try:
            self.signer = _signer(folder / KEY, name)
            """Signs under the witness's name."""
            self._heads = _read_heads(folder / HEADS)
        except BaseException:
            self._lock.close()
            raise

    def close(self) -> None:
        """Let another process have the folder."""
        self._lock.close()

    def origins(self) -> list[str]:
        """The names of the logs that the witness looks after."""
        return sorted(self._heads)

    def trust(self, vkey: str) -> str:
        """Look after the log with this key from now on; its name.

        Raises `LedgerRefused` where a log of this name is known by another key: a log that changes
        its key begins a new name.
        """
        key = read_vkey(vkey)
        known = self._heads.get(key.name)
        if known is not None and known.vkey != key.vkey:
            raise LedgerRefused(
                f"{key.name} was known by the key {known.vkey} and comes with {key.vkey} now. "
                f"If that is right, take its line out of {self._folder / HEADS}"
            )
        if known is None:
            self.keep(key.name, Head(key.vkey))
        return key.name

    def head(self, origin: str) -> Head | None:
        """What is known of a log, or None."""
        return self._heads.get(origin)

    def keep(self, origin: str, head: Head) -> None:
        """Remember a head; on disk before this returns."""
        heads = self._heads | {origin: head}
        blob = msgspec.json.format(msgspec.json.encode(heads), indent=2) + b"\n"
        _replace(self._folder / HEADS, blob)
        self._heads = heads

    def accuse(self, evidence: Evidence) -> None:
        """Keep both signed heads as files that anybody can compare; the same ones only once."""
        place = self.evidence(evidence)
        place.mkdir(parents=True, exist_ok=True)
        _replace(place / "before.txt", evidence.before.encode())
        _replace(place / "now.txt", evidence.now.encode())
        _replace(place / "why.txt", f"{evidence.why}\n".encode())

    def evidence(self, evidence: Evidence) -> Path:
        """The folder of a piece of evidence, named by what both heads say."""
        both = sha256(f"{evidence.before}\n{evidence.now}".encode()).hexdigest()[:16]
        return self._folder / EVIDENCE / both


class Looked(msgspec.Struct, frozen=True):
    """What one look at a log brought: its head as the log signed it, and our line under it."""

    origin: str
    size: int
    note: str
    line: str


def look(
    folder: WitnessFolder, witness: Witness, fetch: Fetch, now_s: Callable[[], float]
) -> Looked:
    """Fetch a log's newest head, and sign it if its tiles prove that it continues the last one.

    Raises `UnknownLog` before the log was trusted, `Forked` with the evidence kept, `LedgerRefused`
    where its files do not fit its head.
    """
    note = head_of(fetch)
    point = read_checkpoint(read_note(note).text)
    known = folder.head(point.origin)
    if known is None:
        raise UnknownLog(f"this witness does not look after {point.origin!r}")
    before = known.point
    proof: list[bytes] = []
    if before is None or before.size < point.size:
        # The tiles must lead to the root that was signed, before anything is held against anybody.
        view = Published(fetch, point).view()
        proof = view.consistency(before.size) if before and before.size else []
    line = witness.follow(note, proof, int(now_s()))
    return Looked(point.origin, point.size, note, line)


def head_of(fetch: Fetch) -> str:
    """The newest head that a log publishes; raises `LedgerRefused` where it has none or no text."""
    blob = fetch("checkpoint/newest") or fetch("checkpoint")
    if blob is None:
        raise LedgerRefused("it publishes no signed head yet: its ledger is empty")
    try:
        return blob.decode()
    except UnicodeDecodeError:
        raise LedgerRefused("what it publishes as its head is not text in UTF-8") from None


def _signer(file: Path, name: str) -> WitnessSigner:
    if not file.exists():
        made = _Secret(name or "witness.localhost/equipoise", secrets.token_hex(HASH_BYTES))
        # Wrong names are refused before a key is written for them.
        WitnessSigner(made.name, bytes.fromhex(made.secret))
        _replace(file, msgspec.json.encode(made) + b"\n")
    try:
        kept = msgspec.json.decode(file.read_bytes(), type=_Secret)
        signer = WitnessSigner(kept.name, bytes.fromhex(kept.secret))
    except (msgspec.DecodeError, ValueError) as fault:
        raise LedgerRefused(f"{file}: is not a witness's key ({fault})") from None
    if name and name != kept.name:
        raise LedgerRefused(
            f"{file}: this witness is called {kept.name!r}, not {name!r}. A name cannot be changed; "
            "take another folder for another witness"
        )
    return signer


def _read_heads(file: Path) -> dict[str, Head]:
    """The heads that were kept. A file that is damaged stops the witness: it must not forget."""
    if not file.exists():
        return {}
    try:
        heads = msgspec.json.decode(file.read_bytes(), type=dict[str, Head])
        for head in heads.values():
            read_vkey(head.vkey)
            _ = head.point
    except (msgspec.DecodeError, LedgerRefused, json.JSONDecodeError) as fault:
        raise LedgerRefused(
            f"{file}: cannot be read ({fault}). A witness that forgot could sign two histories: "
            "bring the file back from a copy, or begin a new witness with a new name"
        ) from None
    return heads


def _held(file: Path) -> IO[bytes]:
    lock = file.open("wb")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise LedgerRefused(
            f"{file.parent}: another process is this witness already; two would sign two histories"
        ) from None
    return lock


def _replace(file: Path, blob: bytes) -> None:
    """Put a file in place of another as a whole, on disk before this returns."""
    beside = file.with_name(f"{file.name}.new")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "wb") as new:  # noqa: PTH123 - a descriptor, for its mode
        new.write(blob)
        new.flush()
        os.fsync(new.fileno())
    beside.replace(file)
    with contextlib.suppress(OSError):
        folder = os.open(file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
