"""`equipoise witness`: sign the heads of ledgers that keep one history, and refuse the others, loudly."""

import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from equipoise.cli.options import spread
from equipoise.cli.places import AsJson
from equipoise.cli.speaking import (
    MARKS,
    Exit,
    Trouble,
    complain,
    examples,
    leave,
    note,
    say,
    say_exactly,
    show_json,
)

if TYPE_CHECKING:
    from equipoise.account.witness import Forked, Witness
    from equipoise.runners.witnessing import Looked, WitnessFolder


@dataclass(frozen=True, kw_only=True)
class How:
    """Who the witness is, which keys it trusts, and how often it looks."""

    folder: Annotated[
        Path,
        typer.Option("--folder", metavar="FOLDER", help="Key, heads, evidence; made if missing."),
    ] = Path("witness")
    name: Annotated[
        str, typer.Option("--name", metavar="NAME", help="The witness's name, the first time.")
    ] = ""
    key: Annotated[
        list[str] | None,
        typer.Option("--key", metavar="VKEY", help="A ledger's published key. May be repeated."),
    ] = None
    every: Annotated[
        float,
        typer.Option("--every", metavar="SECONDS", min=0.1, help="How often each log is seen."),
    ] = 10.0
    once: Annotated[bool, typer.Option("--once", help="Look once at each log and end.")] = False
    listen: Annotated[
        str,
        typer.Option(
            "--listen", metavar="HOST:PORT", help="Take heads over HTTP as C2SP says, instead."
        ),
    ] = ""
    as_json: AsJson = False


def add_to(app: typer.Typer) -> None:
    """Give the app the command `witness`."""
    app.command(
        "witness",
        epilog=examples(
            ("equipoise witness https://shop.example", "looks every ten seconds, until Ctrl-C"),
            (
                "equipoise witness https://shop.example --key VKEY --once",
                "one look, under a known key",
            ),
            (
                "equipoise witness --listen 127.0.0.1:8090 --key VKEY",
                "for any log that speaks C2SP tlog-witness",
            ),
        ),
    )(witness)


@spread
def witness(
    logs: Annotated[
        list[str] | None, typer.Argument(metavar="URL", help="Running instances to follow.")
    ] = None,
    how: How = How(),
) -> None:
    """Co-sign the heads of ledgers, each only where it continues the last one.

    A ledger that shows two histories is refused (exit code 1); both its signed heads are kept.
    """
    from equipoise.account.witness import Witness
    from equipoise.runners.witnessing import WitnessFolder

    if bool(logs) == bool(how.listen):
        raise Trouble("give the addresses of running instances, or --listen HOST:PORT")
    kept = WitnessFolder(how.folder, how.name)
    try:
        for vkey in how.key or []:
            kept.trust(vkey)
        if not how.as_json:
            say_exactly(f"This witness is {kept.signer.key.vkey}", "strong")
            note("A house shows its signatures once this key is in its setting `witnesses`.")
        working = Witness(kept.signer, kept)
        if how.listen:
            _serve(kept, working, how.listen)
            return
        rounds = _Rounds(kept, working, logs or [], how)
        with closing(rounds):
            while not how.once:
                rounds.go()
                time.sleep(how.every)
            leave(rounds.go())
    finally:
        kept.close()


