"""What a ledger is held against when it is verified, and how its checks are said."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from equipoise.cli.places import AsJson, SettingsFile
from equipoise.cli.speaking import MARKS, say

if TYPE_CHECKING:
    from equipoise.account.verify import Report

Key = Annotated[
    str,
    typer.Option(
        "--key", metavar="VKEY", help="The ledger's published key, instead of that of the key file."
    ),
]


@dataclass(frozen=True, kw_only=True)
class How:
    """What a ledger, a receipt or an instance is held against."""

    key: Key = ""
    earlier: Annotated[
        list[Path] | None,
        typer.Option("--earlier", metavar="FILE", help="A checkpoint that somebody else holds."),
    ] = None
    receipt: Annotated[
        list[Path] | None,
        typer.Option("--receipt", metavar="FILE", help="Of an instance: is this receipt in it?"),
    ] = None
    witness: Annotated[
        list[str] | None,
        typer.Option("--witness", metavar="VKEY", help="Of an instance: did this witness sign?"),
    ] = None
    whole: Annotated[
        bool, typer.Option("--whole", help="Of an instance: every leaf, however many.")
    ] = False
    seen: Annotated[
        Path | None,
        typer.Option("--seen", metavar="FILE", help="Where heads of instances are remembered."),
    ] = None
    settings: SettingsFile = None
    as_json: AsJson = False


def tell(report: "Report") -> None:
    """Say every check of a report, one a line."""
    for check in report.checks:
        state = "ok" if check.holds else "fault"
        say(f"{MARKS[state]} {check.name}: {check.found}", state if not check.holds else "")
