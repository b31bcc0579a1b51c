"""How long does a person wait for everything about them? Aim: 10,000 events under 2 s, with all proofs.

One person with ten thousand events in a store of the product's own, who was decided about now and then; the
archive is made whole: tables, descriptor, JSON-LD, ActivityStreams, a proof for each receipt, zip.
"""

import asyncio
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

from equipoise.account.note import NoteSigner
from equipoise.account.publishing import Publisher
from equipoise.compose import Engine
from equipoise.compose.exporting import Exporter
from equipoise.settings import read_settings
from equipoise.stores.keyring import new_keyring
from equipoise.testing.fakes import FakeClock, SeededEntropy

EVENTS = 10_000
STEP = 50
ROUNDS = 5
HOUR_MS = 3_600_000
NOON_MS = 1_700_046_000_000
AIM_S = 2.0

WHO = {
    "type": "identify",
    "userId": "ana",
    "messageId": "i",
    "traits": {"email": "ana@example.org"},
}
PLAY = """
name: thanks
purpose: service
moment: {event: Order Completed}
options:
  - {name: mail, do: notify, channel: email, subject: {en: T, fr: M}, body: {en: T, fr: M}}
chooser: uniform
"""


def call(n: int) -> dict[str, object]:
    """One event of the person; every tenth is an order, which brings a decision."""
    name = "Order Completed" if n % 10 == 0 else "Product Viewed"
    facts = {"product_id": f"p{n % 300}", "name": f"Thing {n % 300}", "total": n % 50}
    return {
        "type": "track",
        "userId": "ana",
        "messageId": f"m{n}",
        "event": name,
        "properties": facts,
    }


def main() -> None:
    settings = read_settings(environ={}, given={"seed": "bench"})
    with TemporaryDirectory() as folder:
        clock = FakeClock(NOON_MS)
        place = Path(folder) / "shop.db"
        with Engine.open(place, settings=settings, clock=clock, entropy=SeededEntropy()) as engine:
            engine.add_play(PLAY)
            engine.take(
                [
                    {
                        "type": "identify",
                        "userId": "ana",
                        "messageId": "i",
                        "traits": {"email": "ana@example.org"},
                    }
                ]
            )
            for start in range(0, EVENTS, STEP):
                asyncio.run(clock.advance(24 * HOUR_MS))
                engine.take([call(n) for n in range(start, start + STEP)])
            key = NoteSigner(settings.text("origin"), new_keyring(b"bench").ledger).key
            exporter = Exporter(engine.store, settings, Publisher(engine.store, key))
            (person,) = engine.store.people_after(0, 2)
            spent, waited = [], []
            for _ in range(ROUNDS):
                began, began_work = perf_counter(), process_time()
                blob = exporter.archive(person)
                waited.append(perf_counter() - began)
                spent.append(process_time() - began_work)
            receipts = len(exporter.taking(person).receipts)
    took = median(spent)
    verdict = "met" if took < AIM_S else "MISSED"
    print(f"{EVENTS:,} events, {receipts:,} receipts with proofs, {len(blob) / 1e6:.2f} MB")
    print(f"archive {took:.2f} s of the processor (aim {AIM_S:.1f} s: {verdict})")
    print(f"        {median(waited):.2f} s on the clock, with whatever else ran")


if __name__ == "__main__":
    main()
