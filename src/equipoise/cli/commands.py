"""All commands under one name, in the order in which a newcomer meets them."""

from typing import Annotated

import typer

from equipoise.cli import (
    aggregates,
    beginning,
    consents,
    effects,
    examining,
    exporting,
    importing,
    inspecting,
    joining,
    keeping,
    keys,
    learning,
    listing,
    people,
    playing,
    proving,
    publishing,
    rehearsing,
    rights,
    serving,
    sharing,
    showing,
    tenants,
    witnessing,
)
from equipoise.cli.speaking import examples, say

app = typer.Typer(
    name="equipoise",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=examples(
        ("equipoise town", "shows it alive, with simulated people"),
        ("equipoise init shop && cd shop && equipoise serve", "runs your own"),
        ("equipoise serve --help", "each command has examples of its own"),
    ),
)
"""What `equipoise` runs."""


def _version(asked: bool) -> None:
    if asked:
        from equipoise import __version__

        say(f"equipoise {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """Connected marketing that keeps both sides of the account."""


for part in (
    showing,
    serving,
    beginning,
    examining,
    playing,
    rehearsing,
    exporting,
    importing,
    learning,
    people,
    joining,
    rights,
    sharing,
    aggregates,
    consents,
    effects,
    proving,
    inspecting,
    witnessing,
    publishing,
    keys,
    tenants,
    keeping,
    listing,
):
    part.add_to(app)
