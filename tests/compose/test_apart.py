"""A process beside the engine gets its settings out of sight, and never outlives who waits for it."""

import asyncio
import os

import pytest

from equipoise.compose.apart import EndedBadly, apart

SLEEPER = """
import os, signal, sys
with open(sys.argv[1], "w") as pipe:
    pipe.write(str(os.getpid()))
signal.pause()
"""


def test_what_it_writes_is_what_one_gets():
    assert asyncio.run(apart("json.tool", b'{"a":1}', "--compact")) == b'{"a":1}\n'


def test_how_it_ended_is_told():
    with pytest.raises(EndedBadly, match="ended with code 1") as error:
        asyncio.run(apart("json.tool", b"{"))
    assert error.value.code == 1


def test_where_nobody_waits_any_more_it_is_ended(tmp_path, monkeypatch):
    (tmp_path / "sleeper.py").write_text(SLEEPER)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    told, pids = tmp_path / "pid", []
    os.mkfifo(told)

    async def leave():
        waiting = asyncio.ensure_future(apart("sleeper", b"", str(told)))
        pids.append(int(await asyncio.to_thread(told.read_text)))
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)

    asyncio.run(asyncio.wait_for(leave(), 60))
    with pytest.raises(ProcessLookupError):
        os.kill(pids[0], 0)
