"""A proof file survives its text, and no changed byte of it proves anything."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from account.kept import SIGNER, Kept
from equipoise.account.ledger import prove
from equipoise.account.note import encode64
from equipoise.account.proof import MAX_PATH, TlogProof, check_proof, read_proof, write_proof
from equipoise.account.refusal import LedgerRefused
from equipoise.account.view import TreeView

KEPT = Kept(300, 45)
PROOF = prove(TreeView(KEPT, KEPT.frontier), KEPT.checkpoints[-1], 77)
TEXT = write_proof(PROOF)
HASH = encode64(bytes(32))
POINT = KEPT.checkpoints[-1]


def test_a_proof_leads_to_the_signed_head():
    point = check_proof(read_proof(TEXT), KEPT.all_leaves[77], SIGNER.key)
    assert point.size == 345


def test_a_proof_can_be_made_under_an_earlier_checkpoint():
    """What a person was given stays true while the ledger grows."""
    proof = prove(TreeView(KEPT, KEPT.frontier), KEPT.checkpoints[0], 77)
    assert check_proof(proof, KEPT.all_leaves[77], SIGNER.key).size == 300
    with pytest.raises(LedgerRefused, match="needs a number"):
        prove(TreeView(KEPT, KEPT.frontier), KEPT.checkpoints[0], 300)


def test_the_file_reads_as_the_format_says():
    lines = TEXT.split("\n")
    assert lines[:2] == ["c2sp.org/tlog-proof@v1", "index 77"]
    assert lines[2 + len(PROOF.hashes)] == ""
    assert TEXT.endswith("\n\n" + POINT)


def test_another_leaf_is_not_proven():
    with pytest.raises(LedgerRefused, match="another root"):
        check_proof(PROOF, KEPT.all_leaves[78], SIGNER.key)


def test_every_changed_byte_is_refused():
    blob = TEXT.encode()
    for at in range(len(blob)):
        changed = bytearray(blob)
        changed[at] ^= 1 << (at % 8)
        with pytest.raises((LedgerRefused, UnicodeDecodeError)):
            check_proof(read_proof(changed.decode()), KEPT.all_leaves[77], SIGNER.key)


def test_extra_data_travels_along():
    proof = TlogProof(PROOF.index, PROOF.hashes, PROOF.checkpoint, b"context")
    assert "\nextra Y29udGV4dA==\nindex 77\n" in write_proof(proof)
    assert read_proof(write_proof(proof)) == proof


@pytest.mark.parametrize(
    "text",
    [
        "",
        TEXT.replace("@v1", "@v2"),
        TEXT.replace("index 77", "index 077"),
        TEXT.replace("index 77", "index -7"),
        TEXT.replace("index 77", "index  77"),
        TEXT.replace("index 77\n", ""),
        TEXT.replace("index 77", f"index {10**19}"),
        TEXT.replace("index 77", "extra \nindex 77"),
        TEXT.replace("index 77", "extra AA==\nextra AA==\nindex 77"),
        TEXT.replace("index 77", f"index 77\n{encode64(bytes(31))}"),
        TEXT.replace("index 77", "index 77\n" + "\n".join([HASH] * (MAX_PATH + 1))),
        TEXT.replace("\n\n", "\n"),
        TEXT.partition("\n\n")[0] + "\n\n",
        TEXT.partition("\n\n")[0] + "\n\n\n" + POINT,
        TEXT.replace("\n", "\r\n"),
        "c2sp.org/tlog-proof@v1\n\n" + POINT,
        "c2sp.org/tlog-proof@v1\nextra AA==\n\n" + POINT,
        TEXT + "x" * 300_000,
    ],
)
def test_a_malformed_file_is_refused(text):
    with pytest.raises(LedgerRefused):
        read_proof(text)


LINES = st.lists(
    st.sampled_from([*TEXT.split("\n"), "", "extra AA==", "index 0", HASH, "\ud800"])
    | st.text(max_size=20),
    max_size=30,
)


@given(LINES)
def test_hostile_text_meets_the_rooms_own_error_or_none(lines):
    try:
        proof = read_proof("\n".join(lines))
    except LedgerRefused:
        return
    assert write_proof(proof) == "\n".join(lines)


@given(
    st.integers(0, 10**18),
    st.lists(st.binary(min_size=32, max_size=32), max_size=MAX_PATH),
    st.binary(max_size=40),
)
def test_what_is_written_is_read(index, hashes, extra):
    proof = TlogProof(index, tuple(hashes), POINT, extra)
    assert read_proof(write_proof(proof)) == proof
