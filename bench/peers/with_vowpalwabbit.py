"""Vowpal Wabbit: SquareCB and RegCB-opt over action-dependent features, learning from every person.

It is given our bins as categories and their products with the action (`-q UA`), which is its best case;
all else as it comes out of the box.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from vowpalwabbit import Workspace

RULES = {
    "Vowpal Wabbit squarecb": "--squarecb",
    "Vowpal Wabbit regcbopt": "--regcbopt --cb_min_cost -1 --cb_max_cost 0",
}


class VowpalWabbit:
    """One workspace; costs are negative rewards, as it wants them."""

    block = 1
    known = True

    def __init__(self, rule: str, lines: Sequence[str], options: Sequence[str], seed: int) -> None:
        words = f"--cb_explore_adf {rule} -q UA --quiet --random_seed {seed + 1}"
        self.workspace = Workspace(words)
        self.lines = lines
        self.actions = [f"|A option={name}" for name in options]

    def propensities(self, rows: np.ndarray) -> np.ndarray:
        text = "\n".join((self.lines[rows[0]], *self.actions))
        return np.array([self.workspace.predict(text)])

    def learn(
        self, rows: np.ndarray, taken: np.ndarray, chances: np.ndarray, rewards: np.ndarray
    ) -> None:
        for row, place, chance, reward in zip(rows, taken, chances, rewards, strict=True):
            actions = list(self.actions)
            actions[place] = f"{place}:{-reward}:{chance} {actions[place]}"
            self.workspace.learn("\n".join((self.lines[row], *actions)))


def policies(trial: Any, levels: np.ndarray) -> dict[str, Callable[[int], VowpalWabbit]]:
    lines = ["shared |U " + " ".join(map(str, row)) for row in levels.tolist()]
    return {
        name: lambda seed, rule=rule: VowpalWabbit(rule, lines, trial.options, seed)
        for name, rule in RULES.items()
    }
