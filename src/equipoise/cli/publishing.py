"""`equipoise publish` and `equipoise catchup`: the ledger as files, and a restored store that reads them."""

import time
from pathlib import Path
from typing import Annotated

import typer

from equipoise.cli import places
from equipoise.cli.places import AsJson, SettingsFile, StoreUrl
from equipoise.cli.proving import ledger_key
from equipoise.cli.speaking import MARKS, Exit, Trouble, examples, say, show_json


def add_to(app: typer.Typer) -> None:
    """Give the app the commands `publish` and `catchup`."""
    app.command(
        "publish",
        epilog=examples(
            ("equipoise publish /var/www/ledger", "once; again for what is new"),
            ("equipoise publish /var/www/ledger --every 60", "until Ctrl-C"),
            ("equipoise compare a.json b.json --at /var/www/ledger", "what such files are for"),
        ),
    )(publish)
    app.command(
        "catchup",
        epilog=examples(
            ("equipoise catchup /var/www/ledger", "after a restore, before the engine starts"),
            ("equipoise catchup https://ledger.example --store attempt/shop.db", ""),
        ),
    )(catchup)


def publish(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Made if missing.")],
    every: Annotated[
        float, typer.Option("--every", metavar="SECONDS", min=0.0, help="Again and again.")
    ] = 0.0,
    settings: SettingsFile = None,
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Write the ledger's tiles and signed head as static files (C2SP tlog-tiles), beside the engine.

    They hold nothing personal. Only what is new is written; a head of another history is never replaced.
    """
    from equipoise.compose.witnesses import publisher_of
    from equipoise.runners.publishing import publish as bring

    chosen = places.read(settings, store=store)
    key = ledger_key(chosen)
    kept, intake = places.open_to_read(chosen)
    try:
        while True:
            told = bring(publisher_of(chosen, kept, key), kept, key, folder)
            if as_json:
                show_json({"folder": str(folder), "told": told})
            elif not every or told.now > told.before:
                more = told.now - told.before
                say(f"{MARKS['ok']} {folder}: {told.now} leaves, {more} of them new", "ok")
            if not every:
                return
            time.sleep(every)
    finally:
        kept.close()
        intake.close()


def catchup(
    place: Annotated[
        str, typer.Argument(metavar="PLACE", help="Folder or address of the published files.")
    ],
    settings: SettingsFile = None,
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """After a restore, take back the leaves that were published since the backup.

    The ledger then continues what others have seen. No engine may be running.
    """
    from equipoise.cli.fetching import fetching
    from equipoise.runners.publishing import catch_up
    from equipoise.stores import open_store

    chosen = places.read(settings, store=store)
    path = places.store_path(chosen)
    if path is not None and not path.exists():
        raise Trouble(f"{path}: there is no such store. Restore the backup first")
    if path is not None and places.is_written(path):
        raise Trouble(f"{path}: an engine is running on it; stop it first", Exit.IN_THE_WAY)
    key = ledger_key(chosen)
    kept, intake = open_store(chosen.text("store"))
    try:
        with fetching(place) as fetch:
            told = catch_up(kept, key, fetch)
    finally:
        kept.close()
        intake.close()
    if as_json:
        show_json(told)
    elif told.now == told.before:
        say(f"{MARKS['ok']} the store has all {told.now} leaves already", "ok")
    else:
        say(f"{MARKS['ok']} {told.now - told.before} leaves were taken back", "ok")
        say(f"  The ledger goes on from {told.now}. The receipts behind them stay lost.", "dim")
        say("  Numbers are skipped, so that none of a lost receipt is given again.", "dim")
