"""A witness signs what continues, refuses what does not, and keeps both heads of a fork."""

from contextlib import suppress
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from account.kept import ORIGIN, VKEY, Kept, forked
from equipoise.account.cosignature import WitnessSigner, cosigned_by
from equipoise.account.note import (
    Checkpoint,
    NoteSigner,
    encode64,
    read_note,
    write_checkpoint,
)
from equipoise.account.refusal import LedgerRefused
from equipoise.account.view import TreeView
from equipoise.account.witness import (
    Asked,
    Forked,
    Head,
    NotSigned,
    OldSizeWrong,
    ProofWrong,
    UnknownLog,
    Witness,
    read_asked,
    write_asked,
)

AT_S = 1_790_000_000
SIGNING = WitnessSigner("witness.example/w1", bytes(range(1, 33)))


class Notebook:
    """Remembers in memory, in the order in which it was told."""

    def __init__(self, *logs):
        self.heads = dict(logs)
        self.accused = []

    def head(self, origin):
        return self.heads.get(origin)

    def keep(self, origin, head):
        self.heads[origin] = head

    def accuse(self, evidence):
        self.accused.append(evidence)


def stand():
    """A witness that looks after the ledger of the tests, with its notebook."""
    notebook = Notebook((ORIGIN, Head(VKEY)))
    return SimpleNamespace(witness=Witness(SIGNING, notebook), notebook=notebook)


def proof_of(kept, old_size):
    """The consistency proof that an honest log gives."""
    view = TreeView(kept, kept.frontier)
    return tuple(view.consistency(old_size)) if old_size else ()


def asked(kept, old_size):
    """An honest question."""
    return Asked(old_size, proof_of(kept, old_size), kept.checkpoints[-1])


def test_a_log_that_grows_is_signed_at_each_size_and_remembered():
    at = stand()
    kept = Kept(3)
    for count, old in ((0, 0), (5, 3), (300, 8), (0, 308)):
        kept.take(count)
        line = at.witness.add_checkpoint(asked(kept, old), AT_S)
        note = read_note(kept.checkpoints[-1] + line)
        assert [one.at_s for one in cosigned_by(note, [SIGNING.key])] == [AT_S]
        assert at.notebook.heads[ORIGIN].note == kept.checkpoints[-1]
    assert at.notebook.accused == []


def test_a_head_is_remembered_before_its_signature_is_given_away():
    class Full(Notebook):
        def keep(self, origin, head):
            raise OSError("no space left")

    witness = Witness(SIGNING, Full((ORIGIN, Head(VKEY))))
    with pytest.raises(OSError, match="no space"):
        witness.add_checkpoint(asked(Kept(3), 0), AT_S)


def test_two_roots_of_one_size_are_refused_with_both_heads_kept():
    at = stand()
    honest, other = Kept(9), forked(9)
    at.witness.add_checkpoint(asked(honest, 0), AT_S)
    with pytest.raises(Forked, match="two roots for one size, 9"):
        at.witness.add_checkpoint(Asked(9, (), other.checkpoints[-1]), AT_S)
    (evidence,) = at.notebook.accused
    assert (evidence.before, evidence.now) == (honest.checkpoints[-1], other.checkpoints[-1])
    assert at.notebook.heads[ORIGIN].note == honest.checkpoints[-1]


@pytest.mark.parametrize(
    ("old", "size", "same"), [(4, 9, 3), (5, 300, 0), (256, 600, 255), (1, 2, 0)]
)
def test_a_longer_fork_is_refused_whether_handed_in_or_followed(old, size, same):
    at = stand()
    honest, other = Kept(old), forked(size, same)
    at.witness.add_checkpoint(asked(honest, 0), AT_S)
    proof = proof_of(other, old)
    with pytest.raises(ProofWrong):
        at.witness.add_checkpoint(Asked(old, proof, other.checkpoints[-1]), AT_S)
    assert at.notebook.accused == [], "anybody may send a bad proof: that accuses nobody"
    with pytest.raises(Forked, match="does not continue"):
        at.witness.follow(other.checkpoints[-1], proof, AT_S)
    assert at.notebook.accused[0].before == honest.checkpoints[-1]
    assert at.notebook.heads[ORIGIN].note == honest.checkpoints[-1]


