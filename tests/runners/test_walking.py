"""One commit: repeats change nothing, what breaks is set aside, memory says what the store says."""

import msgspec
import pytest

from equipoise.nouns.events import Handle, IntakeRow, Source
from equipoise.nouns.records import Attempt, DecideRequest, Tick
from equipoise.plays.reading import read_play
from equipoise.ports import StoreError
from equipoise.runners.walking import BODIES, Walker
from equipoise.testing.fakes import FakeClock
from house import (
    DAY_MS,
    HERO,
    HOUR_MS,
    NOON_MS,
    SERVER,
    THANKS,
    granted,
    head,
    house,
    identify,
    receipts,
    rows_of,
    track,
    welcome,
)


def numbered(*rows):
    return [msgspec.structs.replace(row, id=n) for n, row in enumerate(rows, 1)]


def decide_row(user="ana", moment="home-hero"):
    asked = DecideRequest(moment=moment, handles=(Handle("user_id", user),))
    return IntakeRow(0, "decide", SERVER, NOON_MS, msgspec.msgpack.encode(asked))


def test_rows_that_were_walked_before_are_passed_over():
    walker = house().walker
    rows = numbered(rows_of([identify("ana")]), rows_of([track("ana", "page", 1)]))
    walker.walk(rows)
    before = (walker.position, walker.store.counts())
    assert walker.walk(rows) == {}
    assert (walker.position, walker.store.counts()) == before


def test_every_row_that_asks_is_answered_under_its_own_id():
    engine = house()
    engine.add_play(HERO)
    rows = [msgspec.structs.replace(decide_row(f"u{n}"), id=n + 10) for n in range(3)]
    assert sorted(engine.walker.walk(rows)) == [10, 11, 12]


def test_a_decide_request_sees_every_event_before_it_also_of_the_same_commit():
    engine = house()
    engine.add_play(HERO + "audience: {field: traits.city, is: Sète}\n")
    rows = numbered(decide_row(), rows_of([identify("ana", city="Sète")]), decide_row())
    rows = [msgspec.structs.replace(row, id=row.id + 1) for row in rows]
    answers = [msgspec.json.decode(reply) for reply in engine.walker.walk(rows).values()]
    assert answers[0]["reason"] == "not_in_audience"
    assert answers[1]["reason"] != "not_in_audience"


def test_a_row_that_breaks_the_step_is_set_aside_whole_and_the_others_are_walked():
    engine = house()
    broken = IntakeRow(0, "decide", Source("server"), NOON_MS, b"\xc1 no MessagePack")
    rows = numbered(rows_of([identify("ana")]), broken, rows_of([track("ana", "page", 1)]))
    answers = engine.walker.walk(rows)
    assert engine.store.counts()["events"] == 2
    (refused,) = engine.store.refused(10)
    assert refused.code == "step_failed"
    assert refused.item == broken.body
    assert "intake row 2 (decide)" in refused.message
    assert msgspec.json.decode(answers[2])["reason"] == "step_failed"
    assert engine.walker.position.cursor == 3


class Failing:
    """A store whose next commit cannot be written."""

    def __init__(self, store, error):
        self._store = store
        self._error = error

    def __getattr__(self, name):
        return getattr(self._store, name)

    def commit(self, changes):
        if self._error is not None:
            error, self._error = self._error, None
            raise error
        self._store.commit(changes)


def test_after_a_commit_that_failed_memory_is_what_is_stored():
    """States are folded in place: walking the row again must not fold it twice."""
    engine, twin = house(), house()
    for each in (engine, twin):
        each.add_play(THANKS)
        each.take(welcome("ana"))
    walker = engine.walker
    row = msgspec.structs.replace(rows_of([track("ana", "Order Completed", 1, revenue=9)]), id=99)
    walker.store = Failing(walker.store, StoreError("the disk is full"))
    with pytest.raises(StoreError, match="full"):
        walker.walk([row])
    assert head(engine) == head(twin)
    walker.walk([row])
    twin.walker.walk([row])
    assert head(engine) == head(twin)
    people = twin.store.people_after(0, 10)
    assert engine.store.states(people) == twin.store.states(people)


def test_a_house_that_keeps_nobody_in_memory_decides_the_same():
    busy, forgetful = house(), house(**{"step.people": 1})
    for engine in (busy, forgetful):
        engine.add_play(THANKS)
        for n in range(4):
            for user in ("ana", "bob", "cleo"):
                engine.take([*welcome(user), track(user, "Order Completed", n)])
    assert head(busy) == head(forgetful)
    assert busy.store.counts() == forgetful.store.counts()


def test_a_second_walker_over_the_same_store_goes_on_where_the_first_stood(tmp_path):
    whole, halves = house(), house()
    for engine in (whole, halves):
        engine.add_play(THANKS)
        engine.take([*welcome("ana"), *(track("ana", "Order Completed", n) for n in range(3))])
    first = halves.walker
    halves.walker = Walker(
        type(first.engine)(
            first.engine.rules,
            first.engine.folds,
            first.engine.deciders,
            first.engine.seed,
            first.engine.retries,
        ),
        halves.store,
        first.habits,
    )
    for engine in (whole, halves):
        engine.take([track("ana", "Order Completed", 9)])
    assert head(whole) == head(halves)


