"""`equipoise town`: the engine with a simulated town living in it, to be watched."""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from equipoise.cli import places
from equipoise.cli.serving import Port, run_house
from equipoise.cli.speaking import examples, say

if TYPE_CHECKING:
    from equipoise.settings import Settings

ABOUT = (
    "This town is SIMULATED: {people} people, a shop, a site and an app, drawn from the seed {seed!r}. "
    "Nobody in it is real, and its e-mails go to a mailbox page, never to an address. "
    "{speed:g} times as fast as life: {pace}."
)


def add_to(app: typer.Typer) -> None:
    """Give the app the command `town`."""
    app.command(
        "town",
        epilog=examples(
            ("equipoise town", "then open the address that it prints"),
            ("equipoise town --people 2000 --speed 600", "busier: ten hours a minute"),
            ("equipoise town --store town.db", "keeps the town; the same command goes on with it"),
        ),
    )(town)


def town(
    people: Annotated[
        int, typer.Option("--people", min=1, max=100_000, help="How many live there.")
    ] = 300,
    speed: Annotated[
        float, typer.Option("--speed", min=1.0, max=5_000.0, help="How many times as fast as life.")
    ] = 60.0,
    seed: Annotated[
        str, typer.Option("--seed", help="The same seed gives the same town.")
    ] = "montpellier",
    port: Port = None,
    store: Annotated[
        str,
        typer.Option(
            "--store", metavar="URL", help="Keep the town there; without it, it is forgotten."
        ),
    ] = "",
) -> None:
    """Watch the engine at work, with a simulated town living in it."""
    if store:
        _live(places.url_of(store), people, speed, seed, port)
        return
    with tempfile.TemporaryDirectory(prefix="equipoise-town-") as folder:
        _live(f"sqlite:{Path(folder) / 'town.db'}", people, speed, seed, port)


def _live(url: str, people: int, speed: float, seed: str, port: int | None) -> None:
    from equipoise.cli.visiting import Visit
    from equipoise.compose.serving import Guests
    from equipoise.testing.town import Town
    from equipoise.testing.town.clocks import SPRING_MS, TownClock

    settings = _settings(url, seed, port, speed)
    say(f"A town of {people:,} moves in.")
    from_ms = _stopped_ms(settings, SPRING_MS)
    clock = TownClock(from_ms, speed)
    visit = Visit(Town(seed, people, start_ms=SPRING_MS), clock, from_ms)
    guests = Guests(
        clock=clock, senders={"email": visit.mailbox}, chores=[visit.live], simulated=True
    )
    pace = (
        "a minute is an hour there" if speed == 60 else f"a minute is {speed / 60:.3g} hours there"
    )
    run_house(
        settings, guests, ABOUT.format(people=f"{people:,}", seed=seed, speed=speed, pace=pace)
    )


def _settings(url: str, seed: str, port: int | None, speed: float) -> "Settings":
    """Settings of a town: keys that anybody can repeat, no login, plays of its own, no real sender."""
    from equipoise.settings import read_settings
    from equipoise.testing.town import PLAYS

    given: dict[str, Any] = {
        # What has happened in the town in two of its hours is learnt from.
        "learn.every_hours": 2.0 / speed,
        "company": "Halles du Peyrou",
        "store": url,
        "plays": str(PLAYS),
        "origin": "town.localhost/equipoise",
        "seed": seed,
        "open_console": True,
    }
    return read_settings(None, given=given | ({} if port is None else {"port": port}))


def _stopped_ms(settings: "Settings", start_ms: int) -> int:
    """When a town that was kept stood still, in its own time; `start_ms` for a new one."""
    from equipoise.cli.visiting import went_on_until

    path = places.store_path(settings)
    if path is None or not path.exists():
        return start_ms
    store, intake = places.open_to_read(settings)
    try:
        return went_on_until(store, start_ms)
    finally:
        store.close()
        intake.close()
