"""A COSE Receipt of ours is one for a library that has never heard of us, and of one leaf only."""

import cbor2
import pytest
import scitt_cose
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from account.kept import ORIGIN, SIGNER, Kept
from equipoise.account.cose import cbor, write_cose
from equipoise.account.ledger import prove
from equipoise.account.note import NoteSigner
from equipoise.account.refusal import LedgerRefused
from equipoise.account.view import TreeView

PEM = Ed25519PublicKey.from_public_bytes(SIGNER.key.public).public_bytes(
    Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
)


def written(kept, index):
    """The COSE Receipt of one leaf."""
    proof = prove(TreeView(kept, kept.frontier), kept.checkpoints[-1], index)
    return write_cose(proof, kept.all_leaves[index], SIGNER)


def verified(blob, leaf, pem=PEM):
    """What the other library finds."""
    return scitt_cose.verify_receipt(blob, leaf_entry_hex=leaf.hex(), log_public_key_pem=pem)


@pytest.mark.parametrize("size", [1, 2, 3, 8, 255, 256, 300])
def test_every_kind_of_place_is_proven_to_the_other_library(size):
    kept = Kept(size)
    for index in {0, size // 2, size - 1}:
        found = verified(written(kept, index), kept.all_leaves[index])
        assert found.ok, found.errors
        assert (found.tree_size, found.leaf_index) == (size, index)
        assert found.root == kept.frontier.root().hex()
        assert (found.issuer, found.subject) == (ORIGIN, kept.all_leaves[index].hex())
        assert found.protected_header_ext == {4: SIGNER.key.id}


def test_another_leaf_another_key_and_every_altered_byte_are_refused():
    kept = Kept(9)
    blob, leaf = written(kept, 3), kept.all_leaves[3]
    assert not verified(blob, kept.all_leaves[4]).ok
    other = Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key()
    pem = other.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    assert not verified(blob, leaf, pem).ok
    for at in range(len(blob)):
        altered = bytearray(blob)
        altered[at] ^= 1
        assert not verified(bytes(altered), leaf).ok, at


def test_nothing_is_written_for_a_proof_that_does_not_hold():
    kept = Kept(9)
    proof = prove(TreeView(kept, kept.frontier), kept.checkpoints[-1], 3)
    with pytest.raises(LedgerRefused, match="not there"):
        write_cose(proof, kept.all_leaves[4], SIGNER)
    with pytest.raises(LedgerRefused, match="not signed"):
        write_cose(proof, kept.all_leaves[3], NoteSigner(ORIGIN, bytes(32)))


# The other library still sorts longer keys behind shorter ones (RFC 7049), so keys have one byte here.
ITEMS = st.recursive(
    st.none() | st.integers(-(2**64), 2**64 - 1) | st.binary(max_size=300) | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=30) | st.dictionaries(st.integers(-24, 23), inner),
    max_leaves=20,
)


@settings(max_examples=300, deadline=None)
@given(ITEMS)
def test_our_cbor_is_the_deterministic_cbor_of_another_library(item):
    assert cbor(item) == cbor2.dumps(item, canonical=True)


def test_keys_stand_in_the_order_of_their_bytes():
    assert cbor({-1: 0, 24: 1, 3: 2}) == bytes.fromhex("a303021818012000")


def test_a_number_that_cbor_cannot_hold_is_refused():
    with pytest.raises(LedgerRefused, match=r"below 2\*\*64"):
        cbor(2**64)
