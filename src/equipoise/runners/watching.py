"""Plays live in a folder: what changes there enters the log as a new version."""

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path

import msgspec
import structlog

from equipoise.nouns.events import IntakeRow, Source
from equipoise.nouns.plays import Play
from equipoise.nouns.records import PlayVersion
from equipoise.ports import Clock, Desk, Overloaded, Store

PLAYWRIGHT = Source("plays")
_log = structlog.get_logger("equipoise.plays")


class PlayFolder:
    """Watches the `*.yaml` files of one folder; a file with mistakes leaves the last version live.

    `read_play` raises a `ValueError` that names every mistake with its line. `mistakes` maps a file's
    name to that text for as long as it stands, so that an operator sees it.
    """

    def __init__(
        self,
        folder: Path,
        read_play: Callable[[str], Play],
        store: Store,
        desk: Desk,
        clock: Clock,
    ) -> None:
        self.folder = folder
        self.mistakes: dict[str, str] = {}
        self._read_play = read_play
        self._store = store
        self._desk = desk
        self._clock = clock
        self._seen: dict[Path, tuple[int, int]] = {}

    async def watch(self, every_s: float = 1.0) -> None:
        """Look again every so many seconds, until cancelled."""
        while True:
            # A house that is too busy now is asked again: what was not seen to enter is still new.
            with contextlib.suppress(Overloaded):
                await self.look()
            await asyncio.sleep(every_s)

    async def look(self) -> list[str]:
        """Bring in what is new since the last look; the names of the plays that entered the log."""
        entered = []
        files = sorted(self.folder.glob("*.yaml")) if self.folder.is_dir() else []
        for gone in self._seen.keys() - set(files):
            del self._seen[gone]
            self.mistakes.pop(gone.name, None)
        for file in files:
            stamp = _stamp(file)
            if self._seen.get(file) != stamp:
                entered += await self._enter(file)
                self._seen[file] = stamp
        return entered

    async def _enter(self, file: Path) -> list[str]:
        try:
            text = file.read_text("utf-8")  # noqa: ASYNC240 - a few kilobytes, on the owner's own disk
            play = self._read_play(text)
        except (OSError, ValueError) as error:
            self.mistakes[file.name] = str(error)
            _log.error("a play has mistakes; its last version stays", file=file.name)
            return []
        self.mistakes.pop(file.name, None)
        latest = {row.name: row.version for row in self._store.plays()}
        if latest.get(play.name) == play.version:
            return []
        version = PlayVersion(name=play.name, sha256=play.version, text=text)
        body = msgspec.msgpack.encode(version)
        row = IntakeRow(0, "play", PLAYWRIGHT, self._clock.now_ms(), body)
        answer = msgspec.json.decode(await self._desk.ask(row))
        if not answer["ok"]:
            self.mistakes[file.name] = answer["reason"]
            _log.error("the step did not take a play; its last version stays", file=file.name)
            return []
        _log.info("a version of a play entered the log", play=play.name, status=play.status)
        return [play.name]


def _stamp(file: Path) -> tuple[int, int]:
    """When a file changed (ns) and its size; (0, 0) for a link that leads nowhere."""
    try:
        status = file.stat()
    except OSError:
        return (0, 0)
    return (status.st_mtime_ns, status.st_size)
