"""Standard Webhooks signatures: `v1` with a shared secret, `v1a` with an Ed25519 key.

What is signed is `id.timestamp.body`; the header holds one signature for each secret, parted by
spaces, so that a secret can be changed without a gap. Source: the Standard Webhooks specification.
"""

import hmac
import os
from base64 import b64decode, b64encode
from binascii import Error
from collections.abc import Callable, Sequence
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

Signer = Callable[[bytes], str]
"""Signs the bytes `id.timestamp.body` and returns one signature with its version."""

SECRET = "whsec_"  # noqa: S105 - the prefix that the standard gives to secrets, not one of them
"""How a shared secret begins; base64 of 24 to 64 bytes follows."""

PRIVATE_KEY = "whsk_"
"""How an Ed25519 private key begins; base64 of its 32 or 64 bytes follows."""


def fresh_secret() -> str:
    """A new shared secret of 32 random bytes, to be given to the receiver."""
    return SECRET + b64encode(os.urandom(32)).decode()


def signers(secrets: str) -> tuple[Signer, ...]:
    """One signer for each secret in a text, parted by spaces; raises `ValueError` if one is unfit."""
    made = tuple(_signer(secret) for secret in secrets.split())
    if not made:
        raise ValueError(
            "webhook.secret needs a secret: receivers must be able to tell us from others. Write for "
            f"example webhook.secret = {fresh_secret()!r}"
        )
    return made


def headers(key: str, at_s: int, body: bytes, by: Sequence[Signer]) -> dict[str, str]:
    """The three headers of one message: its id, the time of this attempt in seconds, signatures."""
    content = b"%s.%d.%s" % (key.encode(), at_s, body)
    return {
        "webhook-id": key,
        "webhook-timestamp": str(at_s),
        "webhook-signature": " ".join(sign(content) for sign in by),
    }


def _signer(secret: str) -> Signer:
    if secret.startswith(SECRET):
        return _shared(_bytes(secret, SECRET, range(24, 65)))
    if secret.startswith(PRIVATE_KEY):
        return _ed25519(_bytes(secret, PRIVATE_KEY, (32, 64)))
    raise ValueError(
        f"webhook.secret needs values that begin with {SECRET} or {PRIVATE_KEY}, got one that begins "
        f"with {secret[:3]!r}"
    )


def _bytes(secret: str, prefix: str, sizes: Sequence[int]) -> bytes:
    """The bytes behind the prefix; the error never shows them."""
    try:
        raw = b64decode(secret.removeprefix(prefix), validate=True)
    except Error:
        raise ValueError(f"webhook.secret: what follows {prefix} needs to be base64") from None
    if len(raw) not in sizes:
        raise ValueError(
            f"webhook.secret: {prefix} needs {sizes[0]} to {sizes[-1]} bytes in base64, got {len(raw)}"
        )
    return raw


def _shared(secret: bytes) -> Signer:
    return lambda content: "v1," + b64encode(hmac.digest(secret, content, sha256)).decode()


def _ed25519(secret: bytes) -> Signer:
    key = Ed25519PrivateKey.from_private_bytes(secret[:32])
    return lambda content: "v1a," + b64encode(key.sign(content)).decode()
