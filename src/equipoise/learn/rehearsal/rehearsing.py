"""The rehearsal of a candidate policy on a log, from columns to the report."""

from typing import Any

from equipoise.learn.rehearsal.logged import Floats, Logged, distribution
from equipoise.nouns.rehearsals import STANDARD, Report, Rule


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
    raise NotImplementedError(f"{play} {source} {expected} {rule} {chances.shape}")
