"""Segments have their own bound, the live sequence may be watched, and nobody left out is overlooked."""

import numpy as np
import pytest

from equipoise.learn.rehearsal import Logged, rehearse
from equipoise.learn.rehearsal.parts import live, without_help
from equipoise.nouns.rehearsals import Rule
from learn.rehearsal.logs import MEANS, best, made


def segmented(n, seed=1):
    plain = made(n, seed)
    names = np.where(plain.features[:, 0] == 0, "new", "often")
    return made(n, seed, segments=names)


def test_each_segment_is_valued_by_itself():
    log = segmented(30_000)
    rows = {row.segment: row for row in rehearse(log, best(log)).segments}
    assert set(rows) == {"new", "often"}
    assert rows["new"].value.covers(0.3)
    assert rows["often"].value.covers(0.4)
    assert rows["new"].n + rows["often"].n == 30_000
    assert rows["new"].value.method == "normal"


def test_a_small_segment_is_bounded_by_betting_and_all_bounds_hold_together():
    log = segmented(2_000)
    rows = rehearse(log, best(log), Rule(level=0.9)).segments
    assert [row.difference.method for row in rows] == ["betting", "betting"]
    assert all(row.difference.level == pytest.approx(0.95) for row in rows)


def test_without_segments_there_are_no_rows():
    log = made(500)
    assert rehearse(log, best(log)).segments == ()


def test_the_live_sequence_covers_at_every_look():
    """The true difference, .35 - .16, lies in all 20 looks in at least 95 of 100 logs."""
    covered = 0
    for seed in range(100):
        log = made(1_500, seed)
        told = MEANS[log.features[:, 0].astype(int)]
        looks = rehearse(log, best(log), expected=told).live
        assert [look.n for look in looks] == list(range(75, 1_501, 75))
        covered += all(look.difference.covers(0.35 - 0.16) for look in looks)
    assert covered >= 95


def test_a_look_is_what_was_known_then():
    """Rows that come later change nothing about an earlier look."""
    gain = np.random.default_rng(1).normal(size=100)
    log = made(100, people=np.arange(100) // 3)
    looks = live(log, gain, Rule(looks=10))
    later = live(log, np.where(np.arange(100) < 50, gain, 99.0), Rule(looks=10))
    assert [look.difference for look in looks[:5]] == [look.difference for look in later[:5]]
    assert looks[5].difference != later[5].difference
    assert looks[-1].difference.mean == pytest.approx(gain.mean())


def test_a_short_log_has_as_many_looks_as_rows():
    log = made(3)
    assert [look.n for look in live(log, np.zeros(3), Rule())] == [1, 2, 3]


def test_people_with_nothing_but_silence_are_counted_once_and_only_if_always():
    mask = np.array([[True, False], [True, False], [True, False], [True, True], [True, True]])
    log = Logged(
        options=("quiet", "mail"),
        taken=[0, 0, 0, 0, 1],
        propensity=[1.0, 1.0, 1.0, 0.5, 0.5],
        reward=[0.0] * 5,
        people=["ana", "ana", "bo", "bo", "cy"],
        allowed=mask,
        silence="quiet",
        segments=["a", "b", "a", "a", "b"],
    )
    left = without_help(log)
    assert (left.decisions, left.people) == (3, 1)
    chances = np.where(mask[:, 1:], [0.5, 0.5], [1.0, 0.0])
    rows = rehearse(log, chances).segments
    assert [(row.segment, row.people, row.without_help) for row in rows] == [
        ("a", 2, 1),
        ("b", 2, 1),
    ]


def test_where_everything_is_allowed_nobody_is_left_out():
    assert without_help(made(50)).decisions == 0
