"""The 196 cases of the public Merkle vectors have the verdicts that are published with them.

The vectors are `testdata` of transparency-dev/merkle (Apache-2.0): 98 inclusion and 98 consistency cases
over the Certificate Transparency reference tree, each a right proof or one with a named fault. They are
made again here from those names, so that nothing of theirs is copied: the right proofs are the published
ones, and each fault is a line below. Two rules go beyond RFC 9162: the hashes of a path have 32 bytes,
and an empty tree is consistent with nothing.
"""

from hashlib import sha256

import pytest

from account.reference import (
    REFERENCE_CONSISTENCY,
    REFERENCE_INCLUSION,
    REFERENCE_LEAVES,
    REFERENCE_ROOTS,
    unhex,
)
from equipoise.account.refusal import LedgerRefused
from equipoise.account.tree import EMPTY_ROOT, check_consistency, check_inclusion, leaf_hash

SOME = bytes.fromhex("abacaba000000000000000000000000000000000000000000060061e00123456")
DATA = sha256(b"\x00data").digest()
GOOD, BAD = True, False


def with_bit(path, at, bit):
    """A path with one bit of the first byte of one hash changed."""
    changed = bytes([path[at][0] ^ bit]) + path[at][1:]
    return [*path[:at], changed, *path[at + 1 :]]


