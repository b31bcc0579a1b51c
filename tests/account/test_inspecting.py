"""An instance that lies in any way is found out from outside, and two receipts of one history agree."""

import random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from account.kept import ORIGIN, SIGNER, VKEY, Kept, files_of, forked
from equipoise.account.cosignature import WitnessSigner
from equipoise.account.inspecting import (
    Held,
    Inspection,
    NeedsTiles,
    compare,
    inspect,
    read_held,
)
from equipoise.account.note import NoteSigner, read_note
from equipoise.account.refusal import LedgerRefused

WITNESS = WitnessSigner("witness.example/w1", bytes(range(1, 33)))


def asked(**given):
    """An inspection whose chance is drawn from a seed."""
    return Inspection(draw=random.Random(7).randrange, **given)


def failed(found):
    """The names of the checks that do not hold."""
    return [check.name for check in found.report.checks if not check.holds]


@pytest.mark.parametrize("size", [1, 2, 255, 256, 300, 700])
def test_an_honest_instance_holds_and_its_head_is_told(size):
    kept = Kept(size)
    found = inspect(files_of(kept), asked(receipts=(("mine.json", kept.bundle(size - 1)),)))
    assert found.report.holds, str(found.report)
    assert (found.note, found.vkey) == (kept.checkpoints[-1], VKEY)
    names = [check.name for check in found.report.checks]
    assert names[:4] == ["answer", "key", "checkpoint", "edge"]
    assert names[-2:] == ["history", "mine.json"]


def test_an_empty_ledger_holds_and_leaves_nothing_to_remember():
    found = inspect(files_of(Kept()), asked())
    assert found.report.holds
    assert found.note == ""


def test_an_instance_that_grew_continues_what_was_seen():
    kept = Kept(9)
    seen = kept.checkpoints[-1]
    kept.take(600)
    found = inspect(files_of(kept), asked(known=seen, vkey=VKEY))
    assert found.report.holds, str(found.report)
    assert "continues the 9 leaves" in str(found.report)


@pytest.mark.parametrize(("size", "same"), [(9, 0), (9, 8), (40, 8), (600, 3), (5, 0)])
def test_a_fork_is_told_with_both_heads(size, same):
    seen = Kept(9).checkpoints[-1]
    fork = forked(size, min(same, size))
    found = inspect(files_of(fork), asked(known=seen))
    assert failed(found) == ["history"]
    assert found.evidence is not None
    assert (found.evidence.before, found.evidence.now) == (seen, fork.checkpoints[-1])


def changed(kept, path, blob):
    """The files of a ledger with one that was changed."""
    honest = files_of(kept)
    return lambda name: blob if name == path else honest(name)


def test_each_lie_fails_its_check():
    kept, other = Kept(300), Kept(300)
    strange = NoteSigner(ORIGIN, bytes(32)).key.vkey
    bundle = files_of(kept)("tile/entries/000")
    for path, blob, check in (
        ("vkey", f"{strange}\n".encode(), "checkpoint"),
        ("vkey", b"", "key"),
        ("vkey", b"\xff", "key"),
        ("checkpoint/newest", b"rubbish", "checkpoint"),
        (
            "checkpoint/newest",
            kept.checkpoints[-1].replace("\n300\n", "\n299\n").encode(),
            "checkpoint",
        ),
        ("tile/0/001.p/44", bytes(44 * 32), "edge"),
        ("tile/0/001.p/44", None, "edge"),
        ("tile/0/000", bytes(8192), "tiles"),
        ("tile/entries/000", bundle[:-1] + bytes([bundle[-1] ^ 1]), "root"),
        ("tile/entries/001.p/44", None, "leaves"),
    ):
        assert check in failed(inspect(changed(other, path, blob), asked())), path
    assert failed(inspect(files_of(kept), asked(vkey=strange))) == ["key"]


