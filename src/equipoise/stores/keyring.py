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
import string
import time
from collections.abc import Collection
from pathlib import Path

import msgspec

from equipoise.nouns.access import SCOPES, SERVER_ONLY, Role, Scope
from equipoise.nouns.events import Source, Trust

SECRET_BYTES = 32
ID_SIGNS = 8
LIVE_MOST = 2
"""The most living keys of one name: the one in use, and the one that takes its place."""

MOST_UNKNOWN = 10_000
USED_EVERY_S = 60.0
"""How often it is written down which keys were used, in seconds."""

_ALPHABET = string.ascii_lowercase + string.digits
_log = logging.getLogger("equipoise.keys")


class KeyringError(ValueError):
    """The key file is missing, is not one, or may be read by others."""


class SourceKey(msgspec.Struct, frozen=True, omit_defaults=True):
    """One write key: what it is called, how far it is trusted, and the SHA-256 of the key.

    `id` is the part of the key that may be shown; a key of an older form has none. No `scopes` are
    all that its trust allows. Times are ms since 1970; `until_ms` 0 is never.
    """

    name: str
    trust: Trust
    sha256: str
    id: str = ""
    scopes: tuple[Scope, ...] = ()
    made_ms: int = 0
    until_ms: int = 0

    @property
    def shown(self) -> str:
        """What it is listed as: its id, else how its digest begins."""
        return self.id or self.sha256[:ID_SIGNS]

    def lives(self, now_ms: int) -> bool:
        """Whether it still opens."""
        return not self.until_ms or now_ms < self.until_ms

    def may(self, scope: Scope) -> bool:
        """Whether it is allowed this; a public key never teaches, and is never a partner's."""
        allowed = self.scopes or SCOPES
        return scope in allowed and (self.trust == "server" or scope not in SERVER_ONLY)


class Grant(msgspec.Struct, frozen=True):
    """What a new key is given: the house it is for (`live`, `test`), its scopes, and its end in ms."""

    env: str = "live"
    scopes: Collection[Scope] = ()
    until_ms: int = 0


class Operator(msgspec.Struct, frozen=True):
    """One member of staff who may see the console, in which role, and the SHA-256 of their token."""

    name: str
    sha256: str
    role: Role = "admin"


