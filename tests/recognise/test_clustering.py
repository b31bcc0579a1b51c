"""Clusters of people who may be one, against the components that SciPy finds, and what holds them back."""

from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from equipoise.nouns.hypotheses import Hypothesis, KeptHypothesis
from equipoise.recognise.clustering import Around, Holds, clusters, guard

EDGES = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=60)


def pair(left: int, right: int, score: float = 0.99) -> Hypothesis:
    return Hypothesis(left=left, right=right, score=score, evidence=())


def held(pairs, holds=None):
    return [one.held for one in guard(pairs, holds)]


@given(EDGES)
def test_clusters_are_the_connected_components_that_scipy_finds(edges):
    there = sorted({one for edge in edges for one in edge})
    left, right = ([edge[side] for edge in edges] for side in (0, 1))
    graph = coo_array((np.ones(len(edges)), (left, right)), shape=(31, 31))
    label = connected_components(graph, directed=False)[1]
    expected = {frozenset(one for one in there if label[one] == label[of]) for of in there}
    found = clusters(edges)
    assert {frozenset(members) for members in found} == expected
    assert sum(map(len, found)) == len(there)


@given(st.permutations([(1, 2), (2, 3), (5, 6), (6, 1)]))
def test_the_order_of_the_pairs_does_not_matter(edges):
    assert clusters(edges) == [[1, 2, 3, 5, 6]]


def test_two_people_who_are_alike_hold_together():
    assert held([pair(1, 2)]) == [""]


def test_three_of_whom_only_two_pairs_are_alike_still_hold_together():
    assert held([pair(1, 2), pair(2, 3)]) == ["", ""]


def test_a_cluster_with_too_many_people_is_held_however_alike_they_are():
    pairs = [pair(a, b) for a, b in combinations(range(9), 2)]
    assert set(held(pairs)) == {"cluster_too_large"}
    assert set(held(pairs, Holds(most=9))) == {""}


def test_a_chain_of_likely_pairs_is_too_loose_to_be_one_person():
    assert set(held([pair(n, n + 1) for n in range(5)])) == {"cluster_loose"}


def test_the_one_pair_that_ties_two_families_together_is_held_and_the_families_are_not():
    families = [
        pair(a, b) for start in (0, 10) for a, b in combinations(range(start, start + 3), 2)
    ]
    told = guard([*families, pair(2, 10)], Holds(least=0.4))
    assert [(one.left, one.right) for one in told if one.held] == [(2, 10)]
    assert told[-1].held == "cluster_bridge"


def test_a_pair_below_the_score_ties_nobody_together():
    assert held([pair(1, 2), pair(2, 3, 0.6), pair(3, 4)]) == ["", "", ""]


def kept(seq, left, right, score=0.97, state="open"):
    return KeptHypothesis(
        seq=seq, left=left, right=right, score=score, evidence=(), found_ms=1, state=state
    )


def test_what_became_one_takes_its_ties_along_and_does_not_make_the_rest_loose():
    ties = [(1, 2), (1, 3), (2, 3), (1, 4), (2, 4), (3, 5), (4, 5), (3, 6)]
    around = Around()
    around.sizes = dict.fromkeys((1, 3, 4, 5, 6), 1)
    for seq, (left, right) in enumerate(ties):
        now = (1 if left == 2 else left, 1 if right == 2 else right)
        state = "confirmed" if (left, right) == (1, 2) else "open"
        around.take(kept(seq, left, right, state=state), *now, 1)
    assert around.sizes[1] == 2
    assert around.held((1, 3), Holds()) == ""


def test_a_chain_of_those_who_wait_is_loose_and_one_of_nine_too_large():
    chain = Around()
    chain.sizes = dict.fromkeys(range(6), 1)
    for n in range(5):
        chain.take(kept(n, n, n + 1), n, n + 1, n)
    assert chain.held((0, 1), Holds()) == "cluster_loose"
    grown = Around()
    grown.sizes = {1: 8, 2: 1}
    grown.take(kept(1, 1, 2), 1, 2, 1)
    assert grown.held((1, 2), Holds()) == "cluster_too_large"
