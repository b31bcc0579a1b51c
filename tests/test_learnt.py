"""What was learnt is found by play, one's own models stand in front of it, inputs are read as they stand."""

from msgspec.structs import replace

from equipoise.learnt import Learnt
from equipoise.nouns.plays import Goal
from equipoise.testing.standing import PLAY, FakeStanding

GOAL = Goal(event="Order Completed")
LEARNS = replace(PLAY, goal=GOAL, features=("orders.count", "orders.mean"))


class Version:
    """A model of which only the version matters here."""

    def __init__(self, version):
        self.version = version


def test_a_play_without_goal_or_features_reads_nothing():
    person = FakeStanding(fields={"orders.count": 3})
    assert Learnt().inputs(PLAY, person) == {}
    assert Learnt().inputs(replace(PLAY, goal=GOAL), person) == {}


def test_the_inputs_are_the_features_contact_pressure_and_what_is_at_stake():
    person = FakeStanding(fields={"orders.count": 3, "orders.mean": 1 / 3, "contacts.last_7d": 2})
    assert Learnt(lambda _: 2 / 3).inputs(LEARNS, person) == {
        "orders.count": 3,
        "orders.mean": 0.333333,
        "contacts.last_7d": 2,
        "contacts.last_28d": None,
        "contacts.days_since": None,
        "lifetime.value": 0.666667,
    }


def test_a_chooser_that_looks_at_people_has_inputs_even_without_features():
    assert Learnt().inputs(replace(PLAY, goal=GOAL, chooser="learning"), FakeStanding())


def test_the_newest_version_of_a_play_is_in_force():
    learnt = Learnt()
    assert learnt.model_of(LEARNS) is None
    learnt.enter(LEARNS.name, Version("a"))
    learnt.enter(LEARNS.name, Version("b"))
    assert learnt.model_of(LEARNS).version == "b"


def test_a_model_of_ones_own_stands_in_front_of_what_was_learnt_and_is_made_once_for_each():
    made = []

    def own(base):
        made.append(base and base.version)
        return Version(f"own of {base and base.version}")

    learnt = Learnt(own={"mine": own})
    play = replace(LEARNS, model="mine")
    assert learnt.model_of(play).version == "own of None"
    learnt.enter(play.name, Version("a"))
    assert learnt.model_of(play).version == learnt.model_of(play).version == "own of a"
    assert made == [None, "a"]
    assert learnt.model_of(LEARNS).version == "a"
