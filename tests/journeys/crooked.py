"""A proxy that breaks what it carries, one request after the other, as networks and servers do."""

import asyncio
import gzip
import socket
import struct
from collections import Counter
from contextlib import contextmanager

import msgspec

from journeys.looping import listening, streams

CLOSE_WITH_RESET = struct.pack("ii", 1, 0)
"""SO_LINGER on and zero: closing sends a reset instead of a farewell."""


class Request(msgspec.Struct):
    """One request as it came: its head and body to the byte."""

    head: bytes
    body: bytes

    @property
    def headers(self):
        lines = self.head.decode("latin-1").split("\r\n")[1:]
        return {n.lower(): v.strip() for n, _, v in (line.partition(":") for line in lines) if n}

    @property
    def items(self):
        """What the batch holds, whatever the body was packed in."""
        packed = self.headers.get("content-encoding") == "gzip"
        return msgspec.json.decode(gzip.decompress(self.body) if packed else self.body)["batch"]

    @property
    def raw(self):
        return self.head + self.body


class Link:
    """One client's connection, and what can be done to it."""

    def __init__(self, reader, writer, proxy):
        self.reader = reader
        self.writer = writer
        self.upstream = proxy.upstream
        self._delivered = proxy.delivered

    async def through(self, request):
        """Carry a request to the house on a connection of its own; the answer to the byte."""
        reader, writer = await asyncio.open_connection(*self.upstream)
        try:
            writer.write(request.raw)
            head, body = await read_message(reader)
            self._delivered.update(item["messageId"] for item in request.items)
            return head + body
        finally:
            writer.close()

    async def half(self, request):
        """Carry half of a request to the house, and go away."""
        _, writer = await asyncio.open_connection(*self.upstream)
        writer.write(request.raw[: len(request.head) + len(request.body) // 2])
        await writer.drain()
        writer.close()

    def reset(self):
        """Break the client's connection without a word."""
        end = self.writer.get_extra_info("socket")
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, CLOSE_WITH_RESET)
        self.writer.transport.abort()


async def read_message(reader):
    """One HTTP message with a length: its head with the empty line, and its body."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = 0
    for line in head.decode("latin-1").split("\r\n"):
        name, _, value = line.partition(":")
        if name.lower() == "content-length":
            length = int(value)
        assert name.lower() != "transfer-encoding", "the proxy carries messages with a length"
    return head, await reader.readexactly(length)


def saying(status, body, **headers):
    """A fault: answer in the house's stead, which hears nothing of the request."""
    lines = [f"HTTP/1.1 {status}", f"content-length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]

    async def fault(link, request):
        link.writer.write("\r\n".join([*lines, "", body]).encode())
        return True

    return fault


async def carried(link, request):
    """No fault at all."""
    link.writer.write(await link.through(request))
    return True


async def twice(link, request):
    """A fault: the house gets the request twice, at the same time; the client hears one answer."""
    answers = await asyncio.gather(link.through(request), link.through(request))
    link.writer.write(answers[0])
    return True


async def lost_answer(link, request):
    """A fault: the house stores and answers, and the connection breaks before the client hears it."""
    await link.through(request)
    link.reset()
    return False


async def cut(link, request):
    """A fault: the connection breaks in the middle of the request, on both sides."""
    await link.half(request)
    link.reset()
    return False


async def endless(link, request):
    """A fault: the house stores and answers, and the answer is on its way until the client gives up."""
    await link.through(request)
    await link.reader.read(1)
    link.writer.close()
    return False


class Crooked:
    """Applies the faults of a plan, one to each request that comes; what comes later gets `rest`.

    `delivered` counts how often the house has answered to each message id, heard or not.
    """

    def __init__(self, upstream, plan=(), rest=carried):
        self.requests = []
        self.delivered = Counter()
        self.upstream = upstream
        self.plan = list(plan)
        self.port = 0
        self._rest = rest

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def ids(self):
        """How often each message id came by."""
        return Counter(item["messageId"] for request in self.requests for item in request.items)

    async def meet(self, reader, writer):
        """Serve one connection until it is closed or broken."""
        link = Link(reader, writer, self)
        try:
            while True:
                request = Request(*await read_message(reader))
                self.requests.append(request)
                fault = self.plan.pop(0) if self.plan else self._rest
                if not await fault(link, request):
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@contextmanager
def crooked(*proxies):
    """Run these proxies, each on a free port."""
    with listening(*(streams(proxy.meet) for proxy in proxies)) as ports:
        for proxy, port in zip(proxies, ports, strict=True):
            proxy.port = port
        yield proxies