class _Rounds:
    """Goes from log to log; one that cannot be reached or does not hold keeps none of the others."""

    def __init__(
        self, folder: "WitnessFolder", witness: "Witness", logs: list[str], how: How
    ) -> None:
        from equipoise.cli.fetching import Remote, is_address

        for url in logs:
            if not is_address(url):
                raise Trouble(f"{url!r}: needs an address such as https://shop.example")
        self._folder = folder
        self._witness = witness
        self._logs = {url: Remote(url) for url in logs}
        self._pinned = bool(how.key)
        self._as_json = how.as_json
        self._told: dict[str, str] = {}

    def close(self) -> None:
        """Close every connection."""
        for remote in self._logs.values():
            remote.close()

    def go(self) -> Exit:
        """One round: 0 where all were signed, 1 where one was refused, 3 where one did not answer."""
        from equipoise.account.refusal import LedgerRefused
        from equipoise.account.witness import Forked

        codes = [Exit.WELL]
        for url in self._logs:
            try:
                self._look(url)
            except Forked as fork:
                codes.append(Exit.NOT_WELL)
                self._cry(url, fork)
            except LedgerRefused as refused:
                codes.append(Exit.NOT_WELL)
                self._complain(url, f"not signed: {refused}")
            except Trouble as trouble:
                codes.append(trouble.code)
                self._complain(url, str(trouble))
        return Exit.NOT_WELL if Exit.NOT_WELL in codes else max(codes)

    def _look(self, url: str) -> None:
        from equipoise.runners.witnessing import look

        remote = self._logs[url]
        self._meet(url)
        looked = look(self._folder, self._witness, remote.get, time.time)
        status, body = remote.ask("POST", "cosignatures", (looked.note + looked.line).encode())
        shown = status == 200
        told = "" if shown else body.decode("utf-8", "replace").strip()[:200]
        self._tell(url, looked, shown=shown, told=told)

    def _meet(self, url: str) -> None:
        """The first time, believe the key that the log itself tells, unless one was given."""
        from equipoise.account.note import read_checkpoint, read_note
        from equipoise.runners.witnessing import head_of

        remote = self._logs[url]
        origin = read_checkpoint(read_note(head_of(remote.get)).text).origin
        if self._folder.head(origin) is not None:
            return
        vkey = None if self._pinned else remote.get("vkey")
        if vkey is None:
            raise Trouble(f"{url}: is the log {origin}, whose key is not known. Give it with --key")
        self._folder.trust(vkey.decode("utf-8", "replace"))
        note(f"{url}: its key is believed as it came, this once: {vkey.decode().strip()}")

    def _tell(self, url: str, looked: "Looked", *, shown: bool, told: str) -> None:
        if self._as_json:
            show_json(
                {
                    "log": url,
                    "origin": looked.origin,
                    "size": looked.size,
                    "line": looked.line,
                    "shown": shown,
                    "told": told,
                }
            )
            return
        text = f"{looked.origin}: {looked.size} leaves, signed"
        if not shown:
            text += f"; the log does not show it ({told or 'it takes no cosignatures'})"
        if self._told.get(url) != text:
            say(f"{MARKS['ok' if shown else 'warn']} {text}", "ok" if shown else "warn")
        self._told[url] = text

    def _cry(self, url: str, fork: "Forked") -> None:
        place = self._folder.evidence(fork.evidence)
        if self._as_json:
            show_json({"log": url, "fork": fork.evidence, "evidence": str(place)})
        self._complain(
            url,
            f"FORK REFUSED. {fork}.\n  Both signed heads are kept in {place}.\n"
            "  Show them to others: a ledger has one history, and these two cannot both be true.",
        )

    def _complain(self, url: str, text: str) -> None:
        if self._told.get(url) != text:
            complain(f"{url}: {text}")
        self._told[url] = text


def _serve(folder: "WitnessFolder", witness: "Witness", listen: str) -> None:
    """Answer logs that hand in their heads, until stopped."""
    import uvicorn

    from equipoise.doors.witnessing import witness_app
    from equipoise.runners.server import Address, url_of
    from equipoise.runners.server import listen as listening

    host, _, port = listen.rpartition(":")
    if not host or not port.isdecimal():
        raise Trouble(f"--listen {listen!r}: needs HOST:PORT, such as 127.0.0.1:8090")
    if not folder.origins():
        raise Trouble("this witness knows no log yet: give the key of one with --key")
    socket = listening(Address(host.strip("[]"), int(port)))
    app = witness_app(
        lambda asked: witness.add_checkpoint(asked, int(time.time())), folder.signer.key.vkey
    )
    say_exactly(f"It answers on {url_of(socket)} for {', '.join(folder.origins())}", "strong")
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
    server.run(sockets=[socket])
