"""A leaf is opened by its receipt and its salt, and by nothing else."""

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.account.commitment import LEAF_BYTES, check_opening, commit
from equipoise.account.refusal import LedgerRefused

SALTS = st.binary(min_size=32, max_size=32)


@given(st.binary(), SALTS)
def test_a_leaf_is_a_tag_and_a_keyed_hash(body, salt):
    leaf = commit(body, salt)
    assert leaf == b"eq1\x00" + hmac.new(salt, body, hashlib.sha256).digest()
    assert len(leaf) == LEAF_BYTES
    check_opening(leaf, body, salt)


@given(st.binary(min_size=1), SALTS, st.integers(0))
def test_one_changed_bit_of_leaf_receipt_or_salt_opens_nothing(body, salt, at):
    parts = [commit(body, salt), body, salt]
    for which, part in enumerate(parts):
        changed = bytearray(part)
        changed[at % len(part)] ^= 1 << (at % 8)
        with pytest.raises(LedgerRefused, match="do not open"):
            check_opening(*parts[:which], bytes(changed), *parts[which + 1 :])


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_salt_of_a_wrong_length_is_refused(length):
    with pytest.raises(LedgerRefused, match="32 bytes"):
        commit(b"{}", bytes(length))
