"""How often one address may ask for a link or try a code: buckets that fill again, never a lock."""

from collections.abc import Callable

BURST = 5
"""How often somebody may ask at once."""

REFILL_S = 60.0
"""After this many seconds they may ask once more."""

KEPT_MOST = 10_000


class Pacing:
    """Counts by whatever text it is given; satisfies `Limit`."""

    def __init__(self, seconds: Callable[[], float]) -> None:
        self._seconds = seconds
        self._buckets: dict[str, tuple[float, float]] = {}

    def __call__(self, who: str) -> float:
        """Take one turn of `who`: 0 where it was theirs, else how many seconds they have to wait."""
        now_s = self._seconds()
        level, at_s = self._buckets.pop(who, (float(BURST), now_s))
        level = min(float(BURST), level + (now_s - at_s) / REFILL_S)
        wait_s = 0.0 if level >= 1.0 else (1.0 - level) * REFILL_S
        if len(self._buckets) >= KEPT_MOST:
            del self._buckets[next(iter(self._buckets))]
        self._buckets[who] = (level - 1.0 if wait_s == 0.0 else level, now_s)
        return wait_s