class Keyring(msgspec.Struct):
    """The secrets of one house. Byte strings are 32 random bytes each."""

    ledger: bytes
    seed: bytes
    digests: bytes
    backups: bytes
    sources: list[SourceKey] = []
    operators: list[Operator] = []

    def key(self, write_key: str) -> SourceKey | None:
        """The key that this is, living or not, or None: by its id where it has one, then by digest."""
        digest, spoken = _digest(write_key), _id_of(write_key)
        for key in self.sources:
            if key.id in ("", spoken) and hmac.compare_digest(key.sha256, digest):
                return key
        return None

    def source(self, write_key: str) -> Source | None:
        """Who speaks with this write key, or None: compared by digest, in constant time."""
        key = self.key(write_key)
        return None if key is None or not key.lives(_now_ms()) else Source(key.name, key.trust)

    def operator(self, token: str) -> str | None:
        """The operator with this token, or None."""
        digest = _digest(token)
        for operator in self.operators:
            if hmac.compare_digest(operator.sha256, digest):
                return operator.name
        return None

    def role(self, name: str, sha256: str) -> Role | None:
        """The role of the operator of this name whose token has this digest; None once taken out."""
        for operator in self.operators:
            if operator.name == name and hmac.compare_digest(operator.sha256, sha256):
                return operator.role
        return None

    def add_source(
        self,
        name: str,
        trust: Trust,
        write_key: str = "",
        grant: Grant = Grant(),  # noqa: B008 - frozen
    ) -> str:
        """Let a source speak; returns its write key, `eqk_ENV_ID_SECRET`, which is not kept.

        A name has at most two living keys; a third raises `KeyringError`.
        """
        now_ms = _now_ms()
        living = [key for key in self.sources if key.name == name and key.lives(now_ms)]
        if len(living) >= LIVE_MOST:
            raise KeyringError(
                f"{name} has {len(living)} keys already, and two are enough to change one for the "
                "other. Take one back by its id: `equipoise keys revoke ID`"
            )
        key_id = "" if write_key else "".join(secrets.choice(_ALPHABET) for _ in range(ID_SIGNS))
        write_key = write_key or f"eqk_{grant.env}_{key_id}_{secrets.token_urlsafe(SECRET_BYTES)}"
        scopes = tuple(scope for scope in SCOPES if scope in grant.scopes)
        self.sources.append(
            SourceKey(name, trust, _digest(write_key), key_id, scopes, now_ms, grant.until_ms)
        )
        return write_key

    def rotate(self, name: str, until_ms: int, env: str = "live") -> str:
        """One more key like the newest living one of a source, whose others end at `until_ms`.

        Raises `KeyringError` where the source has no living key, or has two already.
        """
        now_ms = _now_ms()
        living = [key for key in self.sources if key.name == name and key.lives(now_ms)]
        if not living:
            raise KeyringError(f"{name} has no key that could be changed for another")
        newest = living[-1]
        made = self.add_source(name, newest.trust, grant=Grant(env, newest.scopes))
        ending = {key.sha256 for key in living}
        self.sources = [
            msgspec.structs.replace(key, until_ms=min(key.until_ms or until_ms, until_ms))
            if key.sha256 in ending
            else key
            for key in self.sources
        ]
        return made

    def add_operator(self, name: str, role: Role = "admin") -> str:
        """Let an operator see the console; returns their token, which is not kept."""
        token = f"eqo_{secrets.token_urlsafe(SECRET_BYTES)}"
        self.operators.append(Operator(name, _digest(token), role))
        return token

    def remove(self, name: str) -> int:
        """Take back every key of a source or operator of this name, or one key by its id; how many."""
        before = len(self.sources) + len(self.operators)
        self.sources = [key for key in self.sources if name not in (key.name, key.shown)]
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
        self._extra = SourceKey("server", "server", _digest(extra)) if extra else None
        self._read_s = time.monotonic()
        self._stamp = path.stat().st_mtime_ns if path else 0
        self._sources: dict[str, SourceKey | None] = {}
        self._used: dict[str, int] = {}
        self._told_s = time.monotonic()

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
            if self._used and now_s - self._told_s > USED_EVERY_S:
                self.tell_used()
        return self._keyring

    def key(self, write_key: str) -> SourceKey | None:
        """The living key that this is, noted as used now, or None."""
        keyring = self.keyring()
        if write_key in self._sources:
            found = self._sources[write_key]
        else:
            found = keyring.key(write_key)
            extra = self._extra
            if found is None and extra and hmac.compare_digest(extra.sha256, _digest(write_key)):
                found = extra
            if found is not None or len(self._sources) < MOST_UNKNOWN:
                self._sources[write_key] = found
        now_ms = _now_ms()
        if found is None or not found.lives(now_ms):
            return None
        self._used[found.shown] = now_ms
        return found

    def source(self, write_key: str) -> Source | None:
        """Who speaks with this write key, or None."""
        key = self.key(write_key)
        return None if key is None else Source(key.name, key.trust)

    def operator(self, token: str) -> str | None:
        """The operator with this token, or None."""
        return self.keyring().operator(token)

    def role(self, name: str, sha256: str) -> Role | None:
        """The role of an operator, as it stands; None a second after they were taken out."""
        return self.keyring().role(name, sha256)

    def tell_used(self) -> None:
        """Write down when each key was last used, beside the key file; a file of digests' beginnings."""
        self._told_s = time.monotonic()
        if self._path is None:
            return
        try:
            _write_private(used_path(self._path), last_used(self._path) | self._used)
            self._used.clear()
        except OSError as error:
            _log.warning("when keys were last used cannot be written down: %s", error)


def used_path(path: Path) -> Path:
    """Where it is written down when the keys of a key file were last used."""
    return path.with_name(f"{path.name}.used")


def last_used(path: Path) -> dict[str, int]:
    """When each key was last used, by what it is listed as, in ms since 1970; to the minute."""
    try:
        return msgspec.json.decode(used_path(path).read_bytes(), type=dict[str, int])
    except (OSError, msgspec.DecodeError):
        return {}


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
    _write_private(path, keyring)


def _write_private(path: Path, record: object) -> None:
    draft = path.with_name(f"{path.name}.new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        os.fchmod(descriptor, 0o600)  # a draft that a crash left may have had another mode
        file.write(msgspec.json.format(msgspec.json.encode(record), indent=2))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _id_of(write_key: str) -> str:
    """The id in a key `eqk_ENV_ID_SECRET`; nothing that is an id where it has another form."""
    parts = write_key.split("_", 3)
    return parts[2] if len(parts) == 4 and parts[0] == "eqk" else "-"


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
