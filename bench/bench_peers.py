"""The learning chooser beside Vowpal Wabbit, MABWiser and River: one shuffle of the same replay each.

A library that is not installed is named and passed over (`pip install 'equipoise[peers]'`), and so is all
of it where Hillstrom's trial is not on this machine. The study over 20 shuffles is `make cases
ARGS=learning`.
"""

import sys
from pathlib import Path

from rich.console import Console

sys.path.insert(0, str(Path(__file__).parents[1] / "cases"))

import hillstrom
import learning
from finding import Options, absent, find
from replaying import replay


def main() -> list[tuple[str, str, str]]:
    """Rows of (what, figure, target)."""
    console = Console()
    path = find(hillstrom.FILE, Options())
    if path is None:
        console.print(absent(hillstrom.FILE))
        return []
    trial = learning.trial_of(hillstrom.read(path, 0))
    rows = []
    for name, make in learning.makers_of(trial, console).items():
        run = replay(make(0), trial, 0)
        rows += [
            (f"{name}: visits per customer", f"{run.value:.5f}", "-"),
            ("  decisions/s", f"{run.decided / run.decide_s:,.0f}", "-"),
            ("  updates/s", f"{run.n / run.learn_s:,.0f}", "-"),
            ("  probabilities", learning.validity([run]), "-"),
        ]
    return rows
