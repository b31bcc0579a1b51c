"""A copy made in a process of its own is the file made here, and who waits is told of a failure."""

import asyncio
from io import BytesIO
from zipfile import ZipFile

import msgspec
import pytest

from equipoise.compose.copying import NOBODY, copy_of
from equipoise.compose.exporting import NobodyHere
from equipoise.compose.portal import copy_apart
from equipoise.settings import Settings, read_settings
from equipoise.show.portal.house import NotMade
from house import THANKS, house, track, welcome


@pytest.fixture
def shop(tmp_path) -> Settings:
    """A store with one person who ordered twice."""
    place = str(tmp_path / "shop.db")
    with house(place) as engine:
        engine.add_play(THANKS)
        engine.take(welcome("ana"))
        engine.take([track("ana", "Order Completed", n, total=3.5) for n in range(2)])
    return read_settings(environ={}, given={"seed": "test", "store": f"sqlite:{place}"})


@pytest.fixture
def ana(tmp_path, shop) -> int:
    with house(str(tmp_path / "shop.db")) as engine:
        return engine.store.people_after(0, 1)[0]


def test_another_process_makes_the_same_file(shop, ana):
    apart = asyncio.run(copy_apart(shop, ana))
    assert apart == copy_of(shop, ana)
    with ZipFile(BytesIO(apart)) as files:
        assert {"datapackage.json", "verify.py"} <= set(files.namelist())


def test_nobody_is_told_apart_from_a_failure(shop):
    with pytest.raises(NobodyHere):
        copy_of(shop, 10**6)
    with pytest.raises(NotMade, match=f"code {NOBODY}"):
        asyncio.run(copy_apart(shop, 10**6))
    lost = msgspec.structs.replace(shop, values=shop.values | {"store": "sqlite:nowhere.db"})
    with pytest.raises(NotMade, match="code 1"):
        asyncio.run(copy_apart(lost, 1))


def test_nobody_waits_for_a_process_that_is_not_wanted_any_more(shop, ana):
    async def leave():
        task = asyncio.create_task(copy_apart(shop, ana))
        await asyncio.wait([task], timeout=0.05)
        task.cancel()
        await asyncio.wait([task])
        return task.cancelled()

    assert asyncio.run(leave())
