"""Tallies are sums: however people are grouped, and whoever is taken away again."""

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.learn.tallies import Tally, merge, tally, without
from equipoise.nouns.lessons import ENGINE, HOLDOUT
from learn.trying import column, people, tried

money = st.floats(-1e4, 1e4)
row = st.builds(
    tried,
    st.sampled_from([ENGINE, HOLDOUT, "uniform"]),
    money,
    before=money,
    left=st.booleans(),
    version=st.sampled_from(["", "a", "b"]),
)
some = st.lists(row, max_size=30)


def alike(one, other):
    """Whether two sets of tallies hold the same people, to the rounding of sums."""
    assert one.keys() == other.keys()
    for key, mine in one.items():
        theirs = other[key]
        assert mine.n == theirs.n
        flat = [
            [t.before, t.before_squares, *(v for s in t.sums for v in msgspec.structs.astuple(s))]
            for t in (mine, theirs)
        ]
        assert flat[0] == pytest.approx(flat[1], rel=1e-9, abs=1e-4)


def test_the_sums_are_those_of_the_arrays():
    rows = people(1, 500)
    found = tally(rows)[("", HOLDOUT)]
    before, value = column(rows, HOLDOUT, "before"), column(rows, HOLDOUT, "value")
    left = column(rows, HOLDOUT, "left")
    assert found.n == len(before)
    assert found.before_squares == pytest.approx(np.dot(before, before))
    assert found.sums[0].cross == pytest.approx(np.dot(before, value))
    assert found.sums[0].squares == pytest.approx(np.dot(value, value))
    assert found.sums[2].total == left.sum()
    assert found.sums[2].cross == pytest.approx(np.dot(before, left))


def test_whoever_responded_without_worth_responded_all_the_same():
    rows = [tried(ENGINE, 0.0, n=1), tried(ENGINE, 0.0, n=3), tried(ENGINE, 5.0, n=0)]
    assert tally(rows)[("", ENGINE)].sums[1].total == 2


@given(some, some)
def test_groups_merge_into_what_all_of_them_give(one, other):
    alike(merge([tally(one), tally(other)]), tally([*one, *other]))


@given(some, some)
def test_without_a_person_it_is_as_if_they_had_never_been(stay, go):
    alike(without(tally([*stay, *go]), go), tally(stay))


def test_nobody_is_an_empty_tally():
    assert tally([]) == {}
    assert merge([]) == {}
    assert Tally() - Tally() == Tally()
