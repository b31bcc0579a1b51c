"""What was used lately, in bounds: the states and handles that a step finds without reading."""

from collections.abc import Iterable, Mapping
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Recent(Generic[K, V]):
    """The most recently used pairs, in two generations: bounded, with no order to keep."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._young: dict[K, V] = {}
        self._old: dict[K, V] = {}

    def get(self, key: K) -> V | None:
        """The value of a key, which counts as used."""
        return self.pick((key,))[0].get(key)

    def pick(self, keys: Iterable[K]) -> tuple[dict[K, V], list[K]]:
        """The pairs of these keys that are here, which count as used, and the keys that are not."""
        young, old = self._young, self._old
        found: dict[K, V] = {}
        missing: list[K] = []
        for key in keys:
            value = young.get(key)
            if value is None:
                value = old.get(key)
                if value is None:
                    missing.append(key)
                    continue
                young[key] = value
            found[key] = value
        return found, missing

    def update(self, pairs: Mapping[K, V]) -> None:
        """Keep these pairs; the older half goes when the younger is full."""
        self._young.update(pairs)
        if len(self._young) > self._most:
            self._old, self._young = self._young, {}

    def drop(self, key: K) -> None:
        """Forget one key."""
        self._young.pop(key, None)
        self._old.pop(key, None)

    def clear(self) -> None:
        """Forget everything."""
        self._young, self._old = {}, {}
