"""Sessions of operators: opaque, kept in memory, ended by silence, by age, or by leaving."""

import hashlib
import hmac
import secrets
from collections.abc import Callable

import msgspec

from equipoise.nouns.access import Role

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


NAME_SIGNS = 16
"""How many signs of a session's digest name it on a page; nobody can make a cookie of them."""


def _admin() -> Role | None:
    return "admin"


class Terms(msgspec.Struct, frozen=True):
    """How long sessions last, in seconds: in silence, and at all."""

    idle_s: float = IDLE_S
    age_s: float = AGE_S


class Session(msgspec.Struct):
    """One operator's session; times are seconds of a clock that never goes back.

    `role` is asked anew each time, and None once the operator was taken out; `form` is the token that
    every form of this session carries; `address` is where it was begun.
    """

    operator: str
    born_s: float
    used_s: float
    seconds: Callable[[], float]
    role: Callable[[], Role | None] = _admin
    terms: Terms = Terms()
    form: str = ""
    address: str = ""
    over: bool = False

    def alive(self) -> bool:
        """Whether it still counts: not ended, not too old, and its operator still there."""
        now_s, terms = self.seconds(), self.terms
        over = now_s - self.used_s > terms.idle_s or now_s - self.born_s > terms.age_s
        return not (self.over or over) and self.role() is not None

    def is_form_of(self, token: str) -> bool:
        """Whether a form with this token comes from a page of this session."""
        return bool(self.form) and hmac.compare_digest(self.form.encode(), token.encode())


class Sessions:
    """All sessions, by the digest of their cookie: whoever reads the memory finds no cookie."""

    def __init__(self, seconds: Callable[[], float], terms: Terms = Terms()) -> None:  # noqa: B008 - frozen
        self._seconds = seconds
        self._terms = terms
        self._sessions: dict[str, Session] = {}

    def begin(
        self, operator: str, role: Callable[[], Role | None] = _admin, address: str = ""
    ) -> str:
        """A new session; returns its cookie, 256 random bits, which is not kept."""
        self._sweep()
        cookie = secrets.token_urlsafe(SECRET_BYTES)
        now_s = self._seconds()
        self._sessions[_digest(cookie)] = Session(
            operator=operator,
            born_s=now_s,
            used_s=now_s,
            seconds=self._seconds,
            role=role,
            terms=self._terms,
            form=secrets.token_urlsafe(SECRET_BYTES),
            address=address,
        )
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

    def living(self) -> dict[str, Session]:
        """Every living session by its name, the newest first."""
        self._sweep()
        return {key[:NAME_SIGNS]: one for key, one in reversed(self._sessions.items())}

    def end_named(self, name: str) -> None:
        """End the session that is listed under a name."""
        for key in [key for key in self._sessions if key[:NAME_SIGNS] == name]:
            self._sessions.pop(key).over = True

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
