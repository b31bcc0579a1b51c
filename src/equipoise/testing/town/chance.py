"""Draws that depend on nothing but the seed and what they are for: order and slicing change nothing."""

from collections.abc import Mapping, Sequence
from math import exp, log
from typing import TypeVar

import msgspec

from equipoise.canon import uniform

Thing = TypeVar("Thing")


class Draws(msgspec.Struct, frozen=True):
    """Every draw for one place (who, when) of one town; `what` tells the draws of a place apart."""

    seed: bytes
    place: str

    def number(self, what: str) -> float:
        """A number in [0, 1), fixed by (seed, place, what)."""
        return uniform(self.seed, self.place, what)

    def happens(self, what: str, probability: float) -> bool:
        """True with this probability."""
        return self.number(what) < probability

    def between(self, what: str, low: float, high: float) -> float:
        """A number in [low, high), all alike."""
        return low + (high - low) * self.number(what)

    def whole(self, what: str, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        return low + int(self.number(what) * (high - low + 1))

    def pick(self, what: str, things: Sequence[Thing]) -> Thing:
        """One of several things, all alike."""
        return things[int(self.number(what) * len(things))]

    def weighted(self, what: str, weights: Mapping[Thing, float]) -> Thing:
        """One of several things by their weights, which need not sum to 1."""
        left = self.number(what) * sum(weights.values())
        for thing, weight in weights.items():
            left -= weight
            if left < 0:
                return thing
        return next(reversed(list(weights)))

    def wait(self, what: str, mean: float) -> float:
        """An exponential waiting time of this mean, at most eight times as long."""
        return min(-log(1.0 - self.number(what)), 8.0) * mean

    def count(self, what: str, mean: float) -> int:
        """How often something of this mean happens (Poisson, by inversion), at most 20 times."""
        left = self.number(what)
        chance = exp(-mean)
        for n in range(20):
            if left < chance:
                return n
            left -= chance
            chance *= mean / (n + 1)
        return 20


class Chance(msgspec.Struct, frozen=True):
    """All the chance of one town, from one seed of 1 to 64 bytes."""

    seed: bytes

    def at(self, *place: object) -> Draws:
        """The draws of one place, named by anything that has a text."""
        return Draws(self.seed, "/".join(map(str, place)))
