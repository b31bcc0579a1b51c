"""`equipoise verify URL` and `equipoise compare`: a ledger held to its word by people outside."""

import os
import secrets
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from equipoise.cli.findings import How, Key, tell
from equipoise.cli.places import AsJson
from equipoise.cli.speaking import (
    Exit,
    Trouble,
    examples,
    leave,
    note,
    say,
    say_exactly,
    show_json,
)

if TYPE_CHECKING:
    from equipoise.account.inspecting import Inspected


class Seen(msgspec.Struct, frozen=True):
    """What this verifier saw of one instance: its key, and its last head that held."""

    vkey: str
    note: str


def add_to(app: typer.Typer) -> None:
    """Give the app the command `compare`."""
    app.command(
        "compare",
        epilog=examples(
            ("equipoise compare mine.json yours.json --at https://shop.example", ""),
            (
                "equipoise compare before.txt now.txt --key VKEY",
                "two heads, such as a witness keeps",
            ),
        ),
    )(compare)


def verify_instance(url: str, how: How) -> None:
    """Check an instance, remember its head where it holds, and tell; ends with the exit code."""
    from equipoise.account.cosignature import read_witness_key
    from equipoise.account.inspecting import WHOLE_LEAVES, Inspection, inspect
    from equipoise.cli.fetching import fetching

    file = how.seen or default_seen()
    known = _read(file)
    before = known.get(url.rstrip("/"))
    asked = Inspection(
        draw=secrets.randbelow,
        vkey=how.key or (before.vkey if before else ""),
        known=before.note if before else "",
        witnesses=tuple(map(read_witness_key, how.witness or [])),
        receipts=tuple((str(path), path.read_bytes()) for path in how.receipt or []),
        whole_leaves=sys.maxsize if how.whole else WHOLE_LEAVES,
    )
    with fetching(url) as fetch:
        found = inspect(fetch, asked)
    if found.report.holds and found.note:
        _write(file, known | {url.rstrip("/"): Seen(found.vkey, found.note)})
    if how.as_json:
        show_json(
            {
                "holds": found.report.holds,
                "checks": found.report.checks,
                "key": found.vkey,
                "head": found.note,
                "fork": found.evidence,
            }
        )
    else:
        _told(url, found, file)
    leave(Exit.WELL if found.report.holds else Exit.NOT_WELL)


def _told(url: str, found: "Inspected", file: Path) -> None:
    tell(found.report)
    if found.report.holds:
        say(
            "Everything holds: nothing that this ledger says was changed or left out afterwards.",
            "ok",
        )
        note(f"Its head is remembered in {file}; look again tomorrow, or let a witness look.")
        return
    say(f"It does not hold. Do not rely on what {url} shows until this is explained.", "fault")
    if found.evidence is not None:
        say("Both heads are signed by it. Keep them, and show them to others:", "strong")
        say_exactly(found.evidence.before)
        say_exactly(found.evidence.now)


def compare(
    one: Annotated[Path, typer.Argument(metavar="ONE", help="A receipt (.json) or a signed head.")],
    other: Annotated[Path, typer.Argument(metavar="OTHER", help="Somebody else's.")],
    at: Annotated[
        str, typer.Option("--at", metavar="PLACE", help="Address or folder of the ledger's tiles.")
    ] = "",
    key: Key = "",
    as_json: AsJson = False,
) -> None:
    """Whether two people were told the same history: compare their receipts.

    Exit code 1 if not, which these two files then prove to anybody.
    """
    from contextlib import nullcontext

    from equipoise.account.inspecting import NeedsTiles, read_held
    from equipoise.account.inspecting import compare as compared
    from equipoise.cli.fetching import fetching

    held = [read_held(str(path), path.read_bytes(), key) for path in (one, other)]
    with fetching(at) if at else nullcontext() as fetch:
        try:
            report = compared(held[0], held[1], fetch)
        except NeedsTiles as needs:
            raise Trouble(f"{needs}. Say where they are with --at") from None
    if as_json:
        show_json({"holds": report.holds, "checks": report.checks})
    else:
        tell(report)
        good = "Both of you were told the same history."
        bad = "You were not told the same history. Keep both files: together they prove it."
        say(good if report.holds else bad, "ok" if report.holds else "fault")
    leave(Exit.WELL if report.holds else Exit.NOT_WELL)


def default_seen() -> Path:
    """Where heads of instances are remembered unless told otherwise (XDG base directories)."""
    state = os.environ.get("XDG_STATE_HOME", "")
    return (Path(state) if state else Path.home() / ".local/state") / "equipoise" / "heads.json"


def _read(file: Path) -> dict[str, Seen]:
    if not file.exists():
        return {}
    try:
        return msgspec.json.decode(file.read_bytes(), type=dict[str, Seen])
    except msgspec.DecodeError as fault:
        raise Trouble(
            f"{file}: cannot be read ({fault}). It holds the heads that were seen before; bring it back, "
            "or remove it to begin anew"
        ) from None


def _write(file: Path, seen: dict[str, Seen]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_name(f"{file.name}.new")
    beside.write_bytes(msgspec.json.format(msgspec.json.encode(seen), indent=2) + b"\n")
    beside.replace(file)
