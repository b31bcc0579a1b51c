"""`equipoise effect`: what a play is worth, beside its holdout and its controls, as of now."""

from typing import TYPE_CHECKING, Annotated

import typer

from equipoise.cli import places
from equipoise.cli.places import AsJson, SettingsFile, StoreUrl
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
    from equipoise.nouns.effects import Effect
    from equipoise.settings import Settings
    from equipoise.show.effects import Telling


def add_to(app: typer.Typer) -> None:
    """Give the app the command `effect`."""
    app.command(
        "effect",
        epilog=examples(
            ("equipoise effect", "every play with a goal"),
            ("equipoise effect win-back --lang fr", ""),
            ("equipoise effect win-back --json", "with every interval"),
        ),
    )(effect)


def effect(
    play: Annotated[
        str, typer.Argument(metavar="PLAY", help="Only this play.", show_default=False)
    ] = "",
    lang: Annotated[
        str, typer.Option("--lang", metavar="en|fr", help="The language of the sentences.")
    ] = "en",
    settings: SettingsFile = None,
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Say what plays are worth: the engine beside holdout and controls, good at every look."""
    from equipoise.show.effects import Telling
    from equipoise.show.languages import Language

    chosen = places.read(settings, store=store)
    effects = _counted(chosen, play)
    if as_json:
        show_json(effects)
    else:
        language = Language(lang, chosen.text("timezone"))
        for one in effects:
            _tell(Telling(one, language))
        if not effects:
            note(language.text("effects.none"))
    leave(Exit.NOT_WELL if any(one.ratio.alarm for one in effects) else Exit.WELL)


def _counted(settings: "Settings", play: str) -> "list[Effect]":
    from equipoise.compose.effects import effects_in
    from equipoise.compose.library import SystemClock, rules_of

    kept, intake = places.open_to_read(settings)
    try:
        counting = effects_in(kept, rules_of(settings), SystemClock())
        for _ in counting.count():
            pass
        effects = counting.told()
    finally:
        kept.close()
        intake.close()
    if play and play not in [one.play for one in effects]:
        names = ", ".join(one.play for one in effects) or "none"
        raise Trouble(f"{play!r}: needs a play with a goal; there are {names}", Exit.NOT_WELL)
    return [one for one in effects if play in ("", one.play)]


def _tell(telling: "Telling") -> None:
    shown, text = telling.shown(), telling.text
    people = text("effects.people", {"n": telling.number(shown.effect.n)})
    say(f"\n{shown.effect.play}  {shown.chip}", "strong")
    say_inside(people, "dim")
    for sentence in shown.sentences or (text("effects.alone"),):
        say_inside(sentence)
    if shown.ratio:
        say_inside(shown.ratio, "fault" if shown.effect.ratio.alarm else "dim")
    say()
    heads = ("effects.arm", "effects.there", "effects.value", "effects.response", "effects.left")
    names = [text(head) for head in heads]
    show_table(
        names,
        [
            (
                row.name,
                f"{row.n} ({row.expected})",
                *map(_joined, (row.value, row.response, row.left)),
            )
            for row in shown.arms
        ],
        right=names[1:2],
    )
    if shown.details:
        say()
        parts = ("minus", "adjusted", "adjusted_always", "reduction")
        rows = [(row[0], row[2], row[4], row[5]) for row in shown.details]
        show_table([text(f"effects.{part}") for part in parts], rows)


def _joined(cell: tuple[str, str]) -> str:
    mean, bounds = cell
    return f"{mean} ({bounds})" if bounds else mean
