"""Two clocks for a town: one that is set by hand, and one that runs faster than the world's."""

import time
from collections.abc import Callable
from datetime import datetime

from equipoise.testing.fakes import FakeClock
from equipoise.testing.town.streets import ZONE

SPRING_MS = int(datetime(2026, 4, 14, 8, 30, tzinfo=ZONE).timestamp()) * 1000
"""A Tuesday in April, half past eight in the morning in Montpellier."""


class SteppedClock(FakeClock):
    """A clock that stands still until `step_to` sets it; satisfies `Clock`."""

    def step_to(self, now_ms: int) -> None:
        """Set the time (ms since 1970); it never goes back. Nobody who waits is woken."""
        self._now_ms = max(self._now_ms, now_ms)


class TownClock:
    """Time that starts at `start_ms` and flows `speed` times as fast as real time.

    The default speed is a simulated hour a minute. `running` counts real seconds, steadily.
    """

    def __init__(
        self,
        start_ms: int = SPRING_MS,
        speed: float = 60.0,
        running: Callable[[], float] = time.monotonic,
    ) -> None:
        self.start_ms = start_ms
        self.speed = speed
        self._running = running
        self._began_s = running()

    def now_ms(self) -> int:
        """Milliseconds since 1970, UTC, in the town."""
        return self.start_ms + int((self._running() - self._began_s) * self.speed * 1000)
