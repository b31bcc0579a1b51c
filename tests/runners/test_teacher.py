"""A served house is taught beside its door, at its hours and when it is asked."""

import asyncio

import msgspec
import pytest
from structlog.testing import capture_logs

from equipoise.nouns.records import ModelVersion
from equipoise.ports import Overloaded
from equipoise.runners.teacher import FIRST_S, NotTaught, Teacher
from equipoise.runners.teaching import Finding
from equipoise.testing.fakes import FakeClock, settle
from house import NOON_MS


class Desk:
    """Answers every row that is asked; what it was asked lies in `rows`."""

    def __init__(self, answer=b'{"ok":true}'):
        self.answer = answer
        self.rows = []

    async def ask(self, row):
        if isinstance(self.answer, Exception):
            raise self.answer
        self.rows.append(row)
        return self.answer


FOUND = [
    Finding(name="play/p", lessons=60, version="ab", body=b"model"),
    Finding(name="play/q", lessons=60, version="cd"),
    Finding(name="lifetime", lessons=2, missing="too few"),
]


def teacher(desk, findings=FOUND):
    """A teacher whose study is over at once."""

    async def study_now():
        if isinstance(findings, Exception):
            raise findings
        return findings

    return Teacher(study_now, desk, FakeClock(NOON_MS))


def test_a_teacher_hands_in_what_is_new_and_nothing_else():
    desk = Desk()
    assert asyncio.run(teacher(desk).learn()) == FOUND
    (row,) = desk.rows
    assert (row.kind, row.source.name, row.received_ms) == ("model", "teacher", NOON_MS)
    version = msgspec.msgpack.decode(row.body, type=ModelVersion)
    assert version == ModelVersion(name="play/p", sha256="ab", body=b"model")


def test_a_model_that_the_step_refuses_is_told_and_not_in_force():
    desk = Desk(b'{"ok":false,"reason":"it cannot be read"}')
    with capture_logs() as logs:
        first, *_ = asyncio.run(teacher(desk).learn())
    assert (first.refused, first.is_new) == ("it cannot be read", False)
    (line,) = logs
    assert (line["model"], line["why"]) == ("play/p", "it cannot be read")


@pytest.mark.parametrize("trouble", [NotTaught("it ended"), Overloaded(3)])
def test_a_teacher_that_fails_once_tries_again_at_its_hour(trouble):
    """The first look comes after a minute, the others after what is set."""
    slept = []

    class Enough(Exception):
        """The test has seen enough rounds."""

    async def sleep(seconds):
        slept.append(seconds)
        if len(slept) == 4:
            raise Enough

    failing = teacher(Desk(trouble if isinstance(trouble, Overloaded) else b""), FOUND)
    if isinstance(trouble, NotTaught):
        failing = teacher(Desk(), trouble)
    with capture_logs() as logs, pytest.raises(Enough):
        asyncio.run(failing.run(3600.0, sleep))
    assert slept == [FIRST_S, 3600.0, 3600.0, 3600.0]
    assert [line["event"] for line in logs] == ["nothing was learnt this time"] * 3


def test_two_who_ask_at_once_are_taught_one_after_the_other():
    running, most = 0, 0

    async def study_now():
        nonlocal running, most
        running += 1
        most = max(most, running)
        await settle(3)
        running -= 1
        return FOUND

    async def both():
        one = Teacher(study_now, Desk(), FakeClock(NOON_MS))
        await asyncio.gather(one.learn(), one.learn())

    asyncio.run(both())
    assert most == 1


def test_an_erasure_is_followed_by_a_lesson_without_waiting_for_the_next_time():
    async def scene():
        taught = asyncio.Event()

        async def study():
            taught.set()
            return []

        async def never(_seconds):
            await asyncio.Event().wait()

        one = Teacher(study, None, FakeClock())
        running = asyncio.create_task(one.run(3600.0, never))
        await settle()
        assert not taught.is_set()
        one.soon()
        await taught.wait()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(scene())
