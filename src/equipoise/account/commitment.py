"""What a leaf says of its receipt: nothing that can be guessed, all that is needed to prove it.

A leaf is 36 bytes: a version tag and an HMAC-SHA256 of the receipt under 32 random bytes, the salt.
Whoever holds receipt and salt can show that they belong to the leaf; without the salt, which erasure
deletes, the leaf tells nothing about anybody (DESIGN.md, law 5).
"""

import hmac
from typing import Final

from equipoise.account.refusal import LedgerRefused

LEAF_TAG: Final = b"eq1\x00"
LEAF_BYTES: Final = 36
SALT_BYTES: Final = 32


def commit(body: bytes, salt: bytes) -> bytes:
    """The leaf of a receipt: `LEAF_TAG || HMAC-SHA256(salt, canonical bytes)`.

    Raises `LedgerRefused` unless the salt has 32 bytes.
    """
    if len(salt) != SALT_BYTES:
        raise LedgerRefused(f"a salt needs {SALT_BYTES} bytes, got {len(salt)}")
    return LEAF_TAG + hmac.digest(salt, body, "sha256")


def check_opening(leaf: bytes, body: bytes, salt: bytes) -> None:
    """Raise `LedgerRefused` unless these canonical bytes and this salt open the leaf."""
    if not hmac.compare_digest(leaf, commit(body, salt)):
        raise LedgerRefused("receipt and salt do not open this leaf: one of the three was altered")
