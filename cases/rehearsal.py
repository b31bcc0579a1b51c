"""Rehearsals on Hillstrom's trial: what is worth launching, and what only looked so on its own rows.

64,000 customers each got one of two mails or none, a third each. Plays are rehearsed on that log as
`equipoise rehearse` does it; beside them are policies that learn raw spend, which is over-fitting.
"""

import gzip
import os
import tempfile
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import msgspec
import numpy as np
from finding import Options, absent, find
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from equipoise.arrive.files import DecisionLog, read_decision_mapping, read_decisions
from equipoise.compose.library import build_engine
from equipoise.compose.rehearsing import Wish, rehearse_on
from equipoise.learn.rehearsal import Logged, rehearse
from equipoise.learn.rehearsal.regression import folds_of
from equipoise.nouns.plays import SILENCE, Goal, Option, Play, Trigger
from equipoise.nouns.rehearsals import Report
from equipoise.settings import read_settings
from equipoise.stores.keyring import new_keyring

FILE = "hillstrom/hillstrom.csv.gz"
ARMS = ("mens", "womens", "silence")
KNOWN = ("recency", "history", "mens", "womens", "zip_code", "newbie", "channel")
FOLDS = 5
MAPPING = """
person: ""
option: segment
options: {Mens E-Mail: mens, Womens E-Mail: womens, No E-Mail: silence}
propensity: 0.333333333
segments: [zip_code]
fields: {zip_code: zip_code}
"""

Floats = NDArray[np.float64]
Predict = Callable[[Floats, Floats, Floats], Floats]
"""What rows (m, d) are expected to spend, from rows (n, d) and their spending (n,)."""


def play(name: str, goal: str, **changes: object) -> Play:
    """A play with the two mails of the trial and silence, measured in `goal`."""
    plain = Play(
        name=name,
        purpose="marketing",
        moment=Trigger(event="Mailing Day"),
        options=(Option(name="mens"), Option(name="womens"), SILENCE),
        goal=Goal(
            event=goal, window_days=14, value=1.0 if goal == "visit" else goal, currency=goal
        ),
        explore_floor=0.0,
    )
    return msgspec.structs.replace(plain, **changes)


def constant(arm: str, goal: str) -> Play:
    """The play that does the same to everybody."""
    options = (Option(name="mens", share=0.0), Option(name="womens", share=0.0), SILENCE)
    always = tuple(
        msgspec.structs.replace(option, share=1.0) if option.name == arm else option
        for option in options
    )
    return play(f"{arm} for all", goal, options=always, chooser="fixed_shares")


def table_of(log: DecisionLog) -> Floats:
    """What was known of the customers as numbers, (n, d): standardised, words one by one."""
    columns = []
    for name in KNOWN:
        column = log.fields[name]
        if column.dtype.kind == "O":
            columns += [(column == word).astype(float) for word in sorted(set(column.tolist()))]
        else:
            columns.append((column - column.mean()) / column.std())
    return np.column_stack(columns)


def nearest(known: Floats, spent: Floats, asked: Floats) -> Floats:
    """What the most similar customer spent: it remembers everybody and has learnt nothing."""
    from scipy.spatial import cKDTree

    near: Floats = spent[cKDTree(known).query(asked)[1]]
    return near


def boosted(known: Floats, spent: Floats, asked: Floats) -> Floats:
    """Boosted trees with the defaults of their library; raises ImportError where that is absent."""
    # Threads that wait for each other on few cores take longer than one thread.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    from sklearn.ensemble import HistGradientBoostingRegressor

    model = HistGradientBoostingRegressor(random_state=0).fit(known, spent)
    return np.asarray(model.predict(asked), dtype=np.float64)


def greedy(log: DecisionLog, predict: Predict, fold: NDArray[np.intp] | None) -> Floats:
    """The distribution (n, options) that does what `predict` likes best, by lot among equals.

    With folds each customer's prediction comes from the others' folds; without, from all of them.
    """
    known, expected = table_of(log), np.empty((log.n, len(log.options)))
    for number in range(FOLDS if fold is not None else 1):
        inside = fold == number if fold is not None else np.ones(log.n, dtype=np.bool_)
        others = ~inside if fold is not None else inside
        for place in range(len(log.options)):
            rows = others & (log.taken == place)
            expected[inside, place] = predict(known[rows], log.reward[rows], known[inside])
    best = expected == expected.max(axis=1, keepdims=True)
    chances: Floats = best / best.sum(axis=1, keepdims=True)
    return chances


