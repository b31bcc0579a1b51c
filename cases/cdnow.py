"""CDNOW: how long buyers stay, what they will buy and what they spend, beside the published figures.

Buyers of a music shop who first bought in the first quarter of 1997: models are fitted on 39 weeks and
held against the next 39. The sample is every tenth buyer, the one that the papers use.
"""

import gzip
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median

import msgspec
import numpy as np
import peer_lifetimes
from finding import Options, absent, find
from rich.console import Console
from rich.table import Table

from equipoise.learn.lifetime.fitting import Fit, fit, fit_value
from equipoise.learn.lifetime.foreseeing import (
    Ranged,
    between,
    drawn,
    expected_purchases,
    expected_total,
    foresee,
)
from equipoise.learn.lifetime.model import LifetimeModel
from equipoise.learn.lifetime.people import (
    DAY_MS,
    Floats,
    Ints,
    Summary,
    ValueFrom,
    of_purchases,
    of_tallies,
)
from equipoise.learn.lifetime.visits import VISITS
from equipoise.nouns.state import Tally

SAMPLE = "cdnow/CDNOW_sample.txt"
MASTER = "cdnow/CDNOW_master.txt.gz"
FIRST_DAY = np.datetime64("1996-12-31")
CALIBRATION_DAYS = HOLDOUT_DAYS = 273

PUBLISHED = {
    "bg_nbd": ((0.2425945, 4.4136019, 0.7929199, 2.4258881), -9582.429),
    "pareto_nbd": ((0.553, 10.578, 0.606, 11.669), -9595.0),
    "gamma_gamma": ((6.25, 3.74, 15.44), -4055.9177),
}
"""Fader, Hardie and Lee (2005), for both models of visits, and Fader and Hardie (2013)."""
CLOSE = {"bg_nbd": (1e-3, 0.01), "pareto_nbd": (1e-3, 0.05), "gamma_gamma": (5e-3, 0.01)}
"""How near parameters and log-likelihood must come: as many digits as are published."""
PUBLISHED_HOLDOUT = ("1,653", "0.7855", "0.6256")


class Purchases(msgspec.Struct, frozen=True, eq=False):
    """Single purchases: whose, on which day (1 is the first of January 1997), for how many dollars."""

    person: Ints
    day: Ints
    value: Floats

    def people(self, value_from: ValueFrom = "repeats") -> Summary:
        """The buyers as the papers see them: weeks, days with a purchase, up to the end of week 39."""
        seen = (self.person, self.day, self.value)
        return of_purchases(*seen, CALIBRATION_DAYS, value_from=value_from)

    def later(self) -> tuple[Ints, Floats]:
        """For each buyer the days with a purchase in the holdout, and the dollars spent then."""
        ids, rows = np.unique(self.person, return_inverse=True)
        after = self.day > CALIBRATION_DAYS
        days = np.unique(np.c_[rows, self.day][after], axis=0)[:, 0]
        spent = np.bincount(rows[after], self.value[after], len(ids))
        return np.bincount(days, minlength=len(ids)), spent


def read(path: Path, most: int) -> Purchases:
    """The purchases of a file; `most` leaves only so many buyers (0: all)."""
    text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    rows = [row.split() for row in text.decode("ascii").splitlines()]
    rows = [row for row in rows if row and row[0].isdigit()]
    width = len(rows[0])
    person = np.array([row[width - 4] for row in rows], np.int64)
    dates = np.array([f"{d[:4]}-{d[4:6]}-{d[6:]}" for d in (row[width - 3] for row in rows)])
    day = (dates.astype("datetime64[D]") - FIRST_DAY).astype(np.int64)
    value = np.array([row[width - 1] for row in rows], np.float64)
    kept = person <= most if most else np.ones(len(person), bool)
    return Purchases(person[kept], day[kept], value[kept])


def tallies(purchases: Purchases) -> list[Tally]:
    """The aggregates that a profile keeps of the same purchases: each line is an order."""
    found: dict[int, Tally] = {}
    seen = purchases.day <= CALIBRATION_DAYS
    columns = (purchases.person[seen], purchases.day[seen], purchases.value[seen])
    for person, day, value in zip(*(c.tolist() for c in columns), strict=True):
        at = found.setdefault(person, Tally(first_ms=day * DAY_MS, last_ms=day * DAY_MS))
        at.n, at.total = at.n + 1, at.total + value
        at.first_ms, at.last_ms = min(at.first_ms, day * DAY_MS), max(at.last_ms, day * DAY_MS)
    return [tally for _, tally in sorted(found.items())]


