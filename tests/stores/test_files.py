"""One writer for each file, versions that are checked, and errors that say what to do."""

import signal
import subprocess
import sys

import apsw
import pytest

from equipoise.nouns.changes import Changes, LogRow
from equipoise.stores import StoreBusy, StoreError, StoreFull, StoreVersion, Unstorable
from equipoise.stores.sqlite import SqliteIntake, SqliteStore, migrate_pair, open_pair
from equipoise.stores.sqlite.emptying import empty
from equipoise.stores.sqlite.files import File, check_sqlite, migrate
from equipoise.stores.sqlite.schema import INTAKE, KEPT, LEARNING, RIGHTS, STORE
from equipoise.testing.example_changes import COLUMNS, example_changes, observe
from equipoise.testing.exams_intake import example_rows
from equipoise.testing.exams_store import gives_back_a_commit


@pytest.fixture
def store(tmp_path):
    store = SqliteStore(tmp_path / "shop.db")
    yield store
    store.close()


def test_an_sqlite_that_could_corrupt_the_file_is_refused():
    check_sqlite("3.51.3")
    check_sqlite("3.100.0")
    with pytest.raises(StoreError, match=r"needs 3\.51\.3 or newer"):
        check_sqlite("3.51.2")


def test_a_file_has_one_writer_at_a_time(store, tmp_path):
    with pytest.raises(StoreBusy, match="another engine"):
        SqliteStore(tmp_path / "shop.db")
    store.close()
    SqliteStore(tmp_path / "shop.db").close()


