"""`equipoise tenants`: several houses behind one port, each with files, keys and a ledger of its own."""

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from equipoise.cli import beginning, places
from equipoise.cli.logs import speak_in
from equipoise.cli.places import FILE, AsJson, SettingsFile
from equipoise.cli.serving import Port, alone
from equipoise.cli.speaking import Trouble, examples, note, say, say_exactly, show_json, show_table

if TYPE_CHECKING:
    from equipoise.compose.tenants import Tenant
    from equipoise.settings import Settings


def add_to(app: typer.Typer) -> None:
    """Give the app the commands `tenants list`, `tenants add` and `tenants serve`."""
    tenants = typer.Typer(
        no_args_is_help=True,
        rich_markup_mode="rich",
        epilog=examples(("equipoise tenants list", "")),
    )
    tenants.command("list", epilog=examples(("equipoise tenants list --json", "")))(list_tenants)
    tenants.command(
        "add",
        epilog=examples(
            ("equipoise tenants add halles --host halles.example", "a house of its own"),
        ),
    )(add)
    tenants.command("serve", epilog=examples(("equipoise tenants serve --port 8080", "")))(serve)
    app.add_typer(tenants, name="tenants", help="Several houses behind one port, each apart.")


def _read(settings: "Settings") -> "list[Tenant]":
    from equipoise.compose.tenants import read_tenants

    return read_tenants(Path(settings.text("tenants.folder")))


def list_tenants(settings: SettingsFile = None, as_json: AsJson = False) -> None:
    """List every tenant with its host, its ledger and its store."""
    rows = [
        {
            "name": tenant.name,
            "host": tenant.host,
            "origin": tenant.settings.text("origin"),
            "store": tenant.settings.text("store"),
        }
        for tenant in _read(places.read(settings))
    ]
    if as_json:
        show_json({"tenants": rows})
        return
    columns = ("name", "host", "origin", "store")
    show_table(columns, [tuple(row[column] for column in columns) for row in rows])


def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Small letters, digits, hyphens.")],
    host: Annotated[
        str, typer.Option("--host", metavar="HOST", help="The host name that it answers to.")
    ],
    company: Annotated[
        str, typer.Option("--company", metavar="NAME", help="The name that people see.")
    ] = "",
    settings: SettingsFile = None,
    as_json: AsJson = False,
) -> None:
    """Make a tenant: a folder with settings, keys, a store and a first play, all its own."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,62}", name):
        raise Trouble(f"a tenant is called by small letters, digits and hyphens, not {name!r}")
    if not re.fullmatch(r"[a-z0-9.-]{1,253}", host):
        raise Trouble(f"a tenant needs a host name such as shop.example, not {host!r}")
    folder = Path(places.read(settings).text("tenants.folder")) / name
    beginning.init(folder, company=company or name, as_json=as_json)
    file = folder / FILE
    text = file.read_text("utf-8")
    for line in ("origin", "public_url"):
        value = f"{host}/equipoise" if line == "origin" else f"https://{host}"
        text = re.sub(rf"(?m)^# {line} = .*$", f"{line} = {json.dumps(value)}", text)
    file.write_text(text, "utf-8")


def serve(port: Port = None, settings: SettingsFile = None) -> None:
    """Serve every tenant on one port, until Ctrl-C."""
    import asyncio

    from equipoise.compose.tenants import serve_all

    chosen = places.read(settings, port=port)
    tenants = _read(chosen)
    speak_in(chosen.text("log.level"))
    for tenant in tenants:
        alone(tenant.settings)

    def announce(url: str) -> None:
        say_exactly(f"Equipoise answers at {url}", "strong")
        say(f"for {', '.join(tenant.host for tenant in tenants)}")
        note("Ctrl-C ends it; what was acknowledged is kept.")

    asyncio.run(serve_all(chosen, tenants, announce))
    note("Ended. What was acknowledged is on disk.")
