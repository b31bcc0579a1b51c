"""Cosignatures: what a witness puts under a head that continues every head it signed before.

C2SP tlog-cosignature, v1.0: type 0x04. The witness signs the time and the whole text of the head,
`cosignature/v1`, `time SECONDS`, then the text; the time goes before the signature, in eight bytes.
"""

from collections.abc import Sequence
from typing import ClassVar, Final

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from equipoise.account.note import Note, NoteKey, encode64, key_name, read_key
from equipoise.account.refusal import LedgerRefused
from equipoise.account.tree import HASH_BYTES

COSIGNATURE: Final = 4
"""The type byte of a timestamped Ed25519 cosignature."""

_TIME_BYTES = 8


class WitnessKey(NoteKey, frozen=True, dict=True):
    """The key that verifies the cosignatures of one witness: its name and its 32 public bytes."""

    kind: ClassVar[int] = COSIGNATURE

    def verifies(self, text: str, signature: bytes) -> bool:
        """Whether this witness signed exactly this text, at the time that the signature tells."""
        signed = _signed(text, time_of(signature))
        return super().verifies(signed, signature[_TIME_BYTES:])


class Cosigned(msgspec.Struct, frozen=True):
    """One witness's signature on a head: the witness, when it signed (s since 1970), its line."""

    witness: str
    at_s: int
    line: str


class WitnessSigner:
    """Signs heads as the witness of this name, with an Ed25519 key made from 32 secret bytes."""

    def __init__(self, name: str, secret: bytes) -> None:
        if len(secret) != HASH_BYTES:
            raise LedgerRefused(f"an Ed25519 secret is 32 bytes long, got {len(secret)}")
        self._private = Ed25519PrivateKey.from_private_bytes(secret)
        self.key = WitnessKey(key_name(name), self._private.public_key().public_bytes_raw())
        """The key that verifies what this signs."""

    def cosign(self, text: str, at_s: int) -> str:
        """The signature line over a head's text at a time (s since 1970), with its newline."""
        signature = self._private.sign(_signed(text, at_s).encode())
        blob = self.key.id + at_s.to_bytes(_TIME_BYTES, "big") + signature
        return f"— {self.key.name} {encode64(blob)}\n"


def read_witness_key(text: str) -> WitnessKey:
    """The key that a witness's line `name+id+base64` tells of; raises `LedgerRefused`."""
    return read_key(text, WitnessKey)


def time_of(signature: bytes) -> int:
    """When a cosignature says that it was made, in s since 1970; its first eight bytes."""
    return int.from_bytes(signature[:_TIME_BYTES], "big")


def cosigned_by(note: Note, witnesses: Sequence[WitnessKey]) -> tuple[Cosigned, ...]:
    """The genuine cosignatures of these witnesses under a head, one for each; others are let be.

    Raises `LedgerRefused` where a line bears a known witness's key and does not fit the text.
    """
    known = {(key.name, key.id): key for key in witnesses}
    found: dict[str, Cosigned] = {}
    for line in note.signatures:
        key = known.get((line.name, line.key_id))
        if key is None:
            continue
        if not key.verifies(note.text, line.signature):
            raise LedgerRefused(f"the cosignature of {line.name} does not fit the text")
        text = f"— {line.name} {encode64(line.key_id + line.signature)}\n"
        found[line.name] = Cosigned(line.name, time_of(line.signature), text)
    return tuple(found.values())


def _signed(text: str, at_s: int) -> str:
    return f"cosignature/v1\ntime {at_s}\n{text}"
