"""A report can be read by people: in both languages, with every number, on a page that needs nothing else."""

import re

import msgspec
import pytest

from equipoise.interval import Interval
from equipoise.nouns.rehearsals import (
    STANDARD,
    Compared,
    Conclusion,
    Look,
    Report,
    SegmentRow,
    Support,
    Valued,
    WithoutHelp,
)
from equipoise.show.languages import Language
from equipoise.show.plots import Scale, scale_of, sequence_of
from equipoise.show.rehearsal import Teller, page

EN, FR = Language("en", "UTC"), Language("fr", "UTC")


def near(mean, half=0.01):
    return Interval(mean, mean - half, mean + half, 1000, half / 2)


GAIN = near(0.0348)
REPORT = Report(
    play="letter <b>",
    log="trial & error.csv",
    n=64_000,
    people=63_000,
    options=("mail", "silence"),
    values=(
        Valued("candidate", "dr", near(0.1815)),
        Valued("candidate", "ips", near(0.18)),
        Valued("incumbent", "on_policy", near(0.1468)),
        Valued("silence", "dr", near(0.1061)),
        Valued("best_constant", "dr", near(0.1824)),
        Valued("uniform", "dr", near(0.1467)),
    ),
    differences=(
        Compared("incumbent", "dr", GAIN),
        Compared("silence", "dr", near(0.0754)),
        Compared("best_constant", "dr", near(-0.0009)),
        Compared("uniform", "dr", near(0.0348)),
    ),
    support=Support(22_189.0, 2.94, 0.0, near(1.0), ("low_ess",)),
    conclusion=Conclusion(
        "launch",
        "better_than_incumbent",
        {"difference": 0.0348, "low": 0.0248, "high": 0.0448},
        "dr",
        GAIN,
    ),
    rule=STANDARD,
    model="binned additive ridge of 6 features, 5 folds by person",
    constants=("mail", "mail"),
    segments=(SegmentRow("Rural", 9563, 9000, 3318.0, 0.0, near(0.2), near(-0.03), 12),),
    live=tuple(Look(1000 * n, near(0.03, 0.2 / n)) for n in range(1, 11)),
    without_help=WithoutHelp(20, 12, {"not_in_audience": 40, "budget_day": 10}),
    not_asked={"terms": "consent", "address": "has.email"},
    refused={"person_missing": 3},
    first_refused={"person_missing": "trial.csv, row 9: needs a person, came None"},
    notes=("at_stake: 50", "reward_range_from_log"),
    unit="EUR",
)


def reason(code, locale, detail):
    return f"<{code} in {locale}>"


@pytest.mark.parametrize("language", [EN, FR])
def test_a_page_needs_nothing_from_outside_and_escapes_what_it_is_told(language):
    html = page(REPORT, language, reason)
    assert f'<html lang="{language.code}">' in html
    assert not re.search(r"<script|https?://|<link|src=|url\(|@import", html)
    assert "letter &lt;b&gt;" in html
    assert "trial &amp; error.csv" in html
    assert "&lt;not_in_audience in " in html
    assert html.count("<svg") > 10


def test_every_number_of_the_verdict_is_told_in_the_language():
    english, french = (Teller(REPORT, language, reason).told() for language in (EN, FR))
    assert english.answer == "Launch, though always mail may do as well or better"
    assert "0.0348 EUR a decision more" in english.because
    assert "between 0.0248 and 0.0448" in english.because
    assert "0,0348 EUR de plus par décision" in french.because
    assert english.differences[2].mean == "−0.0009"
    assert english.differences[0].range == "+0.0248 to +0.0448"
    assert ("decisions", "64,000") in english.facts
    assert french.table[0][1] == "0,1815 ± 0,0100"


@pytest.mark.parametrize(
    ("found", "answer"),
    [
        (near(-0.03), "Launch, though always mail would do better"),
        (near(-0.001), "Launch, though always mail may do as well or better"),
        (near(0.001), "Launch"),
    ],
)
def test_a_launch_says_where_one_option_for_everybody_would_do_better(found, answer):
    others = [one for one in REPORT.differences if one.to != "best_constant"]
    differences = (*others, Compared("best_constant", "dr", found))
    report = msgspec.structs.replace(REPORT, differences=differences)
    assert Teller(report, EN, reason).answer() == answer
    held = msgspec.structs.replace(REPORT.conclusion, answer="do_not_launch")
    refused = msgspec.structs.replace(report, conclusion=held)
    assert Teller(refused, EN, reason).answer() == "Do not launch"


