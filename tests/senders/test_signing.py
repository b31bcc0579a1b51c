"""Standard Webhooks signatures, checked by the definition of HMAC and by the public key."""

from base64 import b64decode, b64encode
from hashlib import sha256

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from equipoise.senders.webhook.signing import fresh_secret, headers, signers

RAW = bytes(range(32))
SECRET = "whsec_" + b64encode(RAW).decode()
PRIVATE = "whsk_" + b64encode(RAW).decode()
BODY = b'{"test": 2432232314}'


def hmac_by_definition(key: bytes, content: bytes) -> bytes:
    """RFC 2104, section 2, written out for a key shorter than a block."""
    padded = key.ljust(64, b"\0")
    inner = sha256(bytes(b ^ 0x36 for b in padded) + content).digest()
    return sha256(bytes(b ^ 0x5C for b in padded) + inner).digest()


def test_a_shared_secret_signs_id_time_and_body():
    made = headers("d_1_ab", 1614265330, BODY, signers(SECRET))
    assert made["webhook-id"] == "d_1_ab"
    assert made["webhook-timestamp"] == "1614265330"
    version, _, signature = made["webhook-signature"].partition(",")
    assert version == "v1"
    assert b64decode(signature) == hmac_by_definition(RAW, b"d_1_ab.1614265330." + BODY)


def test_an_ed25519_key_signs_so_that_the_public_key_verifies():
    made = headers("d_1_ab", 1614265330, BODY, signers(PRIVATE))["webhook-signature"]
    public = Ed25519PrivateKey.from_private_bytes(RAW).public_key()
    signature = b64decode(made.removeprefix("v1a,"))
    public.verify(signature, b"d_1_ab.1614265330." + BODY)
    with pytest.raises(InvalidSignature):
        public.verify(signature, b"d_1_ab.1614265331." + BODY)


def test_several_secrets_give_several_signatures_so_that_one_can_be_changed():
    made = headers("d_1_ab", 1, BODY, signers(f"{SECRET} {fresh_secret()} {PRIVATE}"))
    kinds = [part.partition(",")[0] for part in made["webhook-signature"].split(" ")]
    assert kinds == ["v1", "v1", "v1a"]


def test_a_fresh_secret_is_fit_to_use_and_never_the_same():
    assert len(signers(fresh_secret())) == 1
    assert fresh_secret() != fresh_secret()


@pytest.mark.parametrize(
    ("secret", "says"),
    [
        ("", "webhook.secret needs a secret"),
        ("hunter2hunter2", "begin with whsec_ or whsk_"),
        ("whsec_***", "needs to be base64"),
        ("whsec_" + b64encode(b"short").decode(), "needs 24 to 64 bytes in base64, got 5"),
        ("whsk_" + b64encode(bytes(33)).decode(), "needs 32 to 64 bytes in base64, got 33"),
    ],
)
def test_an_unfit_secret_is_refused_without_being_shown(secret, says):
    with pytest.raises(ValueError, match=says) as refused:
        signers(secret)
    assert not secret or secret not in str(refused.value)
