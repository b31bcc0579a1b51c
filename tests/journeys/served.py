"""A real house for tests: `equipoise serve` in a process of its own, on a free port, and what it kept."""

import http.client
import os
import signal
import subprocess
import sys
import time
from base64 import b64encode
from collections import Counter
from contextlib import closing, contextmanager
from threading import Event as Flag

import msgspec

from equipoise.nouns.events import Event
from equipoise.stores import open_store

KEY = "journey-key"
PATIENCE_S = 30.0
PAUSE_S, LONGEST_PAUSE_S = 0.02, 0.2


def until(question, what, patience_s=PATIENCE_S):
    """The first answer that is not nothing; fails with `what` when none came for so long."""
    end = time.monotonic() + patience_s
    never, pause_s = Flag(), PAUSE_S
    while not (answer := question()):
        assert time.monotonic() < end, f"waited {patience_s:g} s in vain: {what}"
        never.wait(pause_s)
        pause_s = min(1.5 * pause_s, LONGEST_PAUSE_S)
    return answer


def alive(pid):
    """Whether a process runs; one that has ended and was not asked for yet does not."""
    listed = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return bool(listed.stdout.strip()) and not listed.stdout.startswith("Z")


class Reply(msgspec.Struct):
    """What the house answered."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self):
        return msgspec.json.decode(self.body)


class House:
    """One folder with a store and plays, served by one process group at a time."""

    def __init__(self, folder, **settings):
        self.folder = folder
        self.url = self.host = ""
        self.port = 0
        self.process = None
        self._log = folder / "house.log"
        self._settings = {name.replace("__", "."): value for name, value in settings.items()}
        (folder / "plays").mkdir(exist_ok=True)

    @property
    def store_url(self):
        return f"sqlite:{self.folder / 'shop.db'}"

    def play(self, text, name="play"):
        """Put one play into the folder, all of it or nothing."""
        draft = self.folder / f"{name}.draft"
        draft.write_text(text)
        draft.replace(self.folder / "plays" / f"{name}.yaml")

    def _command(self):
        return [
            *(sys.executable, "-m", "equipoise", "serve", "--store", self.store_url),
            *("--port", "0", "--write-key", KEY, "--plays", str(self.folder / "plays")),
        ]

    def start(self):
        """Start it and wait until it has said where it answers."""
        given = {f"EQUIPOISE_{k.replace('.', '_').upper()}": v for k, v in self._settings.items()}
        kept = {
            name: os.environ[name]
            for name in ("PATH", "PYTHONPATH", "TMPDIR")
            if name in os.environ
        }
        with self._log.open("w") as log:
            self.process = subprocess.Popen(
                self._command(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=kept | {name: str(value) for name, value in given.items()},
                cwd=self.folder,
                start_new_session=True,
            )
        self.url = until(self._announced, "the house did not say where it answers")
        self.host, _, port = self.url.removeprefix("http://").partition(":")
        self.port = int(port)
        return self

    def _announced(self):
        said = self._log.read_text()
        assert self.process.poll() is None, f"the house ended by itself:\n{said}"
        return next((w for w in said.split() if w.startswith("http://127.0.0.1:")), None)

    @property
    def said(self):
        """Everything it printed since it was started."""
        return self._log.read_text()

    def step(self):
        """The process id of the step process."""
        return until(self._step, "there is no step process")

    def _step(self):
        listed = subprocess.run(
            ["ps", "-A", "-o", "pid=,ppid=,stat="], capture_output=True, text=True, check=True
        )
        for line in listed.stdout.splitlines():
            pid, parent, state = line.split()[:3]
            if int(parent) == self.process.pid and not state.startswith("Z"):
                return int(pid)
        return None

    def kill(self):
        """Pull the plug of every process of the house at once."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE_S)

    def stop(self):
        """End it as a service manager does; returns its exit code."""
        self.process.terminate()
        return self.process.wait(PATIENCE_S)

    # --- talking to it ------------------------------------------------------------------------

    def connect(self):
        """A connection of one's own, kept open between requests."""
        return http.client.HTTPConnection(self.host, self.port, timeout=PATIENCE_S)

    def ask(self, method, path, body=None, connection=None):
        """One request; the body is sent as JSON."""
        if connection is None:
            with closing(self.connect()) as own:
                return self.ask(method, path, body, own)
        headers = {"authorization": f"Basic {b64encode(f'{KEY}:'.encode()).decode()}"}
        data = None if body is None else msgspec.json.encode(body)
        connection.request(method, path, data, headers)
        answer = connection.getresponse()
        told = {name.lower(): value for name, value in answer.getheaders()}
        return Reply(answer.status, told, answer.read())

    def post(self, path, body, connection=None):
        """One POST."""
        return self.ask("POST", path, body, connection)

    def decide(self, moment, user, connection=None):
        """The answer to one request to decide."""
        reply = self.post("/v1/decide", {"moment": moment, "userId": user}, connection)
        assert reply.status == 200, reply
        return reply.json

    # --- what it kept ---------------------------------------------------------------------------

    @contextmanager
    def reading(self):
        """The store and the intake, read beside whoever writes them."""
        store, intake = open_store(self.store_url, "reader")
        try:
            yield store, intake
        finally:
            store.close()
            intake.close()

    def walked(self):
        """Wait until every durable row was walked."""

        def caught_up():
            with self.reading() as (store, intake):
                return store.position().cursor >= intake.last()

        until(caught_up, "the backlog was not walked")
        return self

    def events(self):
        """Every event of the log, newest first, as of now."""
        decode = msgspec.msgpack.Decoder(Event).decode
        with self.reading() as (store, _):
            rows = store.recent(1_000_000)
        return [decode(row.body) for row in rows if row.kind == "event"]

    def ids(self):
        """How often each message id stands in the log, as of now."""
        return Counter(event.id for event in self.events())

    def counts(self):
        """The running totals of the store."""
        with self.reading() as (store, _):
            return store.counts()

    def receipts(self):
        """Every receipt as it was sealed."""
        with self.reading() as (store, _):
            rows = store.newest_receipts(1_000_000)
        return [msgspec.json.decode(row.body) for row in rows]


@contextmanager
def served(folder, *plays, **settings):
    """A house with these plays that answers; settings are written `limits__backlog_rows=1`."""
    house = House(folder, **settings)
    for number, text in enumerate(plays):
        house.play(text, f"play{number}")
    house.start()
    try:
        yield house
    finally:
        if house.process.poll() is None:
            house.kill()
