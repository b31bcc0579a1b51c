"""Verification finds every tampering, says which, and is never content with half a ledger."""

import json

import pytest

from account.kept import ORIGIN, SIGNER, VKEY, Kept
from equipoise.account.ledger import seal
from equipoise.account.note import NoteSigner
from equipoise.account.tree import Frontier, append, leaf_hash
from equipoise.account.verify import Report, verify_ledger, verify_receipt

KEPT = Kept(200, 400, 100)
BLOB = KEPT.bundle(300)
OTHER = NoteSigner(ORIGIN, bytes(32))


def failed(report):
    """The names of the checks that do not hold."""
    return [check.name for check in report.checks if not check.holds]


def fresh():
    """The same ledger, free to be tampered with."""
    return Kept(200, 400, 100)


def verified(kept, checkpoint=None, **more):
    return verify_ledger(kept, checkpoint or kept.checkpoints[-1], VKEY, **more)


def test_a_sound_ledger_passes_every_check():
    report = verified(fresh(), frontier=KEPT.frontier, earlier=KEPT.checkpoints)
    names = [check.name for check in report.checks]
    assert report.holds
    assert names == [
        *("key", "checkpoint", "leaves", "root", "tiles", "edge"),
        *("checkpoint of 200", "checkpoint of 600", "checkpoint of 700"),
    ]
    assert str(report).count("ok  ") == 9


def test_an_empty_ledger_passes():
    kept = Kept(0)
    assert verified(kept, frontier=Frontier(), earlier=kept.checkpoints).holds


def test_every_kind_of_tampering_with_a_ledger_is_found():
    changed = KEPT.all_leaves[5][:-1] + bytes([KEPT.all_leaves[5][-1] ^ 1])
    cases = {
        "leaf": (lambda kept: kept.all_leaves.__setitem__(5, changed), ["root", "tiles"]),
        "gone": (lambda kept: kept.all_leaves.pop(), ["leaves"]),
        "swap": (lambda kept: kept.all_leaves.reverse(), ["root", "tiles"]),
        "open": (
            lambda kept: kept.all_leaves.__setitem__(9, b"anna@example.org"),
            ["leaves", "root", "tiles"],
        ),
        "tile": (lambda kept: kept.tiles.__setitem__((0, 1), bytes(8192)), ["tiles"]),
        "hole": (lambda kept: kept.tiles.pop((0, 0)), ["tiles"]),
    }
    for name, (tamper, expected) in cases.items():
        kept = fresh()
        tamper(kept)
        assert failed(verified(kept)) == expected, name


def test_leaves_that_are_no_commitments_are_told_even_if_signed():
    """The signature does not make a bare address in a public leaf lawful."""
    kept = Kept()
    kept.all_leaves = [b"anna@example.org"]
    sealed = seal(Frontier(), kept.all_leaves, ORIGIN, [SIGNER])
    report = verified(kept, sealed.checkpoint)
    assert failed(report) == ["leaves"]
    assert "leaf 0 is no salted commitment" in str(report)


def test_a_stored_edge_that_differs_is_told():
    other, _ = append(Frontier(), [leaf_hash(b"x")] * 700)
    assert failed(verified(fresh(), frontier=other)) == ["edge"]
    assert failed(verified(fresh(), frontier=Frontier())) == ["edge"]


def test_an_earlier_head_of_another_history_is_told():
    """Two people who compare their receipts catch an operator who keeps two ledgers."""
    twin = seal(Frontier(), KEPT.all_leaves[1:201], ORIGIN, [SIGNER]).checkpoint
    report = verified(fresh(), earlier=[twin, KEPT.checkpoints[0]])
    assert failed(report) == ["checkpoint of 200"]
    assert "another history" in str(report)


def test_a_ledger_that_was_cut_back_is_told():
    kept = Kept(200)
    report = verified(kept, earlier=KEPT.checkpoints[:2])
    assert failed(report) == ["checkpoint of 600"]
    assert "some are gone" in str(report)


def test_an_earlier_head_that_nobody_signed_is_told():
    forged = KEPT.checkpoints[0].replace("\n200\n", "\n100\n")
    assert failed(verified(fresh(), earlier=[forged])) == ["earlier checkpoint"]


def test_a_wrong_key_or_head_ends_the_verification():
    assert failed(verify_ledger(KEPT, KEPT.checkpoints[-1], "no key")) == ["key"]
    assert failed(verify_ledger(KEPT, KEPT.checkpoints[-1], OTHER.key.vkey)) == ["checkpoint"]
    assert failed(verified(KEPT, KEPT.checkpoints[-1].replace("700", "699"))) == ["checkpoint"]


def test_a_report_without_checks_holds_nothing():
    assert not Report(()).holds


def test_a_sound_receipt_passes_against_the_published_key():
    report = verify_receipt(BLOB, VKEY)
    assert report.holds
    assert [check.name for check in report.checks] == ["file", "key", "checkpoint", "receipt"]
    assert "leaf 300 of 700" in str(report)


def test_without_a_published_key_the_report_asks_to_compare():
    report = verify_receipt(BLOB)
    assert report.holds
    assert "compare it with the published one" in str(report)


def test_a_ledger_made_by_somebody_else_fails_against_the_published_key():
    report = verify_receipt(BLOB, OTHER.key.vkey)
    assert failed(report) == ["key"]
    assert failed(verify_receipt(BLOB, "nonsense")) == ["key"]


def values(node, path=()):
    """Every place in a JSON value that holds neither list nor object."""
    if isinstance(node, dict):
        for key, item in node.items():
            yield from values(item, (*path, key))
    else:
        yield path, node


def tampered(members, path, value):
    """The bundle with another value at one place."""
    copy = json.loads(json.dumps(members))
    place = copy
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return json.dumps(copy).encode()


MEMBERS = json.loads(BLOB)
PLACES = [(path, value) for path, value in values(MEMBERS) if path[0] == "receipt"]


@pytest.mark.parametrize(("path", "value"), PLACES, ids=[".".join(path) for path, _ in PLACES])
def test_every_changed_field_of_a_receipt_is_refused(path, value):
    for other in (None, True, False, 0, 1, "", "x", f"{value} ", []):
        if json.dumps(other) != json.dumps(value):
            assert failed(verify_receipt(tampered(MEMBERS, path, other), VKEY)) == ["receipt"]


def test_a_receipt_with_a_field_more_or_less_is_refused():
    for receipt in (MEMBERS["receipt"] | {"more": 1}, dict(list(MEMBERS["receipt"].items())[1:])):
        blob = json.dumps(MEMBERS | {"receipt": receipt}).encode()
        assert failed(verify_receipt(blob, VKEY)) == ["receipt"]


def test_every_changed_bit_of_a_bundle_is_refused():
    compact = json.dumps(MEMBERS, separators=(",", ":"), ensure_ascii=False).encode()
    assert verify_receipt(compact, VKEY).holds
    for at in range(len(compact)):
        changed = bytearray(compact)
        changed[at] ^= 1 << (at % 8)
        assert not verify_receipt(bytes(changed), VKEY).holds, at


def test_a_true_receipt_with_the_proof_of_another_is_refused():
    other = json.loads(KEPT.bundle(301))
    blob = json.dumps(MEMBERS | {"proof": other["proof"]}).encode()
    assert failed(verify_receipt(blob, VKEY)) == ["receipt"]
