"""A bucket lets through its burst and then its rate, over any time and in any pattern."""

from hypothesis import given
from hypothesis import strategies as st

from equipoise.doors.pacing import Pace


@given(
    per_s=st.floats(0.1, 100),
    burst=st.floats(1, 50),
    pauses=st.lists(st.floats(0, 5), max_size=80),
)
def test_no_pattern_gets_more_than_the_burst_and_the_rate(per_s, burst, pauses):
    now_s = 0.0
    pace = Pace(per_s, burst, lambda: now_s)
    through = 0
    for pause_s in pauses:
        now_s += pause_s
        through += pace.wait_s("a") == 0.0
    assert through <= burst + now_s * per_s + 1e-6


@given(per_s=st.floats(0.1, 100), burst=st.floats(1, 20))
def test_who_waits_as_long_as_was_told_gets_through(per_s, burst):
    now_s = 0.0
    pace = Pace(per_s, burst, lambda: now_s)
    while (wait_s := pace.wait_s("a")) == 0.0:
        pass
    now_s += wait_s * 1.000001
    assert pace.wait_s("a") == 0.0


def test_one_name_does_not_spend_what_is_anothers():
    pace = Pace(1.0, 1.0, lambda: 0.0)
    assert [pace.wait_s("a"), pace.wait_s("a"), pace.wait_s("b")] == [0.0, 1.0, 0.0]
