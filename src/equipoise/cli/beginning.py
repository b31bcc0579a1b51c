"""`equipoise init`: a folder with settings, a first play, keys, a store and the first login."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from equipoise.cli.places import FILE, AsJson
from equipoise.cli.speaking import Trouble, examples, say, say_exactly, show_json

if TYPE_CHECKING:
    from equipoise.settings import Setting

HEAD = """\
# The settings of this house. Every setting stands here with its default; take away the # in front
# of those that you change. Paths are taken from this file's folder. A variable wins over this file:
# budget.per_7d is EQUIPOISE_BUDGET_PER_7D. `equipoise settings` prints what is in force.
"""
SET = ("company", "store", "plays", "keys")
"""The settings that are written without a # in front."""

FIRST_PLAY = "thank-you"
STORE, KEYS = "equipoise.db", "equipoise.keys"


def add_to(app: typer.Typer) -> None:
    """Give the app the command `init`."""
    app.command(
        "init",
        epilog=examples(
            ("equipoise init shop && cd shop && equipoise serve", ""),
            ("equipoise init . --company 'Halles du Peyrou' --first-operator ana", ""),
        ),
    )(init)


def init(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Made where it is missing.")],
    company: Annotated[
        str, typer.Option("--company", metavar="NAME", help="The name that people see.")
    ] = "Your shop",
    operator: Annotated[
        str, typer.Option("--first-operator", metavar="NAME", help="Who gets the first login.")
    ] = "first",
    as_json: AsJson = False,
) -> None:
    """Make a folder to run from: settings, a play, keys, a store.

    The keys and the login are printed once and kept only as digests. Nothing is ever overwritten.
    """
    from equipoise.plays.starting import new_play
    from equipoise.stores import open_store
    from equipoise.stores.keyring import new_keyring, write_keyring

    there = [name for name in (FILE, KEYS, STORE) if (folder / name).exists()]
    if there:
        raise Trouble(
            f"{folder}: {', '.join(there)} {'is' if len(there) == 1 else 'are'} there already, and "
            f"nothing is overwritten. Name another folder, or run `equipoise doctor {folder}`"
        )
    # Rows are plain, so the folder is for its owner alone.
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    plays = folder / "plays"
    plays.mkdir(exist_ok=True)
    keyring = new_keyring()
    secrets = {
        "login": keyring.add_operator(operator),
        "server_write_key": keyring.add_source("server", "server"),
        "public_write_key": keyring.add_source("browser", "public"),
    }
    write_keyring(folder / KEYS, keyring)
    for opened in open_store(f"sqlite:{folder / STORE}"):
        opened.close()
    play = plays / f"{FIRST_PLAY}.yaml"
    if not play.exists():
        play.write_text(new_play(FIRST_PLAY), "utf-8")
    (folder / FILE).write_text(settings_text({"company": company, "keys": KEYS}), "utf-8")
    if as_json:
        show_json({"folder": str(folder), "operator": operator, **secrets})
        return
    _tell(folder, operator, secrets)


def _tell(folder: Path, operator: str, secrets: dict[str, str]) -> None:
    say(f"{folder} is ready.", "strong")
    for name, what in (
        (FILE, "settings, each with its default"),
        (f"plays/{FIRST_PLAY}.yaml", "a first play; it is live"),
        (KEYS, "keys; keep a copy apart from the backups"),
        (STORE, "the store, empty, with its intake beside it"),
    ):
        say(f"  {name:<22} {what}")
    say("\nShown once; only digests of them are kept:", "warn")
    for what, secret in (
        (f"console login of {operator}", secrets["login"]),
        ("write key of your servers", secrets["server_write_key"]),
        ("write key of browsers and apps", secrets["public_write_key"]),
    ):
        say_exactly(f"  {what}\n    {secret}")
    say("\nNext:", "strong")
    say_exactly(f"  cd {folder}\n  equipoise doctor\n  equipoise serve")


def settings_text(given: dict[str, str]) -> str:
    """A settings file as TOML: what is given and `SET` in force, everything else as a remark."""
    from equipoise.settings import SETTINGS

    lines = [HEAD]
    table = ""
    for setting in sorted(SETTINGS, key=lambda setting: "." in setting.name):
        group, dot, name = setting.name.rpartition(".")
        if dot and group != table:
            table = group
            lines.append(f"\n[{table}]")
        lines += _lines(setting, name, given.get(setting.name))
    return "\n".join(lines) + "\n"


def _lines(setting: "Setting", name: str, given: str | None) -> list[str]:
    value = setting.default if given is None else given
    mark = "" if setting.name in SET else "# "
    # JSON writes texts, numbers and booleans as TOML reads them.
    return [f"# {setting.help}", f"{mark}{name} = {json.dumps(value, ensure_ascii=False)}"]
