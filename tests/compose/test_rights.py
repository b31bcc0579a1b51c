"""What the step is handed for requests: a decision made again, and where the erased are kept."""

from pathlib import Path

import msgspec

from equipoise.compose.rights import right_habits, tombstones_beside
from equipoise.nouns.events import Handle
from equipoise.nouns.state import PersonState
from house import THANKS, house, receipts, track, welcome


def test_a_house_in_memory_keeps_no_tombstones_and_another_beside_its_key_file(tmp_path):
    assert tombstones_beside(None, b"k" * 32) is None
    stones = tombstones_beside(Path(tmp_path / "shop.keys"), b"k" * 32)
    stones.entomb([Handle("user_id", "ana")], 1)
    assert (tmp_path / "shop.erased").exists()


def test_a_decision_made_again_is_the_same_differs_or_says_what_is_missing():
    engine = house()
    engine.add_play(THANKS)
    engine.take([*welcome("ana"), track("ana", "Order Completed", 1)])
    habits = right_habits(engine.walker.engine, engine.store, None)
    receipt = next(row for row in receipts(engine) if row["type"] == "decision")
    blob = engine.store.states([receipt["person"]])[receipt["person"]]
    state = msgspec.msgpack.decode(blob, type=PersonState)
    assert habits.replay(receipt, state) == "same"
    assert habits.replay(receipt | {"chosen": "silence"}, state).startswith("differs: chosen")
    assert habits.replay(receipt | {"version": "x"}, state).startswith("cannot: ")