def test_a_killed_writer_gives_the_file_free_and_loses_nothing_it_was_told_is_kept(tmp_path):
    script = (
        "import sys, os, signal; from equipoise.stores.sqlite import SqliteIntake\n"
        "from equipoise.testing.exams_intake import example_rows\n"
        "intake = SqliteIntake(sys.argv[1])\n"
        "assert intake.append(example_rows(7)) == list(range(1, 8))\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    path = tmp_path / "shop.intake.db"
    ended = subprocess.run([sys.executable, "-c", script, str(path)], check=False)
    assert ended.returncode == -signal.SIGKILL
    intake = SqliteIntake(path)
    assert [row.id for row in intake.read(0, 10**6)] == list(range(1, 8))
    intake.close()


def test_a_reader_sees_each_commit_at_once_and_cannot_write(store, tmp_path):
    reader = SqliteStore(tmp_path / "shop.db", readonly=True)
    store.name_columns(COLUMNS)
    for n in (1, 2):
        store.commit(example_changes(n))
        assert observe(reader) == observe(store)
    for write in (
        lambda: reader.commit(Changes(cursor=9, seq=900)),
        lambda: reader.forget_seen(9),
        lambda: reader.name_columns({"a": "text"}),
    ):
        with pytest.raises(StoreError, match="reading only"):
            write()
    assert store.position().cursor == 2
    reader.close()


def test_a_reader_of_an_intake_sees_new_rows_and_their_last_id(tmp_path):
    intake = SqliteIntake(tmp_path / "shop.intake.db")
    reader = SqliteIntake(tmp_path / "shop.intake.db", readonly=True)
    assert (reader.last(), reader.read(0, 100)) == (0, [])
    intake.append(example_rows(3))
    assert reader.last() == 3
    assert reader.read(0, 10**6) == intake.read(0, 10**6)
    with pytest.raises(StoreError, match="reading only"):
        reader.append(example_rows(1))
    reader.close()
    intake.close()


def test_a_reader_of_a_missing_file_is_told_to_start_the_writer(tmp_path):
    with pytest.raises(StoreError, match="start its writer"):
        SqliteStore(tmp_path / "none.db", readonly=True)
    with pytest.raises(StoreError, match="start its writer"):
        open_pair(str(tmp_path / "none.db"), "reader")
    assert list(tmp_path.iterdir()) == []


def test_door_and_step_open_both_files_and_each_writes_its_own(tmp_path):
    place = str(tmp_path / "new" / "shop.db")
    read_store, intake = open_pair(place, "door")
    store, read_intake = open_pair(place, "step")
    intake.append(example_rows(2))
    store.commit(Changes(cursor=2, seq=2))
    assert (read_store.position().cursor, read_intake.last()) == (2, 2)
    for part in (read_store, intake, store, read_intake):
        part.close()


def test_a_file_whose_making_was_cut_short_is_made_to_the_end(tmp_path):
    (tmp_path / "shop.db").touch()
    half = apsw.Connection(str(tmp_path / "shop.intake.db"))
    half.pragma("journal_mode", "wal")
    half.close()
    read_store, intake = open_pair(str(tmp_path / "shop.db"), "door")
    assert (read_store.position().cursor, intake.append(example_rows(1))) == (0, [1])
    read_store.close()
    intake.close()


def limit(store, more_pages):
    """Let the file grow by at most so many pages, as a full disk would."""
    connection = store._file.connection
    connection.pragma("max_page_count", connection.pragma("page_count") + more_pages)


def test_a_full_disk_is_named_and_leaves_the_last_commit(store):
    store.name_columns(COLUMNS)
    store.commit(example_changes(1))
    before = observe(store)
    limit(store, 3)
    with pytest.raises(StoreFull, match="disk is full"):
        store.commit(example_changes(2))
    assert observe(store) == before
    limit(store, 1000)
    store.commit(example_changes(2))
    assert store.position().cursor == 2


def test_a_full_disk_uses_up_no_number_of_the_intake(tmp_path):
    intake = SqliteIntake(tmp_path / "shop.intake.db")
    intake.append(example_rows(1))
    limit(intake, 2)
    with pytest.raises(StoreFull):
        intake.append(example_rows(9, 20_000))
    limit(intake, 1000)
    assert intake.append(example_rows(1)) == [2]
    intake.close()


def test_a_number_or_text_that_no_row_can_keep_is_named(store):
    for bad in (Changes(1, 2**70), Changes(1, 1, counts={"\ud800": 1})):
        with pytest.raises(Unstorable, match="nothing written"):
            store.commit(bad)
    assert store.position().seq == 0


def test_what_is_no_file_of_ours_is_not_touched(tmp_path):
    (tmp_path / "text.db").write_text("a list of things to buy, and not a database at all\n" * 99)
    other = apsw.Connection(str(tmp_path / "other.db"))
    other.execute("CREATE TABLE mine (a)")
    other.close()
    SqliteIntake(tmp_path / "shop.intake.db").close()
    for name in ("text.db", "other.db", "shop.intake.db"):
        before = (tmp_path / name).read_bytes()
        with pytest.raises(StoreError):
            SqliteStore(tmp_path / name)
        with pytest.raises(StoreError):
            migrate(tmp_path / name, STORE)
        assert (tmp_path / name).read_bytes() == before


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    with pytest.raises(StoreError, match="folder cannot be written"):
        SqliteStore(tmp_path / "no such folder" / "shop.db")


NEXT = STORE._replace(
    steps=(*STORE.steps, "ALTER TABLE log ADD COLUMN note TEXT; UPDATE log SET note = kind;")
)
"""The layout of an imagined next release."""


def test_an_older_file_is_brought_forward_and_keeps_its_rows(store, tmp_path):
    path = tmp_path / "shop.db"
    store.commit(Changes(1, 1, log=[LogRow(1, 1, 0, "event", b"x")]))
    store.close()
    with pytest.raises(StoreVersion, match="equipoise migrate"):
        File(path, NEXT, readonly=False)
    assert migrate(path, NEXT) == (STORE.version, STORE.version + 1)
    assert migrate(path, NEXT) == (STORE.version + 1, STORE.version + 1)
    file = File(path, NEXT, readonly=True)
    assert file.rows("SELECT seq, note FROM log") == [(1, "event")]
    file.close()


def test_a_newer_file_is_refused_by_every_door(store, tmp_path):
    path = tmp_path / "shop.db"
    store.close()
    migrate(path, NEXT)
    before = path.read_bytes()
    for readonly in (True, False):
        with pytest.raises(
            StoreVersion,
            match=rf"has version {NEXT.version}, this release reads up to {STORE.version}",
        ):
            SqliteStore(path, readonly=readonly)
    with pytest.raises(StoreVersion, match="newer one"):
        migrate(path, STORE)
    assert path.read_bytes() == before


def test_a_file_from_before_lessons_and_models_is_brought_up_to_them(tmp_path):
    first = STORE._replace(tables=STORE.tables.removesuffix(LEARNING + RIGHTS + KEPT), steps=())
    File(tmp_path / "shop.db", first, readonly=False).close()
    with pytest.raises(StoreVersion, match="equipoise migrate"):
        SqliteStore(tmp_path / "shop.db")
    assert migrate(tmp_path / "shop.db", STORE) == (1, STORE.version)
    store = SqliteStore(tmp_path / "shop.db")
    gives_back_a_commit(store)
    store.close()


def test_a_migration_that_fails_midway_changes_nothing(store, tmp_path):
    path = tmp_path / "shop.db"
    store.close()
    with pytest.raises(StoreError, match="migration undone"):
        migrate(path, NEXT._replace(steps=(*NEXT.steps, "ALTER TABLE nowhere ADD COLUMN a")))
    SqliteStore(path).close()


def test_a_file_in_use_is_not_migrated(store, tmp_path):
    with pytest.raises(StoreBusy):
        migrate(tmp_path / "shop.db", NEXT)
    with pytest.raises(StoreError, match="no such file to migrate"):
        migrate_pair(str(tmp_path / "none.db"))


def test_both_files_are_migrated_by_the_name_of_the_store(tmp_path):
    for part in open_pair(str(tmp_path / "shop.db"), "both"):
        part.close()
    assert migrate_pair(str(tmp_path / "shop.db")) == {
        tmp_path / "shop.db": (STORE.version, STORE.version),
        tmp_path / "shop.intake.db": (INTAKE.version, INTAKE.version),
    }


def test_the_log_is_emptied_beside_commits_and_stays_short(tmp_path):
    """Some 25 MB go through a log of a quarter of one: it may grow a few times longer, no more."""
    file = File(tmp_path / "shop.db", STORE, readonly=False, wal_bytes=1 << 18)
    for seq in range(1, 301):
        with file.writing() as connection:
            connection.execute("INSERT INTO log VALUES (?, 0, 0, 'tick', ?)", (seq, bytes(80_000)))
    longest = (tmp_path / "shop.db-wal").stat().st_size
    assert longest < 10 * (1 << 18)
    reader = File(tmp_path / "shop.db", STORE, readonly=True)
    assert reader.rows("SELECT count(*), sum(length(body)) FROM log") == [(300, 300 * 80_000)]
    reader.close()
    file.close()
    assert (
        File(tmp_path / "shop.db", STORE, readonly=True).connection.pragma("integrity_check")
        == "ok"
    )


def test_a_reader_that_stays_keeps_its_moment_and_loses_no_commit(tmp_path):
    file = File(tmp_path / "shop.db", STORE, readonly=False, wal_bytes=1 << 16)
    reader = File(tmp_path / "shop.db", STORE, readonly=True)
    reader.connection.execute("BEGIN")
    assert reader.rows("SELECT count(*) FROM log") == [(0,)]
    for seq in range(1, 101):
        with file.writing() as connection:
            connection.execute("INSERT INTO log VALUES (?, 0, 0, 'tick', ?)", (seq, bytes(9000)))
    assert reader.rows("SELECT count(*) FROM log") == [(0,)]
    reader.connection.execute("COMMIT")
    assert reader.rows("SELECT count(*) FROM log") == [(100,)]
    reader.close()
    file.close()


def test_a_log_that_cannot_be_emptied_now_is_left_as_it_is(store):
    store.commit(Changes(1, 1))
    with store._file.writing() as connection:
        assert not empty(connection)
    assert empty(store._file.connection)
    assert store.position().cursor == 1


@pytest.fixture
def moved(tmp_path):
    """A file that was moved away under its writer, and its former place."""
    place = tmp_path / "shop"
    place.mkdir()
    file = File(place / "shop.db", STORE, readonly=False, wal_bytes=1 << 14)
    place.rename(tmp_path / "elsewhere")
    return file, place


def write_on(file, rows):
    for seq in range(1, rows + 1):
        with file.writing() as connection:
            connection.execute("INSERT INTO log VALUES (?, 0, 0, 'tick', ?)", (seq, bytes(9000)))


def test_a_file_that_was_moved_away_is_named_and_its_commit_stands(moved, tmp_path):
    """A row that came with it is not to blame: the step must not take it for broken."""
    file, place = moved
    with pytest.raises(StoreError, match=r"shop\.db: what was committed stands.*Put it back"):
        write_on(file, 100)
    kept = file.rows("SELECT count(*) FROM log")
    assert 0 < kept[0][0] < 100
    with pytest.raises(StoreError, match="Put it back"):
        file.close()
    (tmp_path / "elsewhere").rename(place)
    again = File(place / "shop.db", STORE, readonly=False)
    assert again.rows("SELECT count(*) FROM log") == kept
    again.close()
