"""The key file: the one file that a backup of the data must not lie beside.

It holds the ledger's signing key, the seed of every draw, the key of the digests, the key of the
backups, and, as digests only, the keys of sources and operators. Whoever has all other files but
not this one can neither sign, nor draw, nor test whether a person was here.
"""

import hashlib
import hmac
import logging
import os
import secrets
import time
from pathlib import Path

import msgspec

from equipoise.nouns.events import Source, Trust

SECRET_BYTES = 32
MOST_UNKNOWN = 10_000
_log = logging.getLogger("equipoise.keys")


class KeyringError(ValueError):
    """The key file is missing, is not one, or may be read by others."""


class SourceKey(msgspec.Struct, frozen=True):
    """One write key: what it is called, how far it is trusted, and the SHA-256 of the key."""

    name: str
    trust: Trust
    sha256: str


class Operator(msgspec.Struct, frozen=True):
    """One member of staff who may see the console, and the SHA-256 of their token."""

    name: str
    sha256: str


class Keyring(msgspec.Struct):
    """The secrets of one house. Byte strings are 32 random bytes each."""

    ledger: bytes
    seed: bytes
    digests: bytes
    backups: bytes
    sources: list[SourceKey] = []
    operators: list[Operator] = []

    def source(self, write_key: str) -> Source | None:
        """Who speaks with this write key, or None: compared by digest, in constant time."""
        digest = _digest(write_key)
        for key in self.sources:
            if hmac.compare_digest(key.sha256, digest):
                return Source(key.name, key.trust)
        return None

    def operator(self, token: str) -> str | None:
        """The operator with this token, or None."""
        digest = _digest(token)
        for operator in self.operators:
            if hmac.compare_digest(operator.sha256, digest):
                return operator.name
        return None

    def add_source(self, name: str, trust: Trust, write_key: str = "") -> str:
        """Let a source speak; returns its write key, which is not kept."""
        write_key = write_key or f"eqk_{trust}_{secrets.token_urlsafe(SECRET_BYTES)}"
        self.sources.append(SourceKey(name, trust, _digest(write_key)))
        return write_key

    def add_operator(self, name: str) -> str:
        """Let an operator see the console; returns their token, which is not kept."""
        token = f"eqo_{secrets.token_urlsafe(SECRET_BYTES)}"
        self.operators.append(Operator(name, _digest(token)))
        return token

    def remove(self, name: str) -> int:
        """Take back every key of a source or operator of this name; how many there were."""
        before = len(self.sources) + len(self.operators)
        self.sources = [key for key in self.sources if key.name != name]
        self.operators = [operator for operator in self.operators if operator.name != name]
        return before - len(self.sources) - len(self.operators)


class LiveKeyring:
    """A key file that is read again when it changes, so that keys can be added while a house runs.

    `path` is None where the keyring lives in memory alone; `extra` is one more write key, trusted
    like a server's, that is in no file.
    """

    def __init__(self, path: Path | None, keyring: Keyring, extra: str = "") -> None:
        self._path = path
        self._keyring = keyring
        self._extra = _digest(extra) if extra else ""
        self._read_s = time.monotonic()
        self._stamp = path.stat().st_mtime_ns if path else 0
        self._sources: dict[str, Source | None] = {}

    def keyring(self) -> Keyring:
        """The keyring as it stands, at most a second old; one that cannot be read changes nothing."""
        now_s = time.monotonic()
        if self._path is not None and now_s - self._read_s > 1.0:
            self._read_s = now_s
            try:
                stamp = self._path.stat().st_mtime_ns
                if stamp != self._stamp:
                    self._keyring, self._stamp = read_keyring(self._path), stamp
                    self._sources.clear()
            except (KeyringError, OSError) as error:
                # A slip of an editor must not send every source away: the last keys stay in force.
                _log.error("the key file cannot be read; the last keys stay: %s", error)
        return self._keyring

    def source(self, write_key: str) -> Source | None:
        """Who speaks with this write key, or None."""
        keyring = self.keyring()
        if write_key in self._sources:
            return self._sources[write_key]
        found = keyring.source(write_key)
        if found is None and self._extra and hmac.compare_digest(self._extra, _digest(write_key)):
            found = Source("server")
        if found is not None or len(self._sources) < MOST_UNKNOWN:
            self._sources[write_key] = found
        return found

    def operator(self, token: str) -> str | None:
        """The operator with this token, or None."""
        return self.keyring().operator(token)


def new_keyring(seed: bytes | None = None) -> Keyring:
    """Fresh secrets from the operating system, or, for the simulated town, all from one seed."""

    def secret(name: bytes) -> bytes:
        if seed is None:
            return os.urandom(SECRET_BYTES)
        return hashlib.blake2b(seed, digest_size=SECRET_BYTES, person=name).digest()

    return Keyring(secret(b"ledger"), secret(b"seed"), secret(b"digests"), secret(b"backups"))


def read_keyring(path: Path) -> Keyring:
    """Open a key file. Raises `KeyringError` where there is none or it cannot be trusted."""
    try:
        text = path.read_bytes()
        mode = path.stat().st_mode
    except FileNotFoundError:
        raise KeyringError(
            f"{path}: there is no key file. `equipoise init` makes one; a restored store needs the "
            "one it was made with."
        ) from None
    if mode & 0o077:
        raise KeyringError(
            f"{path}: others can read the key file (mode {mode & 0o777:o}). Run `chmod 600 {path}`."
        )
    try:
        return msgspec.json.decode(text, type=Keyring)
    except msgspec.DecodeError as error:
        raise KeyringError(f"{path}: is not a key file of this release ({error}).") from None


def write_keyring(path: Path, keyring: Keyring) -> None:
    """Write a key file that only its owner can read, all of it or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        os.fchmod(descriptor, 0o600)  # a draft that a crash left may have had another mode
        file.write(msgspec.json.format(msgspec.json.encode(keyring), indent=2))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
