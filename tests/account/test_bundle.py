"""The file that a person takes away survives its bytes and is read strictly."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from account.kept import VKEY, Kept, receipt, salt
from equipoise.account.bundle import MAX_BUNDLE_BYTES, Bundle, read_bundle, write_bundle
from equipoise.account.refusal import LedgerRefused
from equipoise.canon import canonical

BLOB = Kept(20).bundle(7)
MEMBERS = json.loads(BLOB)


def with_member(name, value):
    return json.dumps(MEMBERS | {name: value}).encode()


def test_a_bundle_survives_its_bytes():
    bundle = read_bundle(BLOB)
    assert bundle == Bundle(canonical(receipt(7)), salt(7), bundle.proof, VKEY)
    assert write_bundle(bundle) == BLOB


def test_a_bundle_is_indented_json_with_the_receipt_as_it_was_committed_to():
    assert BLOB.startswith(b'{\n  "receipt": {\n')
    assert MEMBERS["receipt"] == receipt(7)
    assert list(MEMBERS) == ["receipt", "salt", "proof", "vkey"]


@pytest.mark.parametrize(
    ("blob", "words"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"\xff", "not JSON"),
        (b"[]", "members"),
        (b"{}", "members"),
        (BLOB.decode().encode("utf-16"), "not JSON"),
        (BLOB + b"{}", "not JSON"),
        (BLOB.replace(b'"v": 1', b'"v": 1, "v": 1'), "twice"),
        (BLOB.replace(b'"vkey"', b'"salt": "", "vkey"'), "twice"),
        (BLOB.replace(b'"v": 1', b'"v": 1.0'), "float"),
        (BLOB.replace(b'"v": 1', b'"v": 1e2'), "float"),
        (BLOB.replace(b'"v": 1', b'"v": NaN'), "NaN"),
        (BLOB.replace(b'"v": 1', b'"v": -Infinity'), "Infinity"),
        (BLOB.replace(b'"v": 1', b'"v": 9007199254740992'), "write it as text"),
        (BLOB.replace(b'"v": 1', b'"v": ' + b"9" * 5000), "not JSON"),
        (BLOB.replace(b'"v"', '"é"'.encode()), "ASCII"),
        (BLOB.replace(b'"decision"', b'"\\ud800"'), "Unicode"),
        (b'{"a":' * 100_000, "nested"),
        (b" " * (MAX_BUNDLE_BYTES + 1), "at most"),
        (json.dumps(MEMBERS | {"more": 1}).encode(), "no others"),
        (with_member("receipt", []), "object as receipt"),
        (with_member("proof", 1), "text as salt"),
        (with_member("vkey", None), "text as salt"),
        (with_member("proof", "x"), "first line"),
        (with_member("salt", "00" * 31), "hex digits"),
        (with_member("salt", "zz" * 32), "hex digits"),
        (with_member("salt", "AB" * 32), "hex digits"),
        (with_member("salt", " " + "00" * 32), "hex digits"),
    ],
    ids=range(28),
)
def test_a_malformed_bundle_is_refused(blob, words):
    with pytest.raises(LedgerRefused, match=words):
        read_bundle(blob)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.sampled_from(["receipt", "salt", "proof", "vkey"]), JSON)
def test_hostile_members_meet_the_rooms_own_error_or_none(name, value):
    try:
        bundle = read_bundle(with_member(name, value))
    except LedgerRefused:
        return
    assert read_bundle(write_bundle(bundle)) == bundle


@given(st.binary(max_size=100), st.integers(0, len(BLOB)), st.integers(0, 50))
def test_hostile_bytes_meet_the_rooms_own_error_or_none(blob, at, cut):
    for hostile in (blob, BLOB[:at] + blob + BLOB[at + cut :]):
        with contextlib.suppress(LedgerRefused):
            read_bundle(hostile)
