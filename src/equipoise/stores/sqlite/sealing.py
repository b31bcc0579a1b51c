"""One stream sealed into frames with AES-256-GCM: in order, to the end, or not at all.

The construction is STREAM (Hoang, Reyhanitabar, Rogaway, Vizár 2015): every frame has its number and
whether it is the last in its nonce, so that frames cannot be swapped, repeated, dropped or cut off
unseen. Each file has a key of its own, by HKDF from the secret and a random salt, so a nonce never
comes twice under one key. What precedes the frames is authenticated with each of them.
"""

from os import urandom
from typing import IO

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from equipoise.stores import StoreError

MAGIC = b"equipoise-backup 1\n"
FRAME_BYTES = 1 << 20
TAG_BYTES = 16
MOST_SCRYPT = 2**20
"""The largest scrypt cost (1 GB of memory) that a file may ask of whoever opens it."""


class SealError(StoreError):
    """The secret is not the one that sealed the file, or the file is not what was sealed."""


class Preamble(msgspec.Struct, frozen=True):
    """What stands in clear before the frames. `scrypt` is the cost for a passphrase, 0 for a key."""

    salt: bytes
    scrypt: int = 0


class Sealer:
    """A writable stream over `file`; what is written is readable only after `close`.

    `secret` is a key of 32 bytes or more, or a passphrase; `scrypt` is the cost of guessing the
    latter (a power of two; memory is 1,024 times that in bytes).
    """

    def __init__(self, file: IO[bytes], secret: bytes | str, *, scrypt: int = 2**17) -> None:
        preamble = Preamble(urandom(32), scrypt if isinstance(secret, str) else 0)
        text = msgspec.json.encode(preamble) + b"\n"
        self._file = file
        self._aad = MAGIC + text
        self._cipher = AESGCM(_file_key(secret, preamble))
        self._frame = bytearray()
        self._number = 0
        file.write(self._aad)

    def write(self, data: bytes) -> int:
        """Take bytes; whole frames go on to the file."""
        self._frame += data
        while len(self._frame) > FRAME_BYTES:
            self._emit(bytes(self._frame[:FRAME_BYTES]), last=False)
            del self._frame[:FRAME_BYTES]
        return len(data)

    def flush(self) -> None:
        """Whole frames are with the file already; the rest waits for its last byte."""

    def close(self) -> None:
        """Write the last frame; the file itself stays open."""
        self._emit(bytes(self._frame), last=True)

    def _emit(self, frame: bytes, *, last: bool) -> None:
        self._file.write(self._cipher.encrypt(_nonce(self._number, last=last), frame, self._aad))
        self._number += 1


class Unsealer:
    """A readable stream of what was sealed into `file`; raises `SealError` at the first false frame.

    Nothing is known to be complete before `read` has given `b""` at the end.
    """

    def __init__(self, file: IO[bytes], secret: bytes | str) -> None:
        if file.read(len(MAGIC)) != MAGIC:
            raise SealError("the file is not a backup of Equipoise; name another file")
        text = file.readline(1000)
        try:
            preamble = msgspec.json.decode(text, type=Preamble)
            self._cipher = AESGCM(_file_key(secret, preamble))
        except (msgspec.DecodeError, ValueError) as error:
            raise SealError(f"the beginning of the file is damaged: {error}") from error
        self._aad = MAGIC + text
        self._file = file
        self._number = 0
        self._next: bytes | None = file.read(FRAME_BYTES + TAG_BYTES)
        self._plain = b""

    def read(self, size: int = FRAME_BYTES) -> bytes:
        """At most `size` bytes, `b""` only at the authenticated end."""
        while not self._plain and self._next is not None:
            self._open(self._next)
        found, self._plain = self._plain[:size], self._plain[size:]
        return found

    def _open(self, frame: bytes) -> None:
        after = self._file.read(FRAME_BYTES + TAG_BYTES)
        nonce = _nonce(self._number, last=not after)
        try:
            self._plain = self._cipher.decrypt(nonce, frame, self._aad)
        except InvalidTag:
            wrong = "changed since" if after else "changed since, or its end is missing"
            raise SealError(
                f"frame {self._number}: not sealed with this secret, or {wrong}"
            ) from None
        self._number += 1
        self._next = after or None


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


def _file_key(secret: bytes | str, preamble: Preamble) -> bytes:
    if isinstance(secret, str):
        if not 1 < preamble.scrypt <= MOST_SCRYPT:
            raise SealError(
                f"the file asks for scrypt cost {preamble.scrypt}: it was sealed with a key, not a "
                f"passphrase, or is damaged"
            )
        secret = Scrypt(preamble.salt, 32, n=preamble.scrypt, r=8, p=1).derive(secret.encode())
    elif preamble.scrypt:
        raise SealError(
            "the file was sealed with a passphrase, not with a key; give the passphrase"
        )
    elif len(secret) < 32:
        raise SealError(f"a key needs 32 bytes or more, got {len(secret)}")
    return HKDF(SHA256(), 32, preamble.salt, b"equipoise backup").derive(secret)
