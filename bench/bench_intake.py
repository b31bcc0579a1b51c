"""Accepted and durable over HTTP, the load generator on the same machine; and a bare loop beside it."""

import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import load as wire
import msgspec
from served import House, load, quantile, result

from equipoise.arrive.segment import Envelope, wrap
from equipoise.nouns.events import IntakeRow, Source
from equipoise.stores.sqlite import SqliteIntake

SECONDS = 4.0


SERVER = """
import uvicorn, sys
async def app(scope, receive, send):
    while (await receive()).get("more_body"):
        pass
    head = [(b"content-length", b"16"), (b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": 200, "headers": head})
    await send({"type": "http.response.body", "body": b'{"success":true}'})
uvicorn.run(app, port=int(sys.argv[1]), http="httptools", log_config=None, access_log=False,
            lifespan="off", proxy_headers=False)
"""


def bare_server(kind: str, connections: int) -> float:
    """Requests per second of the same HTTP server when it does nothing but answer 200."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen([sys.executable, "-c", SERVER, str(port)])
    try:
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                time.sleep(0.05)
        got = result(load(port, kind, connections, 3.0))
        return got["requests"] / got["seconds"]
    finally:
        # A kill, because a polite end would wait for connections that nobody closes.
        server.kill()
        server.wait()


def bare(seconds: float) -> float:
    """Events per second of a loop that only decodes a body of 100 and appends it with fsync."""
    bodies = [one.split(b"\r\n\r\n", 1)[1] for one in wire.requests("batch", 100)]
    with tempfile.TemporaryDirectory() as folder:
        intake = SqliteIntake(Path(folder) / "bare.db")
        n, began = 0, time.perf_counter()
        while time.perf_counter() - began < seconds:
            body = bodies[n % len(bodies)]
            msgspec.json.decode(body)
            row = IntakeRow(0, "segment", Source("bare"), 0, wrap(Envelope("batch", body)))
            intake.append([row])
            n += 1
        took = time.perf_counter() - began
        intake.close()
    return 100 * n / took


def main(rounds: int = 3) -> list[tuple[str, str, str]]:
    """Rows of (what, figure, target)."""
    random.seed(1)
    rows, ratios, figures, single, shares, p99 = [], [], [], [], [], []
    for _ in range(rounds):
        alone, idle = bare(2.0), bare_server("single", 64)
        with House() as house:
            house.hold_step(held=True)
            got = result(load(house.port, "batch", 8, SECONDS))
            figures.append(100 * got["requests"] / got["seconds"])
            ratios.append(figures[-1] / alone)
            one = result(load(house.port, "single", 64, SECONDS))
            single.append(one["requests"] / one["seconds"])
            shares.append(single[-1] / idle)
            p99.append(quantile(one["ms"], 0.99))
            errors = got["errors"] + one["errors"]
            house.hold_step(held=False)
    with House() as house:
        got = result(load(house.port, "batch", 8, SECONDS))
        walking = 100 * got["requests"] / got["seconds"]
    median = statistics.median
    rows.append(
        ("batches of 100, accepted and durable, events/s", f"{median(figures):,.0f}", "150,000")
    )
    rows.append(("  as a ratio of the bare loop in the same run", f"{median(ratios):.2f}", "0.50"))
    rows.append(("  the same with the step walking beside it", f"{walking:,.0f}", "-"))
    rows.append(("single events, accepted and durable, /s", f"{median(single):,.0f}", "8,000"))
    rows.append(("  as a ratio of a server that only answers 200", f"{median(shares):.2f}", "-"))
    rows.append(("  their p99, ms", f"{median(p99):.1f}", "25"))
    rows.append(("  answers that were not 200", str(errors), "0"))
    return rows
