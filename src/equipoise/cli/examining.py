"""`equipoise doctor`: everything that a house needs, looked at one by one, with what to do."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from equipoise.cli import places
from equipoise.cli.places import AsJson, SettingsFile, StoreUrl
from equipoise.cli.speaking import MARKS, Exit, console, examples, leave, say, show_json

if TYPE_CHECKING:
    from equipoise.cli.checking import Looked
    from equipoise.settings import Settings


def add_to(app: typer.Typer) -> None:
    """Give the app the command `doctor`."""
    app.command(
        "doctor",
        epilog=examples(
            ("equipoise doctor", "the house here"),
            ("equipoise doctor ./attempt", "another folder"),
            ("equipoise doctor --json", "with the bytes of each file and all totals"),
        ),
    )(doctor)


def doctor(
    folder: Annotated[
        Path | None, typer.Argument(metavar="FOLDER", help="Without it: the house here.")
    ] = None,
    settings: SettingsFile = None,
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Look at everything that a house needs and say what to do.

    Exit code 0: all is well; 1: it works, with warnings; 2: something keeps it from working.
    """
    found = list(examine(lambda: _house(folder, settings, store)))
    worst = max(("ok", "warn", "fault").index(one.state) for one in found)
    if as_json:
        show_json({"worst": ("ok", "warn", "fault")[worst], "checks": found})
    else:
        _tell(found)
    leave(Exit(worst))


def _house(
    folder: Path | None, named: Path | None, store: str | None
) -> "tuple[Settings, Path | None]":
    """The settings to look at, and the file that they come from, if there is one."""
    if folder is None:
        return places.read(named, store=store), places.settings_file(named)
    file = folder / places.FILE
    return places.of_folder(folder), file if file.is_file() else None


def examine(read: "Callable[[], tuple[Settings, Path | None]]") -> "Iterator[Looked]":
    """Every check in order; without settings that can be read there is nothing to go on with."""
    from equipoise.cli import checking
    from equipoise.cli.checking import Looked
    from equipoise.settings import SettingsError

    yield checking.python()
    yield checking.sqlite()
    try:
        settings, file = read()
    except SettingsError as error:
        yield Looked("settings", "fault", str(error))
        return
    set_here = checking.changed(settings)
    told = f"{file or 'no settings file'}: {len(set_here)} differ from the defaults"
    yield Looked("settings", "ok", told, facts={"changed": set_here})
    yield checking.key_file(settings)
    yield checking.clock(settings)
    yield from checking.store(settings)
    yield from checking.volume(settings)
    yield checking.plays(settings)
    yield checking.port(settings)


def _tell(found: "list[Looked]") -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2, 0, 0))
    for _ in range(2):
        table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for one in found:
        style: Any = "" if one.state == "ok" else one.state
        words = Text(one.found, style=style)
        if one.advice:
            words.append(f"\n→ {one.advice}", style="strong")
        table.add_row(Text(MARKS[one.state], style=one.state), one.name, words)
    console().print(table)
    warned = sum(one.state == "warn" for one in found)
    faults = sum(one.state == "fault" for one in found)
    if faults:
        say(f"\n{faults} of {len(found)} checks found what keeps it from working.", "fault")
    elif warned:
        say(f"\nIt works; {warned} of {len(found)} checks found what deserves a look.", "warn")
    else:
        say(f"\nAll {len(found)} checks are well.", "ok")
