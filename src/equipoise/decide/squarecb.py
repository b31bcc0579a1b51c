"""From scores to probabilities: the more an option lacks to the best one, the less it is tried.

SquareCB, inverse gap weighting (Foster and Rakhlin 2020, "Beyond UCB", algorithm 1; the form is that of
Abe and Long 1999): p_a = 1 / (K + gamma (s_best - s_a)), and the rest for the best.
"""

from collections.abc import Sequence
from math import isfinite, sqrt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

GAIN = 80.0
"""How fast exploring ends: gamma is this times the square root of how many lessons there are.

Fixed beforehand: see docs/decisions/0112-gain.md.
"""


def gamma_after(lessons: int) -> float:
    """The gamma after so many lessons, for scores in units of the model's scale."""
    return GAIN * sqrt(max(lessons, 0))


def squarecb(
    scores: Sequence[float] | None, explored: Sequence[bool], gamma: float, floor: float
) -> tuple[float, ...]:
    """The probability of each of K options, from scores (K) in units of the reward.

    What must not be explored has a probability only as the best. Without scores, or with a gamma of 0,
    all that may be explored are alike, and the first option is certain where none may. `floor` (0 to 1)
    is a mass taken from all and shared among what may be explored (`drawing.with_floor`). All
    are in [0, 1] and sum to 1 to 1e-12. Raises `ValueError` for a score that is no finite number.
    """
    count, tried = len(explored), sum(explored)
    if scores is not None and not all(map(isfinite, scores)):
        raise ValueError(f"squarecb: needed finite scores, got {tuple(scores)!r}")
    if scores is None or gamma <= 0.0:
        if not tried:
            return (1.0, *[0.0] * (count - 1))
        return tuple(1.0 / tried if may else 0.0 for may in explored)
    best = max(range(count), key=scores.__getitem__)
    top, given = scores[best], 0.0
    shares = []
    for place, score in enumerate(scores):
        share = 1.0 / (count + gamma * (top - score)) if explored[place] and place != best else 0.0
        shares.append(share)
        given += share
    shares[best] = 1.0 - given
    if floor <= 0.0 or not tried:
        return tuple(shares)
    each = floor / tried
    return tuple(
        share * (1.0 - floor) + (each if may else 0.0)
        for share, may in zip(shares, explored, strict=True)
    )


def squarecb_many(
    scores: "NDArray[np.float64]", explored: "NDArray[np.bool_]", gamma: float, floor: float
) -> "NDArray[np.float64]":
    """The same for n people at once, (n, K), to the bit; `explored` is (K,) or (n, K).

    Raises `ValueError` for a score that is no finite number.
    """
    import numpy as np

    if not np.isfinite(scores).all():
        raise ValueError("squarecb: needed finite scores, got one that is not")
    people, count = scores.shape
    may = np.broadcast_to(explored, scores.shape)
    tried = may.sum(axis=1)
    if gamma <= 0.0:
        shares: NDArray[np.float64] = np.where(may, 1.0 / np.maximum(tried, 1)[:, None], 0.0)
        shares[tried == 0, 0] = 1.0
        return shares
    rows = np.arange(people)
    best = scores.argmax(axis=1)
    with np.errstate(over="ignore"):
        gaps = scores[rows, best][:, None] - scores
        shares = 1.0 / (count + gamma * gaps)
    shares[~may] = 0.0
    shares[rows, best] = 0.0
    # A running sum is taken in order, as one person's is; a plain sum would go in pairs.
    shares[rows, best] = 1.0 - np.cumsum(shares, axis=1)[:, -1]
    if floor <= 0.0:
        return shares
    each = np.where(may, (floor / np.maximum(tried, 1))[:, None], 0.0)
    shares[tried > 0] = (shares * (1.0 - floor) + each)[tried > 0]
    return shares
