"""`equipoise rehearse`: what a play would have done on history, before it is let at people."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from equipoise.cli import places
from equipoise.cli.options import spread
from equipoise.cli.places import AsJson, SettingsFile
from equipoise.cli.speaking import (
    Exit,
    Trouble,
    examples,
    leave,
    note,
    say,
    say_inside,
    show_json,
    show_table,
)

if TYPE_CHECKING:
    from equipoise.nouns.plays import Play
    from equipoise.nouns.rehearsals import Report
    from equipoise.ports import Store
    from equipoise.settings import Settings
    from equipoise.show.rehearsal import Told


def add_to(app: typer.Typer) -> None:
    """Give the app the command `rehearse`."""
    app.command(
        "rehearse",
        epilog=examples(
            ("equipoise rehearse plays/win-back.yaml", "on the decisions of the store here"),
            (
                "equipoise rehearse win-back.yaml --on trial.csv --map option=arm --map reward=visit",
                "on a file of logged decisions",
            ),
            ("equipoise rehearse win-back --on log.parquet --html report.html --lang fr", ""),
        ),
    )(rehearse)


@dataclass(frozen=True, kw_only=True)
class How:
    """On what a play is rehearsed, and how the report is wanted."""

    on: Annotated[
        str,
        typer.Option(
            "--on",
            metavar="LOG",
            help="A CSV, TSV or Parquet file of logged decisions, or a store. "
            "[dim]Without it: the store here.[/dim]",
        ),
    ] = ""
    mapping: Annotated[
        Path | None,
        typer.Option("--mapping", metavar="FILE", help="Which column is what, as YAML."),
    ] = None
    pairs: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="NAME=COLUMN", help="One more column; may come often."),
    ] = None
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write the report as one page.")
    ] = None
    lang: Annotated[str, typer.Option("--lang", metavar="en|fr", help="The report's language.")] = (
        "en"
    )
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="Draws the folds.")] = 0
    settings: SettingsFile = None
    as_json: AsJson = False


@spread
def rehearse(
    play: Annotated[
        str, typer.Argument(metavar="PLAY", help="A play's file, or the name of one in the folder.")
    ],
    how: How,
) -> None:
    """Estimate on history what a play would bring, and whether to launch it. Writes nothing.

    Exit code 0 for launch, 1 for do not launch and for not enough support.
    """
    from equipoise.compose.rehearsing import FILES

    is_file = how.on.lower().endswith(FILES)
    report = _on_file(play, Path(how.on), how) if is_file else _on_store(play, how)
    if how.html is not None:
        how.html.write_text(page_of(report, how.lang), "utf-8")
        note(f"✓ {how.html}")
    if how.as_json:
        show_json(report)
    else:
        _tell(told_of(report, how.lang))
    leave(Exit.WELL if report.conclusion.answer == "launch" else Exit.NOT_WELL)


def _on_file(name: str, log: Path, how: How) -> "Report":
    """On a file of decisions: who is who does not matter there, so no key file is needed."""
    from equipoise.arrive.files import read_decision_mapping
    from equipoise.compose.library import build_engine
    from equipoise.compose.rehearsing import Wish, rehearse_on
    from equipoise.nouns.rehearsals import Rule
    from equipoise.stores.keyring import new_keyring

    if not log.is_file():
        raise Trouble(f"{log}: there is no such file")
    settings = places.read(how.settings)
    text = "" if how.mapping is None else how.mapping.read_text("utf-8")
    named = "--map" if how.mapping is None else how.mapping.name
    mapping = read_decision_mapping(text, how.pairs or (), named)
    at_stake = settings.number("learn.lifetime_value")
    wish = Wish(mapping=mapping, rule=Rule(seed=how.seed), at_stake=at_stake)
    engine = build_engine(settings, new_keyring(b"rehearsal"))
    return rehearse_on(engine, read(name, settings), log, wish)


def _on_store(name: str, how: How) -> "Report":
    """On a store, as of its last commit, whoever writes it meanwhile."""
    from equipoise.compose.library import build_engine, keyring_of
    from equipoise.compose.rehearsing import Wish, rehearse_on
    from equipoise.nouns.rehearsals import Rule

    if how.mapping is not None or how.pairs:
        raise Trouble("--mapping and --map tell the columns of a file; a store needs none")
    settings = places.read(how.settings, store=how.on or None)
    with _reading(settings) as store:
        play = read(name, settings, store)
        engine = build_engine(settings, keyring_of(settings.text("store"), settings))
        wish = Wish(
            rule=Rule(seed=how.seed),
            read_play=lambda text: _parsed(text, settings),
            name=settings.text("store").partition(":")[2],
        )
        return rehearse_on(engine, play, store, wish)


@contextmanager
def _reading(settings: "Settings") -> "Iterator[Store]":
    path = places.store_path(settings)
    if path is not None and not path.exists():
        raise Trouble(f"{path}: there is no such store. Name a log with --on")
    store, intake = places.open_to_read(settings)
    try:
        yield store
    finally:
        store.close()
        intake.close()


def read(name: str, settings: "Settings", store: "Store | None" = None) -> "Play":
    """The play in a file, in the folder of the plays, or else the newest of its name in the store."""
    files = [Path(name), Path(settings.text("plays")) / f"{name}.yaml"]
    text = next((file.read_text("utf-8") for file in files if file.is_file()), None)
    if text is None and store is not None:
        text = next((row.text for row in reversed(store.plays()) if row.name == name), None)
    if text is None:
        raise Trouble(
            f"{name}: there is no such file, and no play of that name in {settings.text('plays')}. "
            "`equipoise play list` lists what is there"
        )
    return _parsed(text, settings)


def _parsed(text: str, settings: "Settings") -> "Play":
    from equipoise.compose.library import known_here
    from equipoise.plays.reading import read_play

    return read_play(text, known_here(settings=settings))


def told_of(report: "Report", lang: str) -> "Told":
    """The report in one language."""
    from equipoise.plays.phrases import sentence
    from equipoise.show.languages import Language
    from equipoise.show.rehearsal import Teller

    return Teller(report, Language(lang, "UTC"), sentence).told()


def page_of(report: "Report", lang: str) -> str:
    """The report as one HTML page that stands by itself."""
    from equipoise.plays.phrases import sentence
    from equipoise.show.languages import Language
    from equipoise.show.rehearsal import page

    return page(report, Language(lang, "UTC"), sentence)


def _tell(told: "Told") -> None:
    style = {"act": "ok", "bad": "fault"}.get(told.tone, "warn")
    mark = {"act": "✓", "bad": "✗"}.get(told.tone, "!")
    words = told.words
    say(f"{mark} {told.answer} · {told.report.play}", style)
    say_inside(told.because)
    for alarm in told.alarms:
        say_inside(alarm, "warn")
    say()
    say("   ".join(f"{name} {value}" for name, value in told.facts), "dim")
    say()
    show_table(
        (words["value"], "", ""),
        [(line.label, line.mean, line.range) for line in told.values],
        right=("",),
    )
    say()
    show_table(
        (words["differences"], "", ""),
        [(line.label, line.mean, line.range) for line in told.differences],
    )
    say()
    show_table(told.heads, told.table, right=told.heads[1:])
    if told.segments:
        say()
        show_table(
            (words["segments"], "", "", ""),
            [(line.label, line.mean, line.range, line.under) for line in told.segments],
        )
    say()
    say(f"{words['without_help']} · {told.helpless}")
    for one in told.removed:
        say_inside(f"{one.n} × {one.reason}: {one.sentence}", "dim")
    say()
    for line in told.remarks:
        say(f"· {line}", "dim")
