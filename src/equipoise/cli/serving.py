"""`equipoise serve`: the engine behind its door, until Ctrl-C; and what it says while it starts."""

import signal
import sys
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

from equipoise.cli import places
from equipoise.cli.logs import speak_in
from equipoise.cli.places import SettingsFile, StoreUrl
from equipoise.cli.speaking import Exit, Trouble, examples, note, say, say_exactly

if TYPE_CHECKING:
    from equipoise.compose.serving import Guests
    from equipoise.settings import Settings

Port = Annotated[
    int | None,
    typer.Option(
        "--port", metavar="N", show_default=False, help="Listen on this port; 0 takes a free one."
    ),
]


def add_to(app: typer.Typer) -> None:
    """Give the app the command `serve`."""
    app.command(
        "serve",
        epilog=examples(
            ("equipoise serve", "in the folder that `equipoise init` made"),
            ("equipoise serve --store sqlite:shop.db --port 0 --write-key dev", "for a try"),
            ("equipoise serve --settings /etc/equipoise/equipoise.toml", "from anywhere"),
        ),
    )(serve)


def serve(
    store: StoreUrl = None,
    port: Port = None,
    host: Annotated[
        str | None,
        typer.Option(
            "--host", metavar="ADDRESS", show_default=False, help="Listen on this address."
        ),
    ] = None,
    write_key: Annotated[
        str,
        typer.Option(
            "--write-key",
            metavar="KEY",
            envvar="EQUIPOISE_WRITE_KEY",
            help="One more write key, trusted like a server's, kept in no file.",
        ),
    ] = "",
    plays: Annotated[
        Path | None,
        typer.Option(
            "--plays", metavar="FOLDER", show_default=False, help="The folder of the plays."
        ),
    ] = None,
    settings: SettingsFile = None,
) -> None:
    """Start the engine and serve it over HTTP."""
    folder = None if plays is None else str(plays)
    chosen = places.read(settings, store=store, port=port, host=host, plays=folder)
    from equipoise.compose.serving import Guests

    run_house(chosen, Guests(write_key=write_key))


def run_house(settings: "Settings", guests: "Guests", about: str = "") -> None:
    """Serve a house until a signal comes, and say where it answers; `about` is said with it."""
    from equipoise.compose.serving import serve as serve_house

    speak_in(settings.text("log.level"))
    alone(settings)
    token = "" if guests.simulated else first_operator(settings)
    signals = _Signals()

    def announce(url: str) -> None:
        signals.answering = True
        say_exactly(f"Equipoise answers at {url}", "strong")
        if about:
            say(about)
        if token:
            say_exactly(f"Console login, shown once: {url}/login#{token}")
        note("Ctrl-C ends it; what was acknowledged is kept.")

    if sys.platform == "win32":
        import asyncio

        asyncio.run(serve_house(settings, guests, announce))
    else:
        import uvloop

        uvloop.run(serve_house(settings, guests, announce))
    note("Ended. What was acknowledged is on disk.")


class _Signals:
    """SIGINT and SIGTERM end the start at once, and a house that answers by closing its doors.

    While it answers the server hears the signal itself, closes, and then raises it again for whoever
    was there before it: that is here, where nothing is left to do.
    """

    def __init__(self) -> None:
        self.answering = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._hear)

    def _hear(self, number: int, _frame: FrameType | None) -> None:
        if not self.answering:
            raise SystemExit(128 + number)


def alone(settings: "Settings") -> None:
    """Raise `Trouble` where another process writes this store, before anything is started."""
    path = places.store_path(settings)
    if path is not None and places.is_written(path):
        raise Trouble(
            f"{path}: another process writes this store (an engine, or an import). Stop it, or name "
            f"another store with --store",
            Exit.IN_THE_WAY,
        )


def first_operator(settings: "Settings") -> str:
    """The login of a first operator, made where the key file has none; empty where it has one."""
    from equipoise.compose.library import keyring_of, keyring_path
    from equipoise.stores.keyring import write_keyring

    path = keyring_path(settings.text("store"), settings)
    if path is None or settings.text("seed") or settings.yes("open_console"):
        return ""
    keyring = keyring_of(settings.text("store"), settings)
    if keyring.operators:
        return ""
    token = keyring.add_operator("first")
    write_keyring(path, keyring)
    return token
