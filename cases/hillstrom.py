"""Hillstrom's e-mail trial of 2008: 64,000 real customers go through the engine as events.

In the trial a third each got a mail about men's goods, one about women's goods, or none, at random.
So the customers for whom the engine chooses what they really got show what its choices are worth,
without bias. The choosers are those of today, which do not learn: they have to land where
arithmetic says, and that is what this study checks.
"""

import csv
import gzip
import tempfile
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from estimating import Estimate, mean_of, replay, weighted
from finding import Options, absent, find
from rich.console import Console
from rich.progress import track
from rich.table import Table

from equipoise import Engine, Event, Handle
from equipoise.settings import read_settings
from equipoise.testing.fakes import SeededEntropy
from equipoise.testing.town.clocks import SteppedClock

FILE = "hillstrom/hillstrom.csv.gz"
PLAYS = Path(__file__).parent / "plays"
NOON_MS = int(datetime(2008, 3, 20, 17, tzinfo=UTC).timestamp()) * 1000
DAY_MS = 86_400_000
CHUNK = 500
ARMS = {"Mens E-Mail": "mens", "Womens E-Mail": "womens", "No E-Mail": "silence"}
REWARDS = ("visit", "conversion", "spend")
SHARES = {
    "by-chance": dict.fromkeys(ARMS.values(), 1 / 3),
    "by-shares": {"mens": 0.6, "womens": 0.2, "silence": 0.2},
}


class Customer(msgspec.Struct, frozen=True):
    """One row of the trial: what was known, what was sent at random, and what came of it."""

    number: int
    known: dict[str, str]
    shown: str
    rewards: dict[str, float]


class Chosen(msgspec.Struct):
    """What the engine did for one customer: its choice, and the probability of what was shown."""

    option: str = ""
    propensity: float = 0.0


def read(path: Path, most: int) -> list[Customer]:
    """The rows of the trial, the first `most` of them (0: all)."""
    customers = []
    with gzip.open(path, "rt", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), 1):
            shown = ARMS[row.pop("segment")]
            rewards = {name: float(row.pop(name)) for name in REWARDS}
            customers.append(Customer(number, row, shown, rewards))
            if number == most:
                break
    return customers


def past_of(customer: Customer) -> Iterator[Event]:
    """What the shop knew before the trial, as history: who it is, consent, the year's orders."""
    known = customer.known
    months_ms = int(known["recency"]) * 30 * DAY_MS
    told = {
        "zip": known["zip_code"],
        "newbie": known["newbie"] == "1",
        "bought_by": known["channel"],
    }
    told |= {"mens": known["mens"] == "1", "womens": known["womens"] == "1"}
    told |= {"email": f"customer{customer.number}@example.org"}
    yield _event(customer, "identify", NOON_MS - months_ms - DAY_MS, told)
    consent = {"purpose": "marketing", "channel": "email"}
    yield _event(customer, "terms.granted", NOON_MS - months_ms - DAY_MS, consent)
    order = {"revenue": float(known["history"]), "currency": "USD"}
    yield _event(customer, "Order Completed", NOON_MS - months_ms, order)


def _event(customer: Customer, kind: str, at_ms: int, facts: Mapping[str, object]) -> Event:
    handles = [Handle("user_id", f"customer-{customer.number}")]
    if "email" in facts:
        handles.append(Handle("email", str(facts["email"])))
    return Event(
        id=f"{kind}/{customer.number}",
        kind=kind,
        channel="server",
        source="trial",
        at_ms=at_ms,
        received_ms=NOON_MS,
        handles=tuple(handles),
        facts=dict(facts),
        history=True,
    )


def mailing(customer: Customer, kind: str, at_ms: int) -> Event:
    """The moment of one customer: the day of a mailing has come."""
    told = _event(customer, kind, at_ms, {})
    return msgspec.structs.replace(told, history=False, received_ms=at_ms)


