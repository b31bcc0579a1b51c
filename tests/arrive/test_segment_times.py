"""Times: every spelling of ISO 8601 that clients use, and the correction of a sender's clock."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.arrive.segment.times import happened, to_ms

NOON_MS = 1_764_000_000_000


@pytest.mark.parametrize(
    "text",
    [
        "2025-11-24T16:00:00Z",
        "2025-11-24T16:00:00.000Z",
        "2025-11-24T16:00:00.000000Z",
        "2025-11-24T16:00:00.000000000Z",
        "2025-11-24T16:00:00+00:00",
        "2025-11-24T17:00:00.000+01:00",
        "2025-11-24T17:00:00+0100",
        "2025-11-24T16:00:00",
        "2025-11-24 16:00:00",
        "2025-11-24T16:00Z",
        "2025-11-24t16:00:00z",
        " 2025-11-24T16:00:00Z ",
        "20251124T160000Z",
        1_764_000_000,
        1_764_000_000_000,
        1_764_000_000.0,
        "1764000000",
        "1764000000000",
    ],
)
def test_the_same_instant_is_read_from_each_spelling(text: str | float) -> None:
    assert to_ms(text) == NOON_MS


@pytest.mark.parametrize(
    "odd", [None, "", "yesterday", "2025-13-01T00:00:00Z", -5, 1e30, float("nan"), "-"]
)
def test_what_is_no_time_is_absent(odd: str | float | None) -> None:
    assert to_ms(odd) is None


def test_microseconds_are_cut_and_times_before_1970_count_as_the_first() -> None:
    assert to_ms("2025-11-24T16:00:00.123999+00:00") == NOON_MS + 123
    assert to_ms("0001-01-01T00:00:00+14:00") == 0


CASES = {
    "sender's clock an hour ahead": ((3_600_000 + 9_000, None, 3_600_000 + 10_000), 9_000),
    "sender's clock an hour behind": ((9_000 - 3_600_000, None, 10_000 - 3_600_000), 9_000),
    "no sentAt: trusted": ((4_000, None, None), 4_000),
    "no sentAt, from the future": ((999_000, None, None), 10_000),
    "originalTimestamp alone": ((None, 5_000, 9_000), 6_000),
    "timestamp beside originalTimestamp is kept": ((4_000, 5_000, 9_000), 4_000),
    "and not from the future either": ((40_000, 5_000, 9_000), 10_000),
    "no time at all": ((None, None, 9_000), 10_000),
    "sent before it happened": ((9_000, None, 1_000), 10_000),
}


@pytest.mark.parametrize(("told", "at_ms"), CASES.values(), ids=CASES.keys())
def test_it_happened_by_the_receiver_s_clock(told: tuple[int | None, ...], at_ms: int) -> None:
    base_ms = 1_700_000_000_000
    timestamp_ms, original_ms, sent_ms = (None if t is None else t + base_ms for t in told)
    found = happened(timestamp_ms, original_ms, sent_ms, base_ms + 10_000)
    assert found[0] == base_ms + at_ms


MS = st.none() | st.integers(0, 2**53)


@given(MS, MS, MS, st.integers(0, 2**53))
def test_nothing_happens_later_than_it_arrives_or_before_1970(
    timestamp_ms: int | None, original_ms: int | None, sent_ms: int | None, received_ms: int
) -> None:
    at_ms, kept_ms = happened(timestamp_ms, original_ms, sent_ms, received_ms)
    assert 0 <= at_ms <= received_ms
    assert kept_ms == (timestamp_ms if original_ms is None else original_ms)
