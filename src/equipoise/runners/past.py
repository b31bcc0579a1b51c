"""Logged decisions as a rehearsal takes them, from whichever kind of log."""

import msgspec
import numpy as np
from numpy.typing import NDArray

from equipoise.arrive.files import DecisionLog
from equipoise.nouns.lessons import AT_STAKE
from equipoise.nouns.plays import Play
from equipoise.runners.judged import Column
from equipoise.runners.row_standing import amounts

Floats = NDArray[np.float64]

CLOSE = 1e-6
"""How far probabilities that were written with few digits may be from summing to 1."""


class Past(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Logged decisions of either kind of log, in their order; n rows, L logged options.

    `taken` (n,) says which of `options` it was, with `propensity` (n,); `value` (n,) is what came of
    it before costs, `cost` (n,) what it cost, `left` (n,) whether the person opted out, `stake` (n,)
    what was lost then. `incumbent` (n, L) is the whole distribution of who decided then.
    """

    name: str
    options: tuple[str, ...]
    taken: NDArray[np.intp]
    propensity: Floats
    value: Floats
    cost: Floats
    left: NDArray[np.bool_]
    stake: Floats
    people: NDArray[np.intp]
    incumbent: Floats | None = None
    segments: Column | None = None
    refused: dict[str, int] = {}
    first_refused: dict[str, str] = {}
    notes: tuple[str, ...] = ()

    @property
    def n(self) -> int:
        """How many decisions."""
        return len(self.taken)

    @property
    def reward(self) -> Floats:
        """What each decision brought when all is paid, (n,)."""
        net: Floats = self.value - self.cost - self.left * self.stake
        return net


def past_of(log: DecisionLog, play: Play, at_stake: float) -> Past:
    """A file of decisions as the past of a play; who opts out costs `at_stake`, in its currency.

    Where the file tells no costs, options cost what the play writes. Where each option always had
    the same propensity and these sum to 1, that is the whole distribution of who decided then.
    """
    notes, cost = [], log.cost
    if cost is None:
        costs = {option.name: option.cost for option in play.options}
        cost = np.array([costs.get(name, 0.0) for name in log.options])[log.taken]
        if cost.any():
            notes.append("costs_of_the_play")
    stake = np.full(log.n, at_stake)
    if AT_STAKE in log.fields:
        stake = amounts(log.fields[AT_STAKE])
    left = np.zeros(log.n, dtype=np.bool_) if log.left is None else log.left
    notes.append("leaving_not_told" if log.left is None else f"at_stake: {at_stake:g}")
    if log.at_ms is None:
        notes.append("no_times")
    incumbent = log.incumbent
    if incumbent is None:
        incumbent = _constant(log)
    return Past(
        name=log.name,
        options=log.options,
        taken=log.taken,
        propensity=log.propensity,
        value=log.reward,
        cost=cost,
        left=left,
        stake=stake,
        people=log.people,
        incumbent=incumbent,
        segments=log.segments,
        refused=log.refused,
        first_refused=log.first,
        notes=tuple(notes),
    )


def _constant(log: DecisionLog) -> Floats | None:
    """One row of probabilities for all, where the propensities of each option never differ."""
    low = np.full(len(log.options), np.inf)
    high = np.zeros(len(log.options))
    np.minimum.at(low, log.taken, log.propensity)
    np.maximum.at(high, log.taken, log.propensity)
    if (high - low > CLOSE).any() or abs(high.sum() - 1.0) > CLOSE:
        return None
    whole: Floats = np.broadcast_to(high / high.sum(), (log.n, len(log.options)))
    return whole