def inclusion_cases(index, size, path):
    """A right proof and every fault that the vectors make of it."""
    leaf, root = leaf_hash(REFERENCE_LEAVES[index]), REFERENCE_ROOTS[size - 1]
    yield "happy path", (leaf, index, size, path, root), GOOD
    for name, at in (("- 1", index - 1), ("+ 1", index + 1), ("^ 2", index ^ 2)):
        yield f"leaf index {name}", (leaf, at, size, path, root), BAD
    yield "tree size * 2", (leaf, index, size * 2, path, root), BAD
    yield "tree size / 2", (leaf, index, size // 2, path, root), BAD
    yield "wrong leaf", (b"WrongLeaf", index, size, path, root), BAD
    yield "empty root", (leaf, index, size, path, EMPTY_ROOT), BAD
    yield "random root", (leaf, index, size, path, SOME), BAD
    for name, more in (("garbage", b""), ("root", root)):
        yield f"trailing {name}", (leaf, index, size, [*path, more], root), BAD
        yield f"preceding {name}", (leaf, index, size, [more, *path], root), BAD
    for at in range(len(path)):
        yield f"modified hash {at}", (leaf, index, size, with_bit(path, at, 8), root), BAD
    if path:
        yield "removed component", (leaf, index, size, path[:-1], root), BAD
    if len(path) > 1:
        inserted = [path[0], SOME, *path[1:]]
        yield "inserted component", (leaf, index, size, inserted, root), BAD


def consistency_cases(old, size, path):
    """A right proof and every fault that the vectors make of it."""
    first, last = REFERENCE_ROOTS[old - 1], REFERENCE_ROOTS[size - 1]
    yield "happy path", (old, first, size, last, path), GOOD
    if not path:
        return
    for name, at in (("- 1", old - 1), ("+ 1", old + 1), ("^ 2", old ^ 2)):
        yield f"old size {name}", (at, first, size, last, path), BAD
    yield "size * 2", (old, first, size * 2, last, path), BAD
    yield "size / 2", (old, first, size // 2, last, path), BAD
    yield "wrong old root", (old, b"WrongRoot", size, last, path), BAD
    yield "wrong root", (old, first, size, b"WrongRoot", path), BAD
    yield "swapped roots", (old, last, size, first, path), BAD
    yield "empty proof", (old, first, size, last, []), BAD
    for name, more in (("garbage", b""), ("old root", first), ("root", last)):
        yield f"trailing {name}", (old, first, size, last, [*path, more]), BAD
        yield f"preceding {name}", (old, first, size, last, [more, *path]), BAD
    yield "preceding own hash", (old, first, size, last, [path[0], *path]), BAD
    yield "truncated proof", (old, first, size, last, path[:-1]), BAD
    for at in range(len(path)):
        yield f"modified hash {at}", (old, first, size, last, with_bit(path, at, 16)), BAD


def lone_inclusion_cases():
    """Trees of one leaf, and indices outside of a tree."""
    for leaf, root, verdict in (
        (DATA, DATA, GOOD),
        (b"", DATA, BAD),
        (DATA, b"", BAD),
        (b"", b"", BAD),
    ):
        yield f"one leaf {len(leaf)} {len(root)}", (leaf, 0, 1, [], root), verdict
    for index, size in ((0, 0), (0, 1), (1, 0), (2, 1)):
        for leaf, root in ((SOME, b""), (b"", EMPTY_ROOT), (SOME, EMPTY_ROOT)):
            name = f"leaf {index} of {size}, {len(leaf)} {len(root)}"
            yield name, (leaf, index, size, [], root), BAD


def lone_consistency_cases():
    """Pairs of sizes of 0 and 1, and sizes that go back."""
    one, two, path = sha256(b"1").digest(), sha256(b"2").digest(), [EMPTY_ROOT]
    yield "an empty tree says nothing", (0, one, 0, one, []), BAD
    yield "an empty tree says nothing of a larger one", (0, one, 1, two, []), BAD
    yield "an empty tree, with a proof", (0, EMPTY_ROOT, 1, EMPTY_ROOT, path), BAD
    yield "no leaves, two roots", (0, one, 0, two, []), BAD
    yield "no leaves, two roots, one of them the empty one", (0, EMPTY_ROOT, 0, two, []), BAD
    yield "no leaves, one root, no proof", (0, EMPTY_ROOT, 0, EMPTY_ROOT, []), BAD
    yield "no leaves, one root, a proof", (0, EMPTY_ROOT, 0, EMPTY_ROOT, path), BAD
    yield "one leaf, one root, no proof", (1, two, 1, two, []), GOOD
    yield "one leaf, two roots", (1, one, 1, two, []), BAD
    yield "one leaf, two roots, one of them the empty one", (1, EMPTY_ROOT, 1, two, []), BAD
    yield "one leaf, one root, a proof", (1, EMPTY_ROOT, 1, EMPTY_ROOT, path), BAD
    yield "a leaf fewer", (1, one, 0, two, []), BAD
    yield "a leaf fewer of two", (2, one, 1, two, []), BAD
    yield "a leaf more without a proof", (1, one, 2, two, []), BAD


def named(cases, *places):
    """Cases for pytest, with their place and name."""
    return [pytest.param(*case[1:], id=f"{places} {case[0]}") for case in cases]


INCLUSION = [
    case
    for index, size, path in REFERENCE_INCLUSION
    for case in named(inclusion_cases(index, size, unhex(path)), index, size)
] + named(lone_inclusion_cases())
CONSISTENCY = [
    case
    for old, size, path in REFERENCE_CONSISTENCY
    for case in named(consistency_cases(old, size, unhex(path)), old, size)
] + named(lone_consistency_cases())


def accepted(check, arguments):
    """Whether a check raises nothing."""
    try:
        check(*arguments)
    except LedgerRefused:
        return False
    return True


@pytest.mark.parametrize(("arguments", "verdict"), INCLUSION)
def test_an_inclusion_vector_has_its_verdict(arguments, verdict):
    assert accepted(check_inclusion, arguments) is verdict


@pytest.mark.parametrize(("arguments", "verdict"), CONSISTENCY)
def test_a_consistency_vector_has_its_verdict(arguments, verdict):
    assert accepted(check_consistency, arguments) is verdict


def test_there_are_as_many_cases_as_are_published():
    assert (len(INCLUSION), len(CONSISTENCY)) == (98, 98)
