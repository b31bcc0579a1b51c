"""How fast one key or address may ask: a bucket of tokens each, which fills again with time."""

from collections.abc import Callable
from time import monotonic

NAMES_MOST = 10_000
"""The most buckets that are kept; past it the oldest is forgotten, which is a full one."""


class Pace:
    """Token buckets by name: `per_s` tokens a second, at most `burst` at once.

    `seconds` is a clock of seconds that never goes back.
    """

    def __init__(
        self, per_s: float, burst: float, seconds: Callable[[], float] = monotonic
    ) -> None:
        self._per_s = per_s
        self._burst = max(1.0, burst)
        self._seconds = seconds
        self._buckets: dict[str, tuple[float, float]] = {}

    def wait_s(self, name: str) -> float:
        """Take a token of this name: 0 where there was one, else how many seconds until there is."""
        now_s = self._seconds()
        level, at_s = self._buckets.pop(name, (self._burst, now_s))
        level = min(self._burst, level + (now_s - at_s) * self._per_s)
        if len(self._buckets) >= NAMES_MOST:
            del self._buckets[next(iter(self._buckets))]
        if level < 1.0:
            self._buckets[name] = (level, now_s)
            return (1.0 - level) / self._per_s
        self._buckets[name] = (level - 1.0, now_s)
        return 0.0