def logged(log: DecisionLog) -> Logged:
    """The trial as the estimators take it."""
    return Logged(
        options=log.options,
        taken=log.taken,
        propensity=log.propensity,
        reward=log.reward,
        people=log.people,
        features=table_of(log),
        incumbent=np.full((log.n, len(log.options)), 1 / len(log.options)),
        silence="silence",
        unit="spend",
    )


class Rehearsals:
    """The rehearsals of this study, one row of the table each."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.engine = build_engine(read_settings(environ={}), new_keyring(b"hillstrom"))
        self.table = Table(title="Rehearsals, per customer, 95 % intervals", title_justify="left")
        for heading in (
            "in",
            "candidate",
            "taught on",
            "worth",
            "- trial",
            "- best constant",
            "verdict",
        ):
            self.table.add_column(heading)

    def play(self, asked: Play, taught: str = "") -> Report:
        """One play, rehearsed as the command does."""
        pairs = [f"reward={asked.goal.event if asked.goal else 'visit'}"]
        wish = Wish(mapping=read_decision_mapping(MAPPING, pairs))
        return self.row(rehearse_on(self.engine, asked, self.path, wish), taught)

    def spending(self, name: str, predict: Predict, *, own_rows: bool = False) -> Report:
        """A policy that learns raw spend, with the folds of the rehearsal or on its own rows."""
        mapping = read_decision_mapping(MAPPING, ["reward=spend"])
        log = read_decisions(self.path, mapping)
        columns = logged(log)
        fold = None if own_rows else folds_of(columns, FOLDS, 0)
        told = rehearse(columns, greedy(log, predict, fold), play=name)
        return self.row(told, "its own rows" if own_rows else "other folds")

    def row(self, report: Report, taught: str) -> Report:
        """Put a report into the table."""
        cells = [report.value("candidate", "dr")]
        cells += [report.difference("incumbent", "dr"), report.difference("best_constant", "dr")]
        told = [f"{each.mean:+.4f} ± {(each.high - each.low) / 2:.4f}" for each in cells if each]
        answer = report.conclusion.answer.replace("_", " ")
        self.table.add_row(report.unit, report.play, taught, told[0][1:], *told[1:], answer)
        return report


def main(options: Options, console: Console) -> bool:
    """Run the study and print its table; False where the data is absent."""
    path = find(FILE, options)
    if path is None:
        console.print(absent(FILE))
        return False
    with tempfile.TemporaryDirectory(prefix="equipoise-case-") as folder:
        return study(first_rows(path, options.most, Path(folder)), console)


def first_rows(path: Path, most: int, folder: Path) -> Path:
    """The file, or one with its first rows where only those are wanted."""
    if not most:
        return path
    with gzip.open(path, "rt", newline="") as whole:
        (folder / "first.csv").write_text("".join(islice(whole, most + 1)))
    return folder / "first.csv"


def study(path: Path, console: Console) -> bool:
    """Every rehearsal of the study on one file."""
    began_s = time.perf_counter()
    told = Rehearsals(path)
    mens = told.play(constant("mens", "visit"))
    told.play(constant("silence", "visit"))
    learning = {"chooser": "learning", "features": KNOWN, "explore_floor": 0.02}
    told.play(play("learning", "visit", **learning), "other folds")
    told.play(constant("mens", "spend"))
    told.play(play("learning", "spend", **learning), "other folds")
    spending = told.spending("nearest neighbour on raw spend", nearest)
    told.spending("nearest neighbour on raw spend", nearest, own_rows=True)
    try:
        told.spending("boosted trees on raw spend", boosted)
        told.spending("boosted trees on raw spend", boosted, own_rows=True)
    except ImportError:
        console.print("boosted trees: SKIPPED, scikit-learn is not installed")
    console.print(told.table)
    for report in (mens, spending):
        conclusion = report.conclusion
        console.print(
            f"{report.play}: {conclusion.answer} ({conclusion.reason}: {conclusion.numbers})",
            highlight=False,
        )
    console.print(f"{told.table.row_count} rehearsals in {time.perf_counter() - began_s:.0f} s")
    return True
