"""River: disjoint LinUCB as it comes; it does not tell with what probability it chose."""

from collections.abc import Callable
from typing import Any

import numpy as np
from river.bandit import LinUCBDisjoint


class River:
    """One bandit over one-hot bins as dicts, learning from every person."""

    block = 1
    known = False

    def __init__(self, rows: list[dict[str, float]], count: int, seed: int) -> None:
        self.bandit = LinUCBDisjoint(alpha=1.0, seed=seed)
        self.rows, self.arms = rows, list(range(count))

    def propensities(self, rows: np.ndarray) -> np.ndarray:
        chances = np.zeros((1, len(self.arms)))
        chances[0, self.bandit.pull(self.arms, context=self.rows[rows[0]])] = 1.0
        return chances

    def learn(
        self,
        rows: np.ndarray,
        taken: np.ndarray,
        chances: np.ndarray,  # noqa: ARG002 - it does not look at probabilities
        rewards: np.ndarray,
    ) -> None:
        for row, place, reward in zip(rows, taken, rewards, strict=True):
            self.bandit.update(int(place), self.rows[row], float(reward))


def policies(trial: Any, levels: np.ndarray) -> dict[str, Callable[[int], River]]:
    rows = [{"one": 1.0} | {str(level): 1.0 for level in row} for row in levels.tolist()]
    return {"River LinUCB": lambda seed: River(rows, len(trial.options), seed)}
