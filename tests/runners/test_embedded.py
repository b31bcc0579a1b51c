"""The house as a library: what `take` returned from is on disk and decided, whoever it is about."""

import threading

import pytest

from equipoise.nouns.events import Event, Handle
from equipoise.runners.embedded import Told, handles_in
from equipoise.testing.fakes import FakeClock
from house import DAY_MS, HERO, NOON_MS, THANKS, house, identify, receipts, track, welcome


def event(n, user="ana"):
    return Event(
        id=f"e{n}",
        kind="page",
        channel="web",
        source="library",
        at_ms=NOON_MS,
        received_ms=NOON_MS,
        handles=(Handle("user_id", user),),
    )


@pytest.mark.parametrize(
    "whom",
    ["user_id:42", Handle("user_id", "42"), {"user_id": "42"}],
)
def test_a_person_is_named_in_three_ways(whom):
    assert handles_in(whom) == (Handle("user_id", "42"),)


def test_a_name_without_its_kind_is_refused_with_an_example():
    with pytest.raises(
        ValueError, match=r"person 'ana': needs KIND:VALUE, for example 'user_id:ana'"
    ):
        handles_in("ana")


def test_events_and_wire_calls_may_come_together_and_are_counted():
    engine = house()
    assert engine.take([event(1), track("ana", "page", 2), event(3)]) == 3
    assert engine.store.counts()["events"] == 3
    assert engine.take([]) == 0


def test_what_was_taken_is_there_when_the_house_is_opened_again(tmp_path):
    with house(tmp_path / "shop.db") as engine:
        engine.add_play(HERO)
        engine.take([identify("ana")])
    with house(tmp_path / "shop.db") as again:
        assert again.store.counts()["events"] == 1
        assert again.decide("user_id:ana", "home-hero").play == "hero"


def test_rows_that_were_acknowledged_and_not_walked_are_walked_when_it_opens(tmp_path):
    from house import rows_of

    with house(tmp_path / "shop.db") as engine:
        engine.intake.append([rows_of([identify("ana")])])
        assert engine.store.counts().get("events", 0) == 0
    with house(tmp_path / "shop.db") as again:
        assert again.store.counts()["events"] == 1


def test_plays_of_a_folder_enter_once_per_text(tmp_path):
    engine = house()
    (tmp_path / "a.yaml").write_text(THANKS)
    (tmp_path / "b.yaml").write_text(HERO)
    assert engine.add_plays(tmp_path) == ["thanks", "hero"]
    assert engine.add_plays(tmp_path) == []
    (tmp_path / "b.yaml").write_text(HERO + "priority: 3\n")
    assert engine.add_plays(tmp_path) == ["hero"]
    assert len(engine.store.plays()) == 3


def test_a_play_with_mistakes_does_not_enter_the_log():
    engine = house()
    with pytest.raises(ValueError, match="moment"):
        engine.add_play("name: broken\npurpose: marketing\n")
    assert engine.store.plays() == []


def test_a_split_that_cannot_be_is_answered_with_its_reason():
    engine = house()
    engine.take([identify("ana")])
    (person,) = engine.store.people_after(0, 10)
    assert engine.split(person, [person], "Zoé")["ok"] is False
    assert engine.split(999, [1], "Zoé") == {"ok": False, "reason": "no such person"}


def test_time_passes_only_when_it_is_told_to():
    clock = FakeClock(NOON_MS)
    engine = house(clock=clock)
    engine.add_play(THANKS)
    engine.take(
        [identify("ana"), track("ana", "Order Completed", 1), track("ana", "Order Completed", 2)]
    )
    assert engine.tick() == 0
    clock._now_ms += DAY_MS
    assert engine.tick() == 1
    assert receipts(engine)[-1]["type"] == "silences"
    assert engine.tick() == 0


def test_many_threads_may_share_one_house():
    engine = house()
    engine.add_play(HERO)
    told = []

    def ask(n):
        for _ in range(10):
            told.append(engine.decide(f"user_id:u{n}", "home-hero"))

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({answer.decision for answer in told}) == 40
    assert engine.store.counts()["asked"] == 40


def test_an_answer_tells_why_in_both_languages():
    told = Told(outcome="silence", reason="consent_missing", detail={"purpose": "marketing"})
    assert told.why() == "Nothing was done. You have not said yes to marketing."
    assert told.why("fr").startswith("Rien n’a été fait.")


def test_facts_of_the_moment_can_be_asked_for_in_a_condition():
    engine = house()
    narrow = "moment: {decide: home-hero, where: {field: event.page, is: shoes}}"
    engine.add_play(HERO.replace("moment: {decide: home-hero}", narrow))
    engine.take(welcome("ana"))
    assert engine.decide("user_id:ana", "home-hero", {"page": "coats"}).reason == "no_such_moment"
    assert engine.decide("user_id:ana", "home-hero", {"page": "shoes"}).play == "hero"
