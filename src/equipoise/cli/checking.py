"""The checks of `equipoise doctor`, one function each: what was looked at, found, and is to be done."""

import os
import platform
import shutil
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from equipoise.cli import places
from equipoise.cli.speaking import Trouble, size, when

if TYPE_CHECKING:
    from equipoise.ports import Intake, Store
    from equipoise.settings import Settings

State = Literal["ok", "warn", "fault"]

OLDEST_PYTHON = (3, 11)
SLOW_FSYNC_MS = 20.0
SYNCS = 15
LOW_SHARE = 0.1
LOW_BYTES = 200_000_000
NEWEST_RECEIPTS = 200
FIRST_SENSIBLE_MS = 1_735_689_600_000
"""The first of January 2025: a clock before it was never set."""


class Looked(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that was looked at: how it is, what was found, what to do; `facts` for programs."""

    name: str
    state: State
    found: str
    advice: str = ""
    facts: dict[str, Any] = {}


def python() -> Looked:
    """Python is new enough."""
    version = platform.python_version()
    if sys.version_info < OLDEST_PYTHON:
        oldest = ".".join(map(str, OLDEST_PYTHON))
        return Looked("python", "fault", version, f"Equipoise needs {oldest} or newer")
    return Looked("python", "ok", f"{version} on {platform.system()} {platform.machine()}")


def sqlite() -> Looked:
    """The SQLite library has no known fault that could damage a file."""
    import apsw

    from equipoise.stores import StoreError
    from equipoise.stores.sqlite.files import check_sqlite

    version = apsw.sqlite_lib_version()
    try:
        check_sqlite(version)
    except StoreError as error:
        return Looked("sqlite", "fault", str(error))
    return Looked("sqlite", "ok", version)


def changed(settings: "Settings") -> list[str]:
    """The names of the settings that differ from their default."""
    from equipoise.settings import SETTINGS

    return [one.name for one in SETTINGS if settings.values[one.name] != one.default]


def key_file(settings: "Settings") -> Looked:
    """The key file is there, readable by its owner alone, and lets somebody in."""
    from equipoise.compose.library import keyring_path
    from equipoise.stores.keyring import KeyringError, read_keyring

    if settings.text("seed"):
        advice = "Take the setting seed away before real people are in it"
        return Looked("keys", "warn", "all keys come from the setting seed: anybody can", advice)
    path = keyring_path(settings.text("store"), settings)
    if path is None:
        return Looked("keys", "ok", "a store in memory has keys of its own while it lives")
    try:
        keyring = read_keyring(path)
    except KeyringError as error:
        return Looked("keys", "fault", str(error))
    found = f"{path}: {len(keyring.sources)} sources, {len(keyring.operators)} operators"
    if not keyring.sources or not keyring.operators:
        who = "source can send" if not keyring.sources else "operator can see the console"
        return Looked("keys", "warn", f"{found}: no {who}", "equipoise keys add NAME --for ...")
    return Looked("keys", "ok", found)


def clock(settings: "Settings") -> Looked:
    """The clock was set, and does not stand before what was decided already."""
    now_ms = time.time_ns() // 1_000_000
    if now_ms < FIRST_SENSIBLE_MS:
        return Looked("clock", "fault", when(now_ms), "Set the clock, and let NTP keep it")
    newest_ms = _newest_ms(settings)
    if newest_ms > now_ms + 60_000:
        found = f"{when(now_ms)}, but the newest receipt is of {when(newest_ms)}"
        return Looked(
            "clock", "warn", found, "Let NTP keep the clock (a simulated town runs ahead)"
        )
    return Looked("clock", "ok", when(now_ms))


def _newest_ms(settings: "Settings") -> int:
    path = places.store_path(settings)
    if path is None or not path.exists():
        return 0
    from equipoise.stores import StoreError

    try:
        opened, intake = places.open_to_read(settings)
    except StoreError:
        return 0
    rows = opened.newest_receipts(1)
    intake.close()
    opened.close()
    told: dict[str, Any] = msgspec.json.decode(rows[0].body) if rows else {}
    return int(told.get("at_ms", 0))


def store(settings: "Settings") -> Iterator[Looked]:
    """The store opens, has this release's layout, keeps up, and its ledger holds."""
    from equipoise.stores import StoreError, StoreVersion

    path = places.store_path(settings)
    if path is None:
        yield Looked("store", "ok", f"{settings.text('store')} keeps nothing when it ends")
        return
    if not path.exists():
        yield Looked("store", "warn", f"{path} is not there yet", "equipoise serve makes it")
        return
    try:
        opened, intake = places.open_to_read(settings)
    except StoreVersion as error:
        yield Looked("store", "fault", str(error))
        return
    except StoreError as error:
        yield Looked("store", "fault", str(error), "Restore a backup: equipoise restore --help")
        return
    try:
        yield _counts(path, opened)
        yield _backlog(settings, path, opened, intake)
        yield _ledger(settings, opened)
    finally:
        intake.close()
        opened.close()


def _counts(path: Path, opened: "Store") -> Looked:
    from equipoise.stores.sqlite import intake_path

    totals = opened.counts()
    files = {}
    for file in (path, intake_path(path)):
        for end in ("", "-wal"):
            part = file.with_name(f"{file.name}{end}")
            if part.exists():
                files[part.name] = part.stat().st_size
    kinds = (("events", "event"), ("people", "person"), ("decisions", "decision"))
    counted = [(totals.get(many, 0), many, one) for many, one in kinds]
    told = ", ".join(f"{n:,} {one if n == 1 else many}" for n, many, one in counted)
    wal = files.get(f"{path.name}-wal", 0)
    facts = {"bytes": files, "totals": totals}
    found = f"{path}: {size(sum(files.values()))}, {told}"
    if wal > 1_000_000_000:
        advice = "Somebody holds a long read open (a query, a backup that hangs): end that reader"
        return Looked("store", "warn", f"{found}; its -wal has {size(wal)}", advice, facts)
    return Looked("store", "ok", found, facts=facts)


def _backlog(settings: "Settings", path: Path, opened: "Store", intake: "Intake") -> Looked:
    waiting = intake.last() - opened.position().cursor
    runs = places.is_written(path)
    facts = {"waiting_rows": waiting, "engine_runs": runs}
    found = f"{waiting:,} rows wait; {'an engine runs' if runs else 'no engine runs'}"
    if waiting > settings.whole("limits.backlog_rows") // 2:
        advice = "The step does not keep up: docs/operate/sizing.md"
        return Looked("intake", "warn", found, advice, facts)
    dead = len(opened.with_status("dead", 100))
    if dead:
        told = f"{found}; {dead}{'+' if dead == 100 else ''} actions could not be delivered"
        return Looked("intake", "warn", told, "See the desk in the console", facts | {"dead": dead})
    return Looked("intake", "ok", found, facts=facts)


def _ledger(settings: "Settings", opened: "Store") -> Looked:
    from equipoise.cli.proving import health, ledger_key
    from equipoise.stores.keyring import KeyringError

    try:
        found = health(opened, ledger_key(settings), NEWEST_RECEIPTS)
    except (Trouble, KeyringError) as error:
        return Looked("ledger", "warn", f"not looked at: {error}")
    if found.complaint:
        return Looked(
            "ledger", "fault", found.complaint, "equipoise verify; keep this store as it is"
        )
    told = f"{found.size:,} leaves, signed; the newest {found.checked:,} receipts prove"
    return Looked("ledger", "ok", told if found.size else "empty", facts={"leaves": found.size})


def volume(settings: "Settings") -> Iterator[Looked]:
    """The volume under the store has room, and syncs in a time that one can wait for."""
    path = places.store_path(settings) or Path("store")
    folder = path.parent
    if not folder.is_dir():
        yield Looked("disk", "fault", f"{folder}: there is no such folder", f"mkdir -p {folder}")
        return
    usage = shutil.disk_usage(folder)
    share = usage.free / usage.total
    found = f"{size(usage.free)} free of {size(usage.total)} ({100 * share:.0f} %)"
    facts = {"free_bytes": usage.free, "total_bytes": usage.total}
    low = share < LOW_SHARE or usage.free < LOW_BYTES
    advice = "Make room: docs/operate/disk-full.md" if low else ""
    yield Looked("disk", "warn" if low else "ok", found, advice, facts)
    try:
        sync_ms = _sync_ms(folder)
    except OSError as error:
        yield Looked("fsync", "fault", f"{folder} cannot be written: {error.strerror}")
        return
    found = f"{sync_ms:.2f} ms a sync (median of {SYNCS})"
    slow = sync_ms > SLOW_FSYNC_MS
    advice = "Every answer waits for one: a faster volume helps most" if slow else ""
    yield Looked("fsync", "warn" if slow else "ok", found, advice, {"fsync_ms": round(sync_ms, 3)})


def _sync_ms(folder: Path) -> float:
    """The median time of writing 4,096 bytes and syncing them, in ms."""
    took = []
    with tempfile.TemporaryFile(dir=folder) as file:
        for _ in range(SYNCS):
            file.write(os.urandom(4096))
            file.flush()
            began = time.perf_counter()
            os.fsync(file.fileno())
            took.append(1000 * (time.perf_counter() - began))
    return statistics.median(took)


def plays(settings: "Settings") -> Looked:
    """Every play in the folder can be read."""
    from equipoise.cli.playing import known
    from equipoise.plays.reading import check_play

    folder = Path(settings.text("plays"))
    files = sorted(folder.glob("*.yaml"))
    if not files:
        return Looked("plays", "warn", f"there is none in {folder}", "equipoise play new")
    here = known(settings)
    wrong = [
        file.name
        for file in files
        if check_play(file.read_text("utf-8", errors="replace"), here).errors
    ]
    if wrong:
        names = ", ".join(wrong)
        return Looked("plays", "warn", f"{names} cannot run", f"equipoise play check {folder}")
    return Looked("plays", "ok", f"{len(files)} in {folder}, none with mistakes")


def port(settings: "Settings") -> Looked:
    """The port is free, or an engine answers there already."""
    host, number = settings.text("host"), settings.whole("port")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((host, number))
        except OSError as error:
            return _taken(host, number, error)
    return Looked("port", "ok", f"{host}:{number} is free" if number else "any free one")


def _taken(host: str, number: int, error: OSError) -> Looked:
    import http.client

    asked = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
    connection = http.client.HTTPConnection(asked, number, timeout=2)
    try:
        connection.request("GET", "/health")
        answer = connection.getresponse()
        text = answer.read(500).decode("utf-8", "replace")
    except (OSError, http.client.HTTPException):
        advice = "Stop what uses the port, or set another"
        return Looked("port", "warn", f"{host}:{number}: {error.strerror}", advice)
    finally:
        connection.close()
    if answer.status == 200 and "status" in text:
        return Looked("port", "ok", f"an engine answers at {host}:{number}")
    found = f"{host}:{number} answers {answer.status}: {text}"
    return Looked("port", "warn", found, "Stop what uses the port, or set another")