HONEST = Kept(300)
PATHS = ["checkpoint", "checkpoint/newest", "vkey", "tile/0/000", "tile/0/001.p/44"]
PATHS += ["tile/1/000.p/1", "tile/entries/000", "tile/entries/001.p/44"]


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(PATHS), st.none() | st.binary(max_size=300), min_size=1))
def test_whatever_an_instance_answers_is_reported_and_no_lie_passes(answers):
    files = files_of(HONEST)

    def fetch(path):
        return answers[path] if path in answers else files(path)

    found = inspect(fetch, asked(known=HONEST.checkpoints[-1]))
    assert found.note in ("", HONEST.checkpoints[-1]), "only a genuine head is believed"
    if found.note and any(path.startswith(("tile/0", "tile/entries")) for path in answers):
        assert not found.report.holds


def test_receipts_of_another_history_and_altered_ones_fail_by_their_name():
    kept = Kept(9)
    alien = msgspec.json.decode(kept.bundle(3)) | {"salt": "00" * 32}
    found = inspect(files_of(kept), asked(receipts=(("a.json", msgspec.json.encode(alien)),)))
    assert failed(found) == ["a.json"]
    fork = forked(12)
    found = inspect(files_of(fork), asked(receipts=(("b.json", kept.bundle(3)),)))
    assert failed(found) == ["b.json"]
    assert found.evidence is not None


def test_witnesses_that_are_named_must_have_signed():
    kept = Kept(9)
    shown = kept.checkpoints[-1]
    signed = shown + WITNESS.cosign(read_note(shown).text, 1_790_000_000)
    other = WitnessSigner("witness.example/w2", bytes(range(2, 34)))
    kept.take(4)
    fetch = changed(kept, "checkpoint", signed.encode())
    assert inspect(fetch, asked(witnesses=(WITNESS.key,))).report.holds
    found = inspect(fetch, asked(witnesses=(WITNESS.key, other.key)))
    assert failed(found) == ["witnesses"]
    assert "1 of 2 witnesses" in str(found.report)


def test_of_a_large_ledger_a_sample_is_read_and_a_changed_tile_among_it_is_seen():
    kept = Kept(70_000)
    honest, read = files_of(kept), []

    def watched(path):
        read.append(path)
        return honest(path)

    found = inspect(watched, asked(whole_leaves=1000))
    assert found.report.holds
    assert sum(path.startswith("tile/entries") for path in read) < 65
    assert "drawn by chance" in str(found.report)

    def lying(path):
        blob = honest(path)
        return bytes(len(blob)) if path.startswith("tile/0/") and ".p/" not in path else blob

    assert failed(inspect(lying, asked(whole_leaves=1000))) == ["leaves"]


def held(name, kept, number=0):
    """What a person holds of a kept ledger."""
    return read_held(name, kept.bundle(number), "")


def test_two_receipts_of_one_history_agree_and_of_two_do_not():
    early, late = Kept(9), Kept(9)
    late.take(300)
    assert compare(held("a", early), held("b", early, 3)).holds
    with pytest.raises(NeedsTiles):
        compare(held("a", early), held("b", late))
    assert compare(held("a", early), held("b", late), files_of(late)).holds
    mine, theirs = held("a", early), Held("b", forked(9).checkpoints[-1], VKEY)
    assert not compare(mine, theirs).holds
    longer = Held("b", forked(40, 8).checkpoints[-1], VKEY)
    report = compare(mine, longer, files_of(forked(40, 8)))
    assert [check.holds for check in report.checks] == [True, False, True]
    other = NoteSigner("other.example", bytes(32)).key.vkey
    assert not compare(mine, Held("b", early.checkpoints[-1], other)).holds


def test_a_head_needs_its_key_and_a_receipt_must_hold():
    kept = Kept(9)
    note = kept.checkpoints[-1].encode()
    assert read_held("x", note, VKEY).note == kept.checkpoints[-1]
    altered = kept.bundle(1).replace(b"caf", b"cof")
    for blob, vkey in ((note, ""), (note, SIGNER.key.vkey[:-4]), (b"\xff", VKEY), (altered, "")):
        with pytest.raises(LedgerRefused):
            read_held("x", blob, vkey)
