"""Hillstrom's trial of 2008 as two plays with a holdout: what each mail was worth, and how sure that is.

Customers who got no mail are the holdout; what they had spent in the year before is the covariate. The
trial is looked at while it grows, and once more after some of the holdout were lost on the way.
"""

import csv
import gzip
from collections.abc import Iterator, Sequence
from pathlib import Path

from finding import Options, absent, find
from rich.console import Console
from rich.table import Table

from equipoise.interval import Interval
from equipoise.learn.effects import Design, effect_of
from equipoise.learn.ratio import ratio_of
from equipoise.learn.tallies import tally
from equipoise.nouns.effects import Effect, Measure
from equipoise.nouns.lessons import ENGINE, HOLDOUT, Tried

FILE = "hillstrom/hillstrom.csv.gz"
MAILS = {"mens": "Mens E-Mail", "womens": "Womens E-Mail"}
SILENCE = "No E-Mail"
MEASURES: tuple[Measure, ...] = ("value", "response")
LOOKS = (500, 1_000, 2_000, 5_000, 10_000, 20_000, 30_000, 40_000, 50_000, 64_000)
LOST = 0.05


def read(path: Path, most: int) -> list[dict[str, str]]:
    """The rows of the trial, the first `most` of them (0: all)."""
    with gzip.open(path, "rt", newline="") as file:
        rows = list(csv.DictReader(file))
    return rows[: most or len(rows)]


def tried_of(rows: Sequence[dict[str, str]], mail: str) -> list[Tried]:
    """Those who got this mail or none, in their order: spend as value, a visit as the response."""
    arms = {MAILS[mail]: ENGINE, SILENCE: HOLDOUT}
    return [
        Tried(
            seq=number,
            person=number,
            atom=number,
            play=mail,
            arm=arms[row["segment"]],
            begun_ms=0,
            over_ms=0,
            before=float(row["history"]),
            n=int(row["visit"]),
            value=float(row["spend"]),
        )
        for number, row in enumerate(rows, 1)
        if row["segment"] in arms
    ]


def effect(people: Sequence[Tried]) -> Effect:
    """The effect of a mail; both arms had the same share."""
    design = Design(play="", currency="USD", shares={"": {ENGINE: 0.5, HOLDOUT: 0.5}})
    return effect_of(design, tally(people))


def without_some_visitors(people: Sequence[Tried]) -> list[Tried]:
    """The people without the first 5 % of the holdout who visited, as a broken join would lose them."""
    left = round(LOST * sum(row.arm == HOLDOUT for row in people))
    kept = []
    for row in people:
        if row.arm == HOLDOUT and row.n and left:
            left -= 1
            continue
        kept.append(row)
    return kept


def main(options: Options, console: Console) -> bool:
    """Run the study and print its tables; False where the data is absent."""
    path = find(FILE, options)
    if path is None:
        console.print(absent(FILE))
        return False
    rows = read(path, options.most)
    people = {mail: tried_of(rows, mail) for mail in MAILS}
    console.print(differences_table(people))
    console.print(looks_table(rows))
    for line in ratios(people):
        console.print(line, highlight=False)
    return True


def differences_table(people: dict[str, list[Tried]]) -> Table:
    """The mail minus no mail, per customer, with every interval."""
    table = Table(title="A mail minus none, per customer (95 %)", title_justify="left")
    for heading in ("mail", "of", "plain", "adjusted", "at every look", "variance off"):
        table.add_column(heading, justify="left" if heading in ("mail", "of") else "right")
    for mail, tried in people.items():
        told = effect(tried)
        for measure, name in zip(MEASURES, ("spend $", "visit"), strict=True):
            found = told.difference(HOLDOUT, measure)
            if found is not None:
                cells = map(_cell, (found.plain, found.adjusted, found.adjusted_always))
                table.add_row(mail, name, *cells, f"{found.reduction:.2%}")
    return table


def looks_table(rows: Sequence[dict[str, str]]) -> Table:
    """What a reader would have been told on the way, looking again and again."""
    table = Table(title="Looking while the trial grows: visits, men's mail", title_justify="left")
    for heading in ("customers", "of them tried", "adjusted, at every look", "p", "told"):
        table.add_column(heading, justify="right" if heading != "told" else "left")
    for n in [look for look in LOOKS if look < len(rows)] + [len(rows)]:
        told = effect(tried_of(rows[:n], "mens"))
        found = told.difference(HOLDOUT, "response")
        if found is not None:
            cells = (f"{n:,}", f"{told.n:,}", _cell(found.adjusted_always), f"{found.p:.2g}")
            table.add_row(*cells, found.found.replace("_", " "))
    return table


def ratios(people: dict[str, list[Tried]]) -> Iterator[str]:
    """Whether the arms hold whom they should, before and after some were lost by their outcome."""
    for mail, tried in people.items():
        whole, broken = effect(tried), effect(without_some_visitors(tried))
        for name, told in (("as published", whole), ("5 % of the holdout lost", broken)):
            found = told.difference(HOLDOUT, "response")
            counts = " / ".join(f"{arm.n:,}" for arm in told.arms)
            mean = found.adjusted.mean if found is not None else 0.0
            alarm = "ALARM" if told.ratio.alarm else "no alarm"
            yield f"{mail}, {name}: {counts} people, p {told.ratio.p:.3g}: {alarm}; visits {mean:+.4f}"
        first = _first_alarm(without_some_visitors(tried))
        when = f"the alarm comes after {first:,}" if first else "there is no alarm among so few"
        yield f"{mail}, 5 % lost, looked at after each of them: {when}"


def _first_alarm(people: Sequence[Tried]) -> int:
    """After how many people the alarm is given, looked at after every one; 0: never."""
    counts, half = {ENGINE: 0, HOLDOUT: 0}, {ENGINE: 0.5, HOLDOUT: 0.5}
    for number, row in enumerate(people, 1):
        counts[row.arm] += 1
        if ratio_of([(counts, half)]).alarm:
            return number
    return 0


def _cell(interval: Interval) -> str:
    return f"{interval.mean:.4f} [{interval.low:.4f}, {interval.high:.4f}]"
