"""Work in a process of its own, beside the engine, so that neither door nor step waits for it."""

import asyncio
import sys


class EndedBadly(Exception):
    """Such a process ended with an error, which it told on standard error; `code` is its exit code."""

    def __init__(self, code: int) -> None:
        super().__init__(f"ended with code {code}")
        self.code = code


async def apart(module: str, given: bytes, *arguments: str) -> bytes:
    """What `python -m MODULE ARGUMENTS` writes to its standard output, with `given` on its standard input.

    Settings hold secrets, so they go there and never among the arguments. Where nobody waits any more, the
    process is ended. Raises `EndedBadly`.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module, *arguments),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        told, _ = await process.communicate(given)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise EndedBadly(process.returncode)
    return told
