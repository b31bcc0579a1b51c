"""Betting holds on small logs, keeps people together, and asks for the range of what it bets on."""

import numpy as np
import pytest

from equipoise.learn.rehearsal import LogMistake
from equipoise.learn.rehearsal.betting import Ranges, bet_on_difference, bet_on_value
from equipoise.nouns.rehearsals import STANDARD, Rule
from learn.rehearsal.logs import best, made


def columns(seed, n=400):
    log = made(n, seed)
    return log, best(log)[np.arange(n), log.taken] / log.propensity


def test_both_bounds_cover_at_least_as_often_as_they_say():
    """The candidate is worth .35; the incumbent .5 x (.05 + .09 + .04) + .5 x (.04 + .02 + .08) = .16."""
    value = difference = 0
    for seed in range(150):
        log, ratio = columns(seed)
        ranges = Ranges.of(log.reward, 5.0, STANDARD)
        bet = (log.reward, ratio, log.who, ranges, 0.95)
        value += bet_on_value(*bet).covers(0.35)
        difference += bet_on_difference(*bet).covers(0.35 - 0.16)
    assert value / 150 >= 0.95
    assert difference / 150 >= 0.95


def test_a_great_difference_is_seen_on_a_small_log():
    log, ratio = columns(3, 1_000)
    ranges = Ranges.of(log.reward, 5.0, STANDARD)
    assert bet_on_difference(log.reward, ratio, log.who, ranges, 0.95).low > 0


def test_the_lowest_reward_is_no_matter():
    """Rewards of 10 and 11 are compared as those of 0 and 1 are, as weights have mean 1."""
    log, ratio = columns(3)
    one = bet_on_difference(log.reward, ratio, log.who, Ranges(0, 1, 5), 0.95)
    other = bet_on_difference(log.reward + 10, ratio, log.who, Ranges(10, 11, 5), 0.95)
    assert (one.low, one.high) == pytest.approx((other.low, other.high))


def test_rewards_may_be_losses():
    log, ratio = columns(3)
    found = bet_on_value(-log.reward, ratio, log.who, Ranges(-1, 0, 5), 0.95)
    assert -5 <= found.low < found.high < 0


def test_rows_of_one_person_count_as_one():
    log, ratio = columns(3)
    ranges = Ranges.of(log.reward, 5.0, STANDARD)
    alone = bet_on_value(log.reward, ratio, log.who, ranges, 0.95)
    pairs = bet_on_value(log.reward, ratio, log.who // 2, ranges, 0.95)
    assert (alone.n, pairs.n) == (400, 200)
    assert pairs.mean == pytest.approx(alone.mean)


def test_a_reward_beyond_the_stated_range_is_refused():
    with pytest.raises(LogMistake, match=r"states a range of \[0.0, 0.5\], got 0.0 to 1.0"):
        Ranges.of(np.array([0.0, 1.0]), 5.0, Rule(reward_low=0.0, reward_high=0.5))