def test_leaves_taken_back_are_refused_and_honest_growth_goes_on():
    at = stand()
    kept = Kept(8)
    at.witness.follow(kept.checkpoints[-1], (), AT_S)
    with pytest.raises(Forked, match="taken back"):
        at.witness.follow(Kept(5).checkpoints[-1], (), AT_S)
    kept.take(5)
    assert at.witness.follow(kept.checkpoints[-1], proof_of(kept, 8), AT_S).startswith("— ")


def test_what_comes_in_another_order_than_c2sp_says_is_refused_as_it_says():
    at = stand()
    kept = Kept(8)
    strange = NoteSigner("other.example", bytes(32))
    point = Checkpoint("other.example", 8, kept.frontier.root())
    with pytest.raises(UnknownLog):
        at.witness.add_checkpoint(Asked(0, (), write_checkpoint(point, [strange])), AT_S)
    forged = NoteSigner(ORIGIN, bytes(32))
    point = Checkpoint(ORIGIN, 8, kept.frontier.root())
    with pytest.raises(NotSigned):
        at.witness.add_checkpoint(Asked(0, (), write_checkpoint(point, [forged])), AT_S)
    with pytest.raises(LedgerRefused, match="above the head's 8"):
        at.witness.add_checkpoint(Asked(9, (), kept.checkpoints[-1]), AT_S)
    with pytest.raises(OldSizeWrong) as wrong:
        at.witness.add_checkpoint(Asked(3, (), kept.checkpoints[-1]), AT_S)
    assert wrong.value.size == 0
    with pytest.raises(ProofWrong, match="nothing to prove"):
        at.witness.add_checkpoint(Asked(0, (bytes(32),), kept.checkpoints[-1]), AT_S)
    assert at.notebook.heads[ORIGIN].note == ""


def test_a_clock_that_goes_back_does_not_take_the_time_of_a_signature_back():
    at = stand()
    kept = Kept(2)
    at.witness.follow(kept.checkpoints[-1], (), AT_S)
    line = at.witness.follow(kept.checkpoints[-1], (), AT_S - 100)
    (found,) = cosigned_by(read_note(kept.checkpoints[-1] + line), [SIGNING.key])
    assert found.at_s == AT_S


def test_a_request_is_read_as_c2sp_writes_it():
    kept = Kept(300)
    proof = proof_of(kept, 44)
    lines = "".join(f"{encode64(item)}\n" for item in proof)
    text = f"old 44\n{lines}\n{kept.checkpoints[-1]}"
    assert read_asked(text) == Asked(44, proof, kept.checkpoints[-1])
    assert write_asked(read_asked(text)) == text
    assert read_asked(f"old 0\n\n{kept.checkpoints[-1]}").proof == ()


TOO_MANY = "old 1\n" + "\n".join([encode64(bytes(32))] * 64)
MALFORMED = ["", "old", "old -1", "old 01", "old 1 ", "new 1", "old 1\nAAAA", TOO_MANY]


@pytest.mark.parametrize("head", MALFORMED)
def test_a_malformed_request_is_refused(head):
    with pytest.raises(LedgerRefused):
        read_asked(f"{head}\n\n{Kept(2).checkpoints[-1]}")


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200))
def test_whatever_text_comes_a_request_is_read_or_refused(text):
    with suppress(LedgerRefused):
        read_asked(text)


class TwoHistories(RuleBasedStateMachine):
    """A log with two histories tries in any order; the witness signs heads of one of them only."""

    def __init__(self):
        super().__init__()
        self.at = stand()
        self.size = 0
        self.signed = []

    @rule(size=st.integers(1, 40), honest=st.booleans(), pushed=st.booleans())
    def show(self, size, honest, pushed):
        kept = Kept(size) if honest else forked(size)
        note = kept.checkpoints[-1]
        proof = proof_of(kept, self.size) if 0 < self.size <= size else ()
        try:
            if pushed:
                self.at.witness.add_checkpoint(Asked(self.size, proof, note), AT_S)
            else:
                self.at.witness.follow(note, proof, AT_S)
        except LedgerRefused:
            return
        assert size >= self.size
        self.size = size
        self.signed.append(honest)

    @invariant()
    def one_history_only(self):
        assert len(set(self.signed)) <= 1


TestTwoHistories = TwoHistories.TestCase
TestTwoHistories.settings = settings(max_examples=40, stateful_step_count=20, deadline=None)
