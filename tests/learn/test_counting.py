"""Counting goes on where it ended, in pieces, and begins anew after an hour."""

import asyncio

import msgspec
import pytest

from equipoise.learn.counting import RECOUNT_MS, ROWS_AT_ONCE, Counting
from equipoise.learn.effects import Design
from equipoise.nouns.changes import Changes
from equipoise.nouns.lessons import ENGINE, HOLDOUT, LessonRow
from equipoise.stores import open_store
from equipoise.testing.fakes import FakeClock
from house import NOON_MS
from learn.trying import tried

DESIGN = Design(play="win-back", currency="EUR", shares={"": {ENGINE: 0.8, HOLDOUT: 0.2}})


def row(seq, play="win-back"):
    body = msgspec.msgpack.encode(tried(HOLDOUT if seq % 5 == 0 else ENGINE, 1.0, seq=seq))
    return LessonRow(seq, seq, "tried", play, 0, body)


@pytest.fixture
def store():
    store, _ = open_store("memory:")
    return store


def commit(store, *seqs, play="win-back"):
    at = store.position().seq + len(seqs) + 1
    store.commit(Changes(cursor=0, seq=at, lessons=[row(seq, play) for seq in seqs]))


def test_rows_are_counted_in_pieces_and_newer_ones_are_added(store):
    clock = FakeClock(NOON_MS)
    counting = Counting(store, lambda: {"win-back": DESIGN}, clock)
    commit(store, *range(1, ROWS_AT_ONCE + 11))
    commit(store, 9_001, 9_002, play="another")
    assert list(counting.count()) == [ROWS_AT_ONCE, 10]
    assert counting.told()[0].n == ROWS_AT_ONCE + 10
    commit(store, 9_101, 9_105)
    assert list(counting.count()) == [2]
    (told,) = counting.told()
    assert told.n == ROWS_AT_ONCE + 12
    assert told.arms[1].n == (ROWS_AT_ONCE + 10) // 5 + 1


def test_after_an_hour_all_is_counted_anew(store):
    clock = FakeClock(NOON_MS)
    counting = Counting(store, lambda: {"win-back": DESIGN}, clock)
    commit(store, 1, 2, 3)
    assert list(counting.count()) == [3]
    asyncio.run(clock.advance(RECOUNT_MS))
    assert list(counting.count()) == [3]
    assert counting.told()[0].n == 3


def test_two_who_count_at_once_count_nobody_twice(store):
    counting = Counting(store, lambda: {"win-back": DESIGN}, FakeClock(NOON_MS))
    commit(store, *range(1, 2 * ROWS_AT_ONCE + 1))
    one, other = counting.count(), counting.count()
    taken = [next(one), next(other), *one, *other]
    assert sum(taken) == 2 * ROWS_AT_ONCE
    assert counting.told()[0].n == 2 * ROWS_AT_ONCE


def test_a_play_nobody_was_tried_for_is_told_all_the_same(store):
    counting = Counting(store, lambda: {"win-back": DESIGN}, FakeClock(NOON_MS))
    assert list(counting.count()) == []
    assert [effect.n for effect in counting.told()] == [0]
