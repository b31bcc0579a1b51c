"""A load generator in a process of its own: raw keep-alive connections, bodies built beforehand.

`python load.py PORT KIND CONNECTIONS SECONDS RATE` prints one JSON line: requests, events, errors, and
the sorted latencies in ms. RATE 0 sends as fast as answers come; otherwise so many requests a second,
measured from when each should have left, so that a stall counts against all that waited behind it.
"""

import asyncio
import json
import random
import sys
import time
from collections import deque

KINDS = ("page", "Product Viewed", "Product Added", "Search Performed", "Email Opened")


def event(draw: random.Random, n: int, people: int) -> dict:
    """One event of about 600 bytes, as a browser library sends it."""
    user = draw.randrange(people)
    return {
        "type": "track",
        "event": "Order Completed" if n % 10 == 0 else KINDS[n % len(KINDS)],
        "userId": f"u{user}",
        "anonymousId": f"a{user}",
        "messageId": f"ajs-{draw.getrandbits(96):024x}",
        "timestamp": "2026-03-10T10:00:00.123Z",
        "properties": {
            "title": "A product page with some words",
            "product_id": f"sku-{draw.randrange(5000)}",
            "category": draw.choice("abcdef"),
            "price": draw.randrange(100),
            "revenue": draw.randrange(100),
            "bucket": draw.randrange(3),
        },
        "context": {
            "library": {"name": "analytics.js", "version": "1.84.3"},
            "locale": "fr-FR",
            "timezone": "Europe/Paris",
            "userAgent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)",
            "page": {"path": "/shoes", "url": "https://shop.example/shoes?page=2"},
        },
    }


def request(path: str, body: bytes) -> bytes:
    """One HTTP/1.1 request with the bench's key."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic YmVuY2g6\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def requests(kind: str, n: int, people: int = 20_000) -> list[bytes]:
    """`n` requests of one kind: `batch` of 100 events, `small` of 50, `single`, or `decide`."""
    draw = random.Random(kind)
    if kind == "decide":
        asks = ({"moment": "home-hero", "userId": f"u{draw.randrange(people)}"} for _ in range(n))
        return [request("/v1/decide", json.dumps(ask).encode()) for ask in asks]
    if kind == "single":
        events = (event(draw, place, people) for place in range(n))
        return [request("/v1/track", json.dumps(one).encode()) for one in events]
    size = 100 if kind == "batch" else 50
    return [
        request(
            "/v1/batch",
            json.dumps({"batch": [event(draw, place, people) for place in range(size)]}).encode(),
        )
        for _ in range(n)
    ]


class Client(asyncio.Protocol):
    """One connection: sends a request when told, and notes when its answer is whole."""

    def __init__(self, run: "Run") -> None:
        self.run = run
        self.rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.run.free(self)

    def send(self, payload: bytes, due: float) -> None:
        self.due = due
        self.transport.write(payload)

    def data_received(self, data: bytes) -> None:
        self.rest += data
        end = self.rest.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self.rest[:end].lower()
        at = head.find(b"content-length:")
        length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(self.rest) < end + 4 + length:
            return
        self.run.answered(self.due, good=self.rest.startswith(b"HTTP/1.1 200"))
        self.rest = self.rest[end + 4 + length :]
        self.run.free(self)

    def connection_lost(self, _: Exception | None) -> None:
        self.run.errors += 0 if self.run.over else 1


class Run:
    """So many connections for so many seconds."""

    def __init__(self, kind: str, seconds: float, rate: float) -> None:
        self.payloads = requests(kind, 600 if kind == "batch" else 4000)
        self.seconds, self.rate = seconds, rate
        self.latencies: list[float] = []
        self.errors = 0
        self.sent = 0
        self.over = False
        self.idle: deque[Client] = deque()
        self.started = 0.0

    def free(self, client: Client) -> None:
        self.idle.append(client)
        if self.started:
            self.push()

    def push(self) -> None:
        now = time.perf_counter()
        if now - self.started > self.seconds:
            self.over = True
            return
        while self.idle:
            due = now
            if self.rate:
                due = self.started + self.sent / self.rate
                if due > now:
                    return
            self.idle.popleft().send(self.payloads[self.sent % len(self.payloads)], due)
            self.sent += 1

    def answered(self, due: float, *, good: bool) -> None:
        self.latencies.append((time.perf_counter() - due) * 1000)
        self.errors += not good

    async def go(self, port: int, connections: int) -> dict:
        loop = asyncio.get_running_loop()
        made = [
            await loop.create_connection(lambda: Client(self), "127.0.0.1", port)
            for _ in range(connections)
        ]
        self.started = time.perf_counter()
        self.push()
        while not self.over or len(self.idle) < connections:
            await asyncio.sleep(0.001)
            self.push()
            if time.perf_counter() - self.started > self.seconds + 10:
                break
        took = time.perf_counter() - self.started
        for transport, _ in made:
            transport.close()
        return {
            "requests": len(self.latencies),
            "errors": self.errors,
            "seconds": took,
            "ms": sorted(self.latencies),
        }


def main() -> None:
    port, kind, connections, seconds, rate = sys.argv[1:]
    try:
        import uvloop

        run = uvloop.run
    except ImportError:
        run = asyncio.run
    print(json.dumps(run(Run(kind, float(seconds), float(rate)).go(int(port), int(connections)))))


if __name__ == "__main__":
    main()
