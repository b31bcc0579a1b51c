"""How many different things were seen, in a few hundred bytes that can be merged.

A sketch is the sorted list of the 64 smallest hashes (k minimum values). Which hashes are the
smallest does not depend on the order in which they came, so adding and merging are exact set
operations and any order gives the same list.
"""

from bisect import bisect_left
from collections.abc import Iterable
from functools import lru_cache
from hashlib import blake2b

K = 64
"""How many hashes a sketch keeps. Below this the count is exact (but for a collision of hashes)."""

SPACE = 2**32
"""How many hashes there are; 64 things collide with a probability of about 5e-7."""


@lru_cache(maxsize=16_384)
def hashed(text: str) -> int:
    """The 32-bit BLAKE2b hash of a text, the same in every process."""
    return int.from_bytes(blake2b(text.encode("utf-8", "replace"), digest_size=4).digest(), "big")


def add(sketch: list[int], text: str) -> None:
    """Count one thing in, in place; a thing that is already in changes nothing."""
    number = hashed(text)
    full = len(sketch) >= K
    if full and number >= sketch[-1]:
        return
    place = bisect_left(sketch, number)
    if place < len(sketch) and sketch[place] == number:
        return
    sketch.insert(place, number)
    if full:
        sketch.pop()


def merge(sketches: Iterable[Iterable[int]]) -> list[int]:
    """The sketch of everything that any of the sketches has seen."""
    seen: set[int] = set()
    for sketch in sketches:
        seen.update(sketch)
    return sorted(seen)[:K]


def estimate(sketch: list[int]) -> float:
    """How many different things went in: exact below 64, estimated from there on.

    (k - 1) / u with u the k-th smallest hash as a share of all hashes: the unbiased estimator of
    Beyer, Haas, Reinwald, Sismanis and Gemulla, "On synopses for distinct-value estimation under
    multiset operations", SIGMOD 2007. Its relative standard error is at most
    1 / sqrt(k - 2) = 0.127.

    >>> estimate(merge([[3, 9], [9, 12]]))
    3.0
    """
    if len(sketch) < K:
        return float(len(sketch))
    return (K - 1) * SPACE / (sketch[K - 1] + 1)
