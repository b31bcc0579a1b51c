"""Pull the plug many times, at random points: nothing acknowledged is lost, nothing decided twice."""

import random
import subprocess
import sys
from pathlib import Path

import msgspec

import crash
from house import head, house, receipts

CHILD = Path(__file__).with_name("crash.py")
KILLS = 25


def run_until_killed(store: Path, first: int, lines: int, pause: float) -> list[str]:
    """Run the child, kill it a moment after so many lines, and return all that it had said."""
    with subprocess.Popen(
        [sys.executable, str(CHILD), str(store), str(first)], stdout=subprocess.PIPE, text=True
    ) as child:
        said = []
        for _ in range(lines):
            line = child.stdout.readline()
            if not line:
                break
            said.append(line.strip())
        try:
            # The plug is pulled at no particular point of what comes next.
            child.wait(pause)
        except subprocess.TimeoutExpired:
            child.kill()
        said += child.stdout.read().split()
    return said


def all_states(engine):
    people = engine.store.people_after(0, 10_000)
    return engine.store.states(people)


def test_after_many_kills_the_house_is_what_it_would_have_been(tmp_path):
    undisturbed = house(tmp_path / "whole.db", **{"budget.per_day": 3, "budget.per_7d": 5})
    undisturbed.add_play(crash.THANKS)
    for n in range(crash.BATCHES):
        undisturbed.take(crash.batch(n))

    draw = random.Random(2026)
    store = tmp_path / "killed.db"
    acknowledged, kills = -1, 0
    while acknowledged < crash.BATCHES - 1:
        lines = 1 + draw.randrange(5) if kills < KILLS else crash.BATCHES + 1
        said = run_until_killed(store, acknowledged + 1, lines, draw.random() * 0.03)
        numbers = [int(line) for line in said if line != "open"]
        kills += 1
        if numbers:
            acknowledged = numbers[-1]
        with house(store, **{"budget.per_day": 3, "budget.per_7d": 5}) as after:
            taken = {
                msgspec.msgpack.decode(row.body)["id"]
                for row in after.store.recent(100_000)
                if row.kind == "event"
            }
            for n in numbers:
                assert all(call["messageId"] in taken for call in crash.batch(n)), (
                    f"batch {n} was acknowledged and is not in the log"
                )
            actions = after.store.with_status("ready", 10_000)
            receipted = {r["id"] for r in receipts(after, 100_000)}
            assert {f"d_{action.id}" for action in actions} <= receipted, "no receipt, no action"
    assert kills > 10

    with undisturbed, house(store, **{"budget.per_day": 3, "budget.per_7d": 5}) as killed:
        assert head(killed) == head(undisturbed)
        assert all_states(killed) == all_states(undisturbed)
        ready = killed.store.with_status("ready", 10_000)
        assert ready == undisturbed.store.with_status("ready", 10_000)
