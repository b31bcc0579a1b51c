"""Sessions of operators: opaque, kept in memory, ended by silence, by age, or by leaving."""

import hashlib
import secrets
from collections.abc import Callable

import msgspec

SESSION = "equipoise.session"
"""Where a request carries its session."""

IDLE_S = 3600.0
"""A session ends after this many seconds without a request."""

AGE_S = 12 * 3600.0
"""A session ends after this many seconds, used or not."""

SESSIONS_MOST = 1000
SECRET_BYTES = 32

TRIES = 8
"""How often one address may try a wrong token before it has to wait."""

REFILL_S = 5.0
"""After this many seconds an address may try once more."""

ADDRESSES_MOST = 10_000


class Session(msgspec.Struct):
    """One operator's session; times are seconds of a clock that never goes back."""

    operator: str
    born_s: float
    used_s: float
    seconds: Callable[[], float]
    over: bool = False

    def alive(self) -> bool:
        """Whether it still counts."""
        now_s = self.seconds()
        return not (self.over or now_s - self.used_s > IDLE_S or now_s - self.born_s > AGE_S)


class Sessions:
    """All sessions, by the digest of their cookie: whoever reads the memory finds no cookie."""

    def __init__(self, seconds: Callable[[], float]) -> None:
        self._seconds = seconds
        self._sessions: dict[str, Session] = {}

    def begin(self, operator: str) -> str:
        """A new session; returns its cookie, 256 random bits, which is not kept."""
        self._sweep()
        cookie = secrets.token_urlsafe(SECRET_BYTES)
        now_s = self._seconds()
        self._sessions[_digest(cookie)] = Session(operator, now_s, now_s, self._seconds)
        return cookie

    def of(self, cookie: str) -> Session | None:
        """The living session of a cookie, which counts as used now."""
        session = self._sessions.get(_digest(cookie))
        if session is None or not session.alive():
            return None
        session.used_s = self._seconds()
        return session

    def end(self, cookie: str) -> None:
        """End a session at once, also for streams that are open."""
        session = self._sessions.pop(_digest(cookie), None)
        if session is not None:
            session.over = True

    def _sweep(self) -> None:
        for digest in [d for d, session in self._sessions.items() if not session.alive()]:
            del self._sessions[digest]
        while len(self._sessions) >= SESSIONS_MOST:
            oldest = next(iter(self._sessions))
            self._sessions.pop(oldest).over = True


def _digest(cookie: str) -> str:
    return hashlib.sha256(cookie.encode()).hexdigest()


class Tries:
    """How often each address may still try a token: a bucket that fills again, never a lock."""

    def __init__(self, seconds: Callable[[], float]) -> None:
        self._seconds = seconds
        self._buckets: dict[str, tuple[float, float]] = {}

    def wait_s(self, address: str) -> float:
        """How many seconds this address has to wait before it may try; 0 where it may now."""
        return max(0.0, (1.0 - self._level(address)) * REFILL_S)

    def failed(self, address: str) -> None:
        """Count one wrong token."""
        level = self._level(address) - 1.0
        if address not in self._buckets and len(self._buckets) >= ADDRESSES_MOST:
            del self._buckets[next(iter(self._buckets))]
        self._buckets[address] = (level, self._seconds())

    def _level(self, address: str) -> float:
        level, at_s = self._buckets.get(address, (float(TRIES), 0.0))
        return min(float(TRIES), level + (self._seconds() - at_s) / REFILL_S)
