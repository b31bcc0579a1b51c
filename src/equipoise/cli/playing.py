"""`equipoise play`: check plays and say where each mistake is, begin new ones, list what is there."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from equipoise.cli import places
from equipoise.cli.places import AsJson, SettingsFile
from equipoise.cli.speaking import (
    Exit,
    Trouble,
    console,
    examples,
    leave,
    say,
    say_exactly,
    show_json,
    show_table,
)

if TYPE_CHECKING:
    from equipoise.plays.lines import Mistake
    from equipoise.plays.reading import Known
    from equipoise.settings import Settings

WIDEST = 72
"""How much of a line is shown around a mistake, in characters."""


def add_to(app: typer.Typer) -> None:
    """Give the app the commands `play check`, `play new` and `play list`."""
    plays = typer.Typer(no_args_is_help=True, rich_markup_mode="rich")
    plays.command("check", epilog=examples(("equipoise play check plays/*.yaml", "")))(check)
    plays.command(
        "new",
        epilog=examples(
            ("equipoise play new", "lists the templates"),
            ("equipoise play new win-back --name spring-letter", ""),
        ),
    )(new)
    plays.command("list", epilog=examples(("equipoise play list --json", "")))(list_plays)
    app.add_typer(plays, name="play", help="Check plays, begin new ones, list what is there.")


def known(settings: "Settings") -> "Known":
    """What plays may name in this house: fields, choosers, senders, models and phrases."""
    from equipoise.compose.explaining import phrasebook_of
    from equipoise.compose.library import rules_of
    from equipoise.decide.choosers import find_choosers
    from equipoise.learn.own import find_models
    from equipoise.plays.reading import Known
    from equipoise.remember.fields import ALIASES, CATALOGUE, field_type
    from equipoise.senders import find_senders

    usual = Known()
    fields = {row.name for row in CATALOGUE} | {f"{alias}.count" for alias in ALIASES}
    return Known(
        # What an event says is anything that its source says.
        field=lambda name: "any" if name.startswith("event.") else field_type(name),
        fields=tuple(sorted(fields)),
        choosers=tuple(sorted(find_choosers())),
        channels=tuple(sorted({*usual.channels, *find_senders()})),
        phrased=phrasebook_of(settings).phrased,
        models={name: model.explains for name, model in find_models().items()},
        explain=rules_of(settings).explain,
    )


def check(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="Plays, or folders of them.")
    ],
    settings: SettingsFile = None,
    as_json: AsJson = False,
) -> None:
    """Read plays and explain each mistake, with its line. Exit code 1 if a play cannot run."""
    from equipoise.plays.reading import check_play

    here = known(places.read(settings))
    found: list[dict[str, Any]] = []
    for file in _files(files):
        text = _text(file)
        checked = check_play(text, here)
        found.append({"file": str(file), "runs": not checked.errors, "mistakes": checked.mistakes})
        if not as_json:
            _tell(file, text, checked.mistakes, runs=not checked.errors)
    if as_json:
        show_json(found)
    leave(Exit.WELL if all(one["runs"] for one in found) else Exit.NOT_WELL)


def _files(named: list[Path]) -> list[Path]:
    files: list[Path] = []
    for path in named:
        files += sorted(path.glob("*.yaml")) if path.is_dir() else [path]
    if not files:
        raise Trouble(
            f"{named[0]}: there is no play (*.yaml) in it. `equipoise play new` begins one"
        )
    return files


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise Trouble(f"{file}: is not text in UTF-8 ({error.reason}); save it as UTF-8") from None


def _tell(file: Path, text: str, mistakes: "list[Mistake]", *, runs: bool) -> None:
    lines = text.splitlines()
    for mistake in mistakes:
        style = "fault" if mistake.level == "error" else "warn"
        where = f"{file}:{mistake.line}:{mistake.column}"
        say_exactly(where, "strong")
        say(f"  {mistake.level}: {mistake.message}", style)
        for line in excerpt(lines, mistake.line, mistake.column):
            say_exactly(f"  {line}", "dim")
        say()
    count = len(mistakes)
    if runs:
        told = "" if not count else f", with {count} remark{'s' * (count != 1)}"
        say(f"✓ {file} can run{told}", "ok")
    else:
        say(f"✗ {file} cannot run", "fault")


def excerpt(lines: list[str], line: int, column: int) -> list[str]:
    """The line of a mistake, cut to what fits, and a caret under its column (both from 1)."""
    if not 1 <= line <= len(lines):
        return []
    text = lines[line - 1].replace("\t", " ")
    start = max(0, column - WIDEST // 2) if len(text) > WIDEST else 0
    shown = text[start : start + WIDEST]
    margin = f"{line:>4} | "
    return [f"{margin}{shown}", " " * (len(margin) + column - 1 - start) + "^"]


def new(
    template: Annotated[
        str, typer.Argument(metavar="TEMPLATE", help="Without it the templates are listed.")
    ] = "",
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="The play's own name.")] = "",
    settings: SettingsFile = None,
    plays: Annotated[
        Path | None,
        typer.Option("--plays", metavar="FOLDER", show_default=False, help="Where to write it."),
    ] = None,
) -> None:
    """Begin a play from a template, in the folder of the plays. Never overwrites one."""
    from equipoise.plays.starting import new_play, templates

    if not template:
        show_table(("template", "what it is for"), templates().items())
        return
    try:
        text = new_play(template, name)
    except ValueError as error:
        raise Trouble(str(error)) from None
    folder = plays or Path(places.read(settings).text("plays"))
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name or template}.yaml"
    try:
        with file.open("x", encoding="utf-8") as fresh:
            fresh.write(text)
    except FileExistsError:
        raise Trouble(f"{file}: is there already. Give the play another name with --name") from None
    say_exactly(f"✓ {file}", "ok")
    say("Read it, change it, then: equipoise play check " + str(file))


def list_plays(settings: SettingsFile = None, as_json: AsJson = False) -> None:
    """List the plays in the folder, and which version of each the store decides with."""
    chosen = places.read(settings)
    rows = _rows(chosen)
    if as_json:
        show_json(rows)
        return
    if not rows:
        say(f"There is no play in {chosen.text('plays')}. `equipoise play new` lists templates.")
        return
    console().print()
    show_table(
        ("play", "status", "moment", "purpose", "in the store"),
        [
            [row["play"], row["status"], row["moment"], row["purpose"], row["in_store"]]
            for row in rows
        ],
    )


def _rows(chosen: Any) -> list[dict[str, str]]:
    """One row a play: what the folder says of it, beside what the store has of it."""
    from equipoise.plays.reading import check_play

    stored, here = _stored(chosen), known(chosen)
    rows = []
    for file in sorted(Path(chosen.text("plays")).glob("*.yaml")):
        play = check_play(_text(file), here).play
        if play is None:
            rows.append(
                {
                    "play": file.stem,
                    "status": "mistakes",
                    "moment": "",
                    "purpose": "",
                    "in_store": "",
                }
            )
            continue
        when = play.moment
        moment = when.event or (f"decide {when.decide}" if when.decide else "")
        version = stored.pop(play.name, "")
        same = {"": "not yet", play.version: "this version"}.get(version, "an older version")
        rows.append(
            {
                "play": play.name,
                "status": play.status,
                "moment": moment or f"every {when.every_hours:g} h",
                "purpose": play.purpose,
                "in_store": same,
            }
        )
    rows += [
        {"play": name, "status": "", "moment": "", "purpose": "", "in_store": "only there"}
        for name in sorted(stored)
    ]
    return rows


def _stored(chosen: Any) -> dict[str, str]:
    """The newest version of each play in the store; none where there is no store yet."""
    path = places.store_path(chosen)
    if path is None or not path.exists():
        return {}
    store, intake = places.open_to_read(chosen)
    try:
        return {row.name: row.version for row in store.plays()}
    finally:
        store.close()
        intake.close()
