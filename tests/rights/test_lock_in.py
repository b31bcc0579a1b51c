"""Lock-in is 0 only where all is exported, comes back the same, and decides the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.rights.lock_in import LockIn, coverage, equivalence, fidelity, paths_of

share = st.floats(0, 1)


@given(share, share, share)
def test_it_is_never_below_the_worst_of_its_three_losses(one, two, three):
    found = LockIn(one, two, three).lock_in
    assert max(1 - one, 1 - two, 1 - three) - 1e-12 <= found <= 1


def test_nothing_lost_is_no_lock_in():
    assert LockIn(1.0, 1.0, 1.0).lock_in == 0.0


@pytest.mark.parametrize(
    ("after", "share"),
    [
        ({"t": [(1, "a"), (2, "b")]}, 1.0),
        ({"t": [(2, "b"), (1, "a")]}, 1.0),
        ({"t": [(1, "a")]}, 0.5),
        ({"t": [(1, "a"), (2, "c")]}, 0.5),
        ({"t": [(1, "a"), (2, "b"), (2, "b"), (3, "made up")]}, 0.5),
        ({}, 0.0),
    ],
)
def test_a_record_that_is_lost_altered_or_made_up_costs_its_share(after, share):
    found, changed = fidelity({"t": [(1, "a"), (2, "b")]}, after)
    assert found == share
    assert changed == ([] if share == 1 else ["t"])


def test_a_whole_number_that_came_back_as_a_fraction_is_not_the_same():
    assert fidelity({"t": [1]}, {"t": [1.0]})[0] == 0.0


def test_a_field_that_is_known_and_not_exported_is_missed():
    assert coverage({"a", "b", "c", "d"}, {"a", "b", "c"}) == 0.75
    assert coverage(set(), {"a"}) == 1.0


def test_a_decision_that_comes_out_otherwise_or_not_at_all_is_counted():
    assert equivalence({"d_1": 1, "d_2": 2, "d_3": 3, "d_4": 4}, {"d_1": 1, "d_2": 0}) == 0.25


def test_an_empty_field_is_nothing_known():
    assert paths_of({"has": (), "list": [], "kept": 1}) == {"kept"}
    assert paths_of({"a": "", "b": [], "c": {"d": 0, "e": [{"f": 1}, {"g": None}]}}) == {"c.e.f"}
