"""Who teaches a house that is served: every so often, and whenever it is asked to."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import structlog

from equipoise.ports import Clock, Desk, Overloaded
from equipoise.runners.teaching import Finding, answered, row_of

FIRST_S = 60.0
"""How long after its start a house looks for the first time whether there is something to learn."""

_log = structlog.get_logger("equipoise.teacher")


class NotTaught(Exception):
    """Teaching did not come to its end; what was in force stays, and the next time tries again."""


class Teacher:
    """Teaches a served house beside its door: every so often, and whenever it is asked to.

    `study` gives the findings, from a process or thread that does not hold up the door; new versions are
    handed to the `desk` as any other row.
    """

    def __init__(
        self, study: Callable[[], Awaitable[Sequence[Finding]]], desk: Desk, clock: Clock
    ) -> None:
        self._study = study
        self._desk = desk
        self._clock = clock
        self._one_at_a_time = asyncio.Lock()
        self._soon = asyncio.Event()

    async def learn(self) -> list[Finding]:
        """Learn now, and put what is new into the log.

        Raises `NotTaught`, and `Overloaded` where the door is full.
        """
        async with self._one_at_a_time:
            findings = []
            for finding in await self._study():
                if finding.is_new:
                    reply = await self._desk.ask(row_of(finding, self._clock.now_ms()))
                    finding = answered(finding, reply)  # noqa: PLW2901 - the same one, answered
                findings.append(finding)
        for finding in findings:
            if finding.refused:
                _log.error("the step refused a model", model=finding.name, why=finding.refused)
            elif finding.is_new:
                _log.info("a model entered the log", model=finding.name, lessons=finding.lessons)
        return findings

    def soon(self) -> None:
        """Teach without waiting for the next time: somebody was erased, whom models must not know of."""
        self._soon.set()

    async def run(
        self, every_s: float, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        """Learn a minute after the start, every `every_s` seconds, and when told to; until cancelled."""
        await self._pause(sleep(min(FIRST_S, every_s)))
        while True:
            try:
                await self.learn()
            except (NotTaught, Overloaded) as trouble:
                _log.error("nothing was learnt this time", why=str(trouble))
            await self._pause(sleep(every_s))

    async def _pause(self, slept: Awaitable[None]) -> None:
        """Return once the time has passed, or as soon as it is asked for."""
        sleeping = asyncio.ensure_future(slept)
        asked = asyncio.ensure_future(self._soon.wait())
        try:
            await asyncio.wait((sleeping, asked), return_when=asyncio.FIRST_COMPLETED)
            if sleeping.done():
                sleeping.result()
        finally:
            sleeping.cancel()
            asked.cancel()
            self._soon.clear()
