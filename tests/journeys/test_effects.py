"""A house leaves some people alone and lets a control choose for others, and reads what its play is worth."""

import asyncio

import msgspec
import numpy as np
import pytest

from equipoise.compose.effects import effects_in
from equipoise.compose.library import rules_of
from equipoise.nouns.effects import Effect
from equipoise.nouns.lessons import ENGINE, HOLDOUT, Tried
from equipoise.settings import read_settings
from house import DAY_MS, HOUR_MS, house, receipts, send, track, welcome

PLAY = """
name: basket
purpose: marketing
moment: {event: Basket Left}
goal: {event: Order Completed, within_days: 7, value: revenue, currency: EUR}
options:
  - {name: mail, do: notify, channel: email, share: 1, subject: {en: T, fr: M}, body: {en: T, fr: M}}
chooser: fixed_shares
explore_floor: 0
holdout: HELD
controls: {uniform: 0.2}
"""
HOLDOUTS = {"house": 0.1, "play": 0.3}
N = 1_200


def basket(held):
    return PLAY.replace("HELD", str(held))


class Shop:
    """People who order more often where they were mailed, and as they did before."""

    def __init__(self):
        self.engine = house(holdout=HOLDOUTS["house"])
        self.engine.add_play(basket(HOLDOUTS["play"]))
        self.rng = np.random.default_rng(5)
        self.users = [f"u{number}" for number in range(N)]
        self.loyal = set(self.rng.permutation(self.users)[: N // 2].tolist())
        self.live()

    def live(self):
        self.send([call for user in self.users for call in welcome(user)])
        self.send([self.order(user, "past") for user in sorted(self.loyal)])
        self.pass_ms(2 * DAY_MS)
        # Half of them leave their basket at noon, half at night, when no mail leaves.
        self.send([track(user, "Basket Left", 1) for user in self.users[::2]])
        self.pass_ms(10 * HOUR_MS)
        self.send([track(user, "Basket Left", 1) for user in self.users[1::2]])
        self.pass_ms(14 * HOUR_MS)
        self.mailed = {
            receipt["moment"]["event"].partition("/")[0]
            for receipt in receipts(self.engine, 10 * N)
            if receipt["type"] == "decision" and receipt["chosen"] == "mail"
        }
        self.send([self.order(user, "now") for user in self.users if self.would(user)])
        left = [user for user in sorted(self.mailed) if self.rng.random() < 0.05]
        self.send([track(user, "terms.objected", 9, purpose="marketing") for user in left])
        self.pass_ms(8 * DAY_MS)

    def would(self, user):
        chance = 0.1 + 0.25 * (user in self.loyal) + 0.3 * (user in self.mailed)
        return self.rng.random() < chance

    def order(self, user, when):
        revenue = round(float(self.rng.lognormal(3.5, 0.4)), 2)
        return track(user, "Order Completed", when, revenue=revenue, currency="EUR")

    def send(self, calls):
        for first in range(0, len(calls), 400):
            send(self.engine, calls[first : first + 400])

    def pass_ms(self, ms):
        asyncio.run(self.engine.clock.advance(ms))
        self.engine.tick()

    def effect(self) -> Effect:
        settings = read_settings(environ={}, given={"seed": "test", "holdout": HOLDOUTS["house"]})
        counting = effects_in(self.engine.store, rules_of(settings), self.engine.clock)
        list(counting.count())
        (told,) = counting.told()
        return told

    def tried(self):
        rows = self.engine.store.lessons("tried", "basket", 0, 10 * N)
        return [msgspec.msgpack.decode(row.body, type=Tried) for row in rows]


@pytest.fixture(scope="module")
def shop():
    return Shop()


def test_everybody_is_tried_once_and_those_at_night_as_those_at_noon(shop):
    tried = shop.tried()
    assert len(tried) == len({row.person for row in tried}) == N
    assert {row.arm for row in tried} == {ENGINE, HOLDOUT, "uniform"}
    waited = [row.arm for row in tried if row.begun_ms > min(r.begun_ms for r in tried) + HOUR_MS]
    assert len(waited) == N / 2
    assert set(waited) == {ENGINE, HOLDOUT, "uniform"}, "all arms wait for the morning"


def test_the_play_is_found_to_bring_more_than_leaving_people_alone(shop):
    told = shop.effect()
    assert told.n == N
    found = told.difference(HOLDOUT, "value")
    assert found.found == "more"
    assert found.adjusted.low > 0.0
    assert found.plain.covers(0.3 * 35)
    assert found.reduction > 0.0, "what they had spent before tells what they will"
    assert told.difference(HOLDOUT, "response").found == "more"
    assert told.difference(HOLDOUT, "left").adjusted.mean > 0.0
    assert told.difference("uniform", "value").n > 0


def test_the_arms_hold_whom_they_should_although_half_were_held_over_night(shop):
    told = shop.effect()
    assert not told.ratio.alarm
    for arm in told.arms:
        assert arm.n == pytest.approx(arm.expected, abs=4 * np.sqrt(N) / 2)


def test_a_later_version_with_other_shares_changes_nothing_of_what_was_found(shop):
    before = shop.effect()
    shop.engine.add_play(basket(0.05))
    after = shop.effect()
    assert after.difference(HOLDOUT, "value") == before.difference(HOLDOUT, "value")
    assert not after.ratio.alarm