def _table(title: str, *headings: str) -> Table:
    table = Table(title=title, title_justify="left")
    for place, heading in enumerate(headings):
        table.add_column(heading, justify="right" if place else "left")
    return table


def _fits(fits: list[Fit], peer: peer_lifetimes.Figures | None, *, compared: bool) -> Table:
    table = _table(
        "Parameters with 95 % intervals, and log-likelihoods",
        "model",
        "whose",
        *("1st", "2nd", "3rd", "4th"),
        "log-likelihood",
    )
    for found in fits:
        cells = []
        for name, value in zip(found.names, found.params, strict=True):
            low, high = found.interval(name)
            cells.append(f"{name} {value:.4f}\n[{low:.3f}, {high:.3f}]")
        cells += [""] * (4 - len(cells))
        table.add_row(found.kind, "ours", *cells, f"{found.loglik:,.4f}")
        if compared:
            params, loglik = PUBLISHED[found.kind]
            told = [str(value) for value in params] + [""] * (4 - len(params))
            table.add_row("", "published", *told, f"{loglik:,}")
        if peer:
            told = [f"{value:.4f}" for value in peer.params[found.kind]]
            told += [""] * (4 - len(told))
            table.add_row("", peer.whose, *told, "")
    return table


def _agrees(found: Fit) -> str:
    params, loglik = PUBLISHED[found.kind]
    near, near_loglik = CLOSE[found.kind]
    off = max(abs(ours - theirs) for ours, theirs in zip(found.params, params, strict=True))
    off_loglik = abs(found.loglik - loglik)
    word = "agrees with" if off <= near and off_loglik <= near_loglik else "DISAGREES with"
    return (
        f"{found.kind}: {word} the published: parameters within {off:.5f} (needed {near:g}), "
        f"log-likelihood within {off_loglik:.4f} (needed {near_loglik:g})"
    )


def _scores(expected: Floats, later: Ints) -> tuple[str, str, str]:
    """Total, mean absolute error and correlation of what was expected of each buyer."""
    error = np.abs(expected - later).mean()
    return f"{expected.sum():,.0f}", f"{error:.4f}", f"{np.corrcoef(expected, later)[0, 1]:.4f}"


def _holdout(
    rows: list[tuple[str, Fit, Summary]], worth: Fit, later: Ints, others: list[tuple[str, ...]]
) -> Table:
    """What was foreseen for the holdout; intervals are of the expectation, and of what may come."""
    table = _table(
        f"The next 39 weeks: {later.sum():,} days with a purchase really came",
        *("model", "total", "expectation", "what may come", "abs. error", "correlation"),
        "buyers within",
    )
    for label, found, people in rows:
        total, error, correlation = _scores(_each(found, people), later)
        sure = expected_total(found, people, HOLDOUT_DAYS)
        model = LifetimeModel.of(found, worth, people, "USD", 0)
        draws = 1_000 if len(people) < 5_000 else 200
        seen = drawn(model, people, HOLDOUT_DAYS, np.random.default_rng(39), draws)
        low, high = between(seen.counts)
        within = ((seen.purchases.low <= later) & (later <= seen.purchases.high)).mean()
        ends = f"[{sure.low[0]:,.0f}, {sure.high[0]:,.0f}]", f"[{low:,.0f}, {high:,.0f}]"
        table.add_row(label, total, *ends, error, correlation, f"{within:.1%}")
    for label, total, *scores in others:
        table.add_row(label, total, "", "", *scores, "")
    return table


def _others(
    later: Ints, peer: peer_lifetimes.Figures | None, *, compared: bool
) -> list[tuple[str, ...]]:
    """The published row and those of the package."""
    rows: list[tuple[str, ...]] = [("bg_nbd, published", *PUBLISHED_HOLDOUT)] if compared else []
    for kind, told in (peer.expected if peer else {}).items():
        scores = told if isinstance(told, tuple) else _scores(told, later)
        rows.append((f"{kind}, lifetimes", *scores))
    return rows


def _each(found: Fit, people: Summary) -> Floats:
    return expected_purchases(found, people, HOLDOUT_DAYS).estimate


