"""The file that a person takes away: one receipt with all that is needed to check it.

One JSON object of four members: `receipt` (exactly what was committed to), `salt` (64 hex digits),
`proof` (the text of a tlog-proof) and `vkey` (the ledger's key; compare it with the one that the
company publishes). Where the leaf stands is in the proof, never in the receipt.
"""

import json
from typing import Any, Final

import msgspec

from equipoise.account.commitment import SALT_BYTES
from equipoise.account.proof import TlogProof, read_proof, write_proof
from equipoise.account.refusal import LedgerRefused
from equipoise.canon import NotCanonical, canonical

MEMBERS: Final = ("receipt", "salt", "proof", "vkey")
MAX_BUNDLE_BYTES: Final = 1_048_576


class Bundle(msgspec.Struct, frozen=True):
    """One receipt's canonical bytes, its salt of 32 bytes, its proof, and the ledger's vkey."""

    body: bytes
    salt: bytes
    proof: TlogProof
    vkey: str


def write_bundle(bundle: Bundle) -> bytes:
    """The bundle as a JSON file, indented for reading."""
    members = {
        "receipt": msgspec.Raw(bundle.body),
        "salt": bundle.salt.hex(),
        "proof": write_proof(bundle.proof),
        "vkey": bundle.vkey,
    }
    return msgspec.json.format(msgspec.json.encode(members), indent=2) + b"\n"


def read_bundle(blob: bytes) -> Bundle:
    """The parts of a bundle file, unverified; raises `LedgerRefused` on any departure from the form.

    A member named twice is refused: two readers could see two receipts in one file.
    """
    if len(blob) > MAX_BUNDLE_BYTES:
        raise LedgerRefused(f"a bundle needs at most {MAX_BUNDLE_BYTES} bytes, got {len(blob)}")
    try:
        members = json.loads(
            blob.decode(), object_pairs_hook=_no_name_twice, parse_constant=_no_constant
        )
    except RecursionError:
        raise LedgerRefused("the bundle is nested too deeply") from None
    except LedgerRefused:
        raise
    except ValueError as fault:
        raise LedgerRefused(f"the bundle is not JSON in UTF-8: {fault}") from None
    if not isinstance(members, dict) or sorted(members) != sorted(MEMBERS):
        raise LedgerRefused(f"a bundle needs the members {', '.join(MEMBERS)} and no others")
    receipt, salt, proof, vkey = (members[name] for name in MEMBERS)
    if not isinstance(receipt, dict) or not all(isinstance(x, str) for x in (salt, proof, vkey)):
        raise LedgerRefused("a bundle needs an object as receipt, and text as salt, proof and vkey")
    try:
        body = canonical(receipt)
    except NotCanonical as fault:
        raise LedgerRefused(f"the receipt has no canonical form: {fault}") from None
    return Bundle(body, _read_salt(salt), read_proof(proof), vkey)


def _read_salt(text: str) -> bytes:
    try:
        salt = bytes.fromhex(text)
    except ValueError:
        salt = b""
    if salt.hex() != text or len(salt) != SALT_BYTES:
        raise LedgerRefused(f"a salt needs {2 * SALT_BYTES} hex digits in lower case")
    return salt


def _no_name_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise LedgerRefused("the bundle names a member twice")
    return members


def _no_constant(name: str) -> Any:
    raise LedgerRefused(f"the bundle holds {name}, which is not JSON")
