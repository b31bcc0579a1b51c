"""The rehearsal of a candidate policy on a log, from columns to the report."""

from typing import Any, get_args

import msgspec
import numpy as np
from numpy.typing import NDArray

from equipoise.interval import Interval, clustered_interval, clusters_from, totals_of
from equipoise.learn.rehearsal.betting import Ranges, bet_on_difference
from equipoise.learn.rehearsal.estimating import Sample, Weighed, every
from equipoise.learn.rehearsal.judging import conclude, normal_holds
from equipoise.learn.rehearsal.logged import Floats, Logged, LogMistake, distribution
from equipoise.learn.rehearsal.parts import live, segment_rows, without_help
from equipoise.learn.rehearsal.references import (
    Rival,
    best_constant,
    incumbent,
    silence,
    uniform,
)
from equipoise.learn.rehearsal.regression import binned, expected_rewards, folds_of
from equipoise.learn.rehearsal.support import most_weight, support
from equipoise.nouns.rehearsals import (
    STANDARD,
    Compared,
    Conclusion,
    Estimator,
    Reference,
    Report,
    Rule,
    Support,
    Valued,
)

ESTIMATORS: tuple[Estimator, ...] = get_args(Estimator)
"""The estimators of a report, in its order."""


class _Stage(msgspec.Struct, frozen=True, eq=False):
    """What the steps of a rehearsal hand to each other."""

    sample: Sample
    fold: NDArray[np.intp]
    chances: Floats
    policy: Weighed
    rows: dict[str, Floats]
    rule: Rule


def rehearse(
    log: Logged,
    candidate: Any,
    rule: Rule = STANDARD,
    *,
    expected: Floats | None = None,
    play: str = "",
    source: str = "",
) -> Report:
    """What `candidate`, probabilities (n, K), would have been worth on the log, and the verdict.

    `expected` (n, K) are expected rewards of a model of one's own, which must not have seen the rows
    it is asked about; without them a binned additive ridge is cross-fitted by person. `play` and
    `source` name the candidate and the log in the report. Raises `LogMistake`.
    """
    chances = distribution(log, candidate)
    people = int(log.who.max()) + 1
    folds = min(rule.folds, people)
    fold = folds_of(log, folds, rule.seed)
    model, told = _expected(log, fold, expected)
    sample = Sample.of(log, told)
    policy = sample.policy(chances)
    stage = _Stage(sample, fold, chances, policy, every(sample, policy, rule.switch_at), rule)
    thin = support(log, chances, policy.ratio, rule)
    rivals, constants, notes = _rivals(stage)
    values, differences = _table(stage, rivals)
    gain = stage.rows["dr"] - rivals[0].rows["dr"]
    return Report(
        play=play,
        log=source,
        n=log.n,
        people=people,
        options=log.options,
        values=values,
        differences=differences,
        support=thin,
        conclusion=_conclusion(stage, thin, differences, people),
        rule=rule,
        model=model,
        constants=constants,
        segments=segment_rows(sample, chances, policy.ratio, (stage.rows["dr"], gain), rule),
        live=live(log, gain, rule),
        without_help=without_help(log),
        notes=notes + _assumed(log, rule),
        unit=log.unit,
    )


def _expected(log: Logged, fold: NDArray[np.intp], given: Floats | None) -> tuple[str, Floats]:
    if given is not None:
        told = np.asarray(given, dtype=np.float64)
        if told.shape != (log.n, len(log.options)) or not np.isfinite(told).all():
            raise LogMistake(
                f"expected: needed a finite reward for each of {log.n} decisions and "
                f"{len(log.options)} options, got shape {told.shape}; predict every option for "
                "every row"
            )
        return "given", told
    design = binned(log.features, log.n)
    many = 0 if log.features is None else log.features.shape[1]
    name = f"binned additive ridge of {many} features, {int(fold.max()) + 1} folds by person"
    return name, expected_rewards(log, fold, design)


def _rivals(stage: _Stage) -> tuple[list[Rival], tuple[str, ...], tuple[str, ...]]:
    sample, rule, log = stage.sample, stage.rule, stage.sample.log
    known = None if log.incumbent is None else sample.policy(log.incumbent)
    rivals, notes = [incumbent(sample, known)], list[str]()
    constant = best_constant(sample, stage.fold, rule)
    found: dict[Reference, Rival | None] = {
        "silence": silence(sample, rule),
        "best_constant": None if constant is None else constant[0],
        "uniform": uniform(sample, rule),
    }
    rivals += [rival for rival in found.values() if rival is not None]
    if log.silent is None:
        notes.append("no_silence_option")
    elif not (log.taken == log.silent).any():
        notes.append("silence_never_logged")
    notes += [
        f"reference_without_support: {name}"
        for name, rival in found.items()
        if rival is None and not (name == "silence" and notes)
    ]
    chosen = () if constant is None else constant[1]
    return rivals, tuple(log.options[option] for option in chosen), tuple(notes)


def _table(stage: _Stage, rivals: list[Rival]) -> tuple[tuple[Valued, ...], tuple[Compared, ...]]:
    log, level = stage.sample.log, stage.rule.level
    sizes = np.bincount(log.who).astype(np.float64)

    def totals(rows: dict[str, Floats]) -> dict[str, Floats]:
        return {by: totals_of(rows[by], log.who) for by in ESTIMATORS}

    def interval(sums: Floats) -> Interval:
        return clustered_interval(clusters_from(sums, sizes), level)

    own = totals(stage.rows)
    values = [Valued("candidate", by, interval(own[by])) for by in ESTIMATORS]
    values.append(Valued("incumbent", "on_policy", interval(totals_of(log.reward, log.who))))
    differences = []
    for rival in rivals:
        others = totals(rival.rows)
        for by in ESTIMATORS:
            differences.append(Compared(rival.name, by, interval(own[by] - others[by])))
            if rival.name != "incumbent":
                values.append(Valued(rival.name, by, interval(others[by])))
    return tuple(values), tuple(differences)


def _conclusion(
    stage: _Stage, thin: Support, differences: tuple[Compared, ...], people: int
) -> Conclusion:
    by: Estimator = "dr" if normal_holds(people, thin.ess, stage.rule) else "ips"
    found = {(d.to, d.by): d.difference for d in differences}
    log, ratio = stage.sample.log, stage.policy.ratio
    if by == "dr":
        gain = found["incumbent", by]
    else:
        ranges = Ranges.of(log.reward, most_weight(log, stage.chances, stage.rule), stage.rule)
        gain = bet_on_difference(log.reward, ratio, log.who, ranges, stage.rule.level)
    return conclude(thin, (by, gain), found.get(("silence", by)), stage.rule)


def _assumed(log: Logged, rule: Rule) -> tuple[str, ...]:
    notes = []
    if log.incumbent is None:
        notes.append("incumbent_distribution_unknown")
    if rule.reward_low is None or rule.reward_high is None:
        notes.append("reward_range_from_log")
    return tuple(notes)
