"""The shadow run sees people as they stood: a play rehearsed on its own log does what it really did."""

import json

import msgspec
import numpy as np
import pytest

from equipoise.compose.library import known_here
from equipoise.nouns.agreements import Negotiate
from equipoise.nouns.events import Handle
from equipoise.nouns.lessons import Lesson
from equipoise.plays.playbook import live_play
from equipoise.plays.reading import read_play
from equipoise.runners.choosing import CannotRehearse
from equipoise.runners.shadow import shadow
from equipoise.settings import read_settings
from equipoise.testing.town.clocks import SteppedClock
from house import DAY_MS, NOON_MS, granted, house, identify, track

BASKET = """
name: basket
purpose: marketing
goal: {event: Order Completed, within_days: 3, value: revenue, currency: EUR}
moment: {event: Basket Left, where: {field: event.total, at_least: 10}}
audience: {field: carts.count, at_least: 1}
options:
  - {name: mail, channel: email, cost: 0.1, share: 0.4, subject: {en: T, fr: M}, body: {en: T, fr: M}}
  - {name: call, channel: phone, cost: 1, share: 0.2, subject: {en: T, fr: M}, body: {en: T, fr: M}}
chooser: fixed_shares
explore_floor: 0.1
features: [orders.count]
limits: {per_person: [{times: 2, days: 7}]}
"""


def read(text):
    return read_play(text, known_here(settings=read_settings(environ={})))


def live(text):
    return live_play(read(text))


def speaks_up(engine, user, n, day):
    """Some are restricted for a while, some contest, some choose an agreement."""
    whom = f"user_id:{user}"
    if n % 9 == 2 and day in (4, 8):
        assert engine.request("restriction", whom, lift=day == 8)["ok"]
    if n % 10 == 7 and day == 5:
        mine = engine.store.atoms_of([Handle("user_id", user)])[Handle("user_id", user)].id
        past = [row for row in engine.store.newest_receipts(999) if row.atom == mine]
        told = [msgspec.json.decode(row.body) for row in past]
        made = [one["seq"] for one in told if one["type"] == "decision" and one["chosen"] == "mail"]
        if made:
            assert engine.request("contest", whom, decision=made[-1])["ok"]
    if n % 20 == 7 and day == 9:
        for request in engine.store.requests_owed(99):
            if request.kind == "contest":
                engine.answer(request.id, "fulfil", "zoé", outcome="upheld")
    if n % 8 == 1 and day == 3:
        name = "SD-BASE" if n % 16 == 1 else "SD-BASE-AT"
        said = Negotiate(does="proffer", handles=(Handle("user_id", user),), agreement=name)
        assert json.loads(engine.ask("agreement", said))["ok"]


@pytest.fixture(scope="module")
def lived():
    """Sixty people over twelve days: some said yes, some no later, some joined, some bought."""
    clock = SteppedClock(NOON_MS)
    engine = house(clock=clock)
    engine.add_play(BASKET)
    people = [f"user{n}" for n in range(60)]
    for n, user in enumerate(people):
        phone = {"phone": f"+3361234{n:04d}"} if n % 2 else {}
        engine.take([identify(user, f"browser{n}", email=f"{user}@example.org", **phone)])
        if n % 5:
            engine.take([granted(user)])
    for day in range(12):
        clock.step_to(NOON_MS + day * DAY_MS)
        engine.tick()
        for n, user in enumerate(people):
            if (n + day) % 3 == 0:
                engine.take([track(user, "Product Added", f"a{day}", price=5)])
            if (n + day) % 2 == 0:
                engine.take([track(user, "Basket Left", f"b{day}", total=5 + n)])
            if (n * 7 + day) % 11 == 0:
                engine.take([track(user, "Order Completed", f"o{day}", revenue=20.0 + n)])
            if n % 13 == 4 and day == 6:
                off = {"purpose": "marketing", "channel": "*"}
                engine.take([track(user, "terms.withdrawn", "off", **off)])
            if n % 17 == 3 and day == 8:
                stray = {"type": "identify", "anonymousId": f"tablet{n}", "userId": user}
                engine.take([stray | {"messageId": f"join{n}", "traits": {}}])
            speaks_up(engine, user, n, day)
    clock.step_to(NOON_MS + 30 * DAY_MS)
    engine.tick()
    yield engine
    engine.close()


def test_a_play_on_its_own_log_meets_the_verdicts_that_were_given_then(lived):
    past, judged = shadow(lived.store, live(BASKET), lived.walker.engine, read)
    assert past.n > 60
    assert past.value.sum() > 0
    play = read(BASKET)
    for column, option in enumerate(play.options):
        was_possible = past.incumbent[:, past.options.index(option.name)] > 0
        assert np.array_equal(judged.allowed[:, column], was_possible), option.name
    assert {"no_address", "play_cap", "budget_week"} & set(judged.reasons)
    assert "contested" in judged.reasons


def test_the_features_are_those_that_the_decision_was_made_with(lived):
    _, judged = shadow(lived.store, live(BASKET), lived.walker.engine, read)
    rows = [row.body for row in lived.store.lessons("lesson", "basket", 0, 100_000)]
    first = {}
    for row in rows:
        lesson = msgspec.msgpack.decode(row, type=Lesson)
        if not lesson.revises:
            first[lesson.decision] = lesson
    told = [first[key].inputs for key in sorted(first)]
    for name in ("orders.count", "contacts.last_7d", "contacts.days_since"):
        assert judged.inputs[name].tolist() == [inputs[name] for inputs in told]


def test_a_stricter_play_leaves_more_people_without_help_and_says_by_which_guard(lived):
    strict = BASKET.replace("name: basket", "name: strict").replace("at_least: 1}", "at_least: 3}")
    past, judged = shadow(lived.store, live(strict), lived.walker.engine, read)
    _, before = shadow(lived.store, live(BASKET), lived.walker.engine, read)
    assert "decisions_of: basket" in past.notes
    told, was = (each.without_help(past.people, None) for each in (judged, before))
    assert told.removed["not_in_audience"] > was.removed.get("not_in_audience", 0)
    assert told.decisions > was.decisions


def test_a_shadow_run_writes_nothing(lived):
    position, counts = lived.store.position(), lived.store.counts()
    shadow(lived.store, live(BASKET), lived.walker.engine, read)
    assert (lived.store.position(), lived.store.counts()) == (position, counts)


def test_a_store_without_a_matured_decision_of_the_moment_says_what_to_do(lived):
    other = BASKET.replace("Basket Left", "Tab Closed")
    with pytest.raises(CannotRehearse, match="no matured decision of a play with the same moment"):
        shadow(
            lived.store, live(other.replace("name: basket", "name: tab")), lived.walker.engine, read
        )