def test_what_a_reader_has_to_know_is_told_without_codes():
    told = Teller(REPORT, EN, reason).told()
    remarks = "\n".join(told.remarks)
    assert "Who opts out costs 50." in remarks
    assert "“terms” was not asked: the log has no column consent" in remarks
    assert "“address” was not asked: the log has no column has.email" in remarks
    assert "3 rows were left out because nobody was named. The first: trial.csv, row 9" in remarks
    assert "effective sample of 200 and 2,000 people" in remarks
    assert told.alarms == (
        "Few decisions carry most of the weight: the play does what was hardly ever done.",
    )
    assert [one.n for one in told.removed] == ["40", "10"]
    assert told.removed[1].share == 0.25


@pytest.mark.parametrize(
    ("answer", "code", "numbers", "told"),
    [
        (
            "do_not_launch",
            "below_silence",
            {"difference": 0.1, "low": 0.05, "high": 0.15, "to_silence": -0.02},
            "better to keep silent: −0.0200",
        ),
        ("not_enough_support", "ess_below_floor", {"ess": 12.3, "floor": 50.0}, "is 12 decisions"),
        (
            "not_enough_support",
            "too_much_without_support",
            {"share": 0.25, "most": 0.02},
            "For 25% of what the play would do",
        ),
        (
            "not_enough_support",
            "propensities_do_not_fit",
            {"weight": 1.5, "low": 1.4, "high": 1.6, "needed": 1.0},
            "mean weight is 1.5 and should be 1",
        ),
    ],
)
def test_each_verdict_has_its_sentence(answer, code, numbers, told):
    conclusion = Conclusion(answer, code, numbers, "dr", GAIN)
    report = msgspec.structs.replace(REPORT, conclusion=conclusion)
    assert told in Teller(report, EN, reason).because()
    assert Teller(report, FR, reason).because()


def test_a_bare_report_with_infinite_bounds_can_be_shown():
    """Betting on few rows may know no bound; a log without silence has no such row."""
    endless = Interval(0.2, float("-inf"), float("inf"), 3)
    report = msgspec.structs.replace(
        REPORT,
        values=(Valued("candidate", "dr", endless),),
        differences=(Compared("incumbent", "dr", endless),),
        segments=(),
        live=(),
        without_help=WithoutHelp(),
        constants=(),
        not_asked={},
        refused={},
        notes=(),
    )
    told = Teller(report, EN, reason).told()
    assert told.differences[0].range == "−∞ to ∞"
    assert "took nothing away" in page(report, EN, reason)


def test_a_scale_shows_every_bound_and_zero_and_names_round_numbers():
    scale = scale_of([near(0.5, 0.1), near(0.2, 0.05)], zero=True)
    assert scale.zero is not None
    mark = scale.mark(near(0.5, 0.1))
    assert 0 < scale.zero < mark.low < mark.mean < mark.high < 100
    assert mark.side == "above"
    assert scale.mark(near(-0.0, 0.1)).side == "around"
    assert [tick.value for tick in scale.ticks] == [0.0, 0.2, 0.4, 0.6]
    assert all(tick.at == scale.at(tick.value) for tick in scale.ticks)


def test_what_lies_beyond_a_scale_is_cut_and_marked():
    mark = Scale(0.0, 1.0).mark(Interval(0.5, -3.0, float("inf"), 9))
    assert (mark.low, mark.high, mark.cut_low, mark.cut_high) == (0.0, 100.0, True, True)
    assert mark.side == "none"


def test_a_single_value_still_makes_a_scale():
    scale = scale_of([Interval(0.0, 0.0, 0.0, 1)], zero=True)
    assert scale.low < 0 < scale.high
    assert scale.ticks


def test_a_sequence_runs_from_left_to_right_with_the_mean_inside_its_band():
    told = sequence_of(REPORT.live)
    assert [point.x for point in told.points] == sorted(point.x for point in told.points)
    assert told.points[-1].x == 100.0
    assert all(point.high <= point.mean <= point.low for point in told.points)
    assert len(told.band.split()) == 2 * len(REPORT.live)
    assert sequence_of(REPORT.live[:1]) is None


def test_a_report_travels_as_json():
    again = msgspec.json.decode(msgspec.json.encode(REPORT), type=Report)
    assert again == REPORT
