"""Keys of others and the checker that a person takes away: any text is read, or refused with a sentence."""

import json
from contextlib import suppress

import pytest
from cryptography.exceptions import InvalidSignature
from hypothesis import example, given
from hypothesis import strategies as st

from account.test_verify import BLOB, VKEY
from equipoise.account.cosignature import read_witness_key
from equipoise.account.note import read_vkey
from equipoise.account.refusal import LedgerRefused
from equipoise.account.verify_receipt import check

texts = st.text(max_size=120) | st.text("+/=ABCabc019 \n.", max_size=120)


@given(texts | st.integers(0, len(VKEY) - 1).map(lambda at: VKEY[:at] + "\x7f" + VKEY[at + 1 :]))
@pytest.mark.parametrize("reader", [read_vkey, read_witness_key])
def test_any_text_is_a_key_or_refused_with_a_sentence(reader, text):
    with suppress(LedgerRefused):
        assert reader(text).public


@given(
    st.binary(max_size=200)
    | st.tuples(st.integers(0, len(BLOB) - 1), st.integers(0, 255)).map(
        lambda at: BLOB[: at[0]] + bytes([at[1]]) + BLOB[at[0] + 1 :]
    )
)
@example(b"[" * 100_000)
@example(b'{"receipt":{},"salt":"","proof":"","vkey":""}')
@example(b'{"receipt":1,"salt":2,"proof":3,"vkey":4}')
@example(BLOB[:-1])
def test_the_checker_proves_the_file_itself_and_nothing_else(blob):
    """One byte changed proves nothing; what it says then is one of the errors that its command tells."""
    try:
        check(blob, VKEY)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, InvalidSignature):
        return
    assert json.loads(blob) == json.loads(BLOB)