def test_a_message_id_is_free_again_after_the_time_it_is_remembered():
    clock = FakeClock(NOON_MS)
    engine = house(clock=clock, dedupe_hours=24.0)
    call = track("ana", "page", 1)
    engine.take([call])
    clock._now_ms += 23 * HOUR_MS
    engine.take([call])
    assert engine.store.counts()["events"] == 1
    clock._now_ms += 2 * DAY_MS
    engine.take([identify("bob")])
    engine.take([call])
    assert engine.store.counts()["events"] == 3


def test_every_commit_signs_one_head_for_all_of_its_leaves():
    engine = house()
    before = head(engine)
    engine.take([granted(f"u{n}") for n in range(20)])
    assert engine.store.position().leaves == 20
    engine.take([track("u1", "page", 1)])
    assert head(engine).splitlines()[1] == "20", "a commit without a leaf signs nothing new"
    assert before == ""


def test_numbers_of_records_are_sixteen_apart_and_receipts_lie_between():
    engine = house()
    engine.add_play(THANKS)
    engine.take([*welcome("ana"), track("ana", "Order Completed", 1)])
    rows = engine.store.recent(10)
    assert [row.seq % 16 for row in rows] == [0] * len(rows)
    assert {receipt["seq"] % 16 for receipt in receipts(engine)} == {1}


def test_chains_lead_from_the_state_through_every_record_of_an_atom():
    engine = house()
    engine.add_play(THANKS)
    engine.take([*welcome("ana"), *(track("ana", "Order Completed", n) for n in range(4))])
    (person,) = engine.store.people_after(0, 10)
    atom = engine.walker._decode(engine.store.states([person])[person]).atoms[0]
    seq, kinds = atom.event_seq, []
    while seq:
        row = engine.store.log([seq])[seq]
        kinds.append(row.kind)
        seq = row.prev
    assert kinds == ["event"] * 6
    seq, told = atom.decision_seq, []
    while seq:
        row = engine.store.receipts([seq])[seq]
        told.append(msgspec.json.decode(row.body)["type"])
        seq = row.prev
    assert told[-1] == "terms"
    assert len(told) == len(receipts(engine))


def test_a_kind_of_row_has_its_noun_and_a_tick_needs_none():
    assert set(BODIES) == {
        "decide", "page", "tick", "play", "model", "attempt", "delivery", "human", "split",
        "right", "agreement", "share", "aggregate", "join",
    }  # fmt: skip
    assert msgspec.msgpack.decode(msgspec.msgpack.encode({}), type=BODIES["tick"]) == Tick()


def test_what_the_door_cannot_know_is_answered_without_a_decision():
    engine = house()
    engine.add_play(HERO)
    asked = DecideRequest(moment="home-hero", handles=(Handle("user_id", "null"),))
    told = msgspec.json.decode(engine.ask("decide", asked))
    assert (told["decision"], told["reason"]) == (None, "no_identity")
    assert msgspec.json.decode(engine.ask("attempt", Attempt(1)))["reason"] == "gone"


def test_a_play_that_cannot_be_read_any_more_rests_and_is_told(tmp_path):
    """It was written for a chooser that is gone, say; the house opens all the same."""
    with house(tmp_path / "shop.db") as engine:
        engine.add_play(HERO)
        engine.add_play(THANKS)
        store, habits, pure = engine.store, engine.walker.habits, engine.walker.engine

        def choosy(text):
            if "hero" in text:
                raise ValueError("there is no chooser of that name")
            return read_play(text)

        again = Walker(pure, store, msgspec.structs.replace(habits, read_play=choosy))
        assert again._stage.unreadable == {"hero": "there is no chooser of that name"}
        assert pure.playbook.named("hero") is None
        assert pure.playbook.named("thanks") is not None


class Breaking:
    """A chooser of somebody else's that breaks for one person; at night nobody asks it."""

    def __init__(self, chooser):
        self.chooser = chooser

    def __call__(self, hand):
        if hand.standing.get("traits.bad"):
            raise ZeroDivisionError
        return self.chooser(hand)


def test_a_timer_that_breaks_the_step_is_set_aside_and_the_others_ring():
    """Or it would break every tick from then on, and nothing would ever ring again."""
    clock = FakeClock(NOON_MS + 10 * HOUR_MS)
    engine = house(clock=clock)
    pure = engine.walker.engine
    choosers = pure.deciders.choosers
    choosers["fixed_shares"] = Breaking(choosers["fixed_shares"])
    engine.add_play(THANKS)
    for n, user in enumerate(("ana", "bob", "cleo")):
        told = identify(user, bad=n == 1)
        engine.take([*welcome(user), told, track(user, "Order Completed", 1)])
    assert engine.store.next_due_ms() is not None
    clock._now_ms += 12 * HOUR_MS
    for _ in range(4):
        engine.put("tick", msgspec.msgpack.encode(Tick()), SERVER)
    assert len(engine.store.with_status("ready", 10)) == 2
    assert engine.store.next_due_ms() is None
    (refused,) = engine.store.refused(10)
    assert "ZeroDivisionError" in refused.message
