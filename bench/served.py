"""A served house for the benchmarks, on loopback and in a folder of its own; stopped by process id."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Self

SERVE = """
import signal, sys, uvloop
from equipoise.compose.serving import Guests, serve
from equipoise.settings import read_settings
given = {"store": sys.argv[1], "port": 0, "plays": sys.argv[2], "limits.backlog_rows": 10_000_000,
         "limits.backlog_bytes": 8_000_000_000, "smtp.url": "", "basis.default": "interest",
         "security.key_per_s": 0}
settings = read_settings(environ={}, given=given)
# The server raises the signal again once it has closed its doors; the step is waited for after that.
signal.signal(signal.SIGTERM, lambda *_: None)
uvloop.run(serve(settings, Guests(write_key="bench"), lambda url: print(url, flush=True)))
"""

PATIENCE_S = 60


class House:
    """Start it, load it, stop it; `port` is where it answers and `ready_s` how long that took."""

    def __init__(self, plays: dict[str, str] | None = None) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="equipoise-bench-")
        self.store = Path(self.folder.name) / "bench.db"
        folder = Path(self.folder.name) / "plays"
        folder.mkdir()
        for name, text in (plays or {}).items():
            (folder / f"{name}.yaml").write_text(text)
        began = time.perf_counter()
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVE, f"sqlite:{self.store}", str(folder)],
            stdout=subprocess.PIPE,
            text=True,
        )
        self.port = int(self.process.stdout.readline().rsplit(":", 1)[1])
        self.ready_s = time.perf_counter() - began

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.process.stdout.close()
        self.folder.cleanup()

    def step(self) -> int:
        """The process id of the step."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return int(children.split()[0])

    def hold_step(self, *, held: bool) -> None:
        """Stop the step process where it stands, or let it go on."""
        os.kill(self.step(), signal.SIGSTOP if held else signal.SIGCONT)

    def settle(self) -> None:
        """Wait until everything that is durable was walked."""
        url = f"http://127.0.0.1:{self.port}/metrics"
        while True:
            with urllib.request.urlopen(url) as page:
                if b"\nequipoise_backlog_rows 0.0\n" in page.read():
                    return
            time.sleep(0.1)

    def memory_mb(self) -> dict[str, float]:
        """Proportional memory of the door and of the step, in MB."""
        found = {}
        for name, pid in (("door", self.process.pid), ("step", self.step())):
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    found[name] = int(line.split()[1]) / 1024
        return found


def load(
    port: int, kind: str, connections: int, seconds: float, rate: float = 0
) -> subprocess.Popen:
    """Start a load generator."""
    command = [sys.executable, str(Path(__file__).with_name("load.py")), str(port), kind]
    return subprocess.Popen(
        [*command, str(connections), str(seconds), str(rate)], stdout=subprocess.PIPE, text=True
    )


def result(generator: subprocess.Popen) -> dict:
    """What a load generator measured."""
    try:
        out, _ = generator.communicate(timeout=PATIENCE_S)
    except subprocess.TimeoutExpired:
        generator.kill()
        raise
    return json.loads(out)


def quantile(sorted_ms: list[float], share: float) -> float:
    """One quantile of sorted latencies."""
    return sorted_ms[min(len(sorted_ms) - 1, int(share * len(sorted_ms)))] if sorted_ms else 0.0
