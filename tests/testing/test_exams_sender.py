"""The exam of senders fails what it should: each sender here breaks one promise on purpose."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from equipoise.ports import GaveUp, TryLater
from equipoise.testing.exams_decide import ExamFailed
from equipoise.testing.exams_sender import examine_sender


class Good:
    """A sender and its receiver in one, which keeps every promise."""

    moods = frozenset({"takes", "busy", "refuses", "gone"})

    def __init__(self):
        self.sender = self
        self.taken = []
        self.closed = False

    async def set_mood(self, mood):
        self.mood = mood

    def keys(self):
        return self.taken

    async def send(self, action):
        if self.mood in ("busy", "gone"):
            self.fail(TryLater, action)
        if self.mood == "refuses":
            self.fail(GaveUp, action)
        self.take(action)

    def fail(self, kind, action):
        raise kind("the receiver said no")

    def take(self, action):
        self.taken.append(action.key)

    async def close(self):
        self.closed = True


class Forgets(Good):
    def take(self, action):
        pass


class Doubles(Good):
    def take(self, action):
        self.taken += [action.key, action.key]


class NewKeys(Good):
    def take(self, action):
        self.taken.append(action.key if not self.taken else f"{action.key}-2")


class NeverFails(Good):
    def fail(self, kind, action):
        pass


class HidesTheAnswer(Good):
    async def send(self, action):
        if self.mood != "takes":
            return
        self.take(action)


class NamesThePerson(Good):
    def fail(self, kind, action):
        raise kind(f"no room for {action.handles[1].value}")


class StaysBroken(Good):
    async def send(self, action):
        self.broken = getattr(self, "broken", False) or self.mood == "busy"
        if self.broken:
            raise TryLater("still broken")
        await super().send(action)


class OneAtATime(Good):
    busy = False

    async def send(self, action):
        if self.busy:
            return
        self.busy = True
        await settle_once()
        self.busy = False
        await super().send(action)


async def settle_once():
    """Give way once to whatever else is ready."""
    future = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_soon(future.set_result, None)
    await future


class StuckAfterCancel(Good):
    stuck = False

    async def send(self, action):
        if self.stuck:
            return
        try:
            await settle_once()
        except asyncio.CancelledError:
            self.stuck = True
            raise
        await super().send(action)


def examined(kind):
    @asynccontextmanager
    async def stage():
        yield kind()

    asyncio.run(examine_sender(stage))


def test_a_sender_that_keeps_its_promises_passes():
    examined(Good)


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        (Forgets, "one send needs one delivery"),
        (Doubles, "one send needs one delivery"),
        (NewKeys, "a repeat needs the same key"),
        (NeverFails, "'busy' needs TryLater, and send returned"),
        (HidesTheAnswer, "'busy' needs TryLater, and send returned"),
        (NamesThePerson, "a reason is needed that names no handle"),
        (StaysBroken, "still broken"),
        (OneAtATime, "sends side by side all arrive"),
        (StuckAfterCancel, "after a cancelled send the next one needs to arrive"),
    ],
)
def test_a_sender_that_breaks_a_promise_fails_and_is_told_which(kind, says):
    with pytest.raises((ExamFailed, TryLater), match=says):
        examined(kind)
