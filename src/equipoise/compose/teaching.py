"""Teaching in a process of its own, which reads the store beside the engine and writes nothing.

`python -m equipoise.compose.teaching NOW_MS` takes the settings as JSON on its standard input, and gives the
findings as MessagePack on its standard output.
"""

import os
import sys
from functools import partial

import msgspec

from equipoise.compose.apart import EndedBadly, apart
from equipoise.compose.library import forget_of, known_here
from equipoise.plays.reading import read_play
from equipoise.runners.teacher import NotTaught
from equipoise.runners.teaching import Course, Finding, study
from equipoise.settings import Settings
from equipoise.stores import open_store

NICE = 10
"""How much less urgent than the engine teaching is, as `nice` has it."""


async def study_apart(settings: Settings, now_ms: int) -> list[Finding]:
    """What there is to learn, found by another process, so that neither door nor step waits for it.

    Raises `NotTaught` where it ends with an error, which it told on standard error. Where nobody waits
    any more, it is ended.
    """
    try:
        told = await apart(
            "equipoise.compose.teaching", msgspec.json.encode(settings.values), str(now_ms)
        )
    except EndedBadly as error:
        raise NotTaught(f"the teaching process {error}, as told above") from None
    return msgspec.msgpack.decode(told, type=list[Finding])


def study_store(settings: Settings, now_ms: int) -> list[Finding]:
    """What there is to learn in the store of the settings; raises `StoreError`."""
    store, intake = open_store(settings.text("store"), "reader")
    try:
        return list(study(store, course_of(settings, now_ms)))
    finally:
        store.close()
        intake.close()


def course_of(settings: Settings, now_ms: int) -> Course:
    """How the house of these settings is taught: whatever plays it took, it reads."""
    known = msgspec.structs.replace(known_here(settings=settings), explain=None)
    read = partial(read_play, known=known)
    return Course(read_play=read, now_ms=now_ms, forget=forget_of(settings))


if __name__ == "__main__":
    os.nice(NICE)
    given = Settings(msgspec.json.decode(sys.stdin.buffer.read()))
    sys.stdout.buffer.write(msgspec.msgpack.encode(study_store(given, int(sys.argv[1]))))
