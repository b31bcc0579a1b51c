"""A served house: the door listens, plays are watched, actions are carried out, until told to stop."""

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

import msgspec
import uvicorn
from starlette.types import ASGIApp

Announce = Callable[[str], None]
"""Told the address once the house answers there."""


class Opened(Protocol):
    """A desk that has to be opened before rows are handed in, and closed after the last one."""

    async def open(self) -> None:
        """Be ready to take rows."""
        ...

    async def close(self) -> None:
        """Finish what was taken."""
        ...


class Address(msgspec.Struct, frozen=True):
    """Where the house listens; port 0 takes a free one."""

    host: str
    port: int


def listen(address: Address) -> socket.socket:
    """A listening socket; raises `OSError` with what to do where the port is taken."""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((address.host, address.port))
    except OSError as error:
        listener.close()
        raise OSError(
            error.errno,
            f"cannot listen on {address.host}:{address.port} ({error.strerror}). Stop what uses the "
            "port, or choose another with --port; --port 0 takes a free one",
        ) from None
    listener.listen(2048)
    return listener


def url_of(listener: socket.socket) -> str:
    """The address of a listening socket, as a browser wants it."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class HouseServer:
    """The door's process: everything that is asynchronous, and nothing that decides.

    `chores` are loops that run beside the door (deliveries, the watcher of plays, the town); one that
    fails ends the house with its error, so that nothing silently stops. `ending` is set when it does.
    """

    def __init__(
        self,
        app: ASGIApp,
        desk: Opened,
        listener: socket.socket,
        chores: Sequence[Callable[[], Awaitable[None]]],
        announce: Announce,
        ending: asyncio.Event,
    ) -> None:
        self._desk = desk
        self._listener = listener
        self._chores = chores
        self._announce = announce
        self._ending = ending
        config = uvicorn.Config(
            app,
            http="httptools",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=5,
            timeout_keep_alive=65,
        )
        self.server = uvicorn.Server(config)

    async def run(self) -> None:
        """Serve until a signal or `server.should_exit`; leaves no process and no task behind."""
        await self._desk.open()
        door = asyncio.create_task(self.server.serve(sockets=[self._listener]))
        watch = asyncio.create_task(self._watch_for_the_end())
        chores = [asyncio.ensure_future(chore()) for chore in self._chores]
        try:
            # uvicorn tells that it has started by a flag alone.
            while not self.server.started and not door.done():  # noqa: ASYNC110
                await asyncio.sleep(0.005)
            if self.server.started:
                self._announce(url_of(self._listener))
            done, _ = await asyncio.wait([door, *chores], return_when=asyncio.FIRST_COMPLETED)
            self.server.should_exit = True
            await door
            for task in done:
                task.result()
        finally:
            self._ending.set()
            for chore in (watch, *chores):
                chore.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.gather(watch, *chores, return_exceptions=True)
            await self._desk.close()

    async def _watch_for_the_end(self) -> None:
        """Tell pages that stay open that the server wants to stop: uvicorn says so by a flag alone."""
        while not self.server.should_exit:  # noqa: ASYNC110
            await asyncio.sleep(0.2)
        self._ending.set()
