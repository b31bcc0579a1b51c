"""From the lessons of a play to the next version of its value model, outside the step."""

from collections.abc import Iterable

import msgspec
import numpy as np
from numpy.typing import NDArray

from equipoise.learn.binning import Binning, binning_of
from equipoise.learn.evidence import deviation_of
from equipoise.learn.ridge import Effects, Sizes, solve, strengths
from equipoise.learn.statistics import DAY_MS, HEADS, Statistics, Tally
from equipoise.learn.value import Surrogate, ValueModel, table_of
from equipoise.nouns.lessons import PRESSURE, Lesson
from equipoise.nouns.plays import Goal, Play

LEAST_LESSONS = 50
"""With fewer matured lessons a play has no model, and every option is tried alike."""

LEAST_RESPONSES = 5
"""So many lessons must have been answered, or there must be `MANY_LESSONS` that were not."""

MANY_LESSONS = 1_000

WINSOR = 0.99
"""What a response brings beyond this quantile counts as the quantile; also the quantile of `scale`."""

PRIOR_AMOUNTS = 10.0
"""How many responses of the median amount are added to the mean of what a response brings."""

PRIOR_SLOPE = 100.0
"""How many lessons speak for the ratio of the rates as the worth of an early answer."""

BESIDE_EARLY = Sizes(level=0.1, option=0.1, silence=0.3, deviation=0.05)
"""How large effects on the goal are expected to be beyond what the early goal forecasts."""


class Counted(msgspec.Struct):
    """What became of the rows handed in: none is dropped silently.

    `lessons` decisions, `revisions` applied to them, `orphans` revisions whose lesson is not there
    (erased, or taught before), `young` lessons whose window is not over.
    """

    lessons: int = 0
    revisions: int = 0
    orphans: int = 0
    young: int = 0


def settle(lessons: Iterable[Lesson]) -> tuple[list[Lesson], Counted]:
    """Each decision once, in the order of its first lesson, with its latest outcome and first inputs."""
    found: dict[int, Lesson] = {}
    counted = Counted()
    for lesson in sorted(lessons, key=lambda lesson: lesson.seq):
        former = found.get(lesson.decision)
        if former is None and lesson.revises:
            counted.orphans += 1
        elif former is None:
            found[lesson.decision] = lesson
        else:
            counted.revisions += 1
            found[lesson.decision] = msgspec.structs.replace(
                former,
                n=lesson.n,
                value=lesson.value,
                mine=lesson.mine,
                credited=lesson.credited,
                early=max(former.early, lesson.early),
                left=lesson.left,
                matured_ms=max(former.matured_ms, lesson.matured_ms),
            )
    counted.lessons = len(found)
    return list(found.values()), counted


def looked_at(play: Play) -> tuple[str, ...]:
    """The features of a play's model: those it names and those of contact pressure, each once."""
    return tuple(dict.fromkeys((*play.features, *PRESSURE)))


def teach(
    play: Play,
    lessons: Iterable[Lesson],
    former: ValueModel | None = None,
    statistics: Statistics | None = None,
    forget: float = 0.0,
) -> tuple[ValueModel, Statistics] | None:
    """The next version of a play's model, and what it rests on; None while there are too few lessons.

    Without `statistics`, `lessons` are all there are of the play, revisions among them; features keep
    the cuts of the `former` version until there are twice as many lessons as when they were cut. With
    `statistics`, `lessons` are only those that came since: they are added to them in place, with their
    cuts. `forget` (0 to less than 1) is how much less everything before this version counts from now
    on. Raises `ValueError` for a play without a goal.
    """
    if play.goal is None:
        raise ValueError(f"play {play.name!r}: teaching needs a goal, and it has none; give it one")
    told, counted = settle(lessons)
    if statistics is None:
        statistics, cut_at = _begun(play, play.goal, told, former)
    else:
        cut_at = former.cut_at if former is not None else len(told)
    if former is not None and forget:
        if not statistics.full:
            statistics.faded = [*former.faded, (former.last, 1.0 - forget)]
        else:
            statistics.decay(1.0 - forget)
    statistics.add(told)
    counted.young = sum(not statistics.is_ripe(lesson) for lesson in told)
    answered = statistics.total("response")
    if statistics.n < LEAST_LESSONS:
        return None
    if answered < LEAST_RESPONSES and statistics.n < MANY_LESSONS:
        return None
    return _model(play, play.goal, statistics, cut_at, counted), statistics


def _begun(
    play: Play, goal: Goal, told: list[Lesson], former: ValueModel | None
) -> tuple[Statistics, int]:
    """Empty statistics with the cuts of the former version, or with new ones, and when they were cut."""
    features = looked_at(play)
    binning: Binning | None = None
    cut_at = len(told)
    if former is not None and former.binning.features == features and len(told) < 2 * former.cut_at:
        binning, cut_at = former.binning, former.cut_at
    if binning is None:
        binning = binning_of(features, [lesson.inputs for lesson in told])
    empty = Statistics(
        binning=binning, window_ms=goal.window_days * DAY_MS, has_early=bool(goal.early)
    )
    if former is not None:
        empty.faded = list(former.faded)
    return empty, cut_at


