"""What is next in a town: its own calls and its reactions, in one order, each handed in once."""

import heapq
from collections.abc import Iterable

from equipoise.testing.town.calls import Call, Request, requests_of
from equipoise.testing.town.town import Town


class Diary:
    """Keeps what is yet to be said; `until_ms` is up to where the town has spoken."""

    def __init__(self, town: Town, from_ms: int) -> None:
        self.town = town
        self.until_ms = from_ms
        self._later: list[tuple[int, int, Call]] = []
        self._written = 0

    def write(self, calls: Iterable[Call]) -> None:
        """Note reactions that will be said at their time, or at once where it is past."""
        for call in calls:
            self._written += 1
            heapq.heappush(self._later, (call.at_ms, self._written, call))

    def read(self, now_ms: int) -> list[Request]:
        """Everything to be said until `now_ms` that was not handed out before, as requests."""
        calls = self.town.calls(self.until_ms, now_ms)
        self.until_ms = max(self.until_ms, now_ms)
        while self._later and self._later[0][0] < now_ms:
            calls.append(heapq.heappop(self._later)[2])
        return requests_of(sorted(calls, key=lambda call: call.at_ms))
