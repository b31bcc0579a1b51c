"""Files of every release can be brought forward and answer as they did.

`releases/VERSION.store.sql` and `releases/VERSION.intake.sql` are what a file of that release held, as
SQL text. A release adds its own with `python tests/stores/test_releases.py VERSION`, and never
changes those of the past.
"""

import sys
from pathlib import Path
from tempfile import mkdtemp

import apsw
import pytest

from equipoise.nouns.changes import Changes, LogRow, PlayRow, ReceiptRow, Tile, Timer
from equipoise.nouns.events import Handle, IntakeRow, Refused, Source
from equipoise.nouns.people import Atom, CannotLink, HeldJoin, Join
from equipoise.stores import open_store
from equipoise.stores.memory import MemoryIntake, MemoryStore
from equipoise.stores.sqlite import intake_path, migrate_pair
from equipoise.stores.sqlite.schema import INTAKE, STORE
from equipoise.testing.example_changes import example_action, observe

RELEASES = Path(__file__).parent / "releases"
VERSIONS = sorted(path.name.removesuffix(".store.sql") for path in RELEASES.glob("*.store.sql"))
COLUMNS = {"known": "boolean", "orders.count": "number", "traits.city": "text"}


def changes() -> Changes:
    """What every release's file was written with. Later fields get a page of their own."""
    evidence = (Handle("email", "zoë@example.org"),)
    return Changes(
        cursor=2,
        seq=64,
        now_ms=1_700_000_000_000,
        log=[LogRow(16, 16, 0, "event", b"\x00one"), LogRow(32, 16, 16, "tick", b"two")],
        states={16: b"state \xff", 48: b"other"},
        atoms={16: Atom(16, 16), 32: Atom(32, 16)},
        handles={Handle("email", "zoë@example.org"): 16, Handle("card", "1'2"): 32},
        joins=[Join(seq=32, left=16, right=32, event="e", source="s", evidence=evidence, at_ms=5)],
        cannot_links=[CannotLink(left=16, right=48, by="ana", at_ms=6, note="twins")],
        held_joins=[
            HeldJoin(
                seq=48,
                left=16,
                right=48,
                reason="cannot_link",
                event="f",
                evidence=evidence,
                at_ms=7,
            )
        ],
        receipts=[ReceiptRow(33, 16, 0, 0, b'{"a":1}', bytes(32))],
        leaves=[b"leaf"],
        tiles=[Tile(0, 0, b"tile")],
        frontier=b"edge",
        checkpoint="head\n",
        actions={33: example_action(33), 34: example_action(34, "waiting")},
        timers_set=[Timer(99, 16, "held:x")],
        refused=[Refused(source="s", code="c", message="m", received_ms=8, id="i", item=b"\xfe")],
        seen=b"12345678",
        spent={"play:p": 3},
        plays=[PlayRow("p", "v1", 1, "live", "name: p\n")],
        columns={16: {"traits.city": "Sète", "orders.count": 2.0, "known": True}},
        counts={"events": 2},
    )


def rows() -> list[IntakeRow]:
    """What every release's intake was written with; row 1 was trimmed."""
    return [
        IntakeRow(0, "tick", Source("ticker"), 1, b"x"),
        IntakeRow(0, "segment", Source("site", "public"), 2, b'{"a": 1}' * 40),
        IntakeRow(0, "events", Source("crm", history=True), 3, b"\xff\x00"),
    ]


def fill(store, intake) -> None:
    store.name_columns(COLUMNS)
    store.commit(changes())
    intake.append(rows())
    intake.trim(1)


def as_text(path: Path) -> str:
    """A file as SQL: its numbers, its tables and indexes, and its rows, in a fixed order."""
    connection = apsw.Connection(str(path))
    lines = [
        f"PRAGMA {name} = {connection.pragma(name)};" for name in ("application_id", "user_version")
    ]
    parts = connection.execute(
        "SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL "
        "AND name NOT LIKE 'sqlite%' ORDER BY type = 'index', name"
    ).fetchall()
    lines += [f"{sql};" for kind, _, sql in parts if kind == "table"]
    for kind, name, _ in parts:
        if kind == "table":
            columns = [row[1] for row in connection.execute(f'PRAGMA table_info("{name}")')]
            quoted = ", ".join(f'quote("{column}")' for column in columns)
            found = connection.execute(f'SELECT {quoted} FROM "{name}"').fetchall()
            lines += [f'INSERT INTO "{name}" VALUES ({", ".join(row)});' for row in sorted(found)]
    lines += [f"{sql};" for kind, _, sql in parts if kind == "index"]
    connection.close()
    return "\n".join(lines) + "\n"


def write_files(folder: Path) -> dict[str, str]:
    """Fill both files of this release and give them as text."""
    path = folder / "shop.db"
    store, intake = open_store(f"sqlite:{path}")
    fill(store, intake)
    store.close()
    intake.close()
    return {"store": as_text(path), "intake": as_text(intake_path(path))}


@pytest.mark.parametrize("version", VERSIONS)
def test_a_file_of_each_release_is_brought_forward_and_answers_as_it_did(version, tmp_path):
    path = tmp_path / "shop.db"
    for kind, target in (("store", path), ("intake", intake_path(path))):
        connection = apsw.Connection(str(target))
        connection.pragma("journal_mode", "wal")
        connection.execute((RELEASES / f"{version}.{kind}.sql").read_text("utf-8"))
        connection.close()
    migrate_pair(str(path))
    store, intake = open_store(f"sqlite:{path}")
    memory, queue = MemoryStore(), MemoryIntake()
    fill(memory, queue)
    assert observe(store, 200) == observe(memory, 200)
    assert (intake.read(0, 10**6), intake.last()) == (queue.read(0, 10**6), queue.last())
    store.close()
    intake.close()


def test_the_newest_release_has_the_layout_that_the_code_has(tmp_path):
    """Whoever changes a table raises its version: the file of the same version must be the same."""
    written = write_files(tmp_path)
    for kind, layout in (("store", STORE), ("intake", INTAKE)):
        kept = (RELEASES / f"{VERSIONS[-1]}.{kind}.sql").read_text("utf-8")
        if f"user_version = {layout.version};" in kept:
            assert tables(written[kind]) == tables(kept)


def tables(text: str) -> list[str]:
    """A file's text without its rows, whose bytes other libraries have a say in."""
    return [line for line in text.splitlines() if not line.startswith("INSERT")]


if __name__ == "__main__":
    RELEASES.mkdir(exist_ok=True)
    for kind, text in write_files(Path(mkdtemp())).items():
        (RELEASES / f"{sys.argv[1]}.{kind}.sql").write_text(text, "utf-8")
