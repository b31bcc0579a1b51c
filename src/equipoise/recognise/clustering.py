"""People who may be one hang together in clusters; one that is too large or too loose joins nobody.

One wrong pair between two families makes one cluster of both. So a chain of likely pairs is no proof:
a cluster counts as one person only where most of its members are like most of the others.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from equipoise.nouns.hypotheses import Hypothesis, KeptHypothesis


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


class Around:
    """The people around a hypothesis, and what ties them, as they stand now."""

    def __init__(self) -> None:
        self.sizes: dict[int, int] = {}
        self._edges: dict[tuple[int, int], float] = {}
        self._own: dict[tuple[int, int], float] = {}
        self._heads: dict[int, set[int]] = {}

    def take(self, one: KeptHypothesis, left: int, right: int, about: int) -> None:
        """Take in one hypothesis whose sides are these people now; `about` is whose turn it is."""
        if left == right:
            if one.state == "confirmed":
                self._heads.setdefault(left, set()).update((one.left, one.right))
                self.sizes[about] += 1
        elif one.waits:
            low, high = sorted((left, right))
            self._edges[low, high] = max(one.score, self._edges.get((low, high), 0.0))
            self._own[one.left, one.right] = one.score
            self._heads.setdefault(left, set()).add(one.left)
            self._heads.setdefault(right, set()).add(one.right)

    def held(self, pair: tuple[int, int], holds: Holds) -> str:
        """Why the pair is held; empty where the people around it hold together."""
        around = [
            Hypothesis(left=left, right=right, score=score, evidence=())
            for (left, right), score in sorted(self._edges.items())
        ]
        told = _told(guard(around, holds, self.sizes), pair)
        if told == "cluster_loose" and self._before() >= holds.least:
            # What became one took its ties inside with it. As those who were found, they hold together.
            told = _told(guard(around, holds._replace(least=0.0), self.sizes), pair)
        return told

    def _before(self) -> float:
        """The mean score over all pairs of those who were found, 1 for two who are one by now."""
        one_by_now = sum(len(heads) * (len(heads) - 1) / 2 for heads in self._heads.values())
        people = sum(len(heads) for heads in self._heads.values())
        return 2 * (one_by_now + sum(self._own.values())) / (people * (people - 1))


def _told(judged: list[Hypothesis], pair: tuple[int, int]) -> str:
    return next(one.held for one in judged if (one.left, one.right) == pair)
