"""The memory of message ids: what is in it is known, what is fresh passes once."""

from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.arrive.duplicates import SPAN_MS, Seen

KEY = b"k" * 32
DAY_MS = 86_400_000


def taken(seen: Seen, ids: list[str], now_ms: int = 0) -> list[bool]:
    fresh, hashes = seen.sift(ids)
    seen.remember(hashes, now_ms)
    return fresh


@settings(deadline=None)
@given(st.lists(st.lists(st.text(max_size=3), max_size=12), max_size=30))
def test_exactly_the_first_of_each_id_is_fresh(batches: list[list[str]]) -> None:
    seen, known = Seen(KEY), set[str]()
    for now_ms, batch in enumerate(batches):
        expected = []
        for id_ in batch:
            expected.append(id_ not in known)
            known.add(id_)
        assert taken(seen, batch, now_ms) == expected
    assert len(seen) == len(known)


def test_sifting_alone_remembers_nothing() -> None:
    seen = Seen(KEY)
    assert seen.sift(["a"]) == seen.sift(["a"])
    assert seen.sift(["a"])[0] == [True]


def test_the_hashes_of_the_fresh_come_in_their_order() -> None:
    seen = Seen(KEY)
    both = seen.sift(["a", "b", "a"])[1]
    assert both == seen.sift(["a"])[1] + seen.sift(["b"])[1]
    assert len(both) == 16


def test_another_key_gives_other_hashes() -> None:
    assert Seen(KEY).sift(["a"])[1] != Seen(b"other").sift(["a"])[1]


def test_what_was_kept_on_disk_is_known_again() -> None:
    first = Seen(KEY)
    kept = [first.sift(["a", "b"])[1], first.sift(["c"])[1]]
    assert Seen(KEY, kept).sift(["c", "d", "a"])[0] == [False, True, False]


def test_a_day_is_kept_and_what_is_older_goes() -> None:
    """Half hours for three days: nothing of the last day is forgotten, nothing of the first stays."""
    seen = Seen(KEY)
    half_hours = range(0, 3 * DAY_MS, 1_800_000)
    for now_ms in half_hours:
        assert taken(seen, [f"{now_ms}-{i}" for i in range(5)], now_ms) == [True] * 5
        seen.expire(now_ms - DAY_MS)
    last_ms = half_hours[-1]
    recent = [f"{now_ms}-0" for now_ms in half_hours if now_ms >= last_ms - DAY_MS]
    assert seen.sift(recent)[0] == [False] * len(recent)
    ancient = [f"{now_ms}-0" for now_ms in half_hours if now_ms < last_ms - DAY_MS - 2 * SPAN_MS]
    assert all(seen.sift(ancient)[0])


def test_what_was_kept_on_disk_ages_from_the_first_commit() -> None:
    seen = Seen(KEY, [Seen(KEY).sift(["a"])[1]])
    seen.expire(10 * DAY_MS)
    assert seen.sift(["a"])[0] == [False]
    taken(seen, ["b"], 10 * DAY_MS)
    seen.expire(10 * DAY_MS)
    assert seen.sift(["a"])[0] == [False]
    seen.expire(10 * DAY_MS + 1)
    assert seen.sift(["a"])[0] == [True]


def test_runs_stay_few_however_many_commits_there_are() -> None:
    seen = Seen(KEY)
    for now_ms in range(1000):
        taken(seen, [str(now_ms)], now_ms)
    assert len(seen._runs) < 15
