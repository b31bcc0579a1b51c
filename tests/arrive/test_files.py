"""Files of the past: what a mapping says is what comes out, and a file can be taken up again anywhere."""

import gzip
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from equipoise.arrive.files import Chunk, FileError, MappingError, read_events, read_mapping
from equipoise.nouns.events import Event, Handle, Source

NOW_MS = 1_764_000_000_000
TILL = Source("till")
ORDERS = """
kind: order
at: {column: when, format: "%d/%m/%Y %H:%M", timezone: Europe/Paris}
handles: {user_id: client, email: mail}
channel: shop
decimal: ","
delimiter: ";"
"""
CSV = (
    "client;mail;when;total;code;note\r\n"
    '7;ana@x.fr;01/07/2025 12:00;"1.234,50";007;"a;b"\r\n'
    ";bo@x.fr;02/07/2025 12:00;3;x;\r\n"
    ";;02/07/2025 12:00;3;x;\r\n"
    "8;;soon;3;x;\r\n"
    "9;;02/07/2025 12:00;3\r\n"
)


def chunks(path: Path, mapping: str = ORDERS, after: int = 0) -> list[Chunk]:
    return list(read_events(path, read_mapping(mapping), TILL, NOW_MS, after))


def events(path: Path, mapping: str = ORDERS) -> list[Event]:
    return [event for chunk in chunks(path, mapping) for event in chunk.events]


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    path = tmp_path / "orders.csv"
    path.write_bytes(CSV.encode())
    return path


def test_a_row_of_csv_becomes_an_event_of_history(orders: Path) -> None:
    first, second = events(orders)
    assert (first.kind, first.channel, first.source, first.history) == (
        "order",
        "shop",
        "till",
        True,
    )
    assert first.handles == (Handle("user_id", "7"), Handle("email", "ana@x.fr"))
    assert first.facts == {"total": 1234.5, "code": "007", "note": "a;b"}
    assert first.at_ms == 1_751_364_000_000  # noon in Paris in July is 10:00 UTC
    assert second.handles == (Handle("email", "bo@x.fr"),)
    assert second.facts == {"total": 3, "code": "x"}


def test_a_row_that_cannot_be_read_is_kept_with_its_reason(orders: Path) -> None:
    (chunk,) = chunks(orders)
    assert [refused.code for refused in chunk.refused] == [
        "identity_missing",
        "time_unreadable",
        "row_malformed",
    ]
    assert "row 4" in chunk.refused[1].message
    assert chunk.refused[2].item == b"9;;02/07/2025 12:00;3"
    assert (chunk.rows, chunk.behind) == (5, 1.0)


