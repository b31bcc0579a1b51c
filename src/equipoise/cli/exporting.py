"""`equipoise export`: what a person takes away, or everything that a company does."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from equipoise.cli import places
from equipoise.cli.keeping import secret_of
from equipoise.cli.options import spread
from equipoise.cli.places import AsJson, SettingsFile, StoreUrl
from equipoise.cli.speaking import Trouble, examples, say, show_json, size

if TYPE_CHECKING:
    from equipoise.settings import Settings


def add_to(app: typer.Typer) -> None:
    """Give the app the command `export`."""
    app.command(
        "export",
        epilog=examples(
            ("equipoise export email:ana@example.org", "all of one person, as ana.zip"),
            ("equipoise export p_k7 -o theirs.zip --json", ""),
            ("equipoise export --all ./leaving", "the whole house, in open formats"),
            ("equipoise import ./leaving --store new.db", "and into an empty one"),
        ),
    )(export)


@dataclass(frozen=True, kw_only=True)
class How:
    """Where an export goes, and of which house."""

    out: Annotated[
        Path | None,
        typer.Option("-o", "--out", metavar="FILE", help="Without it: the person's name .zip."),
    ] = None
    whole: Annotated[
        Path | None,
        typer.Option("--all", metavar="FOLDER", help="The whole house; the folder is made."),
    ] = None
    settings: SettingsFile = None
    store: StoreUrl = None
    as_json: AsJson = False


@spread
def export(
    person: Annotated[
        str,
        typer.Argument(
            metavar="[PERSON]",
            help="KIND:VALUE, such as email:ana@example.org, or p_... of the console.",
        ),
    ] = "",
    how: How = How(),
) -> None:
    """Write everything about one person into one archive; or the whole house.

    The archive of a person proves itself; the keys of a house go sealed with a passphrase.
    """
    if bool(person) == (how.whole is not None):
        raise Trouble("name a person (equipoise export email:ana@example.org), or --all FOLDER")
    chosen = places.read(how.settings, store=how.store)
    if how.whole is not None:
        _whole(chosen, how.whole, as_json=how.as_json)
    else:
        _person(chosen, person, how)


def _person(chosen: "Settings", text: str, how: How) -> None:
    from equipoise.cli.people import person_found
    from equipoise.cli.proving import ledger_key
    from equipoise.compose.exporting import Exporter
    from equipoise.compose.witnesses import publisher_of
    from equipoise.show.addresses import person_name

    key = ledger_key(chosen)
    with person_found(chosen, text) as (store, state):
        exporter = Exporter(store, chosen, publisher_of(chosen, store, key))
        blob = exporter.archive(state.person)
        out = how.out or Path(f"{person_name(state.person)}.zip")
    if out.exists():
        raise Trouble(f"{out}: exists already, and is never overwritten; name another with -o")
    out.write_bytes(blob)
    if how.as_json:
        show_json({"file": str(out), "bytes": len(blob), "person": person_name(state.person)})
        return
    say(f"✓ {out}: {size(len(blob))}", "ok")
    say("  README.en.html and README.fr.html say what is in it; verify.py checks it.", "dim")


def _whole(chosen: "Settings", folder: Path, *, as_json: bool) -> None:
    from equipoise.compose.leaving import leave_with

    path = places.store_path(chosen)
    if path is None or not path.exists():
        raise Trouble(f"store {chosen.text('store')!r}: there is no such file to take along")
    if folder.exists() and any(folder.iterdir()):
        raise Trouble(f"{folder}: is not empty; name a folder that is not there")
    secret = secret_of(None, twice=True)
    told = leave_with(chosen, path, folder, secret)
    if as_json:
        show_json({"folder": str(folder), "rows": told})
        return
    say(f"✓ {folder}: {sum(told.values()):,} rows in {len(told)} tables", "ok")
    say("  keys.sealed opens with the passphrase alone; without it nothing can be taken in.", "dim")
