"""`equipoise learn`: learn from every outcome that is known, and say what was learnt and what is missing."""

import http.client
from base64 import b64encode
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import msgspec
import typer

from equipoise.cli import places
from equipoise.cli.places import AsJson, SettingsFile, StoreUrl
from equipoise.cli.serving import alone
from equipoise.cli.speaking import (
    Exit,
    Trouble,
    examples,
    leave,
    note,
    say,
    show_json,
    show_table,
)

if TYPE_CHECKING:
    from equipoise.settings import Settings

PATIENCE_S = 600.0
"""How long the engine that runs may take to learn, in seconds."""


def add_to(app: typer.Typer) -> None:
    """Give the app the command `learn`."""
    app.command(
        "learn",
        epilog=examples(
            ("equipoise learn", "in the folder of a house that does not run"),
            ("equipoise learn --url localhost:8080", "asks the engine that runs to learn now"),
            ("equipoise learn --json", "for a program"),
        ),
    )(learn)


def learn(
    url: Annotated[
        str, typer.Option("--url", metavar="URL", help="Ask the engine that runs there.")
    ] = "",
    key: Annotated[
        str,
        typer.Option(
            "--key", metavar="KEY", envvar="EQUIPOISE_WRITE_KEY", help="A server key, for --url."
        ),
    ] = "",
    settings: SettingsFile = None,
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Teach every play that asks a model, and what people are worth who leave.

    A served house does this by itself (`learn.every_hours`). Exit code 1 where a model was refused.
    """
    found = _ask(url, key) if url else _directly(places.read(settings, store=store))
    if as_json:
        show_json(found)
    else:
        _tell(found)
    leave(Exit.NOT_WELL if any(one["refused"] for one in found) else Exit.WELL)


def _directly(settings: "Settings") -> list[dict[str, Any]]:
    """In the store itself, which no engine may be writing meanwhile."""
    from equipoise.compose import Engine
    from equipoise.runners.teaching import told

    path = places.store_path(settings)
    if path is None:
        raise Trouble("a store in memory cannot be taught from outside; use --url")
    if not path.exists():
        raise Trouble(f"{path}: there is no such store. `equipoise init` makes one")
    if places.is_written(path):
        raise Trouble(
            f"{path}: an engine writes this store. Ask it to learn with --url {_address(settings)} "
            "and --key, or stop it",
            Exit.IN_THE_WAY,
        )
    alone(settings)
    with Engine.open(settings.text("store"), settings=settings) as engine:
        return [told(finding) for finding in engine.learn()]


def _address(settings: "Settings") -> str:
    """Where the engine of these settings answers."""
    host, port = settings.text("host"), settings.whole("port")
    return settings.text("public_url") or f"http://{host}:{port}"


def _ask(url: str, key: str) -> list[dict[str, Any]]:
    address = urlsplit(url if "://" in url else f"http://{url}")
    if address.scheme not in ("http", "https") or not address.hostname:
        raise Trouble(f"--url {url!r}: needs an address such as http://127.0.0.1:8080")
    if not key:
        raise Trouble("--url needs --key with a server write key, or EQUIPOISE_WRITE_KEY")
    https = address.scheme == "https"
    kind = http.client.HTTPSConnection if https else http.client.HTTPConnection
    connection = kind(address.hostname, address.port, timeout=PATIENCE_S)
    headers = {"Authorization": "Basic " + b64encode(f"{key}:".encode()).decode()}
    try:
        connection.request("POST", address.path.rstrip("/") + "/v1/learn", b"", headers)
        answer = connection.getresponse()
        status, body = answer.status, answer.read()
    except (OSError, http.client.HTTPException) as error:
        raise Trouble(f"{url}: does not answer ({error})", Exit.IN_THE_WAY) from None
    finally:
        connection.close()
    if status != 200:
        code = Exit.IN_THE_WAY if status in (429, 500, 502, 503, 504) else Exit.NOT_SO
        raise Trouble(f"{url}: {status}: {body[:500].decode('utf-8', 'replace')}", code)
    return msgspec.json.decode(body, type=list[dict[str, Any]])


def _tell(found: list[dict[str, Any]]) -> None:
    show_table(
        ("model", "learnt from", "version", ""),
        [(one["model"], f"{one['lessons']:,}", one["version"][:12], _word(one)) for one in found],
        right=("learnt from",),
    )
    for one in found:
        if one["missing"]:
            say(f"! {one['model']}: {one['missing']}", "warn")
        if one["refused"]:
            say(f"✗ {one['model']}: {one['refused']}", "fault")
    if not any(one["model"] != "lifetime" for one in found):
        note("No live play learns: that takes a goal, and a chooser or control that asks a model.")


def _word(one: dict[str, Any]) -> str:
    if one["refused"]:
        return "refused"
    if one["missing"]:
        return "not yet"
    return "new" if one["new"] else "as before"
