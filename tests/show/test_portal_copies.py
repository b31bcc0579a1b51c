"""A copy is made beside the pages: one at a time, once per person, and nobody else waits for it."""

import asyncio

import httpx2 as httpx
import pytest

from equipoise.ports import Overloaded
from equipoise.show.portal.copies import COPIES_MOST, Copies
from equipoise.show.portal.house import NotMade
from show.guests import Portal, form_of, say
from show.visiting import lively, people_of


class Maker:
    """Makes a copy when it is let: `begun` says that one is being made, `gate` lets it end."""

    def __init__(self, *, open_gate: bool = False) -> None:
        self.begun = asyncio.Event()
        self.gate = asyncio.Event()
        self.ended = asyncio.Event()
        self.made: list[int] = []
        self.at_once = self.most_at_once = 0
        if open_gate:
            self.gate.set()

    async def __call__(self, person: int) -> bytes:
        self.made.append(person)
        self.at_once += 1
        self.most_at_once = max(self.at_once, self.most_at_once)
        self.begun.set()
        try:
            await self.gate.wait()
        finally:
            self.at_once -= 1
            self.ended.set()
        return f"file of {person}".encode()


def test_copies_are_made_one_after_the_other_and_once_per_person() -> None:
    async def scene() -> None:
        maker = Maker()
        copies = Copies(maker)
        copies.ask("desk", 1, [1, 4])
        copies.ask("phone", 1, [4, 1])
        copies.ask("other", 2, [2])
        await maker.begun.wait()
        assert await copies.fetch("desk", [1, 4], 0) is None
        assert maker.made == [1]
        maker.gate.set()
        assert await copies.fetch("other", [2], 30) == b"file of 2"
        assert await copies.fetch("desk", [1, 4], 30) == b"file of 1"
        assert await copies.fetch("phone", [1, 4], 30) == b"file of 1"
        assert (maker.made, maker.most_at_once) == ([1, 2], 1)
        with pytest.raises(KeyError):
            await copies.fetch("desk", [1, 4], 0)

    asyncio.run(scene())


def test_a_copy_is_of_the_atoms_that_the_person_had_and_of_the_visit_that_asked() -> None:
    async def scene() -> None:
        copies = Copies(Maker(open_gate=True))
        copies.ask("desk", 1, [1, 4])
        for visit, atoms in (("other", [1, 4]), ("desk", [1]), ("desk", [1, 4, 9])):
            assert not copies.asked(visit, atoms)
            with pytest.raises(KeyError):
                await copies.fetch(visit, atoms, 0)

    asyncio.run(scene())


def test_the_queue_is_bounded_and_a_forgotten_copy_makes_room() -> None:
    async def scene() -> None:
        maker = Maker()
        copies = Copies(maker)
        for person in range(COPIES_MOST):
            copies.ask("v", person, [person])
        copies.ask("w", 0, [0])
        with pytest.raises(Overloaded):
            copies.ask("v", 99, [99])
        await maker.begun.wait()
        copies.forget([0])
        copies.forget([77])
        copies.ask("v", 99, [99])
        assert not copies.asked("v", [0])
        maker.gate.set()
        assert await copies.fetch("v", [99], 30) == b"file of 99"

    asyncio.run(scene())


def test_a_copy_that_could_not_be_made_is_told_and_asked_for_again() -> None:
    async def fails(person: int) -> bytes:
        raise NotMade(str(person))

    async def scene() -> None:
        copies = Copies(fails)
        copies.ask("v", 1, [1])
        with pytest.raises(NotMade):
            await copies.fetch("v", [1], 30)
        assert not copies.asked("v", [1])

    asyncio.run(scene())
    answer = say(Portal(lively(), export=fails).enter(), "/me/export", "/me/leave")
    assert answer.headers["location"] == "/me/leave?said=not_made"


def test_other_people_are_answered_while_a_copy_is_being_made() -> None:
    """The making of Ana's copy stands still until Bo has seen a page."""
    engine = lively()

    async def scene() -> None:
        maker = Maker()
        portal = Portal(engine, export=maker)
        ana, bo = (portal.enter(f"{name}@example.org") for name in ("ana", "bo"))
        async with _same(portal, ana) as mine, _same(portal, bo) as his:
            form = form_of((await mine.get("/me/leave")).text)
            asked = asyncio.create_task(mine.post("/me/export", data={"form": form}))
            await maker.begun.wait()
            assert (await his.get("/me")).status_code == 200
            assert not asked.done()
            maker.gate.set()
            assert (await asked).content == f"file of {people_of(engine)['ana']}".encode()

    asyncio.run(scene())


def test_a_copy_that_takes_long_has_a_page_whose_button_waits_with_the_person() -> None:
    engine = lively()

    async def scene() -> None:
        maker = Maker()
        portal = Portal(engine, export=maker, patience_s=0.0)
        async with _same(portal, portal.enter()) as mine:
            form = form_of((await mine.get("/me/leave")).text)
            asked = await mine.post("/me/export", data={"form": form})
            assert asked.headers["location"] == "/me/export"
            page = (await mine.get("/me/export")).text
            assert 'href="/me/export/file"' in page
            assert "http-equiv" not in page
            assert (await mine.get("/me/export/file")).headers["location"] == "/me/export"
            maker.gate.set()
            await maker.ended.wait()
            # What is made lies ready some turns of the loop later; a request takes many.
            await mine.get("/me/export")
            file = await mine.get("/me/export/file")
            assert file.headers["content-type"] == "application/zip"
            for path in ("/me/export", "/me/export/file"):
                assert (await mine.get(path)).headers["location"] == "/me/leave"

    asyncio.run(scene())


def test_who_leaves_takes_the_copy_along() -> None:
    engine = lively()

    async def scene() -> None:
        maker = Maker()
        portal = Portal(engine, export=maker, patience_s=0.0)
        async with _same(portal, portal.enter()) as mine:
            form = form_of((await mine.get("/me/leave")).text)
            await mine.post("/me/export", data={"form": form})
            await maker.begun.wait()
            left = await mine.post("/me/leave", data={"form": form})
            assert left.headers["location"] == "/me/left"
            await maker.ended.wait()
        assert not maker.gate.is_set()

    asyncio.run(scene())


def _same(portal: Portal, client: httpx.Client) -> httpx.AsyncClient:
    """The browser of a client on the loop of the scene: as many requests at once as one likes."""
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(portal.app),
        base_url="http://testserver",
        headers={"sec-fetch-site": "same-origin"},
        cookies=client.cookies,
    )
