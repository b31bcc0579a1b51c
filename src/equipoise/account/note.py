"""Signed notes and checkpoints: the head of the ledger, in the text that other logs speak.

C2SP signed-note and tlog-checkpoint, v1.0.0, with Ed25519 (type 0x01). A checkpoint says the ledger's
name, its size and its root; a signature line carries a key's name, its id and the signature. Lines of
keys that one does not know are let be, so a second signature of another kind (ML-DSA-44, 0x06) may
stand beside ours.
"""

import re
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Sequence
from functools import cached_property
from hashlib import sha256
from typing import ClassVar, Final, Protocol, TypeVar

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from equipoise.account.refusal import LedgerRefused
from equipoise.account.tree import HASH_BYTES

ED25519: Final = 1
"""The type byte of Ed25519 in key ids and verifier keys."""

MAX_NOTE_BYTES: Final = 131_072
"""The largest note read: room for sixteen post-quantum signatures of 5 kB."""

MAX_SIGNATURES: Final = 64
"""The most signature lines read, so that checking a note has a bounded cost."""

_KEY_ID_BYTES = 4
_TYPES = {ED25519: "Ed25519", 4: "Ed25519 cosignature"}
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


class NoteKey(msgspec.Struct, frozen=True, dict=True):
    """An Ed25519 key that verifies notes: its name and its 32 public bytes.

    `kind` is the type byte that goes into its id: how what it signs is made.
    """

    kind: ClassVar[int] = ED25519
    name: str
    public: bytes

    @cached_property
    def id(self) -> bytes:
        """The four bytes by which a signature line names the key."""
        return sha256(f"{self.name}\n".encode() + bytes([self.kind]) + self.public).digest()[:4]

    @property
    def vkey(self) -> str:
        """The key as one line of text: `name+id+base64(type || public)`."""
        return f"{self.name}+{self.id.hex()}+{encode64(bytes([self.kind]) + self.public)}"

    def verifies(self, text: str, signature: bytes) -> bool:
        """Whether this key signed exactly this text."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text.encode())
        except (InvalidSignature, ValueError):
            return False
        return True


class Signer(Protocol):
    """Whatever signs a note with one key; ours is `NoteSigner`, another may speak ML-DSA-44."""

    def sign(self, text: str) -> str:
        """The signature line over a note's text, with its newline."""
        ...


class NoteSigner:
    """Signs notes under one name with an Ed25519 key made from 32 secret bytes."""

    def __init__(self, name: str, secret: bytes) -> None:
        if len(secret) != HASH_BYTES:
            raise LedgerRefused(f"an Ed25519 secret is 32 bytes long, got {len(secret)}")
        self._private = Ed25519PrivateKey.from_private_bytes(secret)
        self.key = NoteKey(key_name(name), self._private.public_key().public_bytes_raw())
        """The key that verifies what this signs."""

    def sign(self, text: str) -> str:
        """The signature line over a note's text, with its newline."""
        signature = self.sign_bytes(text.encode())
        return f"— {self.key.name} {encode64(self.key.id + signature)}\n"

    def sign_bytes(self, message: bytes) -> bytes:
        """The 64 bytes of the signature over a message of another format."""
        return self._private.sign(message)


class Signature(msgspec.Struct, frozen=True):
    """One signature line: the key's name, its four-byte id, and the signature itself."""

    name: str
    key_id: bytes
    signature: bytes


class Note(msgspec.Struct, frozen=True):
    """A text (with its last newline) and the signature lines under it."""

    text: str
    signatures: tuple[Signature, ...]


class Checkpoint(msgspec.Struct, frozen=True):
    """The head of a ledger: its name, its number of leaves, its root of 32 bytes."""

    origin: str
    size: int
    root: bytes


Key = TypeVar("Key", bound=NoteKey)


def read_vkey(text: str) -> NoteKey:
    """The key that a line `name+id+base64` tells of; raises `LedgerRefused`."""
    return read_key(text, NoteKey)


def read_key(text: str, sort: type[Key]) -> Key:
    """As `read_vkey`, for a key of this sort and no other; raises `LedgerRefused`."""
    parts = text.strip().split("+", 2)
    if len(parts) != 3:
        raise LedgerRefused(
            "a verifier key needs the form name+id+base64, with eight hex digits as id"
        )
    name, key_id, encoded = parts
    blob = decode64(encoded)
    if blob[:1] != bytes([sort.kind]) or len(blob) != 1 + HASH_BYTES:
        came = f"type 0x{blob[0]:02x}, {len(blob) - 1} bytes" if blob else "nothing"
        wanted = f"type 0x{sort.kind:02x} ({_TYPES[sort.kind]})"
        raise LedgerRefused(f"a verifier key needs {wanted} and 32 bytes, got {came}")
    key = sort(key_name(name), blob[1:])
    if key.id.hex() != key_id:
        raise LedgerRefused(f"the verifier key says id {key_id!r}, its bytes say {key.id.hex()}")
    return key


