"""`equipoise keys`: who may send events, and who may see the console; the key file holds digests only."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
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
from equipoise.nouns.access import SCOPES, Scope

if TYPE_CHECKING:
    from equipoise.settings import Settings
    from equipoise.stores.keyring import Keyring

Kind = Literal["server", "public", "operator", "marketer", "analyst", "staff", "officer", "admin"]
"""What a key is for: a source of either trust, or the console in a role (`operator` is `admin`)."""

DAY_MS = 86_400_000


def add_to(app: typer.Typer) -> None:
    """Give the app the commands `keys list`, `keys add`, `keys rotate` and `keys revoke`."""
    keys = typer.Typer(no_args_is_help=True, rich_markup_mode="rich")
    keys.command("list", epilog=examples(("equipoise keys list --json", "")))(list_keys)
    keys.command(
        "add",
        epilog=examples(
            ("equipoise keys add till", "a source that is trusted like a server"),
            ("equipoise keys add site --for public", "for browsers and apps"),
            ("equipoise keys add audit --may read --days 30", "reads, for a month"),
            ("equipoise keys add ana --for analyst", "a login for the console"),
        ),
    )(add)
    keys.command("rotate", epilog=examples(("equipoise keys rotate till --days 7", "")))(rotate)
    keys.command(
        "revoke",
        epilog=examples(
            ("equipoise keys revoke till", "all of a name"),
            ("equipoise keys revoke 7f3k2m9a", "one key, by its id"),
        ),
    )(revoke)
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
    """List sources and operators: what each may, until when, last used. Keys are kept nowhere."""
    from equipoise.stores.keyring import last_used

    path, keyring = _open(settings, store)
    used = last_used(path)
    rows = [
        {
            "name": key.name,
            "for": str(key.trust),
            "id": key.shown,
            "may": " ".join(key.scopes) or "all",
            "until": _day(key.until_ms),
            "used": _day(used.get(key.shown, 0)),
            "sha256": key.sha256,
        }
        for key in keyring.sources
    ] + [
        {
            "name": one.name,
            "for": "operator",
            "id": one.sha256[:8],
            "may": str(one.role),
            "until": "",
            "used": "",
            "sha256": one.sha256,
        }
        for one in keyring.operators
    ]
    if as_json:
        show_json({"file": str(path), "keys": rows})
        return
    say_exactly(str(path), "dim")
    if not rows:
        say("Nobody has a key yet. `equipoise keys add NAME` gives one.")
        return
    columns = ("name", "for", "id", "may", "until", "used")
    show_table(
        ("name", "for", "id", "may", "until", "last used"),
        [tuple(row[column] for column in columns) for row in rows],
    )


def _day(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M") if at_ms else ""


def _scopes(text: str) -> tuple[Scope, ...]:
    strange = sorted(set(text.split()) - set(SCOPES))
    if strange:
        raise Trouble(f"a key may {', '.join(SCOPES)}; there is no {' '.join(strange)!r}")
    return tuple(scope for scope in SCOPES if scope in text.split())


def _ends_ms(days: int) -> int:
    return time.time_ns() // 1_000_000 + days * DAY_MS


def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Who gets it; it is in every event.")],
    kind: Annotated[
        Kind,
        typer.Option("--for", help="A trusted source, a page or app, or a login for the console."),
    ] = "server",
    may: Annotated[
        str,
        typer.Option(
            "--may",
            metavar="SCOPES",
            help=f"What a source may, by spaces: {', '.join(SCOPES)}. All without it.",
        ),
    ] = "",
    days: Annotated[
        int, typer.Option("--days", min=0, help="How many days a source's key opens; 0: for ever.")
    ] = 0,
    settings: SettingsFile = None,
    as_json: AsJson = False,
) -> None:
    """Give somebody one more key; it is printed once. A house that runs hears of it in a second."""
    from equipoise.stores.keyring import Grant, write_keyring

    path, keyring = _open(settings, None)
    if kind != "server" and kind != "public":  # noqa: PLR1714 - mypy narrows by these
        secret = keyring.add_operator(name, "admin" if kind == "operator" else kind)
    else:
        env = places.read(settings).text("security.env")
        grant = Grant(env, _scopes(may), _ends_ms(days) if days else 0)
        secret = _made(lambda: keyring.add_source(name, kind, grant=grant))
    write_keyring(path, keyring)
    _show(name, kind, secret, as_json=as_json)


def rotate(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Whose key is changed.")],
    days: Annotated[
        int, typer.Option("--days", min=0, help="How long the present key still opens.")
    ] = 7,
    settings: SettingsFile = None,
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Give a source its next key, and let the present one open for some days more."""
    from equipoise.stores.keyring import write_keyring

    path, keyring = _open(settings, store)
    env = places.read(settings, store=store).text("security.env")
    secret = _made(lambda: keyring.rotate(name, _ends_ms(days), env))
    write_keyring(path, keyring)
    _show(name, "rotated", secret, as_json=as_json)


def _made(make: Callable[[], str]) -> str:
    from equipoise.stores.keyring import KeyringError

    try:
        return make()
    except KeyringError as error:
        raise Trouble(str(error)) from None


def _show(name: str, kind: str, secret: str, *, as_json: bool) -> None:
    if as_json:
        show_json({"name": name, "for": kind, "key": secret})
        return
    say(f"Shown once, for {name} ({kind}):", "warn")
    say_exactly(f"  {secret}")


def revoke(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="Whose keys are taken back; or the id of a key.")
    ],
    settings: SettingsFile = None,
    store: StoreUrl = None,
) -> None:
    """Take back every key of a name, or one key by its id. A house that runs hears of it in a second."""
    from equipoise.stores.keyring import write_keyring

    path, keyring = _open(settings, store)
    taken = keyring.remove(name)
    if not taken:
        raise Trouble(f"{path}: nobody is called {name!r}. `equipoise keys list` shows who is")
    write_keyring(path, keyring)
    say(f"✓ took back {taken} key{'s' * (taken != 1)} of {name}", "ok")
