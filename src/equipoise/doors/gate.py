"""Who speaks with a key, what the key may, and how fast: asked once for every request with a key."""

from collections.abc import Callable
from math import ceil
from typing import Protocol

import msgspec

from equipoise.doors.answers import Refusal
from equipoise.doors.pacing import Pace
from equipoise.nouns.access import SERVER_ONLY, Scope
from equipoise.nouns.events import Source, Trust

Sources = Callable[[str], Source | None]
"""Who speaks with a write key, or None."""


class Known(Protocol):
    """A living key; `stores.keyring.SourceKey` is one."""

    @property
    def name(self) -> str:
        """The source that it was given to."""
        ...

    @property
    def trust(self) -> Trust:
        """How far the source is trusted."""
        ...

    @property
    def shown(self) -> str:
        """What the key is listed as; not the key."""
        ...

    def may(self, scope: Scope) -> bool:
        """Whether it is allowed this."""
        ...


class _Free(msgspec.Struct, frozen=True):
    """A source without a key file: it may everything that its trust allows."""

    name: str
    trust: Trust

    @property
    def shown(self) -> str:
        return self.name

    def may(self, scope: Scope) -> bool:
        return self.trust == "server" or scope not in SERVER_ONLY


class Gate:
    """Answers for keys. `known` finds a living one; `pace` is how fast each may ask, None for any."""

    def __init__(self, known: Callable[[str], Known | None], pace: Pace | None = None) -> None:
        self._known = known
        self._pace = pace

    @classmethod
    def of(cls, sources: Sources) -> "Gate":
        """A gate over plain sources, whose keys may all that their trust allows."""

        def known(key: str) -> Known | None:
            source = sources(key)
            return None if source is None else _Free(source.name, source.trust)

        return cls(known)

    def __call__(self, key: str) -> Source | None:
        """Who speaks with a key, whatever it may, or None."""
        known = self._known(key) if key else None
        return None if known is None else Source(known.name, known.trust)

    def admit(self, key: str, scope: Scope) -> Source | None:
        """Who speaks, where the key may do this now; None where it is not known.

        Raises `Refusal` 403 where the key lacks the scope, and 429 where it asks too fast.
        """
        known = self._known(key) if key else None
        if known is None:
            return None
        wait_s = 0.0 if self._pace is None else self._pace.wait_s(known.shown)
        if wait_s > 0.0:
            after = [(b"retry-after", str(ceil(wait_s)).encode())]
            raise Refusal(429, "too_fast", "this key asks faster than it may: come back", after)
        if not known.may(scope):
            raise Refusal(403, "scope_missing", f"this key may not {scope}; another one is needed")
        return Source(known.name, known.trust)

    def may(self, key: str, scope: Scope) -> bool:
        """Whether a key is known and may do this, however fast it asks."""
        known = self._known(key) if key else None
        return known is not None and known.may(scope)

    def asking(self, scope: Scope) -> Sources:
        """The gate for one purpose, as plain sources; may raise `Refusal` as `admit` does."""
        return lambda key: self.admit(key, scope)
