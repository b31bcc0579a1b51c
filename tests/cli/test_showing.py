"""`equipoise town` says that it is simulated, lives, and can be kept and gone on with."""

import os
import signal
import subprocess
import sys
from contextlib import contextmanager

from equipoise.stores import open_store
from journeys.served import PATIENCE_S, until


@contextmanager
def town(folder, *words):
    """A small, fast town in a process of its own; gives what it prints, as a file."""
    log = folder / "town.log"
    command = [sys.executable, "-m", "equipoise", "town", "--people", "40", "--port", "0", *words]
    env = {"PATH": os.environ["PATH"], "TMPDIR": str(folder)}
    with log.open("w") as out:
        process = subprocess.Popen(
            [*command, "--speed", "2000"],
            cwd=folder, env=env, stdout=out, stderr=out, start_new_session=True,
        )  # fmt: skip
    try:
        until(lambda: "Ctrl-C ends it" in log.read_text(), "the town does not answer")
        yield log, process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(PATIENCE_S)


def counts(folder):
    """The running totals of a kept town."""
    store, intake = open_store(f"sqlite:{folder / 'town.db'}", "reader")
    try:
        return store.counts()
    finally:
        intake.close()
        store.close()


def end(process):
    """Ctrl-C, as a terminal gives it to all of the town's processes."""
    os.killpg(process.pid, signal.SIGINT)
    return process.wait(PATIENCE_S)


def test_a_town_lives_says_that_it_is_simulated_and_goes_on_where_it_stood(tmp_path):
    with town(tmp_path, "--store", "town.db") as (log, process):
        until(lambda: counts(tmp_path).get("decisions", 0) > 3, "nothing is decided in the town")
        assert "SIMULATED" in log.read_text()
        assert "eqo_" not in log.read_text(), "a town needs no login"
        assert end(process) == 0
        assert "Traceback" not in log.read_text()
    before = counts(tmp_path)
    with town(tmp_path, "--store", "town.db") as (log, process):
        until(lambda: counts(tmp_path)["events"] > before["events"], "the town does not go on")
        assert end(process) == 0


def test_a_town_that_is_not_kept_leaves_nothing_behind(tmp_path):
    with town(tmp_path) as (_, process):
        assert list(tmp_path.glob("equipoise-town-*/town.db"))
        assert end(process) == 0
    assert {file.name for file in tmp_path.iterdir()} == {"town.log"}
