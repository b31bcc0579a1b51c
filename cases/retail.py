"""A year of Online Retail (UCI): 541,909 lines of orders are imported, and the last month lives again.

The file is read by a mapping, as `equipoise import` reads it; the lines of one invoice are put
together into an order or a return. Rows that name no customer are refused with their reason. The
orders before the last month are history; those of the last month open moments for two plays.
"""

import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import msgspec
from finding import Options, absent, find
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from equipoise import Engine, Event
from equipoise.arrive.files import Chunk, read_events, read_mapping
from equipoise.nouns.events import Source
from equipoise.nouns.state import PersonState
from equipoise.remember.view import View
from equipoise.settings import read_settings
from equipoise.testing.fakes import SeededEntropy
from equipoise.testing.town.clocks import SteppedClock

FILE = "online_retail/online_retail.parquet"
HERE = Path(__file__).parent
CUT_MS = int(datetime(2011, 11, 9, tzinfo=UTC).timestamp()) * 1000
HOUR_MS = 3_600_000
CHUNK = 2_000


class Refusals(msgspec.Struct):
    """Rows that were not taken in: how many by reason, and the first message of each."""

    rows: int = 0
    by_code: Counter[str] = msgspec.field(default_factory=Counter)
    first: dict[str, str] = {}

    def note(self, chunk: Chunk) -> None:
        """Count what a chunk refused."""
        self.rows = chunk.rows
        for item in chunk.refused:
            self.by_code[item.code] += 1
            self.first.setdefault(item.code, item.message)


def lines_of(path: Path, most: int, refusals: Refusals) -> Iterator[Event]:
    """The lines of the file as events, in its order; `most` is how many rows (0: all)."""
    mapping = read_mapping((HERE / "retail.yaml").read_text("utf-8"), "retail.yaml")
    with Progress(transient=True) as progress:
        bar = progress.add_task("reading", total=1.0)
        for chunk in read_events(path, mapping, Source("shop"), CUT_MS * 2):
            refusals.note(chunk)
            progress.update(bar, completed=chunk.behind)
            yield from chunk.events
            if most and chunk.rows >= most:
                return


def orders_of(lines: Iterable[Event]) -> Iterator[Event]:
    """An order or a return for each invoice; an invoice that begins with C takes back.

    Before the first order of a customer, `identify` tells the country.
    """
    met: set[tuple[Any, ...]] = set()
    # The lines of one invoice do not always stand together.
    invoices: dict[str, list[Event]] = {}
    for line in lines:
        invoices.setdefault(str(line.facts["order_id"]), []).append(line)
    for invoice, items in invoices.items():
        first = items[0]
        if first.handles not in met:
            met.add(first.handles)
            country = {"country": first.facts["country"]}
            yield msgspec.structs.replace(
                first, id=f"who-{invoice}", kind="identify", facts=country
            )
        back = invoice.startswith("C")
        worth = sum(line.facts["quantity"] * line.facts["price"] for line in items)
        products = [
            {name: line.facts[name] for name in ("product_id", "quantity", "price")}
            for line in items
        ]
        facts = {
            "order_id": invoice,
            "revenue": round(-worth if back else worth, 2),
            "currency": "GBP",
            "products": products,
        }
        kind = "Order Refunded" if back else "Order Completed"
        yield msgspec.structs.replace(first, id=f"order-{invoice}", kind=kind, facts=facts)


def take_history(engine: Engine, orders: list[Event]) -> None:
    """Import what came before the last month: it opens no moments."""
    for start in range(0, len(orders), CHUNK):
        told = orders[start : start + CHUNK]
        engine.take(told)


