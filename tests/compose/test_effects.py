"""Effects are counted by the plays as they entered the log, those that no longer read left out."""

from equipoise.compose.effects import effects_in
from equipoise.nouns.changes import Changes, PlayRow
from equipoise.nouns.lessons import ENGINE, HOLDOUT
from equipoise.nouns.rules import Rules
from house import THANKS, house

GOAL = "goal: {event: Order Completed, value: revenue, currency: EUR}\nholdout: 0.2\n"


def names(engine):
    counting = effects_in(engine.store, Rules(holdout=0.5), engine.clock)
    list(counting.count())
    return {effect.play: [arm.name for arm in effect.arms] for effect in counting.told()}


def test_a_play_is_told_once_it_has_a_goal():
    engine = house()
    engine.add_play(THANKS)
    assert names(engine) == {}
    engine.add_play(THANKS + GOAL)
    assert names(engine) == {"thanks": [ENGINE, HOLDOUT]}


def test_a_version_that_no_longer_reads_is_passed_over():
    engine = house()
    engine.add_play(THANKS + GOAL)
    at = engine.store.position()
    broken = PlayRow("odd", "0" * 64, at.seq + 1, "live", "name: [")
    engine.store.commit(Changes(cursor=at.cursor, seq=at.seq + 1, plays=[broken]))
    assert list(names(engine)) == ["thanks"]
