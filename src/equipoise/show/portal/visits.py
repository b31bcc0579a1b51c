"""Sessions of people: opaque, in memory, held by a proven handle and by nothing else."""

import hmac
import secrets
from collections.abc import Callable

import msgspec

from equipoise.nouns.events import Handle
from equipoise.show.portal.links import TOKEN_BYTES, digest

VISIT = "equipoise.visit"
"""Where a request carries its visit."""

IDLE_S = 1800.0
"""A visit ends after this many seconds without a request."""

AGE_S = 8 * 3600.0
"""A visit ends after this many seconds, used or not."""

FRESH_S = 900.0
"""Taking a copy away and leaving ask for a link that was opened within so many seconds."""

VISITS_MOST = 10_000


class Visit(msgspec.Struct):
    """One visit: the handle that was proven, and the token that its forms carry."""

    handle: Handle
    form: str
    born_s: float
    used_s: float


class Visits:
    """All visits, by the digest of their cookie."""

    def __init__(self, seconds: Callable[[], float]) -> None:
        self._seconds = seconds
        self._visits: dict[str, Visit] = {}

    def begin(self, handle: Handle) -> str:
        """A new visit; returns its cookie, 256 random bits, which is not kept."""
        now_s = self._seconds()
        for name in [name for name, visit in self._visits.items() if not self._alive(visit)]:
            del self._visits[name]
        while len(self._visits) >= VISITS_MOST:
            del self._visits[next(iter(self._visits))]
        cookie = secrets.token_urlsafe(TOKEN_BYTES)
        self._visits[digest(cookie)] = Visit(handle, form_token(cookie), now_s, now_s)
        return cookie

    def of(self, cookie: str) -> Visit | None:
        """The living visit of a cookie, which counts as used now."""
        visit = self._visits.get(digest(cookie))
        if visit is None or not self._alive(visit):
            return None
        visit.used_s = self._seconds()
        return visit

    def fresh(self, visit: Visit) -> bool:
        """Whether the handle was proven a short while ago."""
        return self._seconds() - visit.born_s <= FRESH_S

    def end(self, handle: Handle) -> int:
        """End every visit of a handle, in all browsers; returns how many there were."""
        mine = [name for name, visit in self._visits.items() if visit.handle == handle]
        for name in mine:
            del self._visits[name]
        return len(mine)

    def _alive(self, visit: Visit) -> bool:
        now_s = self._seconds()
        return now_s - visit.used_s <= IDLE_S and now_s - visit.born_s <= AGE_S


def form_token(cookie: str) -> str:
    """What a form carries to show that it was made for this cookie; it does not tell the cookie."""
    return digest(f"form|{cookie}")


def same(one: str, other: str) -> bool:
    """Whether two tokens are equal, in constant time; an empty one equals nothing."""
    return bool(one) and hmac.compare_digest(one.encode(), other.encode())
