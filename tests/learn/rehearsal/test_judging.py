"""The verdict follows its rule, and each of its reasons is seen."""

import msgspec
import pytest

from equipoise.interval import Interval
from equipoise.learn.rehearsal.judging import conclude, normal_holds
from equipoise.nouns.rehearsals import STANDARD, Support

FINE = Support(900.0, 5.0, 0.0, Interval(1.0, 0.9, 1.1, 4_000))


def verdict(low, *, silence=None, **changed):
    thin = msgspec.structs.replace(FINE, **changed)
    gain = Interval(low + 0.1, low, low + 0.2, 4_000)
    to_silence = None if silence is None else Interval(silence, silence - 1, silence + 1, 4_000)
    told = conclude(thin, ("dr", gain), to_silence, STANDARD)
    assert told.deciding == gain
    return told.answer, told.reason


def test_a_lower_bound_above_nothing_launches():
    assert verdict(0.01) == ("launch", "better_than_incumbent")
    assert verdict(0.01, silence=0.0) == ("launch", "better_than_incumbent")


@pytest.mark.parametrize("low", [0.0, -0.01, float("-inf"), float("nan")])
def test_anything_else_does_not(low):
    assert verdict(low) == ("do_not_launch", "not_better_than_incumbent")


def test_what_is_worse_than_silence_is_not_launched():
    assert verdict(0.01, silence=-0.001) == ("do_not_launch", "below_silence")


@pytest.mark.parametrize(
    ("alarm", "reason"),
    [
        ("low_ess", "ess_below_floor"),
        ("no_support", "too_much_without_support"),
        ("weights_off_one", "propensities_do_not_fit"),
    ],
)
def test_a_log_that_cannot_tell_concludes_nothing_however_good_it_looks(alarm, reason):
    assert verdict(5.0, alarms=(alarm,)) == ("not_enough_support", reason)


def test_a_thin_overlap_alone_does_not_forbid_a_verdict():
    assert verdict(0.01, alarms=("thin_overlap",))[0] == "launch"


@pytest.mark.parametrize(
    ("people", "ess", "normal"),
    [(2_000, 200.0, True), (1_999, 900.0, False), (9_000, 199.9, False)],
)
def test_the_normal_interval_decides_only_on_large_logs(people, ess, normal):
    assert normal_holds(people, ess, STANDARD) is normal
