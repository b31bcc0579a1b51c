"""Teaching in a process of its own finds what teaching here finds, and leaves the store as it was."""

import asyncio

import msgspec
import pytest

from equipoise.compose.library import forget_of
from equipoise.compose.serving import hours_of
from equipoise.compose.teaching import course_of, study_apart, study_store
from equipoise.runners.teacher import NotTaught
from equipoise.settings import Settings, SettingsError, read_settings
from equipoise.testing.fakes import FakeClock
from house import DAY_MS, HERO, NOON_MS, house, track

LEARNING = (
    HERO
    + """
goal: {event: Order Completed, value: 20, within_days: 1}
features: [orders.count, "traits.level"]
chooser: learning
"""
)
PHRASES = """
[features."traits.level"]
en = "your level is {value}"
fr = "votre niveau est {value}"
"""


@pytest.fixture
def shop(tmp_path) -> Settings:
    """A store with 60 lessons, some of them answered, of a play with a phrase of the house's own."""
    (tmp_path / "phrases.toml").write_text(PHRASES, "utf-8")
    place = str(tmp_path / "shop.db")
    given = {"seed": "test", "phrases": str(tmp_path / "phrases.toml")}
    with house(place, clock=FakeClock(NOON_MS), **given) as engine:
        engine.add_play(LEARNING)
        for n in range(60):
            engine.decide(f"user_id:u{n}", "home-hero")
            if n % 3 == 0:
                engine.take([track(f"u{n}", "Order Completed", value=20)])
        asyncio.run(engine.clock.advance(2 * DAY_MS))
        engine.tick()
    return read_settings(environ={}, given=given | {"store": f"sqlite:{place}"})


def test_another_process_finds_the_same_and_writes_nothing(shop):
    here = study_store(shop, NOON_MS)
    apart = asyncio.run(study_apart(shop, NOON_MS))
    assert apart == here
    assert [(one.name, one.is_new, one.lessons) for one in apart] == [
        ("play/hero", True, 60),
        ("lifetime", False, 20),
    ]
    assert study_store(shop, NOON_MS) == here


def test_a_process_that_fails_is_told_and_teaches_nothing(shop):
    lost = msgspec.structs.replace(shop, values=shop.values | {"store": "sqlite:nowhere.db"})
    with pytest.raises(NotTaught, match="ended with code 1"):
        asyncio.run(study_apart(lost, NOON_MS))


def test_nobody_waits_for_a_process_that_is_not_wanted_any_more(shop):
    """Where the house closes while it is being taught, the process is ended with it."""

    async def leave():
        task = asyncio.create_task(study_apart(shop, NOON_MS))
        await asyncio.wait([task], timeout=0.05)
        task.cancel()
        await asyncio.wait([task])
        return task.cancelled()

    assert asyncio.run(leave())


@pytest.mark.parametrize("share", [-0.1, 1.0])
def test_what_is_forgotten_is_a_share_below_1(share):
    settings = read_settings(environ={}, given={"learn.forget": share})
    with pytest.raises(SettingsError, match=r"learn\.forget needs a share"):
        forget_of(settings)
    with pytest.raises(SettingsError):
        course_of(settings, NOON_MS)


def test_a_house_is_not_taught_every_minus_one_hours():
    assert hours_of(read_settings(environ={}), "learn.every_hours") == 24.0
    with pytest.raises(SettingsError, match=r"learn\.every_hours needs 0 \(never\)"):
        hours_of(read_settings(environ={}, given={"learn.every_hours": -1}), "learn.every_hours")
