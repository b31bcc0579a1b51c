"""What a candidate is compared with: the incumbent, silence for all, the best constant, chance."""

import msgspec
import numpy as np
from numpy.typing import NDArray

from equipoise.learn.rehearsal.estimating import Sample, Weighed, dr, every
from equipoise.learn.rehearsal.logged import Floats, Logged
from equipoise.learn.rehearsal.support import unsupported, without_support
from equipoise.nouns.rehearsals import Reference, Rule


class Rival(msgspec.Struct, frozen=True, eq=False):
    """A reference with its rows (n,) by each estimator, and its weights (n,) against the log."""

    name: Reference
    rows: dict[str, Floats]
    ratio: Floats


def incumbent(sample: Sample, policy: Weighed | None) -> Rival:
    """The logging policy: the rewards themselves (on-policy).

    Where its distribution is known, DR takes what the model expects of it plus the model's error,
    which has the same mean and leaves out the noise of what happened to be drawn: against itself
    the difference is then 0 in every row.
    """
    own = sample.log.reward
    rows: dict[str, Floats] = dict.fromkeys(("dm", "ips", "snips", "dr", "switch_dr"), own)
    if policy is not None:
        robust = dr(sample, policy)
        rows |= {"dr": robust, "switch_dr": robust}
    return Rival("incumbent", rows, np.ones(sample.log.n))


def silence(sample: Sample, rule: Rule) -> Rival | None:
    """Silence for everybody; None where the log has no silence, or not where it would be needed."""
    if sample.log.silent is None:
        return None
    chosen = np.full(sample.log.n, sample.log.silent, dtype=np.intp)
    if without_support(sample.log, chosen) > rule.most_unsupported:
        return None
    policy = sample.choice(chosen)
    return Rival("silence", every(sample, policy, rule.switch_at), policy.ratio)


def uniform(sample: Sample, rule: Rule) -> Rival | None:
    """The same probability for every option that was allowed; None without support in the log."""
    mask = sample.log.mask()
    chances = mask / mask.sum(axis=1, keepdims=True)
    if float(unsupported(sample.log, chances).mean()) > rule.most_unsupported:
        return None
    policy = sample.policy(chances)
    return Rival("uniform", every(sample, policy, rule.switch_at), policy.ratio)


def best_constant(
    sample: Sample, fold: NDArray[np.intp], rule: Rule
) -> tuple[Rival, tuple[int, ...]] | None:
    """One option for everybody (silence where guards forbid it), and which one it was in each fold.

    For the rows of a fold it is the option with the greatest DR value on the other folds, by person:
    the rows that choose are not those that judge, so that being the best of many by luck brings
    nothing. What comes out is the value of choosing a constant on a log a fold smaller than this one.
    Only options with support in the log are asked; None where there is none.
    """
    log, folds = sample.log, int(fold.max()) + 1
    known = np.zeros(len(log.options), dtype=np.bool_)
    sums = np.zeros((len(log.options), folds))
    for option in range(len(log.options)):
        constant = _constant(log, option)
        known[option] = without_support(log, constant) <= rule.most_unsupported
        if known[option]:
            rows = dr(sample, sample.choice(constant))
            sums[option] = np.bincount(fold, rows, minlength=folds)
    if not known.any():
        return None
    sizes = np.bincount(fold, minlength=folds)
    elsewhere = sums.sum(axis=1, keepdims=True) - (sums if folds > 1 else 0.0)
    elsewhere[~known] = -np.inf
    best = np.argmax(elsewhere / np.maximum(1, sizes.sum() - sizes), axis=0)
    chosen = np.empty(log.n, dtype=np.intp)
    for number, option in enumerate(best):
        inside = fold == number
        chosen[inside] = _constant(log, int(option))[inside]
    policy = sample.choice(chosen)
    rival = Rival("best_constant", every(sample, policy, rule.switch_at), policy.ratio)
    return rival, tuple(int(option) for option in best)


def _constant(log: Logged, option: int) -> NDArray[np.intp]:
    chosen = np.full(log.n, option, dtype=np.intp)
    if log.allowed is not None and log.silent is not None:
        chosen[~log.allowed[:, option]] = log.silent
    return chosen
