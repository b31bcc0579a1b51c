"""A cosignature is the one that C2SP describes, byte for byte, and binds witness, time and head."""

from base64 import b64decode
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from account.kept import SIGNER, Kept
from equipoise.account.cosignature import WitnessSigner, cosigned_by, read_witness_key
from equipoise.account.note import check_note, encode64, open_checkpoint, read_note, read_vkey
from equipoise.account.refusal import LedgerRefused

AT_S = 1_790_000_000
WITNESS = WitnessSigner("witness.example/w1", bytes(range(1, 33)))


def cosigned(signer=WITNESS, at_s=AT_S):
    """A head with one cosignature."""
    note = Kept(3).checkpoints[-1]
    return note + signer.cosign(read_note(note).text, at_s)


def test_the_bytes_are_those_that_the_specification_spells_out():
    note = read_note(cosigned())
    blob = b64decode(encode64(note.signatures[1].key_id + note.signatures[1].signature))
    public = WITNESS.key.public
    assert blob[:4] == sha256(b"witness.example/w1\n\x04" + public).digest()[:4]
    assert int.from_bytes(blob[4:12], "big") == AT_S
    message = f"cosignature/v1\ntime {AT_S}\n{note.text}".encode()
    Ed25519PublicKey.from_public_bytes(public).verify(blob[12:], message)
    assert len(blob) == 4 + 8 + 64


def test_the_key_of_a_witness_is_told_with_its_own_type_and_read_back():
    vkey = WITNESS.key.vkey
    assert b64decode(vkey.split("+", 2)[2])[0] == 4
    assert read_witness_key(vkey) == WITNESS.key
    with pytest.raises(LedgerRefused, match="type 0x04"):
        read_witness_key(SIGNER.key.vkey)
    with pytest.raises(LedgerRefused, match="type 0x01"):
        read_vkey(vkey)


def test_a_cosigned_head_tells_who_signed_and_when_and_stays_the_head():
    text = cosigned()
    assert open_checkpoint(text, SIGNER.key).size == 3
    (found,) = cosigned_by(read_note(text), [WITNESS.key])
    assert (found.witness, found.at_s) == ("witness.example/w1", AT_S)
    assert text.endswith(found.line)
    assert check_note(read_note(text), [SIGNER.key, WITNESS.key]) == (
        SIGNER.key.name,
        "witness.example/w1",
    )


def test_a_stranger_is_let_be_and_a_lie_in_a_known_name_is_refused():
    stranger = WitnessSigner("witness.example/w1", bytes(32))
    assert cosigned_by(read_note(cosigned(stranger)), [WITNESS.key]) == ()
    text = cosigned()
    other = Kept(4).checkpoints[-1]
    moved = other + text.splitlines(keepends=True)[-1]
    with pytest.raises(LedgerRefused, match="does not fit"):
        cosigned_by(read_note(moved), [WITNESS.key])


@pytest.mark.parametrize("at", range(72))
def test_no_byte_of_time_or_signature_can_be_changed(at):
    signature = bytearray(read_note(cosigned()).signatures[1].signature)
    signature[at] ^= 1
    assert not WITNESS.key.verifies(read_note(cosigned()).text, bytes(signature))


def test_a_key_needs_32_bytes_and_a_cut_signature_is_no_signature():
    with pytest.raises(LedgerRefused, match="32 bytes"):
        WitnessSigner("w", b"short")
    assert not WITNESS.key.verifies("text\n", b"1234")
