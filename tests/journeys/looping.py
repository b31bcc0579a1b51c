"""Servers of a test, in a thread of their own beside it."""

import asyncio
import threading
from contextlib import contextmanager
from functools import partial


@contextmanager
def looping():
    """A running event loop, as a function that runs a coroutine there and returns its result."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def run(coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, loop).result()

    async def end():
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    try:
        yield run
    finally:
        run(end())
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def streams(handler):
    """A listener that hands each connection to `handler(reader, writer)`."""

    def protocol(loop):
        reader = asyncio.StreamReader(loop=loop)
        return asyncio.StreamReaderProtocol(reader, handler, loop=loop)

    return protocol


@contextmanager
def listening(*protocols):
    """Serve each protocol, made for a connection by `protocol(loop)`, on a free port; yields the ports."""

    async def listen():
        loop = asyncio.get_running_loop()
        return [
            await loop.create_server(partial(protocol, loop), "127.0.0.1", 0)
            for protocol in protocols
        ]

    async def close(servers):
        for server in servers:
            server.close()

    with looping() as run:
        servers = run(listen())
        try:
            yield [server.sockets[0].getsockname()[1] for server in servers]
        finally:
            run(close(servers))
