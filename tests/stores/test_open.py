"""A URL names a store and its intake; what is not a pair, or not known, is told."""

from importlib.metadata import EntryPoint

import pytest

from equipoise.nouns.changes import Changes
from equipoise.stores import StoreError, check_columns, fitting, open_store
from equipoise.stores.memory import MemoryStore
from equipoise.stores.sqlite import SqliteIntake, SqliteStore, intake_path
from equipoise.testing.exams_intake import example_rows


def test_sqlite_keeps_two_files_beside_each_other(tmp_path):
    store, intake = open_store(f"sqlite:{tmp_path}/deep/er/shop.db")
    assert isinstance(store, SqliteStore)
    assert isinstance(intake, SqliteIntake)
    store.close()
    intake.close()
    names = {path.name for path in (tmp_path / "deep" / "er").glob("*.db")}
    assert names == {"shop.db", "shop.intake.db"}
    assert intake_path(tmp_path / "shop").name == "shop.intake"


def test_memory_is_fresh_each_time():
    first, second = open_store("memory:"), open_store("memory:")
    first[1].append(example_rows(1))
    first[0].commit(Changes(cursor=1, seq=1))
    assert isinstance(second[0], MemoryStore)
    assert (second[0].position().cursor, second[1].last()) == (0, 0)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("shop.db", "needs NAME:PLACE"),
        ("oracle:shop", "memory, sqlite"),
        ("sqlite:", "path of a file"),
        ("memory:shop", "neither kept nor shared"),
    ],
)
def test_a_url_that_names_nothing_says_what_to_write(url, says):
    with pytest.raises(StoreError, match=says):
        open_store(url)
    with pytest.raises(StoreError):
        open_store("memory:", "door")


def test_two_files_that_are_no_pair_are_refused(tmp_path):
    """Else new rows would get numbers that the store takes for walked, and be lost."""
    url = f"sqlite:{tmp_path}/shop.db"
    store, intake = open_store(url)
    intake.append(example_rows(5))
    store.commit(Changes(cursor=5, seq=5))
    store.close()
    intake.close()
    intake_path(tmp_path / "shop.db").unlink()
    with pytest.raises(StoreError, match=r"walked intake row 5, but the intake ends at 0"):
        open_store(url)


def test_a_store_of_others_is_found_by_its_entry_point(tmp_path, monkeypatch):
    (tmp_path / "elsewhere.py").write_text(
        "from equipoise.stores.memory import MemoryIntake, MemoryStore\n"
        "class Store(MemoryStore):\n    place = ''\n"
        "def open_pair(place, side):\n"
        "    store = Store()\n    store.place = (place, side)\n    return store, MemoryIntake()\n"
    )
    info = tmp_path / "elsewhere-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: elsewhere\nVersion: 1\n")
    point = EntryPoint("elsewhere", "elsewhere:open_pair", "equipoise.stores")
    (info / "entry_points.txt").write_text(f"[{point.group}]\n{point.name} = {point.value}\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    store, _ = open_store("elsewhere:over/there", "step")
    assert store.place == ("over/there", "step")
    with pytest.raises(StoreError, match="elsewhere, memory, sqlite"):
        open_store("nowhere:")


def test_columns_hold_one_kind_and_what_does_not_fit_is_not_known():
    values = ["a", 1, 2.5, True, None, 10**400, float("inf")]
    assert [fitting("text", value) for value in values] == ["a", *[None] * 6]
    assert [fitting("number", value) for value in values] == [None, 1.0, 2.5, *[None] * 4]
    assert [fitting("boolean", value) for value in values] == [*[None] * 3, True, *[None] * 3]


def test_columns_that_would_quarrel_are_refused():
    check_columns({"a": "text"}, {"a": "text", "b.c": "number"})
    for fields in ({"a": "number"}, {"A": "text"}, {"x": "text", "X": "text"}, {"x": "date"}):
        with pytest.raises(StoreError, match="one kind"):
            check_columns({"a": "text"}, fields)
