"""`equipoise backup`, `restore` and `migrate`: the files of a store, kept, brought back, brought forward."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from equipoise.cli import places
from equipoise.cli.places import AsJson, SettingsFile, StoreUrl
from equipoise.cli.speaking import (
    Trouble,
    console,
    examples,
    say,
    say_exactly,
    show_json,
    size,
)

KeyFile = Annotated[
    Path | None,
    typer.Option(
        "--key-file",
        metavar="FILE",
        show_default=False,
        help="Seal with the backup key in this key file, instead of a passphrase.",
    ),
]


def add_to(app: typer.Typer) -> None:
    """Give the app the commands `backup`, `restore` and `migrate`."""
    app.command(
        "backup",
        epilog=examples(
            ("equipoise backup /backups/monday.eqb", "asks for a passphrase"),
            ("EQUIPOISE_BACKUP_PASSPHRASE=... equipoise backup nightly.eqb", "for a timer"),
            ("equipoise backup nightly.eqb --key-file equipoise.keys", "with the house's own key"),
        ),
    )(backup)
    app.command(
        "restore",
        epilog=examples(
            ("equipoise restore monday.eqb --to ./attempt", ""),
            ("equipoise verify ./attempt", "then see that it is whole"),
        ),
    )(restore)
    app.command(
        "migrate", epilog=examples(("equipoise backup before.eqb && equipoise migrate", ""))
    )(migrate)


def secret_of(key_file: Path | None, *, twice: bool) -> bytes | str:
    """The key in a key file, else the passphrase of the environment, else the one that is asked for."""
    if key_file is not None:
        from equipoise.stores.keyring import read_keyring

        return read_keyring(key_file).backups
    told = os.environ.get("EQUIPOISE_BACKUP_PASSPHRASE", "")
    if told:
        return told
    if not sys.stdin.isatty():
        raise Trouble(
            "a backup is sealed: set EQUIPOISE_BACKUP_PASSPHRASE, give --key-file, or run this at a "
            "terminal, where it asks for a passphrase"
        )
    return str(typer.prompt("Passphrase", hide_input=True, confirmation_prompt=twice, err=True))


def _files(settings: Path | None, store: str | None) -> tuple[Path, Path]:
    from equipoise.stores.sqlite import intake_path

    chosen = places.read(settings, store=store)
    path = places.store_path(chosen)
    if path is None:
        raise Trouble(
            f"store {chosen.text('store')!r}: has no files of its own; this is for sqlite:PATH"
        )
    return path, intake_path(path)


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Made; never overwritten.")],
    key_file: KeyFile = None,
    settings: SettingsFile = None,
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Copy the store into one sealed file, while it is in use.

    The key file is not in it: keep a copy of that somewhere else.
    """
    from rich.progress import Progress

    from equipoise.stores.sqlite import backup as copying

    path, intake = _files(settings, store)
    secret = secret_of(key_file, twice=True)
    shown = console(error=True)
    with Progress(console=shown, transient=True, disable=not shown.is_terminal) as bar:
        task = bar.add_task("copying", total=None)
        manifest = copying.backup(
            path,
            intake,
            file,
            secret,
            lambda done, total: bar.update(task, completed=done, total=total),
        )
    if as_json:
        show_json({"file": str(file), "bytes": file.stat().st_size, "manifest": manifest})
        return
    say(f"✓ {file}: {size(file.stat().st_size)}, sealed", "ok")
    waiting = manifest.last - manifest.cursor
    say(f"  {manifest.leaves} receipts, {waiting} intake rows that are not yet walked")
    say("  The key file is not in it; keep a copy of it apart.", "dim")


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `equipoise backup` made.")],
    folder: Annotated[
        Path, typer.Option("--to", metavar="FOLDER", help="Where to; nothing is overwritten.")
    ],
    key_file: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Bring a backup back, after every page of it was checked."""
    from equipoise.stores.sqlite import backup as copying

    if not file.is_file():
        raise Trouble(f"{file}: there is no such backup")
    manifest = copying.restore(file, folder, secret_of(key_file, twice=False))
    if as_json:
        show_json({"folder": str(folder), "manifest": manifest})
        return
    say(f"✓ {folder / manifest.store} and {manifest.intake} are back", "ok")
    say("Next:", "strong")
    say_exactly(
        f"  put the key file beside them ({Path(manifest.store).with_suffix('.keys')})\n"
        f"  and {Path(manifest.store).with_suffix('.erased')}, so that nobody who was erased comes back\n"
        f"  equipoise verify {folder}"
    )


def migrate(settings: SettingsFile = None, store: StoreUrl = None, as_json: AsJson = False) -> None:
    """Bring the files of an older release forward.

    Each in one transaction; make a backup first.
    """
    from equipoise.stores.sqlite import migrate_pair

    path, _ = _files(settings, store)
    changed = migrate_pair(str(path))
    if as_json:
        show_json({str(file): {"from": old, "to": new} for file, (old, new) in changed.items()})
        return
    for file, (old, new) in changed.items():
        told = (
            f"is at version {new} already" if old == new else f"brought from version {old} to {new}"
        )
        say(f"✓ {file} {told}", "ok")
