"""What was moved or deleted leaves no copy in the gaps of a file's pages."""

import apsw
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.nouns.changes import Changes
from equipoise.nouns.events import Handle
from equipoise.stores.sqlite import SqliteStore
from equipoise.stores.sqlite.scrubbing import PAGE_BYTES, gap, scrub, scrubbed


def residue(path):
    """Pages of a file whose gap holds something, and how many b-tree pages there are."""
    data = path.read_bytes()
    pages = [data[at : at + PAGE_BYTES] for at in range(0, len(data), PAGE_BYTES)]
    gaps = [(page, *gap(page, 0 if n else 100)) for n, page in enumerate(pages)]
    looked_at = [page[begin:end] for page, begin, end in gaps if end > begin]
    return sum(any(rest) for rest in looked_at), len(looked_at)


def fill(store):
    """States that grow and shrink, and handles out of order: pages split and merge."""
    for n in range(1, 40):
        people = range(n * 7 % 50, 400, 3)
        store.commit(
            Changes(
                cursor=n,
                seq=n,
                states={i: b"state %d " % i * (5 + (i * n) % 60) for i in people},
                handles={Handle("email", f"{i * 7919 % 1000}-{n}"): i for i in people},
            )
        )


def test_no_gap_of_a_file_that_was_written_by_a_store_holds_anything(tmp_path):
    store = SqliteStore(tmp_path / "shop.db")
    fill(store)
    store.close()
    found, pages = residue(tmp_path / "shop.db")
    assert pages > 100
    assert found == 0


@pytest.fixture
def plain(tmp_path):
    """The same rows written without it: so a gap does hold something otherwise."""
    path = tmp_path / "plain.db"
    connection = apsw.Connection(str(path))
    connection.pragma("secure_delete", 1)
    connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, body BLOB)")
    for n in range(60):
        for i in range(n * 7 % 50, 400, 3):
            row = (i, b"state %d " % i * (5 + (i * n) % 60))
            connection.execute("INSERT OR REPLACE INTO t VALUES (?, ?)", row)
    connection.close()
    return path


def test_a_file_from_elsewhere_is_scrubbed_whole_and_means_the_same(plain):
    connection = apsw.Connection(str(plain))
    before = connection.execute("SELECT * FROM t").fetchall()
    connection.close()
    assert residue(plain)[0] > 0
    scrub(plain)
    assert residue(plain)[0] == 0
    connection = apsw.Connection(str(plain))
    assert connection.pragma("integrity_check") == "ok"
    assert connection.execute("SELECT * FROM t").fetchall() == before
    connection.close()


@given(st.binary(min_size=PAGE_BYTES, max_size=PAGE_BYTES), st.sampled_from([0, 100]))
def test_any_bytes_keep_their_length_and_only_lose_what_lies_in_the_gap(page, begin):
    first, content = gap(page, begin)
    clean = scrubbed(page, begin)
    assert clean[:first] == page[:first]
    assert clean[content:] == page[content:]
    assert not any(clean[first:content])
