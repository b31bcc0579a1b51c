"""`equipoise import FOLDER`: a whole export of another house, taken into an empty one."""

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from equipoise.cli import places
from equipoise.cli.keeping import secret_of
from equipoise.cli.speaking import Exit, Trouble, say, say_exactly, show_json

if TYPE_CHECKING:
    from equipoise.compose.settling import Settled
    from equipoise.settings import Settings


def import_house(folder: Path, settings: "Settings", *, as_json: bool) -> None:
    """Take a whole export into the store of these settings, and put its settings and plays beside it.

    What is there already is left as it is. Raises `Trouble`, or an error of a store with what to do.
    """
    from equipoise.compose.library import keyring_path
    from equipoise.compose.settling import is_house, settle

    if not is_house(folder):
        raise Trouble(f"{folder}: is no whole export; `equipoise export --all` makes one")
    path = places.store_path(settings)
    if path is None:
        raise Trouble("a whole export goes into files: name them with --store new.db")
    if places.is_written(path):
        raise Trouble(f"{path}: an engine writes this store; stop it", Exit.IN_THE_WAY)
    theirs = (folder / "ledger/checkpoint").read_text("utf-8").partition("\n")[0]
    file = path.parent / places.FILE
    if file.exists() and theirs not in ("", settings.text("origin")):
        raise Trouble(
            f"{file}: says origin = {settings.text('origin')!r}, but the ledger that comes is "
            f"{theirs!r}, and a ledger keeps its name. Write origin = {theirs!r} there"
        )
    keys = keyring_path(settings.text("store"), settings) or path.with_suffix(".keys")
    now_ms = time.time_ns() // 1_000_000
    found = settle(folder, path, keys, secret_of(None, twice=False), now_ms)
    if not file.exists():
        _furnish(folder, path, keys, found)
    if as_json:
        show_json({"store": str(path), "rows": found.rows, "leaves": found.leaves})
        return
    say(f"✓ {path}: {sum(found.rows.values()):,} rows, as they were", "ok")
    say(f"  {found.leaves:,} leaves lead to the signed head, and every receipt opens its own")
    say("Next:", "strong")
    say_exactly(f"  equipoise verify {path.parent}\n  compare {file} with {folder / places.FILE}")


def _furnish(folder: Path, path: Path, keys: Path, found: "Settled") -> None:
    """Write the settings that came along, and the plays, into the folder of the new store."""
    from equipoise.compose.leaving import settings_text

    here = path.parent
    own = {
        "store": f"sqlite:{path.name}",
        "keys": os.path.relpath(keys, here),
        "plays": "plays",
    }
    file = here / places.FILE
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(settings_text(found.settings | own))
    (here / "plays").mkdir(exist_ok=True)
    for play in sorted((folder / "plays").glob("*.yaml")):
        place = here / "plays" / play.name
        if not place.exists():
            place.write_bytes(play.read_bytes())
