"""Plays on stage: one live version each, columns for their schedules, and rings in bounds."""

import msgspec

from equipoise.nouns.records import PlayVersion, Tick
from equipoise.testing.fakes import FakeClock
from house import DAY_MS, HERO, NOON_MS, SERVER, THANKS, house, identify, track, welcome

DAILY = (
    THANKS.replace("name: thanks", "name: daily").replace(
        "moment: {event: Order Completed}", "moment: {every_hours: 24}"
    )
    + "audience: {field: orders.count, at_least: 1}\n"
)


def customers(engine, n):
    users = [f"u{i}" for i in range(n)]
    for user in users:
        engine.take([*welcome(user), track(user, "Order Completed", 1)])


def ready(engine):
    return engine.store.with_status("ready", 1_000)


def test_the_latest_version_of_a_play_is_the_one_that_decides():
    engine = house()
    engine.add_play(HERO)
    engine.add_play(HERO.replace("name: shoes", "name: boots"))
    weighed = {engine.decide("user_id:ana", "home-hero", {"n": n}).option for n in range(30)}
    assert weighed == {"boots", "coats", "silence"}
    assert len(engine.store.plays()) == 2


def test_a_schedule_finds_the_same_people_however_few_it_takes_at_a_time():
    found = []
    for most in (1, 3, 1_000):
        engine = house()
        customers(engine, 7)
        engine.add_play(DAILY)
        while (due := engine.store.next_due_ms()) is not None and due <= NOON_MS:
            engine.put("tick", msgspec.msgpack.encode(Tick(most)), SERVER)
        found.append({action.person for action in ready(engine)})
    assert len(found[0]) == 7
    assert found[0] == found[1] == found[2]


def test_a_schedule_rings_again_after_its_hours_and_not_before():
    clock = FakeClock(NOON_MS)
    engine = house(clock=clock)
    customers(engine, 1)
    engine.add_play(DAILY)
    assert engine.tick() == 1
    assert len(ready(engine)) == 1
    clock._now_ms += DAY_MS - 1
    assert engine.tick() == 0
    clock._now_ms += 1
    engine.tick()
    assert len(ready(engine)) == 2


def test_a_new_version_takes_the_place_of_the_old_schedule():
    clock = FakeClock(NOON_MS)
    engine = house(clock=clock, **{"budget.per_day": 9})
    customers(engine, 1)
    engine.add_play(DAILY)
    engine.tick()
    engine.add_play(DAILY + "priority: 1\n")
    engine.tick()
    for _ in range(3):
        clock._now_ms += DAY_MS
        engine.tick()
    assert len({a.moment.id for a in ready(engine)}) <= 5, "one ring a day, and one for the change"
    assert engine.store.next_due_ms() == clock.now_ms() + DAY_MS


def test_a_paused_schedule_rings_no_more():
    engine = house()
    customers(engine, 1)
    engine.add_play(DAILY)
    engine.add_play(DAILY + "status: paused\n")
    engine.tick()
    assert ready(engine) == []
    assert engine.store.next_due_ms() is None


def test_people_who_were_there_before_a_play_named_a_field_get_their_column():
    engine = house()
    customers(engine, 3)
    engine.take([identify("nobody")])
    assert engine.walker._stage.fields == {}
    engine.add_play(DAILY)
    assert set(engine.walker._stage.fields) == {"orders.count"}
    column = engine.walker.engine.playbook.named("daily").selection
    found = engine.store.find(column.sql, dict(column.params) | {"now": NOON_MS}, 100)
    assert len(found) == 3


def test_a_version_with_mistakes_is_answered_with_them_and_changes_nothing():
    engine = house()
    engine.add_play(HERO)
    bad = PlayVersion(name="hero", sha256="", text=HERO.replace("purpose", "porpoise"))
    answer = msgspec.json.decode(engine.ask("play", bad))
    assert answer["ok"] is False
    assert "porpoise" in answer["reason"]
    assert len(engine.store.plays()) == 1
    assert engine.decide("user_id:ana", "home-hero").play == "hero"