def _model(
    play: Play, goal: Goal, statistics: Statistics, cut_at: int, counted: Counted
) -> ValueModel:
    response, surrogate = _response(play, statistics)
    leave = _effects(play, statistics.options, statistics.full, _sums(statistics.full, "left"))
    amounts = statistics.amounts
    if isinstance(goal.value, str):
        order_value = round(max(amounts.winsorised_mean(WINSOR, PRIOR_AMOUNTS), 0.0), 6)
    else:
        order_value = float(goal.value)
    scale = (
        amounts.quantile(WINSOR, statistics.n) or amounts.quantile(WINSOR, amounts.n) or order_value
    )
    shares = sum(tally.gram[0] for tally in statistics.full) / statistics.n
    shared = _centred(response.shared, shares, statistics.binning)
    columns = [
        _centred(effects, shares, statistics.binning)
        for effects in (*response.options, response.shared)
    ]
    base = float(np.frombuffer(table_of([shared[:1]], order_value))[0])
    for own in columns:
        own[0] -= shared[0]
    return ValueModel(
        play=play.name,
        currency=goal.currency,
        lessons=round(statistics.n),
        scale=scale if scale > 0.0 else 1.0,
        order_value=order_value,
        base=base,
        binning=statistics.binning,
        options=tuple(statistics.options),
        value=table_of(columns, order_value),
        leave=table_of([*leave.options, leave.shared]),
        cut_at=cut_at,
        last=statistics.last,
        surrogate=surrogate,
        counted=msgspec.structs.asdict(counted),
        faded=tuple(statistics.faded),
    )


def _centred(
    effects: NDArray[np.float64], shares: NDArray[np.float64], binning: Binning
) -> NDArray[np.float64]:
    """The same forecasts, told from the average person: each feature has the mean 0 over people.

    `shares` (P,) is which share of people has each level. What a feature adds for everybody alike
    goes to the intercept, so that a feature that is the same for all says nothing.
    """
    centred = effects.copy()
    for offset, cuts in zip(binning.offsets, binning.cuts, strict=True):
        mine = slice(1 + offset, 1 + offset + cuts.size)
        mean = float((shares[mine] * effects[mine]).sum())
        centred[mine] -= mean
        centred[0] += mean
    return centred


def _sums(tallies: list[Tally], head: str) -> list[NDArray[np.float64]]:
    return [tally.sums[:, HEADS.index(head)] for tally in tallies]


def _effects(
    play: Play,
    options: list[str],
    tallies: list[Tally],
    sums: list[NDArray[np.float64]],
    prior: tuple[float, Sizes] | None = None,
) -> Effects:
    """Solve one head; the ridge is that of its rate, which a half is added to on either side.

    How large deviations are is asked of the lessons. `prior` gives a rate and sizes where what is
    solved for is no yes or no.
    """
    silences = {option.name for option in play.options if option.is_silence}
    silent = [name in silences for name in options]
    grams = [tally.gram for tally in tallies]
    if prior is None:
        n = sum(gram[0, 0] for gram in grams)
        rate = float((sum(total[0] for total in sums) + 0.5) / (n + 1.0))
        prior = rate, Sizes(deviation=deviation_of(grams, sums, rate, silent))
    return solve(grams, sums, strengths(prior[0], silent, len(grams[0]), prior[1]))


def _response(play: Play, statistics: Statistics) -> tuple[Effects, Surrogate | None]:
    """The head of the response; where there is an early goal, on top of what that forecasts.

    The early answer is learnt from all lessons, also those whose window is not over. Its forecast e
    times a slope is taken off y, and the ridge is solved for the rest, with `BESIDE_EARLY` (Athey,
    Chetty, Imbens and Kang 2019, "The surrogate index", section 3, with one surrogate, whose bias is
    learnt from the matured lessons). The slope is cov(e, y) / var(e), shrunk to the ratio of the rates.
    """
    full, options = statistics.full, statistics.options
    sums = _sums(full, "response")
    if not statistics.has_early:
        return _effects(play, options, full, sums), None
    soon = statistics.early
    early = _effects(play, options, soon, [tally.sums[:, 0] for tally in soon])
    slope = _slope(early, statistics)
    rest = [
        total - slope * (tally.gram @ w)
        for total, tally, w in zip(sums, full, early.options, strict=True)
    ]
    n = max(statistics.n, 1.0)
    rate = (statistics.total("response") + 0.5) / (n + 1.0)
    own = _effects(play, options, full, rest, (rate, BESIDE_EARLY))
    offset = sum(float(w @ t.gram[0]) for w, t in zip(own.options, full, strict=True)) / n
    squares = sum(float(w @ t.gram @ w) for w, t in zip(own.options, full, strict=True)) / n
    apart = max(squares - offset * offset, 0.0) ** 0.5
    both = Effects(
        own.shared + slope * early.shared,
        tuple(w + slope * e for w, e in zip(own.options, early.options, strict=True)),
    )
    learnt = sum(tally.gram[0, 0] for tally in soon)
    return both, Surrogate(round(slope, 9), round(learnt), round(apart, 9))


def _slope(early: Effects, statistics: Statistics) -> float:
    """What one early answer is worth in answers."""
    full, soon = statistics.full, statistics.early
    n, soon_n = statistics.n, sum(tally.gram[0, 0] for tally in soon)
    rate = (statistics.total("response") + 0.5) / (n + 1.0)
    soon_rate = (sum(tally.sums[0, 0] for tally in soon) + 0.5) / (soon_n + 1.0)
    pairs = list(zip(early.options, full, strict=True))
    mean = sum(float(w @ tally.gram[0]) for w, tally in pairs) / max(n, 1.0)
    squares = sum(float(w @ tally.gram @ w) for w, tally in pairs) - n * mean * mean
    both = sum(float(w @ tally.sums[:, 0]) for w, tally in pairs)
    both -= mean * statistics.total("response")
    if squares <= 1e-12 * max(n, 1.0):
        return float(rate / soon_rate)
    weight = PRIOR_SLOPE * squares / n
    return float((both + weight * rate / soon_rate) / (squares + weight))
