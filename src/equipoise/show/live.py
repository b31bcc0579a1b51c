"""The first page: rendered whole on the server, then kept alive by small events while it is watched."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from time import monotonic
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from equipoise.show.glance import PAUSE_S, ROWS, Glance, Pulse, Watch
from equipoise.show.house import Health, House
from equipoise.show.languages import Language
from equipoise.show.rendering import Pages
from equipoise.show.sessions import SESSION
from equipoise.show.stories import Teller
from equipoise.show.story import Story
from equipoise.show.who import Who

PARTS = (
    "figures",
    "arrivals",
    "recognised",
    "decided",
    "silences",
    "actions",
    "ledger",
    "refused",
)
"""The parts of the page, each replaced by itself when it changes."""

WATCHERS_MOST = 100
"""How many people may watch at once."""

QUIET_S = 15.0
"""After this many seconds without news a comment is sent, so that nothing in between hangs up."""

Pause = Callable[[float], Awaitable[None]]


class Seen(msgspec.Struct, frozen=True):
    """One thing with the person it happened to; `fresh` where the person was not known before."""

    story: Story
    who: Who | None
    fresh: bool = False


class Shown(msgspec.Struct, frozen=True):
    """What the parts of the page are rendered from."""

    glance: Glance
    pulse: Pulse
    health: Health
    backlog: int
    arrivals: list[Seen]
    decided: list[Seen]
    recognised: list[Seen]
    silences: list[tuple[str, int, float]]
    newest_ms: int


def shown_of(glance: Glance, teller: Teller, language: Language) -> dict[str, Any]:
    """The told half of what is shown: arrivals, decisions, people, silences."""
    times = teller.times(glance.receipts)
    rows = [teller.record(row, times.get(row.seq, 0)) for row in glance.rows]
    arrivals = [Seen(s, glance.faces.get(s.atom), s.atom == s.seq) for s in rows[:ROWS]]
    receipts = [teller.receipt(row) for row in glance.receipts]
    newest_ms = max((story.at_ms for story in receipts), default=0)
    silences = [(teller.bar(bar.code), bar.n, bar.share) for bar in glance.silences]
    return {
        "arrivals": arrivals,
        "decided": [Seen(story, glance.faces.get(story.atom)) for story in receipts],
        "recognised": recognised_of(glance, rows, teller, language),
        "silences": silences,
        "newest_ms": newest_ms,
    }


def recognised_of(
    glance: Glance, rows: list[Story], teller: Teller, language: Language
) -> list[Seen]:
    """People who were new, became one, or were held apart, newest first."""
    found = [
        Seen(
            msgspec.structs.replace(
                story,
                tone="event",
                chip=language.text("people.new"),
                sentence=language.text("people.new_by", {"event": story.sentence}),
            ),
            glance.faces.get(story.atom),
            fresh=True,
        )
        for story in rows
        if story.atom and story.atom == story.seq
    ][:4]
    found += [Seen(teller.join(join), glance.faces.get(join.left)) for join in glance.joins]
    found += [Seen(teller.held(held), glance.faces.get(held.left)) for held in glance.held]
    return sorted(found, key=lambda seen: -seen.story.seq)[:7]


class Live:
    """The first page and the stream that keeps it alive."""

    def __init__(
        self,
        house: House,
        pages: Pages,
        seconds: Callable[[], float] = monotonic,
        pause: Pause = asyncio.sleep,
    ) -> None:
        self._house = house
        self._pages = pages
        self._watch = Watch(house, seconds)
        self._seconds = seconds
        self._pause = pause
        self._told: dict[str, tuple[float, dict[str, str]]] = {}
        self.watchers = 0

    def routes(self) -> list[Route]:
        """`/` and `/live`."""
        return [Route("/", self.home), Route("/live", self.stream)]

    def show(self, language: Language) -> Shown:
        """What stands on the page now."""
        glance = self._watch.glance()
        told = shown_of(glance, self._pages.teller(language), language)
        return Shown(
            glance=glance,
            pulse=self._watch.pulse(),
            health=self._watch.health(),
            backlog=self._house.backlog(),
            **told,
        )

    async def home(self, request: Request) -> Response:
        """The whole page."""
        return self._pages.page(
            request, "home.html", shown=self.show(self._pages.language(request)), parts=PARTS
        )

    def fragments(self, language: Language) -> dict[str, str]:
        """Every part as HTML, rendered once for all who watch in one language."""
        now_s = self._seconds()
        rendered_s, parts = self._told.get(language.code, (float("-inf"), {}))
        if now_s - rendered_s >= PAUSE_S:
            parts = self._pages.fragments(language, PARTS, self.show(language))
            self._told[language.code] = (now_s, parts)
        return parts

    async def stream(self, request: Request) -> Response:
        """Server-sent events: a JSON object of the parts that changed, at most twice a second."""
        if self.watchers >= WATCHERS_MOST:
            return PlainTextResponse("too many people watch", 503, {"retry-after": "30"})
        session = request.scope.get(SESSION)
        alive: Callable[[], bool] = (lambda: True) if session is None else session.alive
        return StreamingResponse(
            self.changes(self._pages.language(request), alive),
            media_type="text/event-stream",
            headers={"x-accel-buffering": "no"},
        )

    async def changes(self, language: Language, alive: Callable[[], bool]) -> AsyncIterator[str]:
        """The events of one watcher, until the session or the house ends."""
        self.watchers += 1
        try:
            before: dict[str, str] = {}
            spoke_s = self._seconds()
            yield "retry: 3000\n\n"
            while alive() and not self._house.closing():
                parts = self.fragments(language)
                news = {name: html for name, html in parts.items() if before.get(name) != html}
                before = parts
                if news:
                    spoke_s = self._seconds()
                    yield f"data: {msgspec.json.encode(news).decode()}\n\n"
                elif self._seconds() - spoke_s >= QUIET_S:
                    spoke_s = self._seconds()
                    yield ": still here\n\n"
                await self._pause(PAUSE_S)
        finally:
            self.watchers -= 1