@pytest.mark.parametrize(
    ("encoding", "bom", "told"),
    [("utf-8", b"\xef\xbb\xbf", ""), ("cp1252", b"", "cp1252"), ("utf-16", b"", "utf-16")],
)
def test_any_encoding_is_read_where_it_is_named(
    tmp_path: Path, encoding: str, bom: bytes, told: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(bom + "client,ville\n7,Sète\n".encode(encoding))
    mapping = f"{MANY[:-1]}, encoding: '{told}'}}"
    assert events(path, mapping)[0].facts == {"ville": "Sète"}


def test_a_wrong_encoding_says_what_to_set(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("client,ville\n7,Sète\n".encode("cp1252"))
    with pytest.raises(FileError, match="encoding"):
        events(path, "{kind: visit, at: {value: 2025-01-01}, handles: {user_id: client}}")


SIMPLE = "{kind: {column: what, values: {o: order}}, at: {column: at}, handles: {user_id: user.id}}"
LINES = (
    '{"what":"o","at":"2025-07-01T12:00:00+02:00","user":{"id":17850.0},"n":1}\n'
    "\n"
    "not json\n"
    '{"what":"visit","at":"2025-07-01T12:00:00Z","user":{"id":"b"},"n":[1,{"x":null}]}\n'
)


@pytest.mark.parametrize("squeeze", [bytes, gzip.compress])
def test_json_lines_are_read_and_names_with_dots_are_paths(tmp_path: Path, squeeze) -> None:
    path = tmp_path / ("a.jsonl" if squeeze is bytes else "a.jsonl.gz")
    path.write_bytes(squeeze(LINES.encode()))
    (chunk,) = chunks(path, SIMPLE)
    assert [(e.kind, e.handles[0].value) for e in chunk.events] == [
        ("order", "17850"),
        ("visit", "b"),
    ]
    assert chunk.events[0].at_ms == 1_751_364_000_000
    assert chunk.events[1].facts["n"] == [1, {"x": None}]
    assert [(r.code, r.item) for r in chunk.refused] == [("row_malformed", b"not json")]


def test_parquet_keeps_its_types(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    path = tmp_path / "a.parquet"
    columns = {
        "id": [17850.0, float("nan")],
        "at": [datetime.fromisoformat(f"2025-07-01T{hour}:00") for hour in (12, 13)],
        "price": [2.5, 3.0],
        "code": ["22617", "85123A"],
    }
    parquet.write_table(pyarrow.table(columns), path)
    mapping = "{kind: line, at: {column: at, timezone: Europe/Paris}, handles: {user_id: id}}"
    (chunk,) = chunks(path, mapping)
    (event,) = chunk.events
    assert (event.handles[0].value, event.at_ms) == ("17850", 1_751_364_000_000)
    assert event.facts == {"price": 2.5, "code": "22617"}
    assert [r.code for r in chunk.refused] == ["identity_missing"]
    path.write_bytes(b"PAR1 and nothing")
    with pytest.raises(FileError, match="Parquet"):
        chunks(path, mapping)


def test_parquet_without_its_library_says_what_to_install(tmp_path: Path) -> None:
    """In a fresh interpreter in which the library cannot be found."""
    script = (
        "import sys; sys.modules['pyarrow'] = None\n"
        "from pathlib import Path\n"
        "from equipoise.arrive.files import *\n"
        "from equipoise.nouns.events import Source\n"
        "m = read_mapping('{kind: k, at: {column: a}, handles: {email: e}}')\n"
        "try: list(read_events(Path(sys.argv[1]), m, Source('s'), 1))\n"
        "except FileError as e: print(e)\n"
    )
    path = tmp_path / "a.parquet"
    path.write_bytes(b"")
    said = subprocess.run(
        [sys.executable, "-c", script, path], capture_output=True, text=True, check=True
    )
    assert "equipoise[parquet]" in said.stdout


def many(path: Path) -> Iterator[str]:
    yield from (e.id for e in events(path, MANY))


MANY = "{kind: visit, at: {value: 2025-01-01}, handles: {user_id: client}}"


def test_a_file_can_be_taken_up_again_after_any_chunk(tmp_path: Path) -> None:
    path = tmp_path / "many.csv"
    path.write_text("client\n" + "".join(f"c{i}\n" for i in range(2500)))
    whole = list(many(path))
    assert len(set(whole)) == 2500
    first, *_ = chunks(path, MANY)
    assert (first.rows, len(first.events)) == (1000, 1000)
    assert 0 < first.behind <= 1
    rest = [e.id for chunk in chunks(path, MANY, after=first.rows) for e in chunk.events]
    assert [e.id for e in first.events] + rest == whole
    assert chunks(path, MANY, after=2500) == []


def test_ids_come_from_the_natural_key_or_from_the_file_and_its_row(tmp_path: Path) -> None:
    one, two = tmp_path / "one.csv", tmp_path / "two.csv"
    one.write_text("client,order\na,1\na,2\nb,\n")
    two.write_text("client,order\nb,9\na,2\n")
    keyed = MANY[:-1] + ", id: [order]}"
    (chunk,) = chunks(one, keyed)
    assert [r.code for r in chunk.refused] == ["key_missing"]
    assert events(two, keyed)[1].id == chunk.events[1].id
    assert not {e.id for e in events(one, MANY)} & {e.id for e in events(two, MANY)}
    copy = tmp_path / "copy.csv"
    copy.write_bytes(one.read_bytes())
    assert list(many(copy)) == list(many(one))


def test_facts_may_be_named_typed_and_translated(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('c,n,b,t,z\n1,"1,000.5",oui,007,H\n2,x,oui,1,H\n3,1,perhaps,1,H\n')
    mapping = MANY.replace("client", "c")[:-1] + (
        ", facts: {size: {column: n, type: number}, yes: {column: b, type: boolean},"
        " t: {column: t, type: text}, zone: {column: z, values: {H: home}}}}"
    )
    (chunk,) = chunks(path, mapping)
    assert chunk.events[0].facts == {"size": 1000.5, "yes": True, "t": "007", "zone": "home"}
    assert [r.code for r in chunk.refused] == ["number_unreadable", "boolean_unreadable"]


def test_a_column_that_the_file_has_not_is_told_at_once(orders: Path) -> None:
    with pytest.raises(FileError, match=r"no column 'kunde'; it has client, mail"):
        chunks(orders, ORDERS.replace("client", "kunde"))


def test_another_kind_of_file_is_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"")
    with pytest.raises(FileError, match="parquet"):
        chunks(path)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[", "not YAML"),
        ("7", "needs kind, at and handles"),
        ("{kind: a, handles: {email: e}}", "at"),
        ("{kind: a, at: {}, handles: {email: e}}", "either a column or one value"),
        (
            "{kind: a, at: {column: b, value: c}, handles: {email: e}}",
            "either a column or one value",
        ),
        ("{kind: a, at: {column: b}, handles: {}}", "handles"),
        ("{kind: a, at: {column: b}, handles: {mail: e}}", "'mail' is no kind of handle"),
        ("{kind: a, at: {column: b, timezone: Paris}, handles: {email: e}}", "Europe/Paris"),
        ("{kind: a, at: {column: b}, handles: {email: e}, colour: red}", "colour"),
    ],
)
def test_a_mistake_in_a_mapping_says_where_it_is(text: str, told: str) -> None:
    with pytest.raises(MappingError, match=told):
        read_mapping(text)


def test_nothing_in_a_file_happens_after_it_was_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("client\n1\n")
    (event,) = events(path, MANY.replace("2025", "2925"))
    assert event.at_ms == NOW_MS
