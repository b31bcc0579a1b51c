"""Can the log speak for the candidate at all? Effective size, weights, and mass without support."""

import numpy as np
from numpy.typing import NDArray

from equipoise.interval import Interval, clustered_interval, clusters_of
from equipoise.learn.rehearsal.estimating import effective_size
from equipoise.learn.rehearsal.logged import Floats, Logged
from equipoise.nouns.rehearsals import Alarm, Rule, Support

SURE = 0.9999
"""Level of the check of the mean weight: it must hardly ever fire where propensities are true."""

RARE = 1e-9
"""A rounding of the mean weight that is no sign of anything."""


def unsupported(log: Logged, chances: Floats) -> Floats:
    """The candidate's mass (n,) on options that the incumbent could not take.

    Known row by row where the log holds the incumbent's distribution; else only options that were
    never taken anywhere are seen.
    """
    if log.incumbent is not None:
        without: Floats = np.einsum("nk,nk->n", chances, log.incumbent <= 0.0)
        return without
    never = np.bincount(log.taken, minlength=len(log.options)) == 0
    unseen: Floats = chances[:, never].sum(axis=1)
    return unseen


def without_support(log: Logged, chosen: NDArray[np.intp]) -> float:
    """The share of rows in which the incumbent could not do `chosen` (n,), as far as is known."""
    if log.incumbent is not None:
        return float((log.incumbent[np.arange(log.n), chosen] <= 0.0).mean())
    never = np.bincount(log.taken, minlength=len(log.options)) == 0
    return float(never[chosen].mean())


def support(log: Logged, chances: Floats, ratio: Floats, rule: Rule) -> Support:
    """Effective sample size, largest weight and the rest, with the alarms that they set off."""
    without = float(unsupported(log, chances).mean())
    mean = clustered_interval(clusters_of(ratio, log.who), SURE)
    size = effective_size(ratio)
    alarms: list[Alarm] = []
    if size < rule.ess_floor:
        alarms.append("low_ess")
    if size < rule.thin * log.n:
        alarms.append("thin_overlap")
    if without > rule.most_unsupported:
        alarms.append("no_support")
    if size >= rule.ess_normal and not _near(mean, 1.0 - without):
        alarms.append("weights_off_one")
    return Support(size, float(ratio.max()), without, mean, tuple(alarms))


def _near(mean: Interval, value: float) -> bool:
    return mean.low - RARE <= value <= mean.high + RARE


def most_weight(log: Logged, chances: Floats, rule: Rule) -> float:
    """The largest weight that is possible by design, which a bound without approximation must know.

    As stated in the rule; else over all rows and options from the incumbent's distribution; else from
    the candidate's largest and the smallest logged probability of each option that was taken.
    """
    if rule.most_weight is not None:
        return rule.most_weight
    if log.incumbent is not None:
        known = log.incumbent > 0.0
        return float(np.max(chances[known] / log.incumbent[known]))
    smallest = np.full(len(log.options), np.inf)
    np.minimum.at(smallest, log.taken, log.propensity)
    return float(np.max(chances.max(axis=0) / smallest))
