"""Copies of what is known about people, made beside the pages: one after the other, and kept shortly."""

import asyncio
from collections.abc import Sequence

import msgspec

from equipoise.ports import Overloaded
from equipoise.show.portal.house import Export

COPIES_MOST = 8
"""How many copies may wait, be made, or lie ready at once; who comes then is asked to come back."""

READY_S = 600.0
"""A copy that nobody has fetched is forgotten after this many seconds."""

AGAIN_S = 20
"""When to come back where too many copies wait, in seconds."""

Atoms = tuple[int, ...]
"""Who a copy is of: a person's atoms in order. After a join or a split it is of nobody any more."""


class _Copy(msgspec.Struct):
    task: asyncio.Task[bytes]
    visits: set[str]


class Copies:
    """Every copy that is being made or lies ready, in memory alone, by the atoms of its person.

    A person has one at a time, whichever of their visits ask for it; a visit is told by the token of its
    forms, and fetches only what it asked for itself.
    """

    def __init__(self, make: Export) -> None:
        self._make = make
        self._turn = asyncio.Semaphore(1)
        self._copies: dict[Atoms, _Copy] = {}

    def ask(self, visit: str, person: int, atoms: Sequence[int]) -> None:
        """Have a copy made, unless it is being made already; raises `Overloaded` where too many are."""
        who = tuple(sorted(atoms))
        copy = self._copies.get(who)
        if copy is None or copy.task.done():
            if len(self._copies) >= COPIES_MOST and who not in self._copies:
                raise Overloaded(AGAIN_S)
            self.forget(atoms)
            task = asyncio.ensure_future(self._made(person))
            copy = self._copies[who] = _Copy(task, set())
            task.add_done_callback(lambda _: self._keep_shortly(who, task))
        copy.visits.add(visit)

    async def _made(self, person: int) -> bytes:
        async with self._turn:
            return await self._make(person)

    def _keep_shortly(self, who: Atoms, task: asyncio.Task[bytes]) -> None:
        if not task.cancelled():
            # Looked at here, so that an error that nobody waits for any more is not one of the loop's.
            task.exception()
            task.get_loop().call_later(READY_S, self._drop, who, task)

    def _drop(self, who: Atoms, task: asyncio.Task[bytes]) -> None:
        copy = self._copies.get(who)
        if copy is not None and copy.task is task:
            del self._copies[who]

    def asked(self, visit: str, atoms: Sequence[int]) -> bool:
        """Whether this visit asked for a copy and has not fetched it yet."""
        copy = self._copies.get(tuple(sorted(atoms)))
        return copy is not None and visit in copy.visits

    async def fetch(self, visit: str, atoms: Sequence[int], wait_s: float) -> bytes | None:
        """The copy that this visit asked for, once; None where it is not ready after so many seconds.

        Raises `KeyError` where it asked for none, and whatever the making raised.
        """
        who = tuple(sorted(atoms))
        if not self.asked(visit, atoms):
            raise KeyError(visit)
        copy = self._copies[who]
        await asyncio.wait({copy.task}, timeout=wait_s)
        if not copy.task.done():
            return None
        copy.visits.discard(visit)
        if not copy.visits:
            self._drop(who, copy.task)
        return copy.task.result()

    def forget(self, atoms: Sequence[int]) -> None:
        """Let a person's copy go, made or not."""
        copy = self._copies.pop(tuple(sorted(atoms)), None)
        if copy is not None:
            copy.task.cancel()
