"""A notebook for data scientists: people with a real effect, lessons, a model, frames, an estimate by hand.

Run it from top to bottom, or cell by cell: `python examples/notebook.py`. A test runs it as it stands.
"""

# %% A shop with one play: what stands on top of the home page, learnt from orders within a day.
import random

import polars as pl

from equipoise import Engine, frames
from equipoise.settings import read_settings

DAY_MS = 86_400_000
PLAY = """
name: hero
purpose: personalisation
moment: {decide: home-hero}
goal: {event: Order Completed, within_days: 1, value: 40}
features: [orders.count]
options:
  - {name: shoes, do: notify, channel: page, title: Shoes, body: New soles for old roads}
  - {name: coats, do: notify, channel: page, title: Coats, body: It will rain}
chooser: learning
explore_floor: 0.1
"""


class Calendar:
    """A clock that we turn ourselves."""

    now = 1_773_140_400_000

    def now_ms(self) -> int:
        """Milliseconds since 1970."""
        return self.now


calendar = Calendar()
seeded = read_settings(environ={}, given={"seed": "notebook"})
shop = Engine.open("memory:", settings=seeded, clock=calendar)
shop.add_play(PLAY)


def order(user: str) -> dict[str, object]:
    """One order, as any tracking library sends it."""
    return {"type": "track", "userId": user, "event": "Order Completed"}


# %% Three hundred people, half of them regulars. The truth: regulars answer shoes, newcomers coats.
chance = random.Random(8)
people = [f"u{n}" for n in range(300)]
regulars = people[::2]
shop.take([order(user) for user in regulars for _ in range(5)])


def day() -> float:
    """Everybody comes once and buys or does not; then the day ends. What the shop took per visit."""
    taken = 0.0
    for user in people:
        told = shop.decide(f"user_id:{user}", "home-hero")
        liked = "shoes" if user in regulars else "coats"
        if chance.random() < (0.4 if told.option == liked else 0.05):
            shop.take([order(user)])
            taken += 40.0
    calendar.now += 2 * DAY_MS
    shop.tick()
    return taken / len(people)


# %% At first every option is tried alike. Each night what came of it is learnt, and decides next day.
takings = [day()]
for _ in range(3):
    learnt = {finding.name: finding for finding in shop.learn()}
    takings.append(day())
print("taken per visit, day by day:", [round(taken, 2) for taken in takings])

# %% Every decision with its propensity, what was expected of it, and what came of it, in one frame.
came = frames.outcomes(shop, as_="polars")
made = frames.propensities(shop, as_="polars").filter("chosen")
both = came.join(made.select("decision", "score"), on="decision", validate="1:1")
regular = pl.col("x.orders.count") >= 5
by_kind = both.group_by(regular.alias("regular"), "option").agg(pl.len(), pl.col("value").mean())
print(by_kind.sort("regular", "option"))

# %% What would coats for everybody have brought? By hand, and as the rehearsal says it.
weight = (pl.col("option") == "coats") / pl.col("propensity")
by_hand = came.select((weight * pl.col("value")).mean()).item()
fixed = PLAY.replace("chooser: learning", "chooser: fixed_shares").replace("0.1", "0.0")
fixed = fixed.replace("Shoes,", "Shoes, share: 0,").replace("Coats,", "Coats, share: 1,")
report = shop.rehearse(fixed)
rehearsed = report.value("candidate", "ips")
print(f"coats for all: {by_hand:.4f} by hand, {rehearsed.mean:.4f} by the rehearsal, which says:")
print(report.conclusion.answer)
