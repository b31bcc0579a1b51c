"""`equipoise import`: files of the past or of the present become events, each of them once."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from equipoise.cli import places
from equipoise.cli.options import spread
from equipoise.cli.places import AsJson, SettingsFile, StoreUrl
from equipoise.cli.serving import alone
from equipoise.cli.speaking import Exit, Trouble, console, examples, leave, note, say, show_json

if TYPE_CHECKING:
    from rich.progress import Progress

    from equipoise.arrive.files import Chunk, Mapping
    from equipoise.nouns.events import Event, Refused
    from equipoise.settings import Settings

TakeIn = Callable[["list[Event]"], Counter[str]]
"""Makes events durable, or raises; called once a chunk; returns how many were refused, by reason."""


class Done(msgspec.Struct):
    """How far an import is: rows of the file behind, events taken in, rows refused.

    `refused` counts by reason code; `first` is the message of the first row of each.
    """

    rows: int = 0
    events: int = 0
    refused: dict[str, int] = {}
    first: dict[str, str] = {}
    whole: bool = False


def add_to(app: typer.Typer) -> None:
    """Give the app the command `import`."""
    app.command(
        "import",
        epilog=examples(
            (
                "equipoise import orders.csv --mapping orders.yaml --source till",
                "into the store here",
            ),
            (
                "equipoise import orders.csv --mapping m.yaml --source till --url localhost:8080",
                "into an engine that runs",
            ),
            ("equipoise import today.jsonl --mapping m.yaml --source web --live", "opens moments"),
            ("equipoise import ./leaving --store new.db", "all of another house"),
        ),
    )(import_file)


@dataclass(frozen=True, kw_only=True)
class How:
    """How a file is taken in: where to, and what of it."""

    live: Annotated[
        bool, typer.Option("--live", help="Let the events open moments, as if they came now.")
    ] = False
    url: Annotated[
        str, typer.Option("--url", metavar="URL", help="Send to the engine that runs there.")
    ] = ""
    key: Annotated[
        str,
        typer.Option(
            "--key", metavar="KEY", envvar="EQUIPOISE_WRITE_KEY", help="A server key, for --url."
        ),
    ] = ""
    again: Annotated[
        bool, typer.Option("--again", help="From the first row, whatever was done before.")
    ] = False
    refused: Annotated[
        Path | None,
        typer.Option("--refused", metavar="FILE", help="Write rows not taken, as JSON Lines."),
    ] = None
    settings: SettingsFile = None
    store: StoreUrl = None
    as_json: AsJson = False


@spread
def import_file(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="CSV, TSV, JSON Lines (also .gz), Parquet; or a whole export."
        ),
    ],
    mapping: Annotated[
        Path | None,
        typer.Option("--mapping", metavar="FILE", help="Which column is what, as YAML."),
    ] = None,
    source: Annotated[
        str, typer.Option("--source", metavar="NAME", help="Who says so; it is in every event.")
    ] = "",
    how: How = How(),
) -> None:
    """Read a file into events; Ctrl-C stops it, the same command goes on.

    Rows keep their ids, so that nothing is taken in twice. Exit code 1 where rows were refused.
    A folder of `equipoise export --all` goes into an empty store, and needs no mapping.
    """
    from equipoise.arrive.files import read_mapping

    if file.is_dir():
        from equipoise.cli.settling import import_house

        import_house(file, places.read(how.settings, store=how.store), as_json=how.as_json)
        return
    if mapping is None or not source:
        raise Trouble(
            f"{file}: needs --mapping FILE, which says which column is what, and --source"
        )
    for needed in (file, mapping):
        if not needed.is_file():
            raise Trouble(f"{needed}: there is no such file")
    told = read_mapping(mapping.read_text("utf-8"), mapping.name)
    if how.live:
        told = msgspec.structs.replace(told, history=False)
    job = _Job(file, told, source, how)
    if how.url:
        from equipoise.cli.posting import Poster

        poster = Poster(how.url, how.key, live=not told.history)
        done = job.run(Path(f"{file}.imported"), poster.take_in)
    else:
        done = _directly(places.read(how.settings, store=how.store), job)
    _tell(file, done, as_json=how.as_json)
    leave(Exit.NOT_WELL if done.refused else Exit.WELL)


def _directly(settings: "Settings", job: "_Job") -> Done:
    """Into the store itself, which no engine may be writing meanwhile."""
    from equipoise.arrive import native
    from equipoise.compose import Engine

    path = places.store_path(settings)
    if path is None:
        raise Trouble("a store in memory cannot be imported into from outside; use --url")
    if places.is_written(path):
        raise Trouble(
            f"{path}: an engine writes this store. Send to it with --url and --key, or stop it",
            Exit.IN_THE_WAY,
        )
    alone(settings)
    with Engine.open(settings.text("store"), settings=settings) as engine:

        def take_in(events: "list[Event]") -> Counter[str]:
            engine.put("events", native.pack(events), job.source)
            return Counter()

        return job.run(path.with_name(f"{path.stem}.imports"), take_in)


class _Job:
    """One file with its mapping, on its way through chunks that are each durable before the next."""

    def __init__(self, file: Path, mapping: "Mapping", source: str, how: How) -> None:
        from equipoise.nouns.events import Source

        self.file = file
        self.mapping = mapping
        self.source = Source(source, "server", history=mapping.history)
        self._how = how

    def run(self, ledger: Path, take_in: TakeIn) -> Done:
        """Read from where `ledger`, a small file of what was done before, says that it ended."""
        from equipoise.arrive.files import digest_of, read_events

        before = _read(ledger)
        name = f"{self.source.name}/{digest_of(self.file)[:32]}"
        done = Done() if self._how.again else before.get(name, Done())
        if done.whole:
            note(f"{self.file}: was taken in before; --again reads it once more")
            return done
        if done.rows:
            note(f"{self.file}: going on after row {done.rows:,}")
        before[name] = done
        now_ms = time.time_ns() // 1_000_000
        chunks = read_events(self.file, self.mapping, self.source, now_ms, done.rows)
        with self._progress() as bar:
            task = bar.add_task(self.file.name, total=1.0, events=f"{done.events:,}")
            try:
                for chunk in chunks:
                    turned_away = take_in(chunk.events) if chunk.events else Counter[str]()
                    self._note(chunk, turned_away, done)
                    _write(ledger, before)
                    bar.update(task, completed=chunk.behind, events=f"{done.events:,}")
            except KeyboardInterrupt:
                raise Trouble(
                    f"stopped after row {done.rows:,}; the same command goes on from there",
                    Exit.INTERRUPTED,
                ) from None
        done.whole = True
        _write(ledger, before)
        return done

    def _note(self, chunk: "Chunk", turned_away: Counter[str], done: Done) -> None:
        done.rows = chunk.rows
        done.events += len(chunk.events) - turned_away.total()
        counts = Counter(done.refused) + turned_away
        counts.update(one.code for one in chunk.refused)
        done.refused = dict(counts)
        for one in chunk.refused:
            done.first.setdefault(one.code, one.message)
        if self._how.refused is not None and chunk.refused:
            with self._how.refused.open("ab") as out:
                for one in chunk.refused:
                    out.write(msgspec.json.encode(_plain(one)) + b"\n")

    def _progress(self) -> "Progress":
        from rich.progress import (
            BarColumn,
            Progress,
            TaskProgressColumn,
            TextColumn,
            TimeRemainingColumn,
        )

        shown = console(error=True)
        return Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[events]} events"),
            TimeRemainingColumn(),
            console=shown,
            transient=True,
            disable=self._how.as_json or not shown.is_terminal,
        )


def _plain(one: "Refused") -> dict[str, Any]:
    return {
        "id": one.id,
        "code": one.code,
        "message": one.message,
        "item": one.item.decode("utf-8", "replace"),
    }


def _read(ledger: Path) -> dict[str, Done]:
    try:
        return msgspec.json.decode(ledger.read_bytes(), type=dict[str, Done])
    except FileNotFoundError:
        return {}
    except msgspec.DecodeError:
        raise Trouble(f"{ledger}: cannot be read; take it away, and give --again") from None


def _write(ledger: Path, done: dict[str, Done]) -> None:
    draft = ledger.with_name(f"{ledger.name}.new")
    draft.write_bytes(msgspec.json.format(msgspec.json.encode(done)))
    draft.replace(ledger)


def _tell(file: Path, done: Done, *, as_json: bool) -> None:
    if as_json:
        show_json({"file": str(file), "done": done})
        return
    say(f"✓ {file}: {done.rows:,} rows, {done.events:,} events", "ok")
    for code, n in sorted(done.refused.items()):
        say(f"! {n:,} × {code}: {done.first.get(code) or _sentence(code)}", "warn")


def _sentence(code: str) -> str:
    from equipoise.plays.phrases import sentence

    return sentence(code, "en")
