"""MABWiser: LinUCB and LinGreedy as they come; neither tells with what probability it chose."""

from collections.abc import Callable
from typing import Any

import numpy as np
from mabwiser.mab import MAB, LearningPolicy

RULES = {
    "MABWiser LinUCB": LearningPolicy.LinUCB,
    "MABWiser LinGreedy": LearningPolicy.LinGreedy,
}


class MABWiser:
    """One bandit over one-hot bins; it has to be fitted before it can be asked, so it begins by chance.

    It is asked and taught in the same batches as ours: one by one it takes hours.
    """

    block = 250
    known = False

    def __init__(self, rule: Any, rows: np.ndarray, count: int, seed: int) -> None:
        self.bandit = MAB(list(range(count)), rule(), seed=seed)
        self.rows, self.count, self.begun = rows, count, False
        self.chance = np.random.default_rng(seed)

    def propensities(self, rows: np.ndarray) -> np.ndarray:
        if self.begun:
            chosen = np.atleast_1d(self.bandit.predict(self.rows[rows]))
        else:
            chosen = self.chance.integers(0, self.count, len(rows))
        chances = np.zeros((len(rows), self.count))
        chances[np.arange(len(rows)), chosen] = 1.0
        return chances

    def learn(
        self,
        rows: np.ndarray,
        taken: np.ndarray,
        chances: np.ndarray,  # noqa: ARG002 - it does not look at probabilities
        rewards: np.ndarray,
    ) -> None:
        if len(rows) == 0:
            return
        learn = self.bandit.partial_fit if self.begun else self.bandit.fit
        learn(taken.tolist(), rewards, self.rows[rows])
        self.begun = True


def policies(trial: Any, levels: np.ndarray) -> dict[str, Callable[[int], MABWiser]]:
    rows = np.zeros((len(levels), int(levels.max()) + 2))
    rows[np.arange(len(levels))[:, None], levels + 1] = 1.0
    rows[:, 0] = 1.0
    count = len(trial.options)
    return {
        name: lambda seed, rule=rule: MABWiser(rule, rows, count, seed)
        for name, rule in RULES.items()
    }
