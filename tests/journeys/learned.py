"""A shop that has learnt: its basket play has a model from what became of its first mails."""

import asyncio
import random

from equipoise.compose import Engine
from equipoise.plays.reading import read_play
from house import DAY_MS, HOUR_MS, house, receipts, send, track, welcome

PLAY = """
name: basket
title: {en: Your basket, fr: Votre panier}
purpose: marketing
moment: {event: Basket Left}
goal: {event: Order Completed, within_days: 7, value: revenue, currency: EUR}
options:
  - {name: reminder, do: notify, channel: email, cost: COST,
     subject: {en: Your basket, fr: Votre panier}, body: {en: It is still here, fr: Il est encore là}}
  - {name: news, do: notify, channel: email, cost: 0.02,
     subject: {en: What is new, fr: Nouveautés}, body: {en: Look what came in, fr: Voyez ce qui arrive}}
  - {name: voucher, do: offer, channel: email, cost: 30,
     subject: {en: Four euros, fr: Quatre euros}, body: {en: Four euros off, fr: Quatre euros de moins}}
chooser: learning
features: [orders.count, orders.days_since, visits.count]
controls: {eligibility_only: 0.1}
"""
PEOPLE = 400


def basket(cost: float) -> str:
    """The play, with what a reminder costs."""
    return PLAY.replace("COST", str(cost))


class Shop:
    """People who order often come back for a reminder, others for neither, and some leave."""

    def __init__(self, place: object = "memory:", **given: object) -> None:
        self.engine: Engine = house(place, **given)
        self.chance = random.Random(3)
        self.users = [f"u{number}" for number in range(PEOPLE)]
        self.loyal = set(self.users[::2])
        self.engine.add_play(basket(0.02))
        self.live()
        self.findings = self.engine.learn()
        self.engine.add_play(basket(self.balanced()))
        self.leave_baskets(2)

    def live(self) -> None:
        """A past, baskets that were left, and what became of them within the window."""
        self.send([call for user in self.users for call in welcome(user)])
        for order in range(3):
            buyers = [user for user in sorted(self.loyal) if self.chance.random() < 0.9]
            self.send([self.order(user, f"past{order}") for user in buyers])
            self.pass_ms(9 * DAY_MS)
        self.send([track(user, "Order Completed", "one", revenue=9.0) for user in self.users[1::4]])
        self.pass_ms(5 * DAY_MS)
        self.leave_baskets(1)
        mailed = self.chosen("reminder")
        self.send([self.order(user, "now") for user in self.users if self.would(user, mailed)])
        left = [user for user in sorted(mailed) if self.chance.random() < 0.05]
        self.send([track(user, "terms.objected", 9, purpose="marketing") for user in left])
        self.pass_ms(9 * DAY_MS)

    def balanced(self) -> float:
        """The cost at which a reminder is worth it for those who order often, and not for others."""
        play = read_play(basket(0.02))
        model = self.engine.walker.engine.learnt.model_of(play)
        assert model is not None
        worth = []
        for count in (1, 3):
            scores = {
                option.name: found.score
                for option, found in zip(
                    play.options, model.appraise(play.options, {"orders.count": count}), strict=True
                )
            }
            worth.append(scores["reminder"] - max(scores["silence"], scores["news"]))
        return round(0.02 + sum(worth) / 2, 2)

    def leave_baskets(self, n: int) -> None:
        """Everybody leaves a basket at noon."""
        self.send([track(user, "Basket Left", n) for user in self.users])
        self.pass_ms(2 * HOUR_MS)

    def chosen(self, option: str) -> set[str]:
        """The users for whom an option was last chosen."""
        return {
            receipt["moment"]["event"].partition("/")[0]
            for receipt in receipts(self.engine, 10 * PEOPLE)
            if receipt["type"] == "decision" and receipt["chosen"] == option
        }

    def would(self, user: str, mailed: set[str]) -> bool:
        """Whether somebody orders: the loyal do when they are reminded."""
        reached = 0.6 * (user in self.loyal) * (user in mailed)
        return self.chance.random() < 0.05 + reached

    def order(self, user: str, when: str) -> dict[str, object]:
        """One order of about forty euros."""
        revenue = round(self.chance.uniform(30, 50), 2)
        return track(user, "Order Completed", when, revenue=revenue, currency="EUR")

    def all_decisions(self) -> list[dict]:
        """The receipts of all decisions, oldest first."""
        told = receipts(self.engine, 10 * PEOPLE)
        return [receipt for receipt in told if receipt["type"] == "decision"]

    def decisions(self) -> list[dict]:
        """The receipts of decisions that a model took part in, oldest first."""
        return [receipt for receipt in self.all_decisions() if receipt.get("model")]

    def send(self, calls: list[dict[str, object]]) -> None:
        """Hand calls in, some at a time."""
        for first in range(0, len(calls), 400):
            send(self.engine, calls[first : first + 400])

    def pass_ms(self, ms: int) -> None:
        """Time passes, and what waits for it rings."""
        asyncio.run(self.engine.clock.advance(ms))
        self.engine.tick()
