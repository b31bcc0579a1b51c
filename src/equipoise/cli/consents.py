"""`equipoise consents`: what one person allows, as records that others read."""

from typing import Annotated

import typer

from equipoise.cli import places
from equipoise.cli.people import Person, person_found
from equipoise.cli.places import SettingsFile, StoreUrl
from equipoise.cli.speaking import Trouble, examples, show_json

FORMATS = ("dpv", "kantara", "consent-mode")
"""What the records can be written in."""


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "consents",
        epilog=examples(
            ("equipoise consents email:ana@example.org", "prints JSON-LD"),
            ("equipoise consents p_k7 --format kantara", "prints older receipts"),
        ),
    )(consents)


def consents(
    person: Person,
    written: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help="dpv, kantara or consent-mode.")
    ] = "dpv",
    settings: SettingsFile = None,
    store: StoreUrl = None,
) -> None:
    """Print what a person allows as records: ISO/IEC TS 27560 through DPV, Kantara 1.1, Consent Mode."""
    from equipoise.compose.consents import consent_mode_of, consents_document, kantara_receipts
    from equipoise.compose.library import SystemClock

    if written not in FORMATS:
        raise Trouble(f"--format needs one of {', '.join(FORMATS)}, got {written!r}")
    chosen = places.read(settings, store=store)
    with person_found(chosen, person) as (kept, state):
        if written == "dpv":
            show_json(consents_document(kept, state, chosen))
        elif written == "kantara":
            show_json(kantara_receipts(kept, state, chosen))
        else:
            show_json(consent_mode_of(state, chosen, SystemClock().now_ms()))
