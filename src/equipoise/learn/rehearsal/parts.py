"""The smaller tables of a report: segments, the live sequence, and who is left without help."""

from math import ceil

import numpy as np
from numpy.typing import NDArray

from equipoise.interval import (
    clustered_interval,
    clustered_se,
    clusters_from,
    clusters_of,
    sequence_from_se,
    totals_of,
)
from equipoise.learn.rehearsal.betting import Ranges, bet_on_difference, bet_on_value
from equipoise.learn.rehearsal.estimating import Sample, effective_size
from equipoise.learn.rehearsal.judging import normal_holds
from equipoise.learn.rehearsal.logged import Floats, Logged
from equipoise.learn.rehearsal.support import most_weight, unsupported
from equipoise.nouns.rehearsals import Look, Rule, SegmentRow, WithoutHelp


def segment_rows(
    sample: Sample,
    chances: Floats,
    ratio: Floats,
    rows: tuple[Floats, Floats],
    rule: Rule,
) -> tuple[SegmentRow, ...]:
    """One row for each segment; `rows` are DR's value and its difference to the incumbent.

    Each has its own bound: the normal one of DR where the segment alone is large enough for it,
    betting otherwise, at a level that makes all of them hold together (Bonferroni).
    """
    log = sample.log
    if log.segments is None:
        return ()
    names, which = np.unique(np.asarray(log.segments), return_inverse=True)
    without, empty, level = unsupported(log, chances), _empty(log), rule.level
    level = 1.0 - (1.0 - rule.level) / len(names)
    ranges = Ranges.of(log.reward, most_weight(log, chances, rule), rule)
    made = []
    for number, name in enumerate(names):
        inside = np.flatnonzero(which == number)
        whose = np.unique(log.who[inside], return_inverse=True)[1]
        people, ess = int(whose.max()) + 1, effective_size(ratio[inside])
        if normal_holds(people, ess, rule):
            value, gain = (clustered_interval(clusters_of(r[inside], whose), level) for r in rows)
        else:
            bet = (log.reward[inside], ratio[inside], whose, ranges, level)
            value, gain = bet_on_value(*bet), bet_on_difference(*bet)
        share, helpless = float(without[inside].mean()), _always(empty[inside], whose)
        made.append(SegmentRow(str(name), len(inside), people, ess, share, value, gain, helpless))
    return tuple(made)


def live(log: Logged, gain: Floats, rule: Rule) -> tuple[Look, ...]:
    """The difference to the incumbent after each of `looks` even parts of the log, all at once valid.

    An asymptotic confidence sequence on the rows of DR, clustered by person, narrowest at the end.
    """
    tuned_at, begin = int(log.who.max()) + 1, 0
    ends = sorted({ceil(log.n * look / rule.looks) for look in range(1, rule.looks + 1)})
    totals, sizes, looks = np.zeros(tuned_at), np.zeros(tuned_at), []
    for end in ends:
        whose, begin = log.who[begin:end], end
        totals += totals_of(gain[end - len(whose) : end], whose, tuned_at)
        sizes += np.bincount(whose, minlength=tuned_at)
        seen = clusters_from(totals, sizes)
        mean = seen.total / seen.rows
        sequence = sequence_from_se(mean, clustered_se(seen), seen.people, tuned_at, rule.level)
        looks.append(Look(end, sequence))
    return tuple(looks)


def without_help(log: Logged) -> WithoutHelp:
    """The decisions in which guards left nothing but silence, and the people who never had more."""
    empty = _empty(log)
    return WithoutHelp(int(empty.sum()), _always(empty, log.who))


def _empty(log: Logged) -> NDArray[np.bool_]:
    if log.allowed is None or log.silent is None:
        return np.zeros(log.n, dtype=np.bool_)
    alone: NDArray[np.bool_] = np.count_nonzero(log.allowed, axis=1) == 1
    return alone


def _always(empty: NDArray[np.bool_], whose: NDArray[np.intp]) -> int:
    """How many people had only silence in all of their rows."""
    helped, seen = np.zeros(int(whose.max()) + 1, dtype=np.bool_), np.bincount(whose) > 0
    helped[whose[~empty]] = True
    return int(np.count_nonzero(seen & ~helped))
