"""Our estimators beside the errors published for Open Bandit, and the alarm of thin overlap.

Two policies of a fashion shop showed 80 items in the same week: one at random, one by Bernoulli Thompson
sampling (bts). From the random log one estimates what bts is worth and compares it with its own log.
"""

import csv
import gzip
from pathlib import Path

import msgspec
import numpy as np
from finding import Options, absent, find
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from equipoise.interval import clustered_interval, clusters_of
from equipoise.learn.rehearsal import Logged, rehearse
from equipoise.learn.rehearsal.estimating import Sample, every
from equipoise.learn.rehearsal.regression import binned, expected_rewards, folds_of
from equipoise.nouns.rehearsals import STANDARD, Report

LOGS = ("open_bandit/random__all__all.csv.gz", "open_bandit/bts__all__all.csv.gz")
CHANCES = "open_bandit/bts_action_dist_all.npy"
ITEMS, RUNS = 80, 30
PUBLISHED = {
    "ips": (0.311082, 0.311170),
    "snips": (0.311795, 0.334736),
    "dm": (0.156876, 0.109898),
    "dr": (0.292464, 0.315485),
    "switch_dr": (0.258410, 0.160598),
}
"""Mean and standard deviation of the relative error over 30 bootstrap samples, as published by the
makers of the data (Saito, Aihara, Matsutani and Narita 2021, small release, campaign "all")."""
EXACT = ("ips", "snips")

Floats = NDArray[np.float64]


class Shown(msgspec.Struct, frozen=True, eq=False):
    """One log in the order of time: item, position 0 to 2, click, propensity, features (n, 5)."""

    item: NDArray[np.intp]
    position: NDArray[np.intp]
    click: Floats
    propensity: Floats
    features: Floats

    def log(self, rows: NDArray[np.intp] | None = None, chances: Floats | None = None) -> Logged:
        """The rows as a log to rehearse on; a row that is drawn twice is one person with two."""
        picked = np.arange(len(self.item)) if rows is None else rows
        return Logged(
            options=tuple(f"item-{number}" for number in range(ITEMS)),
            taken=self.item[picked],
            propensity=self.propensity[picked],
            reward=self.click[picked],
            people=picked,
            features=self.features[picked],
            incumbent=chances,
            unit="clicks",
        )


def read(file: Path) -> Shown:
    """A log as it was published, its four features of users as codes beside the position."""
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        rows = sorted(csv.DictReader(lines), key=lambda row: row["timestamp"])
    position = np.array([int(row["position"]) - 1 for row in rows])
    columns = [position]
    for number in range(4):
        words = [row[f"user_feature_{number}"] for row in rows]
        columns.append(np.unique(words, return_inverse=True)[1])
    return Shown(
        np.array([int(row["item_id"]) for row in rows]),
        position,
        np.array([float(row["click"]) for row in rows]),
        np.array([float(row["propensity_score"]) for row in rows]),
        np.column_stack(columns).astype(np.float64),
    )


def errors(shown: Shown, chances: Floats, truth: float, runs: int) -> dict[str, Floats]:
    """Relative errors |estimate - truth| / truth by estimator over bootstrap samples 0 .. runs - 1.

    `chances` (items, positions) is the policy to be valued. Each sample is drawn by NumPy's legacy
    generator seeded with its number, as in the publication.
    """
    found: dict[str, list[float]] = {name: [] for name in PUBLISHED}
    n = len(shown.item)
    for run in range(runs):
        rows = np.random.RandomState(run).choice(np.arange(n), size=n, replace=True)
        log = shown.log(rows)
        design = binned(log.features, n)
        sample = Sample.of(log, expected_rewards(log, folds_of(log, 5, 0), design))
        policy = sample.policy(chances.T[shown.position[rows]])
        for name, values in every(sample, policy, STANDARD.switch_at).items():
            found[name].append(abs(float(values.mean()) - truth) / truth)
    return {name: np.array(values) for name, values in found.items()}


def compare(found: dict[str, Floats], console: Console) -> None:
    """The table of errors beside the published ones, and whether the exact ones agree."""
    table = Table("relative error", "published", "ours", "regression model behind ours")
    for name, (mean, spread) in PUBLISHED.items():
        ours = float(found[name].mean()), float(found[name].std(ddof=1))
        model = "none" if name in EXACT else "binned additive ridge, 5 folds by row"
        table.add_row(name, f"{mean:.6f} ({spread:.6f})", f"{ours[0]:.6f} ({ours[1]:.6f})", model)
        if name in EXACT:
            same = abs(ours[0] - mean) < 1e-6 and abs(ours[1] - spread) < 1e-6
            console.print(
                f"{name} {'equals the published' if same else 'DIFFERS from the published'}"
            )
    console.print(table)


def told(report: Report, console: Console) -> None:
    """What a report says about the log and the verdict, in two lines."""
    thin, end = report.support, report.conclusion
    console.print(
        f"{report.log}: ESS {thin.ess:,.0f} of {report.n:,}, largest weight "
        f"{thin.largest_weight:.1f}, without support {thin.unsupported:.3f}, alarms: "
        f"{', '.join(thin.alarms) or 'none'}"
    )
    value = {by: report.value("candidate", by) for by in ("ips", "snips", "dr")}
    line = ", ".join(
        f"{by} {v.mean:.6f} [{v.low:.5f}, {v.high:.5f}]" for by, v in value.items() if v
    )
    console.print(
        f"  {line}; difference to the incumbent {end.deciding.mean:+.5f} [{end.deciding.low:+.5f}, "
        f"{end.deciding.high:+.5f}] by {end.decided_by}: {end.answer} ({end.reason})"
    )


def main(options: Options, console: Console) -> None:
    """Errors beside the published ones, then three rehearsals; `--customers N` makes N bootstraps."""
    files = [find(name, options) for name in (*LOGS, CHANCES)]
    if missing := [n for n, f in zip((*LOGS, CHANCES), files, strict=True) if f is None]:
        console.print(absent(missing[0]))
        return
    by_chance, by_bts = (read(file) for file in files[:2] if file)
    bts: Floats = np.load(files[2] or "")
    truth = clustered_interval(clusters_of(by_bts.click, np.arange(len(by_bts.click))))
    console.print(f"bts on its own log: {truth.mean:.5f} (se {truth.se:.5f})")
    compare(errors(by_chance, bts, truth.mean, options.most or RUNS), console)
    n = len(by_chance.item)
    log = by_chance.log(chances=np.full((n, ITEMS), 1 / ITEMS))
    told(rehearse(log, bts.T[by_chance.position], source="random -> bts"), console)
    log = by_bts.log()
    told(rehearse(log, np.full((n, ITEMS), 1 / ITEMS), source="bts -> random"), console)
    rare = int(np.bincount(by_bts.item, minlength=ITEMS).argmin())
    only = np.tile(np.arange(ITEMS) == rare, (n, 1))
    told(rehearse(log, only, source=f"bts -> item-{rare} for everybody"), console)
