"""Which house a command is about: its settings file, its folder, its store."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from equipoise.cli.speaking import Trouble

if TYPE_CHECKING:
    from equipoise.ports import Intake, Store
    from equipoise.settings import Settings

FILE = "equipoise.toml"
"""The settings file that is looked for where none is named."""

SettingsFile = Annotated[
    Path | None,
    typer.Option(
        "--settings",
        metavar="FILE",
        show_default=False,
        help=f"The settings file. [dim]Without it: EQUIPOISE_SETTINGS, then {FILE} here.[/dim]",
    ),
]
StoreUrl = Annotated[
    str | None,
    typer.Option(
        "--store",
        metavar="URL",
        show_default=False,
        help="The store, sqlite:PATH or memory:, instead of that of the settings.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for a program to read.")]


def settings_file(named: Path | None = None) -> Path | None:
    """The file that is named, else that of `EQUIPOISE_SETTINGS`, else the one here, else None."""
    told = os.environ.get("EQUIPOISE_SETTINGS", "")
    if named is not None or told:
        return named or Path(told)
    return Path(FILE) if Path(FILE).is_file() else None


def read(named: Path | None = None, **given: Any) -> "Settings":
    """The settings in force; what is given as None is not given. Raises `SettingsError`."""
    from equipoise.settings import read_settings

    if isinstance(given.get("store"), str):
        given["store"] = url_of(given["store"])
    values = {name: value for name, value in given.items() if value is not None}
    return read_settings(settings_file(named), given=values)


def url_of(store: str) -> str:
    """A store's URL; a path alone, as people type it, means `sqlite:PATH`."""
    looks_like_path = ":" not in store and (store.endswith(".db") or "/" in store)
    return f"sqlite:{store}" if looks_like_path else store


def of_folder(folder: Path, environ: Mapping[str, str] | None = None) -> "Settings":
    """The settings of a folder: its settings file, or its one store where there is no such file."""
    from equipoise.settings import read_settings

    if not folder.is_dir():
        raise Trouble(f"{folder}: there is no such folder. Name one that `equipoise init` made")
    if (folder / FILE).is_file():
        return read_settings(folder / FILE, environ)
    stores = [file for file in sorted(folder.glob("*.db")) if ".intake" not in file.name]
    if len(stores) != 1:
        told = ", ".join(file.name for file in stores) or "none"
        raise Trouble(
            f"{folder}: needs {FILE}, or one store (NAME.db) that it can only be about; it has {told}. "
            f"Name the store itself with --store"
        )
    given = {"store": f"sqlite:{stores[0]}", "plays": str(folder / "plays")}
    return read_settings(None, environ, given)


def store_path(settings: "Settings") -> Path | None:
    """The file of a store on SQLite, or None for another kind of store."""
    kind, _, place = settings.text("store").partition(":")
    return Path(place) if kind == "sqlite" else None


def open_to_read(settings: "Settings") -> "tuple[Store, Intake]":
    """The store and the intake, for reading beside whoever writes. Raises `StoreError`."""
    from equipoise.stores import open_store

    url = settings.text("store")
    if url.startswith("memory:"):
        raise Trouble("a store in memory lives in its own process; ask that process over HTTP")
    return open_store(url, "reader")


def is_written(path: Path) -> bool:
    """Whether a process writes this store or its intake right now."""
    import fcntl

    from equipoise.stores.sqlite import intake_path

    for file in (path, intake_path(path)):
        lock = file.with_name(f"{file.name}.lock")
        if not lock.exists():
            continue
        with lock.open("rb") as held:
            try:
                fcntl.flock(held, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except OSError:
                return True
    return False
