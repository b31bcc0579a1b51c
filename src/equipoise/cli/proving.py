"""`equipoise verify` and `equipoise receipt`: the ledger and its receipts, checked and handed out."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from equipoise.cli import places
from equipoise.cli.findings import How, tell
from equipoise.cli.options import spread
from equipoise.cli.places import SettingsFile, StoreUrl
from equipoise.cli.speaking import (
    Exit,
    Trouble,
    console,
    examples,
    leave,
    note,
    say,
    show_json,
)

if TYPE_CHECKING:
    from equipoise.account.note import NoteKey, NoteSigner
    from equipoise.account.verify import Check, Report
    from equipoise.ports import Store
    from equipoise.settings import Settings

SEQS = 65_536
"""How many record numbers are asked for receipts at once."""


def add_to(app: typer.Typer) -> None:
    """Give the app the commands `verify` and `receipt`."""
    app.command(
        "verify",
        epilog=examples(
            ("equipoise verify", "the ledger of the house here"),
            ("equipoise verify https://shop.example", "an instance, with nothing but its address"),
            (
                "equipoise verify ./restored --earlier checkpoint.txt",
                "against a head that others hold",
            ),
            ("equipoise verify receipt.json --key VKEY", "one receipt, without any store"),
        ),
    )(verify)
    app.command(
        "receipt",
        epilog=examples(
            ("equipoise receipt d_1234 -o receipt.json", "what a person takes away"),
            ("equipoise verify receipt.json", "and how anybody checks it"),
            ("equipoise receipt d_1234 --cose -o receipt.cose", "for those who speak SCITT"),
        ),
    )(receipt)


@spread
def verify(
    place: Annotated[
        str | None,
        typer.Argument(
            metavar="PLACE",
            help="The address of an instance, a folder, a store (.db) or a receipt (.json).",
        ),
    ] = None,
    how: How = How(),  # noqa: B008 - frozen
) -> None:
    """Check a running instance from outside, or a ledger or one receipt offline.

    Exit code 1 if anything does not hold.
    """
    from equipoise.cli.fetching import is_address

    if place is not None and is_address(place):
        from equipoise.cli.inspecting import verify_instance

        verify_instance(place, how)
        return
    path = None if place is None else Path(place)
    if path is not None and path.is_file() and path.suffix != ".db":
        from equipoise.account.verify import verify_receipt

        report = verify_receipt(path.read_bytes(), how.key or None)
    else:
        heads = [file.read_text("utf-8") for file in how.earlier or []]
        report = _ledger(_house(path, how.settings), places.read(how.settings), how.key, heads)
    if how.as_json:
        show_json({"holds": report.holds, "checks": report.checks})
    else:
        tell(report)
        if report.holds:
            say("Everything holds.", "ok")
        else:
            say(
                "It does not hold. Keep this store as it is, and compare it with a backup.", "fault"
            )
    leave(Exit.WELL if report.holds else Exit.NOT_WELL)


def _house(place: Path | None, named: Path | None) -> "Settings":
    if place is None:
        return places.read(named)
    if place.suffix == ".db":
        return places.read(named, store=f"sqlite:{place}")
    return places.of_folder(place)


def ledger_key(*houses: "Settings") -> "NoteKey":
    """The public key of the first of these houses that has a key file. Raises `Trouble`."""
    return ledger_signer(*houses).key


def ledger_signer(*houses: "Settings") -> "NoteSigner":
    """What signs for the first of these houses that has a key file. Raises `Trouble`."""
    from equipoise.account.note import NoteSigner
    from equipoise.compose.library import keyring_of, keyring_path

    for house in houses:
        path = keyring_path(house.text("store"), house)
        if house.text("seed") or (path is not None and path.exists()):
            keyring = keyring_of(house.text("store"), house)
            return NoteSigner(house.text("origin"), keyring.ledger)
    raise Trouble(
        "a ledger is checked under its public key, and there is no key file to take it from. "
        "Give the key with --key, or put the key file beside the store"
    )


def _ledger(house: "Settings", here: "Settings", key: str, earlier: list[str]) -> "Report":
    from equipoise.account.refusal import LedgerRefused
    from equipoise.account.tree import read_frontier
    from equipoise.account.verify import Check, Report, verify_ledger

    vkey = key or ledger_key(house, here).vkey
    store, intake = places.open_to_read(house)
    try:
        position = store.position()
        if not position.checkpoint:
            return Report((Check("ledger", holds=True, found="the ledger is empty"),))
        try:
            edge = read_frontier(position.frontier)
        except LedgerRefused as fault:
            return Report((Check("edge", holds=False, found=str(fault)),))
        with _progress("leaves", position.leaves) as step:
            source = _Watched(store, step)
            report = verify_ledger(source, position.checkpoint, vkey, edge, earlier)
        with _progress("receipts", position.leaves) as step:
            opened = _receipts(store, step)
        return Report((*report.checks, opened))
    finally:
        store.close()
        intake.close()


class _Watched:
    """A ledger whose reading is watched by a progress bar."""

    def __init__(self, store: "Store", step: Callable[[int], None]) -> None:
        self._store = store
        self._step = step

    def leaves(self, start: int, stop: int) -> list[bytes]:
        """The leaves from `start` up to but not including `stop`."""
        self._step(stop)
        return self._store.leaves(start, stop)

    def tile(self, level: int, index: int) -> bytes | None:
        """One complete tile, or None."""
        return self._store.tile(level, index)


def _receipts(store: "Store", step: Callable[[int], None]) -> "Check":
    """Whether every receipt that is still there opens its leaf."""
    from equipoise.account.commitment import check_opening
    from equipoise.account.refusal import LedgerRefused
    from equipoise.account.verify import Check

    opened, wrong, last = 0, [], -1
    while rows := store.receipts_after(last, SEQS):
        last = rows[-1].seq
        first = min(row.leaf for row in rows)
        leaves = store.leaves(first, max(row.leaf for row in rows) + 1)
        for row in rows:
            try:
                check_opening(leaves[row.leaf - first], row.body, row.salt)
                opened += 1
            except (LedgerRefused, IndexError):
                wrong.append(row.seq)
        step(first + len(leaves))
    erased = store.position().leaves - opened - len(wrong)
    found = f"{opened} receipts open their leaves"
    if erased:
        found += f"; {erased} leaves have none any more: it was erased"
    if wrong:
        found = f"{len(wrong)} receipts do not open their leaf, first d_{min(wrong)}: altered"
    return Check("receipts", holds=not wrong, found=found)


@contextmanager
def _progress(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """A bar on standard error while something long runs at a terminal; elsewhere nothing."""
    if not sys.stderr.isatty() or total < SEQS:
        yield lambda _: None
        return
    from rich.progress import Progress

    with Progress(console=console(error=True), transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.update(task, completed=min(done, total))


def receipt(
    decision: Annotated[
        str, typer.Argument(metavar="DECISION", help="As the console shows it: d_1234.")
    ],
    out: Annotated[
        Path | None,
        typer.Option("-o", "--out", metavar="FILE", help="Without it: standard output."),
    ] = None,
    cose: Annotated[
        bool, typer.Option("--cose", help="Only its proof, as a COSE Receipt (RFC 9942).")
    ] = False,
    settings: SettingsFile = None,
    store: StoreUrl = None,
) -> None:
    """Write one receipt with its proof, for anybody to check."""
    from equipoise.compose.witnesses import publisher_of
    from equipoise.show.addresses import record_number

    number = record_number(decision)
    if number is None:
        raise Trouble(f"{decision!r} is no receipt; they are called like d_1234")
    chosen = places.read(settings, store=store)
    signer = ledger_signer(chosen)
    kept, intake = places.open_to_read(chosen)
    try:
        blob = publisher_of(chosen, kept, signer.key).bundle(number)
    finally:
        kept.close()
        intake.close()
    if blob is None:
        raise Trouble(f"{decision}: there is no such receipt, or it was erased", Exit.NOT_WELL)
    if cose:
        blob = _as_cose(blob, signer)
    if out is None:
        sys.stdout.buffer.write(blob) if cose else sys.stdout.write(blob.decode())
        return
    out.write_bytes(blob)
    if not cose:
        note(f"{out}: check it with `equipoise verify {out}`")


def _as_cose(blob: bytes, signer: "NoteSigner") -> bytes:
    from equipoise.account.bundle import read_bundle
    from equipoise.account.commitment import commit
    from equipoise.account.cose import write_cose

    bundle = read_bundle(blob)
    leaf = commit(bundle.body, bundle.salt)
    note(f"The leaf that it proves is {leaf.hex()}")
    return write_cose(bundle.proof, leaf, signer)


def health(store: "Store", key: "NoteKey", most: int) -> Any:
    """What a quick look at the newest receipts and the signed head finds."""
    from equipoise.account.publishing import Publisher

    return Publisher(store, key).health(most)
