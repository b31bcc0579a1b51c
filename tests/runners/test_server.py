"""A served house: it says where it answers, ends in order, and does not go on without one of its loops."""

import asyncio
import socket
import urllib.request

import pytest

from equipoise.runners.server import Address, HouseServer, listen, url_of

LOCAL = Address("127.0.0.1", 0)


class Desk:
    """Notes when it is opened and closed."""

    def __init__(self):
        self.said = []

    async def open(self):
        self.said.append("open")

    async def close(self):
        self.said.append("close")


async def hello(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})


async def forever():
    await asyncio.Event().wait()


def served(chore=forever, told=lambda server, url: None):
    """Serve until `told` ends it; what the desk noted, and whether the end was announced."""
    desk, ending = Desk(), asyncio.Event()
    listener = listen(LOCAL)

    def announce(url):
        desk.said.append("announced")
        told(server, url)

    server = HouseServer(hello, desk, listener, [chore], announce, ending)
    try:
        asyncio.run(asyncio.wait_for(server.run(), 20))
    finally:
        listener.close()
        desk.said.append(ending.is_set())
        served.said = desk.said
    return desk.said


def stop(server, _):
    server.server.should_exit = True


def test_it_opens_the_desk_then_announces_and_closes_the_desk_last():
    assert served(told=stop) == ["open", "announced", "close", True]


def test_it_answers_where_it_says():
    answers = []

    def told(server, url):
        def ask():
            with urllib.request.urlopen(url, timeout=10) as answer:
                answers.append(answer.read())
            server.server.should_exit = True

        asyncio.get_running_loop().run_in_executor(None, ask)

    served(told=told)
    assert answers == [b"hello"]


def test_a_loop_that_fails_ends_the_house_with_its_error():
    async def broken():
        raise RuntimeError("the watcher broke")

    with pytest.raises(RuntimeError, match="the watcher broke"):
        served(broken)
    assert served.said[-2:] == ["close", True]


def test_loops_are_stopped_before_the_desk_is_closed():
    order = []

    async def chore():
        try:
            await forever()
        finally:
            order.append("stopped")

    assert served(chore, stop)[-2] == "close"
    assert order == ["stopped"]


def test_a_port_that_is_taken_is_told_with_what_to_do():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=f"cannot listen on 127.0.0.1:{port}.*--port 0"):
            listen(Address("127.0.0.1", port))


def test_the_address_is_as_a_browser_wants_it():
    with listen(LOCAL) as listener:
        assert url_of(listener) == f"http://127.0.0.1:{listener.getsockname()[1]}"
    if socket.has_ipv6:
        with listen(Address("::1", 0)) as listener:
            assert url_of(listener).startswith("http://[::1]:")
