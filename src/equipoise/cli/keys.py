"""`equipoise keys`: who may send events, and who may see the console; the key file holds digests only."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from equipoise.cli import places
from equipoise.cli.places import AsJson, SettingsFile, StoreUrl
from equipoise.cli.speaking import (
    Trouble,
    examples,
    say,
    say_exactly,
    show_json,
    show_table,
)

if TYPE_CHECKING:
    from equipoise.settings import Settings
    from equipoise.stores.keyring import Keyring

Kind = Literal["server", "public", "operator"]
"""What a key is for: a source of either trust, or the login of an operator."""


def add_to(app: typer.Typer) -> None:
    """Give the app the commands `keys list`, `keys add` and `keys revoke`."""
    keys = typer.Typer(no_args_is_help=True, rich_markup_mode="rich")
    keys.command("list", epilog=examples(("equipoise keys list --json", "")))(list_keys)
    keys.command(
        "add",
        epilog=examples(
            ("equipoise keys add till", "a source that is trusted like a server"),
            ("equipoise keys add site --for public", "for browsers and apps"),
            ("equipoise keys add ana --for operator", "a login for the console"),
        ),
    )(add)
    keys.command("revoke", epilog=examples(("equipoise keys revoke till", "")))(revoke)
    app.add_typer(keys, name="keys", help="Who may send events, and who may see the console.")


def key_file(settings: "Settings") -> Path:
    """The key file of the house. Raises `Trouble` where it has none of its own."""
    from equipoise.compose.library import keyring_path

    if settings.text("seed"):
        raise Trouble("the setting seed makes all keys from one text, so there is no key file")
    path = keyring_path(settings.text("store"), settings)
    if path is None:
        raise Trouble("a store in memory has no key file; name one with the setting keys")
    return path


def _open(settings: Path | None, store: str | None) -> "tuple[Path, Keyring]":
    from equipoise.stores.keyring import read_keyring

    path = key_file(places.read(settings, store=store))
    return path, read_keyring(path)


def list_keys(
    settings: SettingsFile = None, store: StoreUrl = None, as_json: AsJson = False
) -> None:
    """List sources with their trust, and operators. The keys themselves are kept nowhere."""
    path, keyring = _open(settings, store)
    rows = [
        {"name": key.name, "for": str(key.trust), "sha256": key.sha256} for key in keyring.sources
    ] + [{"name": one.name, "for": "operator", "sha256": one.sha256} for one in keyring.operators]
    if as_json:
        show_json({"file": str(path), "keys": rows})
        return
    say_exactly(str(path), "dim")
    if not rows:
        say("Nobody has a key yet. `equipoise keys add NAME` gives one.")
        return
    show_table(
        ("name", "for", "digest begins"),
        [(row["name"], row["for"], row["sha256"][:12]) for row in rows],
    )


def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Who gets it; it is in every event.")],
    kind: Annotated[
        Kind,
        typer.Option("--for", help="A trusted source, a page or app, or a login for the console."),
    ] = "server",
    settings: SettingsFile = None,
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Give somebody one more key; it is printed once. A house that runs hears of it in a second."""
    from equipoise.stores.keyring import write_keyring

    path, keyring = _open(settings, store)
    secret = keyring.add_operator(name) if kind == "operator" else keyring.add_source(name, kind)
    write_keyring(path, keyring)
    if as_json:
        show_json({"name": name, "for": kind, "key": secret})
        return
    say(f"Shown once, for {name} ({kind}):", "warn")
    say_exactly(f"  {secret}")


def revoke(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Whose keys are taken back.")],
    settings: SettingsFile = None,
    store: StoreUrl = None,
) -> None:
    """Take back every key of a name. A house that runs hears of it in a second."""
    from equipoise.stores.keyring import write_keyring

    path, keyring = _open(settings, store)
    taken = keyring.remove(name)
    if not taken:
        raise Trouble(f"{path}: nobody is called {name!r}. `equipoise keys list` shows who is")
    write_keyring(path, keyring)
    say(f"✓ took back {taken} key{'s' * (taken != 1)} of {name}", "ok")
