"""How long do lifetime values take? Fits beside the package `lifetimes`, and what one person is worth."""

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter, thread_time

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "cases"))

import cdnow
import peer_lifetimes
from finding import Options, absent, find

from equipoise.learn.lifetime.fitting import fit, fit_value
from equipoise.learn.lifetime.foreseeing import foresee
from equipoise.learn.lifetime.model import LifetimeModel
from equipoise.learn.lifetime.people import DAY_MS, Summary
from equipoise.learn.lifetime.visits import VISITS, Kind

ROUNDS, PEOPLE, CALLS = 5, 1_000_000, 20_000
WEEK_MS = 7 * DAY_MS
Row = tuple[str, str, str]


def seconds(
    work: Callable[[], object], rounds: int = ROUNDS, clock: Callable[[], float] = perf_counter
) -> float:
    """Median of the rounds."""
    took = []
    for _ in range(rounds):
        began = clock()
        work()
        took.append(clock() - began)
    return median(took)


def fits(people: Summary, kind: Kind) -> list[Row]:
    """Our fit, theirs in the same run, and their ratio."""
    what = f"fit {kind}, {len(people):,} buyers, ms"
    ours = seconds(partial(fit, people, kind))
    if not peer_lifetimes.there():
        return [(what, f"{ours * 1e3:,.0f}", "lifetimes is not installed")]
    theirs = seconds(partial(peer_lifetimes.fit, people, kind), 3)
    return [
        (what, f"{ours * 1e3:,.0f}", ""),
        ("  share of lifetimes", f"{ours / theirs:.2f}", "0.5"),
    ]


def made(visits: tuple[float, float, float, float], kind: Kind) -> LifetimeModel:
    """A version of the model with the parameters of the sample."""
    small = tuple(tuple(0.01 * (i == j) for j in range(4)) for i in range(4))
    return LifetimeModel(
        kind=kind,
        visits=visits,
        visits_covariance=small,
        worth=(6.25, 3.74, 15.44),
        worth_covariance=tuple(row[:3] for row in small[:3]),
        unit_days=7.0,
        people=2_357,
        watched_days=272.0,
        fitted_ms=0,
        value_from="orders",
        currency="USD",
    )


def many(n: int) -> Summary:
    """People of a shop: two thirds bought once, the others up to dozens of times."""
    draw = np.random.default_rng(1)
    x = np.where(draw.random(n) < 0.66, 0, draw.geometric(0.3, n))
    age = draw.uniform(1, 150, n)
    t_x = np.where(x > 0, age * draw.random(n), 0.0)
    return Summary(x, t_x, age, x + 1, draw.gamma(2.0, 20.0, n))


def main() -> list[Row]:
    """Rows of (what, figure, target)."""
    rows: list[Row] = []
    for name in (cdnow.SAMPLE, cdnow.MASTER):
        path = find(name, Options())
        if path is None:
            rows.append((absent(name), "", ""))
            continue
        people = cdnow.read(path, 0).people()
        for kind in VISITS:
            rows += fits(people, kind)
        took = seconds(partial(fit_value, people))
        rows.append((f"fit gamma_gamma, {len(people):,} buyers, ms", f"{took * 1e3:,.0f}", ""))
    params = {"bg_nbd": (0.243, 4.414, 0.793, 2.426), "pareto_nbd": (0.553, 10.578, 0.606, 11.669)}
    people = many(PEOPLE)
    for kind in VISITS:
        model = made(params[kind], kind)
        one = partial(model.value_of, 5, 0, 20 * WEEK_MS, 100.0, 40 * WEEK_MS)
        took = seconds(lambda one=one: [one() for _ in range(CALLS)], clock=thread_time) / CALLS
        rows.append((f"what one person is worth, {kind}, us", f"{took * 1e6:.1f}", "20"))
        took = seconds(partial(model.values, people), 1)
        rows.append((f"what {PEOPLE:,} people are worth, {kind}, s", f"{took:.1f}", ""))
    few = many(PEOPLE // 10)
    took = seconds(partial(foresee, made(params["bg_nbd"], "bg_nbd"), few), 1)
    rows.append((f"four figures with intervals of {len(few):,} people, s", f"{took:.1f}", ""))
    return rows