def read_note(text: str) -> Note:
    """The parts of a signed note; raises `LedgerRefused` on any departure from the format."""
    if len(text) > MAX_NOTE_BYTES or len(encode_text(text)) > MAX_NOTE_BYTES:
        raise LedgerRefused(f"a note needs at most {MAX_NOTE_BYTES} bytes, got more")
    if _CONTROL.search(text):
        raise LedgerRefused("a note holds no control characters other than newlines")
    body, gap, lines = text.rpartition("\n\n")
    if not gap or not lines.endswith("\n"):
        raise LedgerRefused("a note needs a text, an empty line and signature lines, each ended")
    signatures = lines[:-1].split("\n")
    if len(signatures) > MAX_SIGNATURES:
        raise LedgerRefused(f"a note needs at most {MAX_SIGNATURES} signatures, got more")
    return Note(body + "\n", tuple(map(_read_signature, signatures)))


def check_note(note: Note, keys: Sequence[NoteKey]) -> tuple[str, ...]:
    """The names of the known keys that signed; raises `LedgerRefused` if none did, or one wrongly."""
    known = {(key.name, key.id): key for key in keys}
    names = []
    for line in note.signatures:
        key = known.get((line.name, line.key_id))
        if key is None:
            continue
        if not key.verifies(note.text, line.signature):
            raise LedgerRefused(
                f"the signature of {line.name} does not fit the text: it was altered"
            )
        names.append(line.name)
    if not names:
        wanted = ", ".join(key.name for key in keys)
        raise LedgerRefused(f"the note is not signed by a known key ({wanted})")
    return tuple(names)


def write_checkpoint(point: Checkpoint, signers: Sequence[Signer]) -> str:
    """The signed text of a checkpoint, one line per signer; raises `LedgerRefused` without any."""
    if not signers:
        raise LedgerRefused("a checkpoint needs at least one signer, got none")
    text = f"{key_name(point.origin)}\n{point.size}\n{encode64(point.root)}\n"
    return "".join([text, "\n", *(signer.sign(text) for signer in signers)])


def read_checkpoint(text: str) -> Checkpoint:
    """What a note's text says, unverified; opaque lines after the root are let be."""
    origin, *rest = text.removesuffix("\n").split("\n")
    if not origin or len(rest) < 2 or not all(rest) or not _SIZE.fullmatch(rest[0]):
        raise LedgerRefused(
            "a checkpoint needs the lines origin, size and root, none of them empty"
        )
    root = decode64(rest[1])
    if len(root) != HASH_BYTES:
        raise LedgerRefused(f"a checkpoint's root is 32 bytes long, got {len(root)}")
    return Checkpoint(origin, int(rest[0]), root)


def open_checkpoint(text: str, key: NoteKey) -> Checkpoint:
    """The checkpoint in a note that this key signed under the ledger's own name.

    Raises `LedgerRefused` on a malformed note, a wrong or missing signature, or another origin.
    """
    note = read_note(text)
    check_note(note, [key])
    point = read_checkpoint(note.text)
    if point.origin != key.name:
        raise LedgerRefused(f"the checkpoint is of {point.origin!r}, the key of {key.name!r}")
    return point


def encode64(blob: bytes) -> str:
    """Bytes as standard base64 text (RFC 4648, section 4)."""
    return b64encode(blob).decode("ascii")


def decode64(text: str) -> bytes:
    """The bytes of standard base64 text in its one canonical spelling; raises `LedgerRefused`."""
    try:
        blob = b64decode(text, validate=True)
    except (Base64Error, ValueError):
        raise LedgerRefused(f"{text[:60]!r} is not base64") from None
    if encode64(blob) != text:
        raise LedgerRefused(f"{text[:60]!r} is not the canonical base64 of its bytes")
    return blob


def encode_text(text: str) -> bytes:
    """A text as UTF-8; raises `LedgerRefused` on half a surrogate pair."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise LedgerRefused("the text is not valid Unicode") from None


def key_name(name: str) -> str:
    """A name that a signature line can bear, as it came; raises `LedgerRefused`."""
    if not name or "+" in name or any(char.isspace() for char in name):
        raise LedgerRefused(
            f"a key's name needs text without spaces and plus signs, got {name[:60]!r}"
        )
    encode_text(name)
    return name


def _read_signature(line: str) -> Signature:
    parts = line.split(" ")
    if len(parts) != 3 or parts[0] != "—":
        raise LedgerRefused(
            f"a signature line needs an em dash, a name and base64, got {line[:60]!r}"
        )
    blob = decode64(parts[2])
    if len(blob) <= _KEY_ID_BYTES:
        raise LedgerRefused(f"a signature needs more than {_KEY_ID_BYTES} bytes, got {len(blob)}")
    return Signature(key_name(parts[1]), blob[:_KEY_ID_BYTES], blob[_KEY_ID_BYTES:])
