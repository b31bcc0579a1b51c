"""Questions as they are typed, tokens, and people counted for a share."""

import asyncio

import pytest

from equipoise.compose.counting import counts
from equipoise.compose.library import known_here, rules_of
from equipoise.compose.shares import (
    Counting,
    CountWork,
    NoQuestion,
    NotCounted,
    count,
    new_token,
    read_asked,
)
from equipoise.nouns.plays import All, Compare
from equipoise.nouns.shares import Band, Count, Holds, StopSharing
from equipoise.settings import read_settings
from house import granted, house, identify
from partners import ANA, ask, grant

SETTINGS = read_settings(environ={}, given={"seed": "test"})
KNOWN = known_here(settings=SETTINGS)


@pytest.mark.parametrize(
    ("line", "question"),
    [
        ("adult: traits.age >= 18", Holds(
            name="adult", condition=Compare("traits.age", "at_least", 18), text="traits.age >= 18")),
        ("near: {field: traits.city, one_of: [Nice, Cannes]}", Holds(
            name="near", condition=Compare("traits.city", "one_of", ("Nice", "Cannes")),
            text="{field: traits.city, one_of: [Nice, Cannes]}")),
        ("age: band traits.age 18 25.5", Band(name="age", field="traits.age", edges=(18.0, 25.5))),
        ("many: count 50 traits.age > 17 and traits.city = Nice", Count(
            name="many", text="traits.age > 17 and traits.city = Nice", at_least=50,
            condition=All((Compare("traits.age", "more_than", 17),
                           Compare("traits.city", "is", "Nice"))))),
    ],
)  # fmt: skip
def test_a_typed_line_is_a_question(line, question):
    assert read_asked(line, KNOWN) == question


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("traits.age >= 18", "write NAME: CONDITION"),
        ("adult:", "write NAME: CONDITION"),
        ("adult: of age", "write FIELD >= VALUE"),
        ("adult: no.such.field >= 18", "no.such.field"),
        ("age: band traits.age x", "edges of a band are numbers"),
        ("many: count traits.age >= 18", "from how many people on"),
        ("bad: {field: traits.age}", "bad"),
    ],
)
def test_a_line_that_is_no_question_is_told_what_to_write(line, told):
    with pytest.raises(NoQuestion, match=told):
        read_asked(line, KNOWN)


def test_a_token_is_new_each_time_and_only_its_digest_is_kept():
    (one, kept), (two, _) = new_token("test"), new_token("test")
    assert one != two
    assert one.startswith(f"eqs_test_{kept.id}_")
    assert one.rpartition("_")[2] not in f"{kept.sha256}{kept.id}"
    assert len(kept.sha256) == 64


def settled(tmp_path):
    """A house on disk with three people of age, one of whom said no, and one child."""
    place = tmp_path / "shop.db"
    engine = house(place)
    for name, age in (("ana", 34), ("bob", 50), ("zoe", 70), ("kid", 12)):
        engine.take([identify(name, age=age), granted(name, purpose="partner")])
    ask(engine, grant())
    ask(engine, StopSharing(handles=(ANA,)))
    return place, engine


def test_only_people_who_may_be_shared_are_counted_here_and_in_a_process_apart(tmp_path):
    place, engine = settled(tmp_path)
    (share,) = engine.store.shares()
    now_ms = engine.clock.now_ms()
    here = count(engine.store, share, ("adults", "adult"), rules_of(SETTINGS), now_ms)
    assert here == {"adults": 2}
    values = read_settings(environ={}, given={"seed": "test", "store": f"sqlite:{place}"})
    assert counts(CountWork(values.values, share, ("adults",), now_ms)) == here
    apart = Counting(values, engine.store, engine.clock, apart=True)
    assert asyncio.run(apart(share, ("adults", "adult"))) == here
    assert asyncio.run(apart(share, ("adult",))) == {}
    engine.close()


def test_a_process_that_fails_to_count_is_told_and_not_taken_for_nobody(tmp_path):
    _, engine = settled(tmp_path)
    (share,) = engine.store.shares()
    values = read_settings(environ={}, given={"store": f"sqlite:{tmp_path / 'none.db'}"})
    apart = Counting(values, engine.store, engine.clock, apart=True)
    with pytest.raises(NotCounted, match="ended with code"):
        asyncio.run(apart(share, ("adults",)))
    engine.close()