def relive(engine: Engine, clock: SteppedClock, orders: list[Event]) -> None:
    """Hand in the last month hour by hour, as if it happened now, and let the days end."""
    for hour, group in groupby(orders, key=lambda order: order.at_ms // HOUR_MS):
        clock.step_to((hour + 1) * HOUR_MS)
        engine.take(msgspec.structs.replace(order, history=False) for order in group)
        engine.tick()
    clock.step_to(clock.now_ms() + 48 * HOUR_MS)
    engine.tick()


def states_of(engine: Engine) -> Iterator[PersonState]:
    """Everybody's state, by the age of their first event."""
    person = 0
    while people := engine.store.people_after(person, CHUNK):
        person = people[-1]
        for blob in engine.store.states(people).values():
            yield msgspec.msgpack.decode(blob, type=PersonState)


FIELDS = (
    ("orders", "orders.count", "{:,.0f}"),
    ("value £", "orders.total", "{:,.0f}"),
    ("a mean order £", "orders.mean", "{:,.0f}"),
    ("days since", "orders.days_since", "{:.0f}"),
    ("returned £", "events.Order Refunded.total", "{:,.0f}"),
    ("products", "products.distinct", "{:,.0f}"),
    ("spent lately £", "spend.decayed_90d", "{:,.0f}"),
)


def profiles(engine: Engine, clock: SteppedClock, most: int = 10) -> Table:
    """The people who are worth most, with recency, frequency and value from their profiles."""
    rules = engine.walker.engine.rules
    views = [View(state, clock.now_ms(), rules) for state in states_of(engine)]
    views.sort(key=lambda view: -float(view.get("orders.total") or 0.0))
    table = Table(title=f"The first {most} of {len(views):,} people by value", title_justify="left")
    table.add_column("customer")
    table.add_column("country")
    for heading, _, _ in FIELDS:
        table.add_column(heading, justify="right")
    for view in views[:most]:
        cells = [shape.format(view.get(field) or 0.0) for _, field, shape in FIELDS]
        table.add_row(view.address("user_id") or "", str(view.get("traits.country")), *cells)
    return table


def moments(engine: Engine) -> Table:
    """How each play's moments ended, from the receipts; folded silences by their count."""
    ended: Counter[tuple[str, str, str]] = Counter()
    for row in engine.store.newest_receipts(10**6):
        told = msgspec.json.decode(row.body)
        if told["type"] == "decision":
            ended[told["play"], told["outcome"], told["reason"]] += 1
        elif told["type"] == "silences":
            # The first silence of its kind has a receipt of its own.
            ended[told["play"], "silence", told["reason"]] += told["n"] - 1
    table = Table(
        title="The last month as if it were live: how moments ended", title_justify="left"
    )
    for heading in ("play", "ended in", "why"):
        table.add_column(heading)
    table.add_column("moments", justify="right")
    for play in sorted({play for play, _, _ in ended}):
        mine = [(key, n) for key, n in ended.most_common() if key[0] == play]
        for (_, outcome, reason), n in mine:
            table.add_row(play, outcome, reason, f"{n:,}")
        table.add_row(play, "all", "", f"{sum(n for _, n in mine):,}", end_section=True)
    return table


def arithmetic(orders: list[Event], engine: Engine, clock: SteppedClock) -> str:
    """Whether the people's profiles add up to what the file says."""
    bought = sum(o.facts["revenue"] for o in orders if o.kind == "Order Completed")
    rules = engine.walker.engine.rules
    views = [View(state, clock.now_ms(), rules) for state in states_of(engine)]
    told = sum(float(view.get("orders.total") or 0.0) for view in views)
    count = sum(int(view.get("orders.count") or 0) for view in views)
    agrees = "agree" if abs(told - bought) < 0.01 else "DISAGREE"
    return f"orders: {count:,} worth £{told:,.2f} in profiles, £{bought:,.2f} in the file: they {agrees}"


def study(orders: list[Event], cut_ms: int, console: Console) -> None:
    """Import what came before the cut, let the rest live, and show people, profiles and moments."""
    clock = SteppedClock(cut_ms)
    settings = read_settings(environ={}, given={"seed": "retail", "timezone": "Europe/London"})
    with tempfile.TemporaryDirectory(prefix="equipoise-case-") as folder:
        place = Path(folder) / "retail.db"
        with Engine.open(place, settings=settings, clock=clock, entropy=SeededEntropy()) as engine:
            began_s = time.perf_counter()
            before = [order for order in orders if order.at_ms < cut_ms]
            take_history(engine, before)
            for play in sorted(HERE.glob("plays/retail-*.yaml")):
                engine.add_play(play.read_text("utf-8"))
            relive(engine, clock, orders[len(before) :])
            took_s = time.perf_counter() - began_s
            console.print(
                f"{len(before):,} events of history and {len(orders) - len(before):,} live ones "
                f"of {engine.store.counts()['people']:,} people on SQLite in {took_s:.1f} s"
            )
            console.print(arithmetic(orders, engine, clock), highlight=False)
            console.print(profiles(engine, clock))
            console.print(moments(engine))


def _time(event: Event) -> int:
    return event.at_ms


def main(options: Options, console: Console) -> bool:
    """Run the study and print its tables; False where the data is absent."""
    path = find(FILE, options)
    if path is None:
        console.print(absent(FILE))
        return False
    refusals = Refusals()
    began_s = time.perf_counter()
    # A thousand rows tell of about thirty customers.
    orders = sorted(orders_of(lines_of(path, options.most * 30, refusals)), key=_time)
    console.print(
        f"{refusals.rows:,} rows read in {time.perf_counter() - began_s:.1f} s; refused of them:"
    )
    for code, n in refusals.by_code.most_common():
        console.print(f"  {n:,} × {code}: {refusals.first[code]}", highlight=False)
    study(orders, orders[len(orders) * 11 // 12].at_ms if options.most else CUT_MS, console)
    return True
