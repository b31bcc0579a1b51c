"""`equipoise joins`: people who may be one, with what speaks for and against it; it joins nobody."""

from typing import Annotated

import typer

from equipoise.cli import places
from equipoise.cli.places import AsJson, SettingsFile, StoreUrl
from equipoise.cli.speaking import Trouble, examples, note, show_json, show_table


def add_to(app: typer.Typer) -> None:
    """Give the app the command `joins`."""
    app.command(
        "joins",
        epilog=examples(
            ("equipoise joins", "who may be one person, the likeliest first"),
            ("equipoise joins --least 0.95 --json", "for a program"),
        ),
    )(joins)


def joins(
    least: Annotated[
        float,
        typer.Option("--least", min=0.01, max=1.0, help="The lowest probability to list."),
    ] = 0.5,
    most: Annotated[int, typer.Option("--most", min=1, help="How many to list.")] = 50,
    settings: SettingsFile = None,
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """List people who may be one, with the evidence; nothing is joined or written."""
    from equipoise.compose.hypotheses import hypotheses_in
    from equipoise.compose.library import SystemClock, rules_of
    from equipoise.recognise.likeness import NoLikeness, Search
    from equipoise.show.addresses import person_name

    chosen = places.read(settings, store=store)
    kept, intake = places.open_to_read(chosen)
    try:
        search = Search(least=least)
        found = hypotheses_in(kept, rules_of(chosen), SystemClock().now_ms(), search)[:most]
    except NoLikeness as error:
        raise Trouble(str(error)) from None
    except ImportError as error:
        raise Trouble(f"joins need the extra: pip install 'equipoise[joins]' ({error})") from None
    finally:
        kept.close()
        intake.close()
    if as_json:
        show_json(found)
        return
    show_table(
        ("probability", "person", "and", "for and against, in bits", "held because"),
        [
            (
                f"{pair.score:.4f}",
                person_name(pair.left),
                person_name(pair.right),
                ", ".join(f"{one.field} {one.level} {one.weight:+.1f}" for one in pair.evidence),
                pair.held,
            )
            for pair in found
        ],
        right=("probability",),
    )
    note("Nobody is joined: these are hypotheses.")
