"""One person moves the counts of all groups by 1 at most, and the sums by the stated reach at most."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from equipoise.nouns.aggregates import Question
from equipoise.rights.aggregates.counting import Counter, group_in, number_in, sensitivity

SUM = Question(
    recipient="r", purpose="p", measure="sum", day=1, epsilon=1_000_000, field="x",
    lower=-3.0, upper=10.0, group="g", keys=("a", "b", "true"),
)  # fmt: skip
MEAN = replace(SUM, measure="mean")
COUNT = Question(
    recipient="r",
    purpose="p",
    measure="count",
    day=1,
    epsilon=1_000_000,
    group="g",
    keys=("a", "b"),
)
numbers = st.one_of(st.floats(), st.integers(), st.booleans(), st.text(max_size=2), st.none())
groups = st.one_of(st.sampled_from(["a", "b", " a ", "c", ""]), st.booleans(), st.none())
people = st.lists(st.tuples(groups, numbers), max_size=15)
questions = st.sampled_from(
    [SUM, MEAN, COUNT, replace(SUM, group="", keys=()), replace(MEAN, decimals=0)]
)


def tally(question, crowd):
    counter = Counter(question)
    for person, (group, number) in enumerate(crowd):
        counter.add([person], group, number)
    return counter.tally


@given(questions, people, st.tuples(groups, numbers))
def test_one_person_more_moves_the_figures_by_no_more_than_is_stated(question, crowd, one):
    without, with_them = tally(question, crowd), tally(question, [*crowd, one])
    assert sum(abs(a - b) for a, b in zip(without.n, with_them.n, strict=True)) <= 1
    moved = sum(abs(a - b) for a, b in zip(without.total, with_them.total, strict=True))
    assert moved <= (sensitivity(question) if question.measure != "count" else 0)


def test_the_reach_is_taken_up_by_somebody_and_is_what_opendp_derives_for_counts():
    """The bound is no looser than it has to be, and for counts it is that of OpenDP's own counting."""
    for question, reach in ((SUM, 1000), (MEAN, 650), (replace(SUM, lower=-20.0), 2000)):
        found = {sum(map(abs, tally(question, [("a", x)]).total)) for x in (-1e9, 1e9)}
        assert max(found) == sensitivity(question) == reach
    dp = pytest.importorskip("opendp.prelude")
    dp.enable_features("contrib")
    theirs = dp.t.make_count_by_categories(
        dp.vector_domain(dp.atom_domain(T=str)), dp.symmetric_distance(),
        categories=["a", "b"], null_category=False, TOA="i64",
    )  # fmt: skip
    crowd = ["a", "a", "c", "b", "a"]
    assert theirs.map(1) == 1
    assert theirs(crowd) == tally(COUNT, [(name, None) for name in crowd]).n


def test_whoever_shares_an_atom_with_somebody_counted_is_passed_over():
    counter = Counter(COUNT)
    counter.add([1, 5], "a", None)
    counter.add([5], "b", None)
    counter.add([7], "c", None)
    counter.add([7], "a", None)
    assert counter.tally.n == [1, 0]


def test_a_number_that_is_none_is_not_counted_and_a_great_one_is_cut():
    crowd = [("a", 1.005), ("a", True), ("a", "7"), ("a", None), ("a", math.nan), ("a", 10**400)]
    assert tally(SUM, crowd).n == [2, 0, 0]
    assert tally(SUM, crowd).total == [1000 + 100, 0, 0]
    assert number_in(SUM, -math.inf) == -300
    assert number_in(MEAN, 10) == 650


def test_groups_are_written_as_their_values():
    assert [group_in(value) for value in (True, False, 7, " Sète ", None)] == [
        "true", "false", "7", "Sète", "",
    ]  # fmt: skip
