"""Notes and checkpoints are read strictly, and only a true signature of a known key opens one."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from account.kept import ORIGIN, SIGNER, VKEY
from equipoise.account.note import (
    MAX_NOTE_BYTES,
    Checkpoint,
    NoteKey,
    NoteSigner,
    check_note,
    decode64,
    encode64,
    open_checkpoint,
    read_checkpoint,
    read_note,
    read_vkey,
    write_checkpoint,
)
from equipoise.account.refusal import LedgerRefused

# The worked example in the documentation of Go's sumdb/note, from which C2SP signed-note comes.
EXAMPLE_VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
EXAMPLE_SECRET = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
EXAMPLE_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1"
    "FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
# The example of C2SP signed-note: its text has an empty line and letters beyond ASCII.
SPEC_NOTE = (
    "Ognuno sta solo sul cuor della terra\n"
    "trafitto da un raggio di sole:\n"
    "\n"
    "ed è subito sera.\n"
    "\n"
    "— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGI"
    "TLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n"
)
# The example of C2SP tlog-checkpoint.
SPEC_CHECKPOINT = (
    "example.com/behind-the-sofa\n"
    "20852163\n"
    "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    "\n"
    "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurm"
    "RDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
)
ROOT = bytes(range(100, 132))
POINT = Checkpoint(ORIGIN, 12345, ROOT)
TEXT = write_checkpoint(POINT, [SIGNER])


def test_the_published_example_verifies():
    key = read_vkey(EXAMPLE_VKEY)
    assert key.vkey == EXAMPLE_VKEY
    assert check_note(read_note(EXAMPLE_NOTE), [key]) == ("PeterNeumann",)


def test_the_published_secret_signs_the_published_line():
    signer = NoteSigner("PeterNeumann", decode64(EXAMPLE_SECRET)[1:])
    text, _, line = EXAMPLE_NOTE.rpartition("\n\n")
    assert signer.sign(text + "\n") == line
    assert signer.key.vkey == EXAMPLE_VKEY


def test_a_text_may_hold_empty_lines_and_any_letters():
    note = read_note(SPEC_NOTE)
    assert note.text.endswith("sole:\n\ned è subito sera.\n")
    assert [(line.name, line.key_id.hex()) for line in note.signatures] == [
        ("quasimodo.example/salvatore", "367ba04b")
    ]


def test_the_specified_checkpoint_is_read():
    point = read_checkpoint(read_note(SPEC_CHECKPOINT).text)
    assert (point.origin, point.size) == ("example.com/behind-the-sofa", 20852163)


def test_a_checkpoint_survives_its_text():
    assert open_checkpoint(TEXT, read_vkey(VKEY)) == POINT
    assert TEXT.startswith(f"{ORIGIN}\n12345\n{encode64(ROOT)}\n\n— {ORIGIN} ")


class OtherKind:
    """Signs with a kind that this reader does not know, as ML-DSA-44 (0x06) will be."""

    def sign(self, text):
        return f"— {ORIGIN} {encode64(b'abcd' + len(text).to_bytes(2420, 'big'))}\n"


def test_a_second_signature_of_an_unknown_kind_is_let_be():
    for signers in ([SIGNER, OtherKind()], [OtherKind(), SIGNER]):
        text = write_checkpoint(POINT, signers)
        assert len(read_note(text).signatures) == 2
        assert open_checkpoint(text, SIGNER.key) == POINT


def test_sixteen_large_signatures_are_read():
    line = f"— witness.example {encode64(b'abcd' + bytes(4900))}\n"
    assert open_checkpoint(TEXT + line * 15, SIGNER.key) == POINT


def test_more_signatures_than_anybody_needs_are_refused():
    line = TEXT.splitlines(keepends=True)[-1]
    assert len(read_note(TEXT + line * 63).signatures) == 64
    with pytest.raises(LedgerRefused, match="at most 64 signatures"):
        read_note(TEXT + line * 64)


def test_an_unknown_key_that_shares_name_or_id_is_let_be():
    signature = read_note(TEXT).signatures[0]
    for name, key_id in ((ORIGIN, b"\0\0\0\0"), ("other.example", signature.key_id)):
        line = f"— {name} {encode64(key_id + bytes(64))}\n"
        assert open_checkpoint(TEXT + line, SIGNER.key) == POINT


def test_one_wrong_signature_of_a_known_key_spoils_the_note():
    line = f"— {ORIGIN} {encode64(SIGNER.key.id + bytes(64))}\n"
    with pytest.raises(LedgerRefused, match="altered"):
        open_checkpoint(TEXT + line, SIGNER.key)


def test_a_note_without_a_known_signature_is_refused():
    with pytest.raises(LedgerRefused, match="not signed by a known key"):
        open_checkpoint(TEXT, NoteSigner(ORIGIN, bytes(32)).key)


def test_the_checkpoint_of_another_ledger_is_refused_even_if_signed():
    """One key that signs for two ledgers must not let one pass for the other."""
    text = f"other.example/log\n1\n{encode64(ROOT)}\n"
    with pytest.raises(LedgerRefused, match=r"of 'other\.example/log'"):
        open_checkpoint(f"{text}\n{SIGNER.sign(text)}", SIGNER.key)


def test_extension_lines_are_let_be_but_signed():
    text = f"{ORIGIN}\n12345\n{encode64(ROOT)}\nextension\n"
    assert open_checkpoint(f"{text}\n{SIGNER.sign(text)}", SIGNER.key) == POINT
    with pytest.raises(LedgerRefused, match="altered"):
        open_checkpoint(f"{text}more\n\n{SIGNER.sign(text)}", SIGNER.key)


def test_every_changed_byte_of_a_checkpoint_is_refused():
    blob = TEXT.encode()
    for at in range(len(blob)):
        for bit in range(8):
            changed = bytearray(blob)
            changed[at] ^= 1 << bit
            with pytest.raises((LedgerRefused, UnicodeDecodeError)):
                open_checkpoint(changed.decode(), SIGNER.key)


LINE = TEXT.rpartition("\n\n")[2]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty line"),
        ("text\n", "empty line"),
        ("text\n\n", "empty line"),
        ("text\n\n\n", "signature line"),
        (TEXT.removesuffix("\n"), "each ended"),
        (TEXT + "\n", "each ended"),
        (TEXT.replace("\n", "\r\n"), "control"),
        ("te\x00xt\n\n" + LINE, "control"),
        ("te\txt\n\n" + LINE, "control"),
        ("te\ud800xt\n\n" + LINE, "Unicode"),
        (f"text\n\n-{LINE[1:]}", "em dash"),
        (f"text\n\n{LINE.replace('— ', '—  ')}", "em dash"),
        (f"text\n\n— na+me {encode64(bytes(68))}\n", "name"),
        (f"text\n\n— na\u2003me {encode64(bytes(68))}\n", "name"),
        (f"text\n\n—  {encode64(bytes(68))}\n", "name"),
        (f"text\n\n— name {encode64(bytes(4))}\n", "more than 4"),
        ("text\n\n— name AAAAAAA\n", "base64"),
        ("text\n\n— name AAAAAAB=\n", "canonical"),
        ("text\n\n— name AAAA AAA=\n", "em dash"),
        ("x" * (MAX_NOTE_BYTES + 1), "at most"),
        ("é" * (MAX_NOTE_BYTES // 2 + 1), "at most"),
    ],
)
def test_a_malformed_note_is_refused(text, words):
    with pytest.raises(LedgerRefused, match=words):
        read_note(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "o\n1\n",
        f"\n1\n{encode64(ROOT)}\n",
        f"o\n01\n{encode64(ROOT)}\n",
        f"o\n-1\n{encode64(ROOT)}\n",
        f"o\n+1\n{encode64(ROOT)}\n",
        f"o\n\u0661\n{encode64(ROOT)}\n",
        f"o\n1 \n{encode64(ROOT)}\n",
        f"o\n{10**19}\n{encode64(ROOT)}\n",
        f"o\n1\n{encode64(ROOT[:31])}\n",
        f"o\n1\n{encode64(ROOT)}\n\n",
        f"o\n1\n{encode64(ROOT)}\n\nlate\n",
    ],
)
def test_a_malformed_checkpoint_is_refused(text):
    with pytest.raises(LedgerRefused):
        read_checkpoint(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "form"),
        ("name+00000000", "form"),
        (VKEY.replace("+", " ", 1), "form|id|type"),
        (VKEY[:-2] + "==", "canonical|base64|type"),
        (f"{ORIGIN}+{SIGNER.key.id.hex()}+{encode64(bytes([6]) + bytes(1312))}", "type 0x01"),
        (f"{ORIGIN}+{SIGNER.key.id.hex()}+{encode64(bytes([1]) + bytes(31))}", "32 bytes"),
        (f"{ORIGIN}+{SIGNER.key.id.hex()}+", "got nothing"),
        (VKEY.replace(ORIGIN, "other.example/shop"), "its bytes say"),
        (VKEY.replace(SIGNER.key.id.hex(), SIGNER.key.id.hex().upper()), "its bytes say"),
    ],
)
def test_a_malformed_key_is_refused(text, words):
    with pytest.raises(LedgerRefused, match=words):
        read_vkey(text)


def test_a_key_that_is_no_point_of_the_curve_verifies_nothing():
    assert not NoteKey(ORIGIN, b"\xff" * 32).verifies("text", bytes(64))


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\u00a0b", "\ud800"])
def test_a_name_that_no_reader_would_take_is_never_signed(name):
    with pytest.raises(LedgerRefused):
        NoteSigner(name, bytes(32))
    with pytest.raises(LedgerRefused):
        write_checkpoint(Checkpoint(name, 1, ROOT), [SIGNER])


def test_a_secret_of_a_wrong_length_and_a_checkpoint_without_signer_are_refused():
    with pytest.raises(LedgerRefused, match="32 bytes"):
        NoteSigner(ORIGIN, bytes(31))
    with pytest.raises(LedgerRefused, match="at least one signer"):
        write_checkpoint(POINT, [])


LINES = st.lists(
    st.sampled_from([*TEXT.split("\n"), "", "— a b", "— ", "index 1", "AAAA", "\ud800", " ", "+"])
    | st.text(max_size=30),
    max_size=12,
)


@given(LINES)
def test_hostile_text_meets_the_rooms_own_error_or_none(lines):
    text = "\n".join(lines)
    for read in (read_note, read_vkey, read_checkpoint, lambda x: open_checkpoint(x, SIGNER.key)):
        with contextlib.suppress(LedgerRefused):
            read(text)


NAMES = st.text(st.characters(exclude_categories=("Cs", "Cc", "Z")), min_size=1, max_size=20)


@given(
    NAMES.filter(lambda name: "+" not in name),
    st.integers(0, 10**18),
    st.binary(min_size=32, max_size=32),
)
def test_what_is_written_is_read(name, size, secret):
    signer, point = NoteSigner(name, secret), Checkpoint(name, size, secret)
    key = read_vkey(signer.key.vkey)
    assert key == signer.key
    assert open_checkpoint(write_checkpoint(point, [signer]), key) == point