def _spending(purchases: Purchases, visits: Fit, spent: Floats) -> Table:
    """What the mean over repeats and the mean over all orders foresee of the holdout's money."""
    table = _table(
        f"Dollars in the next 39 weeks: {spent.sum():,.0f} were really spent",
        "mean value of",
        "p, q, v",
        "buyers with a value",
        "foreseen",
        "abs. error",
        "correlation",
    )
    for value_from in ("repeats", "orders"):
        people = purchases.people("repeats" if value_from == "repeats" else "orders")
        worth = fit_value(people)
        model = LifetimeModel.of(visits, worth, people, "USD", 0)
        each = foresee(model, people).mean_value.estimate
        money = _each(visits, people) * each
        params = ", ".join(f"{value:.3f}" for value in worth.params)
        told = _scores(money, spent.astype(np.float64))
        table.add_row(value_from, params, f"{(people.valued > 0).sum():,}", *told)
    return table


def _persons(purchases: Purchases, visits: Fit) -> Table:
    """What the engine would say of the first buyers."""
    people = purchases.people("orders")
    model = LifetimeModel.of(visits, fit_value(people), people, "USD", 0)
    seen = foresee(model, people)
    may = drawn(model, people, model.horizon.days, np.random.default_rng(3), 400)
    table = _table(
        "The first five buyers, three years ahead: the expectation and its 95 % interval (value at 10 % "
        "a year), and between which $ 95 % of what may come lies",
        *(
            "buyer",
            "orders",
            "P(alive)",
            "purchases",
            "$ a purchase",
            "lifetime value $",
            "may spend $",
        ),
    )
    for row in range(min(5, len(people))):
        columns = (seen.alive, seen.purchases, seen.mean_value, seen.value)
        told = [_ranged(column, row) for column in columns]
        ends = f"0 to {may.money.high[row]:,.0f}"
        if may.money.low[row] > 0:
            ends = f"{may.money.low[row]:,.0f} to {may.money.high[row]:,.0f}"
        table.add_row(str(row + 1), str(people.frequency[row] + 1), *told, ends)
    return table


def _ranged(column: Ranged, row: int) -> str:
    return f"{column.estimate[row]:.2f} [{column.low[row]:.2f}, {column.high[row]:.2f}]"


def _seconds(work: Callable[[], object], rounds: int) -> float:
    took = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        took.append(time.perf_counter() - began)
    return median(took)


def _times(label: str, people: Summary, rounds: int) -> str:
    """Time to fit, ours and theirs by turns in this run, or ours and the ratio that was measured."""
    told = []
    for kind in VISITS:
        ours = _seconds(partial(fit, people, kind), rounds)
        theirs = (
            _seconds(partial(peer_lifetimes.fit, people, kind), min(rounds, 3))
            if peer_lifetimes.there()
            else None
        )
        beside = f" (lifetimes {theirs * 1e3:,.0f} ms, {ours / theirs:.2f} of it)" if theirs else ""
        told.append(f"{kind} {ours * 1e3:,.0f} ms{beside}")
    return f"fitted {label}, {len(people):,} buyers: " + "; ".join(told)


def _study(purchases: Purchases, label: str, console: Console, *, compared: bool) -> None:
    people = purchases.people()
    later, spent = purchases.later()
    visits = [fit(people, kind) for kind in VISITS]
    worth = fit_value(people)
    unfit = [found for found in (*visits, worth) if not found.supported]
    for found in unfit:
        console.print(f"{label}: {found.kind} is not supported: {found.sentence}", highlight=False)
    if unfit:
        return
    peer = peer_lifetimes.figures(people, HOLDOUT_DAYS, sample=compared)
    console.print(_fits([*visits, worth], peer, compared=compared))
    counted = of_tallies(tallies(purchases), CALIBRATION_DAYS * DAY_MS)
    from_profile = fit(counted, "bg_nbd")
    rows = [(found.kind, found, people) for found in visits]
    rows.append(("bg_nbd from profiles", from_profile, counted))
    console.print(_holdout(rows, worth, later, _others(later, peer, compared=compared)))
    console.print(_spending(purchases, visits[0], spent))
    console.print(_persons(purchases, visits[0]))
    if compared:
        for found in (*visits, worth):
            console.print(_agrees(found), highlight=False)
    console.print(_times(label, people, 7 if len(people) < 5_000 else 3), highlight=False)


def main(options: Options, console: Console) -> bool:
    """Run the study on the sample and on all buyers; False where the data is absent."""
    path = find(SAMPLE, options)
    if path is None:
        console.print(absent(SAMPLE))
        return False
    if not peer_lifetimes.there():
        console.print(peer_lifetimes.ABSENT, highlight=False, markup=False)
    _study(read(path, options.most), "the sample", console, compared=not options.most)
    whole = find(MASTER, options)
    if whole is None:
        console.print(absent(MASTER))
        return True
    if not options.most:
        console.rule("all buyers")
        _study(read(whole, 0), "all buyers", console, compared=False)
    return True
