"""The exam of a sender: hand in a stage where it meets a receiver, and it passes or is told why not.

Ours take the same exam as those of others; see docs/rooms/senders.md.
"""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Literal, Protocol

from equipoise.nouns.decisions import Action, Moment
from equipoise.nouns.events import Handle
from equipoise.nouns.plays import Option
from equipoise.ports import GaveUp, Sender, TryLater
from equipoise.testing.exams_decide import ExamFailed

NOW_MS = 1_700_000_000_000
"""When the example actions were decided."""

Mood = Literal["takes", "busy", "refuses", "gone"]
"""How a receiver behaves: `busy` for now, `refuses` for good, `gone` where nobody listens."""


class Stage(Protocol):
    """A sender and the receiver that it talks to; `moods` are those that the receiver can be in."""

    sender: Sender
    moods: frozenset[Mood]

    async def set_mood(self, mood: Mood) -> None:
        """Let the receiver behave so from now on."""
        ...

    def keys(self) -> list[str]:
        """The idempotency keys of what the receiver has taken, in order, repeats included."""
        ...


Open = Callable[[], AbstractAsyncContextManager[Stage]]
"""Opens a fresh stage; leaving it stops the receiver."""


def example_action(number: int = 1, channel: str = "email") -> Action:
    """An action as the outbox hands it to a sender: a mail to Ana, first attempt, worth a day."""
    return Action(
        id=number,
        key=f"d_{number}_0123456789abcdef",
        atom=1,
        person=1,
        play="spring",
        version="ab" * 32,
        option=Option(name="men", channel=channel),
        sender=channel,
        status="sending",
        due_ms=NOW_MS,
        until_ms=NOW_MS + 86_400_000,
        at_ms=NOW_MS,
        moment=Moment(
            id=f"m{number}",
            kind="order.completed",
            event=f"e{number}",
            channel="web",
            at_ms=NOW_MS,
            opened_ms=NOW_MS,
        ),
        content={"subject": "Spring is here", "body": "Come and see."},
        handles=(Handle("user_id", "u1"), Handle("email", "ana@example.org")),
        locale="en",
        attempts=1,
    )


async def examine_sender(open_stage: Open, channel: str = "email") -> None:
    """Ask a sender everything that its port promises; raises `ExamFailed` with what it owes."""
    for question in (
        _takes_once,
        _repeats_alike,
        _says_try_later,
        _says_it_gave_up,
        _recovers,
        _carries_many_at_once,
        _survives_cancelling,
        _closes_twice,
    ):
        async with open_stage() as stage:
            await stage.set_mood("takes")
            await question(stage, example_action(1, channel))
            await stage.sender.close()


async def _takes_once(stage: Stage, action: Action) -> None:
    await stage.sender.send(action)
    _same(stage.keys(), [action.key], "one send needs one delivery with the action's key")


async def _repeats_alike(stage: Stage, action: Action) -> None:
    await stage.sender.send(action)
    await stage.sender.send(action)
    if set(stage.keys()) != {action.key}:
        raise ExamFailed(f"a repeat needs the same key {action.key}, got {stage.keys()}")


async def _says_try_later(stage: Stage, action: Action) -> None:
    for mood in ("busy", "gone"):
        if mood in stage.moods:
            await stage.set_mood(mood)
            await _raises(TryLater, stage, action, mood)


async def _says_it_gave_up(stage: Stage, action: Action) -> None:
    if "refuses" in stage.moods:
        await stage.set_mood("refuses")
        await _raises(GaveUp, stage, action, "refuses")


async def _recovers(stage: Stage, action: Action) -> None:
    for mood in sorted(stage.moods & {"busy", "gone"}):
        await stage.set_mood(mood)
        await _raises(TryLater, stage, action, mood)
        await stage.set_mood("takes")
        await stage.sender.send(action)
        _same(stage.keys()[-1:], [action.key], f"after {mood} the next send needs to arrive")


async def _carries_many_at_once(stage: Stage, action: Action) -> None:
    many = [example_action(number, action.sender) for number in range(1, 9)]
    await asyncio.gather(*(stage.sender.send(one) for one in many))
    _same(sorted(stage.keys()), sorted(one.key for one in many), "sends side by side all arrive")


async def _survives_cancelling(stage: Stage, action: Action) -> None:
    cut = asyncio.ensure_future(stage.sender.send(action))
    await asyncio.sleep(0)
    cut.cancel()
    await asyncio.gather(cut, return_exceptions=True)
    after = example_action(2, action.sender)
    await stage.sender.send(after)
    _same(stage.keys()[-1:], [after.key], "after a cancelled send the next one needs to arrive")


async def _closes_twice(stage: Stage, action: Action) -> None:
    await stage.sender.send(action)
    await stage.sender.close()
    await stage.sender.close()


async def _raises(kind: type[Exception], stage: Stage, action: Action, mood: Mood) -> None:
    before = len(stage.keys())
    try:
        await stage.sender.send(action)
    except kind as said:
        if not str(said) or any(handle.value in str(said) for handle in action.handles):
            raise ExamFailed(
                f"a reason is needed that names no handle of the person, got {str(said)!r}"
            ) from said
    else:
        raise ExamFailed(f"a receiver that is {mood!r} needs {kind.__name__}, and send returned")
    _same(stage.keys()[before:], [], f"nothing may arrive at a receiver that is {mood!r}")


def _same(got: list[str], wanted: list[str], what: str) -> None:
    if got != wanted:
        raise ExamFailed(f"{what}: needed {wanted}, got {got}")