class Trial:
    """The customers on their way through one engine; `found` is what each play did for each."""

    def __init__(self, customers: list[Customer], engine: Engine, clock: SteppedClock) -> None:
        self.customers = customers
        self.engine = engine
        self.clock = clock
        self.events = 0
        self.found: dict[str, list[Chosen]] = {}

    def run(self) -> None:
        """The history of all, then two days of mailing, ten days apart."""
        for chunk in self._chunks("history"):
            self.events += self.engine.take(e for customer in chunk for e in past_of(customer))
        for day, kind in enumerate(("Mailing Day", "Second Mailing Day")):
            at_ms = NOON_MS + 10 * day * DAY_MS
            self.clock.step_to(at_ms)
            for chunk in self._chunks(kind):
                self.events += self.engine.take(mailing(each, kind, at_ms) for each in chunk)
                self._note(len(chunk))

    def _chunks(self, label: str) -> Iterator[list[Customer]]:
        for first in track(range(0, len(self.customers), CHUNK), label.lower(), transient=True):
            yield self.customers[first : first + CHUNK]

    def _note(self, decided: int) -> None:
        """Read from the receipts of the newest decisions what was chosen, and with what chances."""
        for row in self.engine.store.newest_receipts(decided):
            told = msgspec.json.decode(row.body)
            number = int(told["moment"]["event"].rpartition("/")[2])
            if told["play"] not in self.found:
                self.found[told["play"]] = [Chosen() for _ in self.customers]
            made = self.found[told["play"]]
            made[number - 1].option = told["chosen"]
            shares = {each["option"]: float(each["propensity"]) for each in told["options"]}
            made[number - 1].propensity = shares[self.customers[number - 1].shown]


def table_of(customers: list[Customer], found: dict[str, list[Chosen]]) -> Table:
    """Value per customer of the three constants and of the plays, with 95 % intervals."""
    table = Table(title="Value per customer, with 95 % intervals", title_justify="left")
    for heading in ("policy", "estimated by", "rows", *REWARDS):
        table.add_column(
            heading, justify="left" if heading in ("policy", "estimated by") else "right"
        )
    shown = [customer.shown for customer in customers]
    for arm in ARMS.values():
        constant = [c for c in customers if c.shown == arm]
        told = [mean_of([c.rewards[name] for c in constant]) for name in REWARDS]
        _row(table, f"{arm} for all", "the trial itself", told)
    everybody = [mean_of([c.rewards[name] for c in customers]) for name in REWARDS]
    _row(table, "a third each", "the trial itself", everybody)
    for play, made in sorted(found.items()):
        chosen = [each.option for each in made]
        shares = [each.propensity for each in made]
        rewards = [[c.rewards[name] for c in customers] for name in REWARDS]
        _row(table, play, "replay", [replay(r, shown, chosen) for r in rewards])
        _row(table, play, "propensities", [weighted(r, shares) for r in rewards])
    return table


def verdicts(customers: list[Customer], found: dict[str, list[Chosen]]) -> Iterator[str]:
    """Whether the visits of each play by replay agree with arithmetic over the constants."""
    shown = [customer.shown for customer in customers]
    visits = [customer.rewards["visit"] for customer in customers]
    constants = {arm: replay(visits, shown, [arm] * len(shown)).mean for arm in ARMS.values()}
    for play, made in sorted(found.items()):
        expected = sum(share * constants[arm] for arm, share in SHARES[play].items())
        told = replay(visits, shown, [each.option for each in made])
        agrees = "agrees with" if told.holds(expected) else "DISAGREES with"
        yield f"{play}: {told.mean:.5f} ± {told.half:.5f} visits {agrees} {expected:.5f} by arithmetic"


def _row(table: Table, policy: str, how: str, told: list[Estimate]) -> None:
    cells = [f"{each.mean:.5f} ± {each.half:.5f}" for each in told]
    table.add_row(policy, how, f"{told[0].n:,}", *cells)


def main(options: Options, console: Console) -> bool:
    """Run the study and print its table; False where the data is absent."""
    path = find(FILE, options)
    if path is None:
        console.print(absent(FILE))
        return False
    customers = read(path, options.most)
    with tempfile.TemporaryDirectory(prefix="equipoise-case-") as folder:
        clock = SteppedClock(NOON_MS)
        settings = read_settings(
            environ={}, given={"seed": "hillstrom", "timezone": "America/New_York"}
        )
        place = Path(folder) / "hillstrom.db"
        with Engine.open(place, settings=settings, clock=clock, entropy=SeededEntropy()) as engine:
            for play in sorted(PLAYS.glob("hillstrom-*.yaml")):
                engine.add_play(play.read_text("utf-8"))
            trial = Trial(customers, engine, clock)
            began_s = time.perf_counter()
            trial.run()
            took_s = time.perf_counter() - began_s
            counts = engine.store.counts()
            console.print(
                f"{trial.events:,} events of {counts['people']:,} people in {took_s:.1f} s: "
                f"{trial.events / took_s:,.0f} events/s on SQLite, with {counts['moments']:,} moments, "
                f"{counts['actions']:,} mails decided, {engine.store.position().leaves:,} receipts"
            )
        console.print(table_of(customers, trial.found))
        for verdict in verdicts(customers, trial.found):
            console.print(verdict, highlight=False)
    return True
