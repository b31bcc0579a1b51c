"""A report answers by name, travels as JSON and MessagePack, and admits what is not in it."""

import msgspec

from equipoise.interval import Interval
from equipoise.nouns.rehearsals import (
    STANDARD,
    VERSION,
    Compared,
    Conclusion,
    Report,
    Support,
    Valued,
)

SEEN = Interval(0.2, 0.1, 0.3, 40, 0.05)
REPORT = Report(
    play="welcome",
    log="town",
    n=50,
    people=40,
    options=("quiet", "mail"),
    values=(Valued("candidate", "dr", SEEN), Valued("incumbent", "on_policy", SEEN)),
    differences=(Compared("incumbent", "dr", SEEN),),
    support=Support(30.0, 4.0, 0.0, Interval(1.0, 0.9, 1.1, 40), ("low_ess",)),
    conclusion=Conclusion("not_enough_support", "ess_below_floor", {"ess": 30.0}, "ips", SEEN),
    rule=STANDARD,
    model="given",
)


def test_a_value_is_found_by_policy_and_estimator():
    assert REPORT.value("candidate", "dr") == SEEN
    assert REPORT.value("incumbent", "on_policy") == SEEN
    assert REPORT.value("candidate", "ips") is None


def test_a_difference_is_found_by_reference_and_estimator():
    assert REPORT.difference("incumbent", "dr") == SEEN
    assert REPORT.difference("silence", "dr") is None


def test_a_report_is_read_as_it_was_written_and_says_which_shape_it_has():
    assert msgspec.json.decode(msgspec.json.encode(REPORT), type=Report) == REPORT
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(REPORT), type=Report) == REPORT
    assert msgspec.to_builtins(REPORT)["version"] == VERSION == 1
