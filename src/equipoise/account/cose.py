"""A receipt's proof as a COSE Receipt (RFC 9942), for those who speak SCITT rather than C2SP.

A COSE_Sign1 (RFC 9052) by the ledger's key over the root of the tree, which is left out: whoever checks
it makes the root from the leaf and the path. The tree is the same, so both forms prove the same.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from equipoise.account.note import NoteSigner
from equipoise.account.proof import TlogProof, check_proof
from equipoise.account.refusal import LedgerRefused

Item = int | str | bytes | None | Sequence["Item"] | Mapping[int, "Item"]
"""What we write as CBOR."""

ALGORITHM: Final = 1
KEY_ID: Final = 4
CLAIMS: Final = 15
STRUCTURE: Final = 395
PROOFS: Final = 396
"""Header labels: of RFC 9052, RFC 9597, and RFC 9942 (verifiable data structure and its proofs)."""

EDDSA: Final = -8
RFC9162_SHA256: Final = 1
INCLUSION: Final = -1
ISSUER: Final = 1
SUBJECT: Final = 2
SIGN1_TAG: Final = 18


def write_cose(proof: TlogProof, leaf: bytes, signer: NoteSigner) -> bytes:
    """The COSE Receipt of a leaf, under the head that its proof leads to.

    The issuer is the ledger's name, the subject the leaf in hex, the key id that of C2SP. Raises
    `LedgerRefused` unless the proof holds under the signer's own key.
    """
    point = check_proof(proof, leaf, signer.key)
    protected = cbor(
        {
            ALGORITHM: EDDSA,
            KEY_ID: signer.key.id,
            CLAIMS: {ISSUER: point.origin, SUBJECT: leaf.hex()},
            STRUCTURE: RFC9162_SHA256,
        }
    )
    path = cbor([point.size, proof.index, list(proof.hashes)])
    signed = cbor(["Signature1", protected, b"", point.root])
    unprotected = {PROOFS: {INCLUSION: [path]}}
    message = cbor([protected, unprotected, None, signer.sign_bytes(signed)])
    return _head(6, SIGN1_TAG) + message


def cbor(item: Item) -> bytes:
    """An item in the deterministic encoding of RFC 8949, section 4.2.1: shortest heads, sorted keys."""
    match item:
        case None:
            return b"\xf6"
        case int():
            return _head(0, item) if item >= 0 else _head(1, -1 - item)
        case bytes():
            return _head(2, len(item)) + item
        case str():
            text = item.encode()
            return _head(3, len(text)) + text
        case Mapping():
            pairs = sorted((cbor(key), cbor(value)) for key, value in item.items())
            return _head(5, len(pairs)) + b"".join(key + value for key, value in pairs)
        case _:
            return _head(4, len(item)) + b"".join(map(cbor, item))


def _head(major: int, argument: int) -> bytes:
    if argument < 24:
        return bytes([major << 5 | argument])
    for extra, width in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if argument < 1 << 8 * width:
            return bytes([major << 5 | extra]) + argument.to_bytes(width, "big")
    raise LedgerRefused(f"CBOR holds whole numbers below 2**64, got {argument}")
