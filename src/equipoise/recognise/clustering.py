"""People who may be one hang together in clusters; one that is too large or too loose joins nobody.

One wrong pair between two families makes one cluster of both. So a chain of likely pairs is no proof:
a cluster counts as one person only where most of its members are like most of the others.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from equipoise.nouns.hypotheses import Hypothesis


class Holds(NamedTuple):
    """When a cluster holds together: `most` people, and a mean score over all its pairs of `least`.

    A pair that was not found counts 0. `score` is from where on a pair hangs together.
    """

    score: float = 0.95
    most: int = 8
    least: float = 0.5


def clusters(pairs: Iterable[tuple[int, int]]) -> list[list[int]]:
    """The connected components of a graph, each in order, the one with the smallest member first.

    >>> clusters([(1, 2), (5, 4), (2, 3)])
    [[1, 2, 3], [4, 5]]
    """
    above: dict[int, int] = {}

    def root(one: int) -> int:
        while above.setdefault(one, one) != one:
            above[one] = one = above[above[one]]
        return one

    for left, right in pairs:
        first, second = sorted((root(left), root(right)))
        above[second] = first
    found: dict[int, list[int]] = {}
    for one in sorted(above):
        found.setdefault(root(one), []).append(one)
    return sorted(found.values())


def guard(
    pairs: Sequence[Hypothesis], holds: Holds | None = None, sizes: Mapping[int, int] | None = None
) -> list[Hypothesis]:
    """The same pairs, in the same order, each with why it is held; a pair below `score` is not.

    `cluster_too_large`, `cluster_loose` (the mean is too low), or `cluster_bridge`: without this pair
    two groups of at least two people each would have nothing to do with each other. `sizes` says of
    people made of several by hypotheses of how many, so that a cluster cannot grow past `most` bit by bit.
    """
    holds = holds or Holds()
    likely = [pair for pair in pairs if pair.score >= holds.score]
    place: dict[int, int] = {}
    for number, members in enumerate(clusters((pair.left, pair.right) for pair in likely)):
        place |= dict.fromkeys(members, number)
    inside: dict[int, list[Hypothesis]] = {}
    for pair in likely:
        inside.setdefault(place[pair.left], []).append(pair)
    why: dict[tuple[int, int], str] = {}
    for group in inside.values():
        why |= _judge(group, holds, sizes or {})
    return [replace(pair, held=why.get((pair.left, pair.right), "")) for pair in pairs]


def _judge(
    group: Sequence[Hypothesis], holds: Holds, sizes: Mapping[int, int]
) -> dict[tuple[int, int], str]:
    edges = [(pair.left, pair.right) for pair in group]
    people = {one for edge in edges for one in edge}
    size = len(people)
    if sum(sizes.get(one, 1) for one in people) > holds.most:
        return dict.fromkeys(edges, "cluster_too_large")
    if sum(pair.score for pair in group) < holds.least * size * (size - 1) / 2:
        return dict.fromkeys(edges, "cluster_loose")
    return {edge: "cluster_bridge" for edge in edges if _is_bridge(edge, edges, size)}


def _is_bridge(edge: tuple[int, int], edges: Sequence[tuple[int, int]], size: int) -> bool:
    """True where only this edge holds two groups of two or more together."""
    without = [other for other in edges if other != edge]
    side = next((part for part in clusters(without) if edge[0] in part), [edge[0]])
    return edge[1] not in side and 2 <= len(side) <= size - 2
