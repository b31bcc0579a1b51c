"""One call seals a commit: its leaves are in the tree, its head is signed, its tiles are told."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from account.kept import ORIGIN, SIGNER, Kept
from equipoise.account.ledger import prove, seal
from equipoise.account.note import open_checkpoint
from equipoise.account.proof import check_proof
from equipoise.account.refusal import LedgerRefused
from equipoise.account.tree import Frontier
from equipoise.account.view import TreeView


def test_an_empty_ledger_has_a_signed_head_too():
    sealed = seal(Frontier(), [], ORIGIN, [SIGNER])
    assert open_checkpoint(sealed.checkpoint, SIGNER.key).size == 0


@settings(max_examples=20)
@given(st.lists(st.integers(0, 300), min_size=1, max_size=5))
def test_how_leaves_are_cut_into_commits_does_not_change_the_head(counts):
    many, one = Kept(*counts), Kept(sum(counts))
    assert many.frontier == one.frontier
    assert many.tiles == one.tiles
    assert many.checkpoints[-1] == one.checkpoints[-1]


def test_every_leaf_is_proven_under_the_head_of_its_commit_and_of_each_later_one():
    kept = Kept(3, 255, 40)
    view = TreeView(kept, kept.frontier)
    for checkpoint in kept.checkpoints:
        size = open_checkpoint(checkpoint, SIGNER.key).size
        for index in range(0, size, 7):
            check_proof(prove(view, checkpoint, index), kept.all_leaves[index], SIGNER.key)


def test_a_leaf_that_no_bundle_could_hold_is_refused():
    with pytest.raises(LedgerRefused, match="at most 65535"):
        seal(Frontier(), [b"x" * 65_536], ORIGIN, [SIGNER])


def test_nothing_is_sealed_without_a_signer():
    with pytest.raises(LedgerRefused, match="at least one signer"):
        seal(Frontier(), [b"x"], ORIGIN, [])
