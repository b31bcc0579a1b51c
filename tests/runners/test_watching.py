"""A folder of plays: what is new enters the log once, and what has mistakes leaves the last version live."""

import asyncio
import os

import pytest

from equipoise.plays.reading import read_play
from equipoise.ports import Overloaded
from equipoise.runners.inline import InlineDesk
from equipoise.runners.watching import PlayFolder
from equipoise.testing.fakes import settle
from house import HERO, THANKS, house


@pytest.fixture
def watched(tmp_path):
    """A house, a folder, and what watches it."""
    engine = house()
    folder = tmp_path / "plays"
    folder.mkdir()
    desk = InlineDesk(engine, engine.clock)
    return engine, folder, PlayFolder(folder, read_play, engine.store, desk, engine.clock)


def look(plays):
    return asyncio.run(plays.look())


def touched(file, text):
    """Write a file as an editor does: another moment of change each time."""
    file.write_text(text, "utf-8")
    stamp = touched.ns = getattr(touched, "ns", 10**18) + 10**9
    os.utime(file, ns=(stamp, stamp))


def test_a_new_file_enters_the_log_once(watched):
    engine, folder, plays = watched
    touched(folder / "thanks.yaml", THANKS)
    assert look(plays) == ["thanks"]
    assert look(plays) == []
    assert [row.name for row in engine.store.plays()] == ["thanks"]


def test_a_file_that_is_saved_without_a_change_enters_no_version(watched):
    engine, folder, plays = watched
    touched(folder / "thanks.yaml", THANKS)
    look(plays)
    touched(folder / "thanks.yaml", THANKS)
    assert look(plays) == []
    assert len(engine.store.plays()) == 1


def test_a_change_is_a_new_version_and_the_old_one_stays_readable(watched):
    engine, folder, plays = watched
    touched(folder / "hero.yaml", HERO)
    look(plays)
    touched(folder / "hero.yaml", HERO + "status: paused\n")
    assert look(plays) == ["hero"]
    assert [row.status for row in engine.store.plays()] == ["live", "paused"]
    assert engine.decide("user_id:ana", "home-hero").reason == "no_such_moment"


def test_mistakes_are_told_for_as_long_as_they_stand_and_change_nothing(watched):
    engine, folder, plays = watched
    touched(folder / "hero.yaml", HERO)
    look(plays)
    touched(folder / "hero.yaml", HERO.replace("purpose", "porpoise"))
    assert look(plays) == []
    assert "porpoise" in plays.mistakes["hero.yaml"]
    assert engine.decide("user_id:ana", "home-hero").play == "hero"
    touched(folder / "hero.yaml", HERO + "priority: 1\n")
    assert look(plays) == ["hero"]
    assert plays.mistakes == {}


def test_a_file_with_mistakes_that_goes_takes_its_mistakes_along(watched):
    _, folder, plays = watched
    touched(folder / "bad.yaml", "name: [")
    look(plays)
    assert set(plays.mistakes) == {"bad.yaml"}
    (folder / "bad.yaml").unlink()
    look(plays)
    assert plays.mistakes == {}


def test_a_file_that_is_no_text_is_a_mistake_and_does_not_end_the_house(watched):
    _, folder, plays = watched
    (folder / "bad.yaml").write_bytes(b"\xff\xfe\x00name")
    assert look(plays) == []
    assert set(plays.mistakes) == {"bad.yaml"}


def test_a_file_that_cannot_be_read_is_a_mistake_and_does_not_end_the_house(watched):
    """As an editor does between two moments, or a link that leads nowhere."""
    _, folder, plays = watched
    (folder / "gone.yaml").symlink_to(folder / "nowhere")
    (folder / "dir.yaml").mkdir()
    touched(folder / "hero.yaml", HERO)
    assert look(plays) == ["hero"]
    assert set(plays.mistakes) == {"gone.yaml", "dir.yaml"}


def test_a_folder_that_is_not_there_has_no_plays(watched):
    _, folder, plays = watched
    plays.folder = folder / "elsewhere"
    assert look(plays) == []


def test_after_a_restart_what_is_in_the_log_does_not_enter_again(watched):
    engine, folder, plays = watched
    touched(folder / "hero.yaml", HERO)
    look(plays)
    again = PlayFolder(folder, read_play, engine.store, plays._desk, engine.clock)
    assert look(again) == []


def test_a_play_that_the_busy_house_sent_away_enters_later(watched):
    _, folder, plays = watched
    touched(folder / "hero.yaml", HERO)

    class Busy:
        asked = 0

        def __init__(self, desk):
            self.desk = desk

        async def ask(self, row):
            Busy.asked += 1
            if Busy.asked == 1:
                raise Overloaded(2)
            return await self.desk.ask(row)

    plays._desk = Busy(plays._desk)

    async def watch():
        watching = asyncio.create_task(plays.watch(0.0))
        while not plays._store.plays():
            await settle(1)
        watching.cancel()

    asyncio.run(asyncio.wait_for(watch(), 10))
    assert Busy.asked == 2


def test_a_play_that_only_the_step_cannot_read_is_a_mistake_too(watched):
    """It was installed with another set of choosers, say."""
    _, folder, plays = watched
    touched(folder / "hero.yaml", HERO)
    plays._read_play = lambda text: read_play(text.replace("porpoise", "purpose"))
    touched(folder / "hero.yaml", HERO.replace("purpose", "porpoise"))
    assert look(plays) == []
    assert "porpoise" in plays.mistakes["hero.yaml"]
