"""Who looks, beside a served house, for people who may be one: when it is asked, and every so often."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence

import msgspec
import structlog

from equipoise.nouns.events import IntakeRow, Source
from equipoise.nouns.hypotheses import Hypothesis, JoinAnswer, JoinRecord, Searched
from equipoise.ports import Clock, Desk, Overloaded
from equipoise.runners.rows import handed_in

SEARCHER = Source("searcher")

_log = structlog.get_logger("equipoise.searcher")
_pack = msgspec.msgpack.Encoder().encode


class NotSearched(Exception):
    """A search did not come to its end; the message says why, and nothing of it was kept."""


class Searcher:
    """Looks for people who may be one, beside the door of a served house, one search at a time.

    `look` gives the pairs, from a process that does not hold up the door; what it finds is handed to
    the `desk` as rows of the log. `confirming` gives what the rule of the settings answers afterwards.
    """

    def __init__(
        self,
        look: Callable[[], Awaitable[Sequence[Hypothesis]]],
        desk: Desk,
        clock: Clock,
        confirming: Callable[[], Iterable[JoinAnswer]],
    ) -> None:
        self._look = look
        self._desk = desk
        self._clock = clock
        self._confirming = confirming
        self._asked = asyncio.Event()
        self.began_ms = 0
        self.last: Searched | None = None

    def begin(self) -> None:
        """Search soon, without waiting for it; where a search is under way there is no second one."""
        if not self.began_ms:
            self.began_ms = self._clock.now_ms()
            self._asked.set()

    async def run(self, every_s: float = 0.0) -> None:
        """Search when it is asked for, and every `every_s` seconds (0: never by itself), until cancelled."""
        while True:
            try:
                await asyncio.wait_for(self._asked.wait(), every_s or None)
            except TimeoutError:
                self.began_ms = self._clock.now_ms()
            self._asked.clear()
            self.last = await self.search()
            self.began_ms = 0

    async def search(self) -> Searched:
        """Search once, keep what is found, and let the rule answer it."""
        try:
            pairs = await self._look()
            for found in handed_in(pairs):
                await self._say(found)
            joined, barred = await self._confirm()
        except (NotSearched, Overloaded) as trouble:
            _log.error("no search for people who may be one", why=str(trouble))
            return Searched(at_ms=self._clock.now_ms(), why=str(trouble) or "the door is full")
        done = Searched(at_ms=self._clock.now_ms(), pairs=len(pairs), joined=joined, barred=barred)
        _log.info("people who may be one", pairs=done.pairs, joined=joined, barred=barred)
        return done

    async def _confirm(self) -> tuple[int, dict[str, int]]:
        joined, barred = 0, dict[str, int]()
        for answer in self._confirming():
            reply = await self._say(answer)
            if reply["ok"]:
                joined += 1
            elif reply["reason"] != "joined":
                barred[reply["reason"]] = barred.get(reply["reason"], 0) + 1
        return joined, barred

    async def _say(self, record: JoinRecord) -> dict[str, str]:
        row = IntakeRow(0, "join", SEARCHER, self._clock.now_ms(), _pack(record))
        told: dict[str, str] = msgspec.json.decode(await self._desk.ask(row))
        return told
