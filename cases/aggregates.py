"""Aggregates: how far noisy figures are from the true ones, by epsilon and by the size of the group.

Hillstrom's 64,000 customers: how many there are, and the sum and the mean of what they had spent in the
year before, cut to 0 to 1,000 (the truth is not cut). Groups are the first rows of the file. Each figure is
drawn 500 times; the relative error is |noisy - true| / true: its median, and what 95 in 100 stay below.
"""

import csv
import gzip
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import numpy as np
from finding import Options, absent, find
from msgspec.structs import replace
from rich.console import Console
from rich.table import Table

from equipoise.nouns.aggregates import MICRO, Question
from equipoise.rights.aggregates.counting import Counter
from equipoise.rights.aggregates.noising import release

FILE = "hillstrom/hillstrom.csv.gz"
SIZES = (25, 100, 400, 1_600, 6_400, 25_600)
EPSILONS = (0.02, 0.1, 0.5, 1.0)
DRAWS = 500
FEW_DRAWS = 100
"""How often each figure is drawn where only the first rows are looked at."""

SPENT = "history"
UPPER = 1_000.0

PROMISED = ("count", 1_600, 0.1)
MOST_OFF = 0.05
"""Counts of 1,600 people at epsilon 0.1 have to be within this, 95 times in 100."""


def read(path: Path, most: int) -> list[float]:
    """What each customer had spent, in the order of the file."""
    with gzip.open(path, "rt") as lines:
        rows = [float(row[SPENT]) for row in csv.DictReader(lines)]
    return rows[:most] if most else rows


def errors(question: Question, spent: Sequence[float], draws: int) -> tuple[np.ndarray, float]:
    """The relative errors of so many answers, of those that are told, and the share that are not."""
    counter = Counter(question)
    for person, value in enumerate(spent):
        counter.add([person], None, value)
    n, total = counter.tally.n[0], sum(spent)
    true = {"count": float(n), "sum": total, "mean": total / n}[question.measure]
    found = []
    for _ in range(draws):
        (cell,) = release(question, counter.tally)
        told = cell.n if question.measure == "count" else cell.value
        found.append(None if told is None else abs(told - true) / true)
    return np.array([one for one in found if one is not None]), found.count(None) / draws


def main(options: Options, console: Console) -> None:
    """Print the errors; raises `SystemExit` where counts are further off than promised."""
    path = find(FILE, options)
    if path is None:
        console.print(absent(FILE))
        return
    spent = read(path, options.most)
    draws = FEW_DRAWS if options.most else DRAWS
    table = Table("what", "people", *(f"epsilon {epsilon:g}" for epsilon in EPSILONS))
    count = Question(recipient="city", purpose="study", measure="count", day=0, epsilon=1)
    poor = []
    number = {"field": SPENT, "lower": 0.0, "upper": UPPER}
    for question in (
        count,
        replace(count, measure="sum", **number),
        replace(count, measure="mean", **number),
    ):
        for size in [size for size in SIZES if size <= len(spent)]:
            cells = []
            for epsilon in EPSILONS:
                asked = replace(question, epsilon=round(epsilon * MICRO))
                off, silent = errors(asked, spent[:size], draws)
                most = float(np.quantile(off, 0.95)) if len(off) else 0.0
                told = f"{median(off):.2%} / {most:.2%}" if len(off) else ""
                cells.append(told + (f" ({silent:.0%} not told)" if silent else ""))
                if (question.measure, size, epsilon) == PROMISED and most > MOST_OFF:
                    poor.append(f"{most:.4f}")
            table.add_row(question.measure, f"{size:,}", *cells)
    console.print(table)
    console.print(f"median / 95 in 100 below; of {draws} draws each")
    if poor:
        raise SystemExit(f"counts of 1,600 at epsilon 0.1 are off by {poor[0]}, not {MOST_OFF}")
