"""Bodies are put together and inflated no further than their limit."""

import gzip
import tracemalloc

import pytest

from equipoise.doors.bodies import NotGzip, TooLarge, inflated


def test_a_bomb_is_noticed_before_it_unfolds() -> None:
    """A hundred megabytes in a hundred kilobytes: no more than the limit is ever in memory."""
    bomb = gzip.compress(b"0" * 100_000_000)
    assert len(bomb) < 120_000
    tracemalloc.start()
    with pytest.raises(TooLarge):
        inflated(bomb, 512_000)
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak_bytes < 4_000_000


def test_a_body_may_have_its_limit_and_not_a_byte_more() -> None:
    assert inflated(gzip.compress(b"x" * 100), 100) == b"x" * 100
    with pytest.raises(TooLarge):
        inflated(gzip.compress(b"x" * 101), 100)


def test_several_members_are_one_body_and_count_together() -> None:
    both = gzip.compress(b"a" * 60) + gzip.compress(b"b" * 40)
    assert inflated(both, 100) == b"a" * 60 + b"b" * 40
    with pytest.raises(TooLarge):
        inflated(both, 99)


def test_what_follows_the_last_member_is_no_gzip() -> None:
    with pytest.raises(NotGzip):
        inflated(gzip.compress(b"{}") + b"rest", 100)


def test_what_is_not_compressed_stays_as_it_is() -> None:
    assert inflated(b'{"batch":[]}', 3) == b'{"batch":[]}'
    assert inflated(b"", 3) == b""


def test_a_body_of_countless_members_is_refused() -> None:
    with pytest.raises(NotGzip, match="members"):
        inflated(gzip.compress(b"") * 17, 100)
