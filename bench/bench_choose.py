"""Choice, all probabilities and all contributions in a batch of 1,000, and what one update takes.

50 options, 100 features of eight bins each: a table of 900 levels by 51 columns, and 5,200 contributions
a decision. Times are those of the processor and of the fastest of several runs, so that a machine with
other work tells nearly the same; linear algebra keeps to one core. The peers of the same replay are in
`bench peers`.
"""

import os
import time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from msgspec.structs import replace

from equipoise.decide.choosers.learning import learning
from equipoise.decide.squarecb import gamma_after, squarecb_many
from equipoise.learn.binning import Binning, Cuts
from equipoise.learn.statistics import HEADS, Room, Statistics, Tally
from equipoise.learn.value import ValueModel, table_of
from equipoise.nouns.lessons import Lesson
from equipoise.nouns.plays import SILENCE, Option
from equipoise.ports import Hand
from equipoise.testing.standing import PLAY, FakeStanding

BATCH, OPTIONS, FEATURES, BINS = 1_000, 50, 100, 8
LESSONS = 50_000


def model(chance: np.random.Generator, options: int, features: int) -> ValueModel:
    """A model of random numbers in the given size."""
    edges = tuple(float(edge) for edge in range(1, BINS))
    binning = Binning(tuple(Cuts(f"f{n}", numeric=True, edges=edges) for n in range(features)))
    size = 1 + binning.size
    columns = [chance.normal(0, 0.01, size) for _ in range(options + 1)]
    return ValueModel(
        play="bench",
        currency="EUR",
        lessons=10_000,
        scale=1.0,
        order_value=30.0,
        base=0.1,
        binning=binning,
        options=(*(f"o{n}" for n in range(options - 1)), "silence"),
        value=table_of(columns),
        leave=table_of([np.abs(column) / 100 for column in columns]),
        cut_at=10_000,
    )


def batch_us(chance: np.random.Generator, options: int, features: int) -> tuple[float, float]:
    """Microseconds a decision, from levels and from features as they stand; the fastest of 25."""
    learnt = model(chance, options, features)
    offered = (*(Option(name=f"o{n}", cost=0.01) for n in range(options - 1)), SILENCE)
    explored = np.ones(options, dtype=bool)
    columns = {f"f{n}": chance.uniform(0, BINS, BATCH).tolist() for n in range(features)}
    draws, stakes = chance.random(BATCH), chance.uniform(10, 100, BATCH)
    times, binned = [], []
    for _ in range(25):
        start = time.process_time()
        levels = learnt.binning.levels(columns, BATCH)
        middle = time.process_time()
        told = learnt.appraise_many(offered, levels, stakes)
        chances = squarecb_many(
            told.scores / learnt.scale, explored, gamma_after(learnt.lessons), 0.02
        )
        (np.cumsum(chances, axis=1) > draws[:, None]).argmax(axis=1)
        stop = time.process_time()
        times.append((stop - middle) / BATCH * 1e6)
        binned.append((stop - start) / BATCH * 1e6)
    return min(times), min(binned)


def single_us(chance: np.random.Generator, options: int, features: int) -> float:
    """Microseconds of one decision on its own, as the step makes it; the median of 300."""
    learnt = model(chance, options, features)
    offered = (*(Option(name=f"o{n}", cost=0.01) for n in range(options - 1)), SILENCE)
    person, times = FakeStanding(), []
    play = replace(PLAY, options=offered)
    for _ in range(300):
        inputs = {f"f{n}": float(chance.uniform(0, BINS)) for n in range(features)}
        hand = Hand(play, offered, person, float(chance.random()), learnt, inputs)
        start = time.process_time()
        learning(hand)
        times.append(time.process_time() - start)
    return float(np.median(times)) * 1e6


def update_us(chance: np.random.Generator, options: int, features: int) -> tuple[float, float]:
    """Microseconds a lesson: into the statistics from levels, and from lessons as they are stored."""
    learnt = model(chance, options, features)
    offsets = np.array(learnt.binning.offsets)
    levels = chance.integers(1, BINS + 1, (LESSONS, features)) + offsets
    told = (chance.random((LESSONS, len(HEADS))) < 0.1).astype(float)
    tallies = [Tally.none(1 + learnt.binning.size, len(HEADS)) for _ in range(options)]
    whose = chance.integers(0, options, LESSONS)
    heaps = [(levels[whose == place], told[whose == place]) for place in range(options)]
    fastest = np.full(options, np.inf)
    room = Room.of(1 + learnt.binning.size, LESSONS)
    for _ in range(5):
        for place, (rows, outcomes) in enumerate(heaps):
            start = time.process_time()
            tallies[place].fold(rows, outcomes, 1.0, room)
            fastest[place] = min(fastest[place], time.process_time() - start)
    columns = chance.uniform(0, BINS, (LESSONS // 10, features)).tolist()
    lessons = [
        Lesson(
            seq=n,
            decision=n,
            person=n,
            atom=n,
            play="bench",
            version="",
            option=learnt.options[n % options],
            arm="engine",
            propensity=0.1,
            inputs={f"f{place}": value for place, value in enumerate(row)},
            decided_ms=0,
            matured_ms=1,
            n=n % 7 == 0,
        )
        for n, row in enumerate(columns)
    ]
    statistics = Statistics(binning=learnt.binning)
    statistics.add(lessons[:options])
    start = time.process_time()
    statistics.add(lessons)
    return fastest.sum() / LESSONS * 1e6, (time.process_time() - start) / len(lessons) * 1e6


def main() -> list[tuple[str, str, str]]:
    """Rows of (what, figure, target)."""
    chance = np.random.default_rng(1)
    batch, whole = batch_us(chance, OPTIONS, FEATURES)
    small, small_whole = batch_us(chance, 5, 12)
    update, stored = update_us(chance, OPTIONS, FEATURES)
    few, few_stored = update_us(chance, 5, 12)
    return [
        ("50 options, 100 features, batch of 1,000: one choice, µs", f"{batch:.1f}", "20"),
        ("  the same from features that are not binned yet, µs", f"{whole:.1f}", "-"),
        (f"  one update, {LESSONS:,} at once, µs", f"{update:.1f}", "20"),
        ("  the same from stored lessons, 5,000 at once, µs", f"{stored:.1f}", "-"),
        ("  one choice alone, as in the step, µs", f"{single_us(chance, 50, 100):.0f}", "-"),
        ("5 options, 12 features, batch of 1,000: one choice, µs", f"{small:.1f}", "-"),
        ("  the same from features that are not binned yet, µs", f"{small_whole:.1f}", "-"),
        (f"  one update, {LESSONS:,} at once, µs", f"{few:.1f}", "-"),
        ("  the same from stored lessons, 5,000 at once, µs", f"{few_stored:.1f}", "-"),
        ("  one choice alone, as in the step, µs", f"{single_us(chance, 5, 12):.0f}", "-"),
    ]
