"""`equipoise settings`: every setting with its default and the value in force; secrets are masked."""

import re
from typing import Annotated, Any

import typer

from equipoise.cli import places
from equipoise.cli.places import AsJson, SettingsFile
from equipoise.cli.speaking import (
    Trouble,
    examples,
    note,
    say,
    say_exactly,
    show_json,
    show_table,
)

SECRETS = ("seed", "webhook.secret")
"""Settings whose value is shown only as being set."""


def add_to(app: typer.Typer) -> None:
    """Give the app the command `settings`."""
    app.command(
        "settings",
        epilog=examples(
            ("equipoise settings", "all of them"),
            ("equipoise settings budget", "what those with this word do"),
            ("EQUIPOISE_BUDGET_PER_7D=2 equipoise settings budget", "a variable wins"),
        ),
    )(show)


def show(
    word: Annotated[
        str, typer.Argument(metavar="WORD", help="Only settings with this in their name.")
    ] = "",
    settings: SettingsFile = None,
    as_json: AsJson = False,
) -> None:
    """List every setting, its value and its default."""
    rows = _rows(places.read(settings), word)
    if as_json:
        show_json(rows)
        return
    if not rows:
        raise Trouble(
            f"no setting has {word!r} in its name. `equipoise settings` lists all of them"
        )
    if word:
        for row in rows:
            say_exactly(f"{row['name']} = {_text(row['value'])}", "strong")
            say(f"  {row['help']}")
            say_exactly(f"  default {_text(row['default'])}; variable {row['variable']}", "dim")
        return
    show_table(
        ("setting", "in force", "default"),
        [
            (row["name"], _text(row["value"]), "" if row["is_default"] else _text(row["default"]))
            for row in rows
        ],
    )
    file = places.settings_file(settings)
    note(
        f"From {file}, variables and defaults."
        if file
        else "No settings file; from variables and defaults."
    )


def _rows(chosen: Any, word: str) -> list[dict[str, Any]]:
    from equipoise.settings import SETTINGS

    rows = []
    for setting in SETTINGS:
        value = chosen.values[setting.name]
        if word in setting.name:
            rows.append(
                {
                    "name": setting.name,
                    "value": masked(setting.name, value),
                    "default": setting.default,
                    "is_default": value == setting.default,
                    "variable": f"EQUIPOISE_{setting.name.replace('.', '_').upper()}",
                    "help": setting.help,
                }
            )
    return rows


def masked(name: str, value: Any) -> Any:
    """The value as it may be shown: secrets as stars, addresses without their password."""
    if name in SECRETS and value:
        return "********"
    if isinstance(value, str) and "://" in value:
        return re.sub(r"(://[^/@:]*):[^/@]*@", r"\1:********@", value)
    return value


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value}" if value != "" else "–"
