"""A season of a shop that learns: what it chooses, what it keeps of it, and that all of it replays."""

from math import fsum

import pytest

from equipoise.canon import uniform
from equipoise.compose import frames
from equipoise.nouns.events import Handle
from equipoise.testing.fakes import FakeClock
from house import DAY_MS, NOON_MS, house, identify, receipts, track, welcome

SEASON = """
name: season
purpose: marketing
moment: {event: Product Viewed}
goal: {event: Order Completed, within_days: 3, value: 40, currency: EUR}
options:
  - {name: mail, do: notify, channel: email, cost: 6,
     subject: {en: New, fr: Nouveau}, body: {en: Come and see, fr: Venez voir}}
chooser: learning
features: [visits.count]
controls: {uniform: 0.1, propensity_only: 0.1, no_cost_of_contact: 0.05, eligibility_only: 0.05}
holdout: 0.1
limits: {valid_for_hours: 1}
"""
"""A mail that costs six euros. In this world it helps who seldom visits, and nobody else."""

PEOPLE = 240
SETTINGS = {"budget.per_day": 9, "budget.per_7d": 9, "budget.per_28d": 99, "quiet.from": "00:00"}


def is_shy(n):
    return n % 2 == 0


def orders(n, week, mailed):
    """Whether this person orders in this week: a shy one far more often after a mail."""
    chance = (0.6 if mailed else 0.1) if is_shy(n) else 0.3
    return uniform(b"world", f"{n}.{week}", "order") < chance


def live(engine, clock, week):
    """One week: everybody looks at something, some get a mail, some order, and the week ends."""
    for n in range(PEOPLE):
        engine.take([track(f"u{n}", "Product Viewed", week)])
    mailed = {
        receipt["person"]
        for receipt in receipts(engine, 100_000)
        if receipt["type"] == "decision"
        and receipt["outcome"] == "act"
        and receipt["at_ms"] == clock.now_ms()
    }
    clock._now_ms += DAY_MS
    for n in range(PEOPLE):
        if orders(n, week, person(engine, n) in mailed):
            engine.take([track(f"u{n}", "Order Completed", week, order_id=f"o{n}.{week}")])
    clock._now_ms += 6 * DAY_MS
    engine.tick()


def person(engine, n):
    handle = Handle("user_id", f"u{n}")
    return engine.store.atoms_of([handle])[handle].person


@pytest.fixture(scope="module")
def season():
    """Six weeks; after each the play is taught."""
    clock = FakeClock(NOON_MS)
    engine = house(clock=clock, **SETTINGS, **{"quiet.to": "00:00", "learn.lifetime_value": 0.0})
    engine.add_play(SEASON)
    for n in range(PEOPLE):
        page = {"type": "page", "userId": f"u{n}"}
        visits = [] if is_shy(n) else [page | {"messageId": f"p{n}.{k}"} for k in range(8)]
        engine.take([*welcome(f"u{n}"), identify(f"u{n}", city="Nice"), *visits])
    found = []
    for week in range(6):
        live(engine, clock, week)
        found.append(engine.learn())
    return engine, found


def drawn(engine):
    return [
        receipt
        for receipt in receipts(engine, 100_000)
        if receipt["type"] == "decision" and receipt["chooser"]
    ]


def test_every_week_brings_a_new_version_named_by_its_hash(season):
    engine, found = season
    versions = [one.version for week in found for one in week if one.name == "play/season"]
    assert len(set(versions)) == 6
    assert all(engine.store.model(version).body for version in versions)
    assert {receipt.get("model", "") for receipt in drawn(engine)} == {"", *versions[:-1]}


def test_it_learns_to_write_to_those_whom_it_helps_and_to_be_silent_to_the_others(season):
    """The last week: silence is an option with a value of its own, and for half the people the best."""
    engine, _ = season
    last = max(receipt["at_ms"] for receipt in drawn(engine))
    shy = {person(engine, n) for n in range(PEOPLE) if is_shy(n)}
    told = [r for r in drawn(engine) if r["at_ms"] == last and r["chooser"] == "learning"]
    mean = {}
    for mine in (True, False):
        chances = [
            float(option["propensity"])
            for receipt in told
            for option in receipt["options"]
            if option["option"] == "mail" and (receipt["person"] in shy) == mine
        ]
        mean[mine] = fsum(chances) / len(chances)
    assert mean[True] > 0.7
    assert mean[False] < 0.3


def test_every_stored_distribution_is_one_and_every_contribution_counts(season):
    engine, _ = season
    appraised = 0
    for receipt in drawn(engine):
        chances = [float(option["propensity"]) for option in receipt["options"]]
        assert abs(fsum(chances) - 1.0) <= 1e-12
        assert all(0.0 <= chance <= 1.0 for chance in chances)
        for option in receipt["options"]:
            if "score" in option:
                appraised += 1
                parts = [float(part) for part in option["contributions"].values()]
                assert abs(fsum(parts) - float(option["score"])) <= 1e-9
        assert set(receipt["inputs"]) == {
            "visits.count", "contacts.last_7d", "contacts.last_28d", "contacts.days_since",
            "lifetime.value",
        }  # fmt: skip
    assert appraised > 1000


def test_every_decision_replays_to_the_bit_whatever_was_learnt_since(season):
    engine, _ = season
    again = [engine.replay(receipt["id"]) for receipt in drawn(engine)]
    assert [one.decision for one in again if not one.same] == []
    assert len(again) > 1000


def test_the_controls_choose_for_the_people_that_the_hash_gives_them(season):
    engine, _ = season
    arms = {}
    for receipt in drawn(engine):
        arms.setdefault(receipt["person"], set()).add(receipt.get("arm", ""))
        if receipt.get("arm"):
            assert receipt["chooser"] == receipt["arm"]
    assert all(len(seen) == 1 for seen in arms.values())
    assert {arm for seen in arms.values() for arm in seen} == {
        "", "uniform", "propensity_only", "no_cost_of_contact", "eligibility_only",
    }  # fmt: skip


def test_the_held_out_teach_what_silence_is_worth(season):
    engine, _ = season
    held = [row for row in frames.outcomes(engine.store).to_pylist() if row["arm"] == "holdout"]
    assert {row["option"] for row in held} == {"silence"}
    assert {row["x.visits.count"] for row in held} == {0.0, 8.0}
