"""Features become levels, one by one and in columns alike, and a missing value is a level of its own."""

from math import inf, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.learn.binning import MOST_VALUES, Cuts, binning_of, cut

VALUE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**60), 2**60),
    st.floats(),
    st.sampled_from(["a", "b", "true", "1", ""]),
)


def test_a_number_of_few_values_has_a_level_for_each():
    assert cut("orders.count", [0, 1, 2, 1, 0]).edges == (1.0, 2.0)
    assert [cut("orders.count", [0, 1, 2]).level(n) for n in (None, -1, 0, 1, 1.5, 2, 9)] == [
        *(0, 1, 1, 2, 2, 3, 3)
    ]


def test_other_numbers_are_cut_into_bins_of_about_equal_size_at_places_that_can_be_told():
    numbers = np.random.default_rng(1).lognormal(4, 1, 4000).tolist()
    cuts = cut("orders.total", numbers, bins=8)
    assert len(cuts.edges) == 7
    assert all(edge == float(f"{edge:.3g}") for edge in cuts.edges)
    counts = np.bincount(cuts.levels(numbers), minlength=9)
    assert counts[0] == 0
    assert counts[1:].min() > 400


def test_what_is_no_number_is_read_by_value_and_rare_ones_are_pooled():
    cuts = cut("traits.city", ["Lyon"] * 60 + ["Nice"] * 38 + ["Brest", "Lille"])
    assert cuts.values == ('"Lyon"', '"Nice"')
    assert [cuts.level(city) for city in ("Lyon", "Nice", "Brest", None)] == [1, 2, 3, 0]
    many = [f"c{n % 50}" for n in range(500)]
    assert len(cut("traits.city", many).values) == MOST_VALUES


def test_yes_and_one_are_not_the_same():
    cuts = cut("has.email", [True, False, 1, "true"] * 5)
    assert len({cuts.level(value) for value in (True, False, 1, "true")}) == 4
    assert cuts.levels([True, 1, "true"]).tolist() == [cuts.level(v) for v in (True, 1, "true")]


def test_a_number_where_there_was_none_and_the_other_way_round_is_a_level():
    assert Cuts("a", numeric=True, edges=(1.0,)).level("text") == 0
    assert Cuts("a", numeric=True, edges=(1.0,)).level(nan) == 0
    assert Cuts("a", numeric=True, edges=(1.0,)).level(inf) == 2
    assert Cuts("a", numeric=False, values=('"x"',)).level(3) == 2


def test_a_feature_that_is_never_known_has_cuts_all_the_same():
    cuts = cut("orders.count", [None, None])
    assert cuts.level(None) == 0
    assert cuts.level(3) < cuts.size


@given(st.lists(VALUE, max_size=40), st.lists(VALUE, max_size=40))
def test_a_column_has_the_levels_of_its_values_one_by_one(seen, column):
    cuts = cut("a", seen)
    assert cuts.levels(column).tolist() == [cuts.level(value) for value in column]
    assert all(0 <= cuts.level(value) < cuts.size for value in column)


def test_levels_are_numbered_through_and_a_missing_feature_is_not_known():
    binning = binning_of(["a", "b"], [{"a": n, "b": "xy"[n % 2]} for n in range(4)])
    assert binning.offsets == (0, 5)
    assert binning.size == 9
    people = [{"a": 2, "b": "y"}, {}, {"b": None, "c": 1}]
    assert [binning.levels_of(inputs) for inputs in people] == [[3, 7], [0, 5], [0, 5]]
    assert binning.levels_of_all(people).tolist() == [[3, 7], [0, 5], [0, 5]]
    assert binning.levels({"b": ["y"]}, 1).tolist() == [[0, 7]]


@pytest.mark.parametrize("bins", [2, 4, 8])
def test_cuts_of_the_same_values_in_any_order_are_the_same(bins):
    numbers = np.random.default_rng(2).normal(0, 10, 500).tolist()
    assert cut("a", numbers, bins) == cut("a", sorted(numbers), bins)
