"""Whatever a file holds, its rows become events or are refused, or the file is refused with a sentence."""

import gzip
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from equipoise.arrive.files.columns import table_of
from equipoise.arrive.files.mapping import Mapping, MappingError, read_mapping
from equipoise.arrive.files.reading import read_events
from equipoise.arrive.files.rows import FileError
from equipoise.nouns.events import Event, Refused, Source

MAPPING = read_mapping(
    "kind: Order Completed\n"
    "at: {column: when}\n"
    "handles: {user_id: who}\n"
    "facts: {value: {column: amount, type: number}}\n"
)
NOW_MS = 1_790_000_000_000
HEAD = b"who,when,amount\n"
tables = st.one_of(
    st.binary(max_size=300),
    st.binary(max_size=300).map(HEAD.__add__),
    st.text(max_size=200).map(lambda text: HEAD + text.encode("utf-8", "replace")),
    st.lists(
        st.tuples(
            *[st.sampled_from(['"', "", "a", "2026-01-01", "9" * 400, "1e999", "\0", "NaN"])] * 3
        ),
        max_size=6,
    ).map(lambda rows: HEAD + "\n".join(map(",".join, rows)).encode()),
)


def read(name: str, blob: bytes) -> list[Event | Refused]:
    """What a file of this name and content gives."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(blob)
        chunks = list(read_events(path, MAPPING, Source("till"), NOW_MS))
    return [item for chunk in chunks for item in (*chunk.events, *chunk.refused)]


@given(tables, st.sampled_from(["o.csv", "o.tsv", "o.json", "o.ndjson"]))
@example(HEAD + b"a,2026-01-01,1\n\xff\n", "o.csv")
@example(HEAD + b"a," + b"9" * 5000 + b",1\n", "o.csv")
@example(b"[" * 5000, "o.ndjson")
@example(b'{"who":"a","when":1e400,"amount":1}\n', "o.ndjson")
def test_any_bytes_are_rows_that_are_read_or_refused_or_no_such_file(blob, name):
    with suppress(FileError):
        items = read(name, blob)
        assert all(isinstance(item, Event | Refused) for item in items)
        assert all(item.at_ms >= 0 for item in items if isinstance(item, Event))


@given(st.binary(max_size=200), st.integers(0, 40))
def test_a_broken_archive_is_refused_with_a_sentence(blob, cut):
    whole = gzip.compress(HEAD + blob)
    for name in ("o.csv.gz", "o.ndjson.gz"):
        for one in (whole[: len(whole) - cut], blob):
            with suppress(FileError):
                read(name, one)


@given(tables)
def test_columns_of_any_bytes_are_read_or_refused(blob):
    with TemporaryDirectory() as folder:
        for name in ("d.csv", "d.tsv", "d.parquet", "d.csv.gz"):
            path = Path(folder) / name
            path.write_bytes(blob)
            with suppress(FileError):
                table = table_of(path)
                assert {len(column) for column in table.columns.values()} <= {len(table.number)}


values = st.recursive(st.text(max_size=12), lambda inner: st.lists(inner, max_size=3), max_leaves=4)
mappings = st.dictionaries(
    st.sampled_from(["kind", "at", "handles", "facts", "id", "decimal", "delimiter", "x"]),
    values | st.dictionaries(st.sampled_from(["column", "value", "timezone", "user_id"]), values),
)


@given(st.text(max_size=200) | mappings.map(repr))
@example("&a [*a]")
@example("at: {column: c, timezone: ../../etc/passwd}\nkind: x\nhandles: {user_id: u}")
def test_any_text_is_a_mapping_or_refused_with_a_sentence(text):
    with suppress(MappingError):
        assert isinstance(read_mapping(text), Mapping)


def test_the_sentence_names_the_row_that_is_at_fault():
    (fine, odd) = read("o.csv", HEAD + b"a,2026-01-01,1\nb,someday,1\n")
    assert isinstance(fine, Event)
    assert isinstance(odd, Refused)
    assert "someday" in odd.message


@pytest.mark.parametrize("name", ["o.csv", "o.ndjson"])
def test_an_empty_file_is_no_crash(name):
    with suppress(FileError):
        assert read(name, b"") == []
