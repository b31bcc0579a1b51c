"""The playbook finds the live plays of a moment, in the order of their turn."""

from equipoise.nouns.plays import SILENCE, Compare, Play, Trigger
from equipoise.plays.playbook import Playbook


def play(name: str, moment: Trigger, **more) -> Play:
    """A play with silence only."""
    return Play(name=name, purpose="marketing", moment=moment, options=(SILENCE,), **more)


ORDER = Trigger(event="Order Completed")


def test_plays_come_by_priority_and_then_by_name():
    book = Playbook.of([play("b", ORDER), play("a", ORDER), play("z", ORDER, priority=5)])
    assert [live.play.name for live in book.on_event("Order Completed")] == ["z", "a", "b"]
    assert [live.play.name for live in book] == ["z", "a", "b"]
    assert len(book) == 3


def test_only_what_is_live_is_found():
    book = Playbook.of([play(s, ORDER, status=s) for s in ("draft", "live", "paused", "retired")])
    assert [live.play.name for live in book.on_event("Order Completed")] == ["live"]
    assert book.named("paused") is None
    assert book.named("live") is not None


def test_the_newest_version_of_a_play_counts_even_where_it_pauses_it():
    old, new = play("a", ORDER, version="1"), play("a", ORDER, version="2")
    found = Playbook.of([old, new]).named("a")
    assert found is not None
    assert found.play.version == "2"
    assert len(Playbook.of([old, play("a", ORDER, status="paused")])) == 0


def test_each_way_of_opening_a_moment_has_its_own_list():
    book = Playbook.of(
        [
            play("event", ORDER),
            play("decide", Trigger(decide="home-hero")),
            play("timer", Trigger(every_hours=24)),
        ]
    )
    assert [live.play.name for live in book.on_event("Order Completed")] == ["event"]
    assert [live.play.name for live in book.on_decide("home-hero")] == ["decide"]
    assert [live.play.name for live in book.scheduled()] == ["timer"]
    assert book.on_event("home-hero") == book.on_decide("Order Completed") == ()


def test_a_live_play_carries_its_conditions_and_the_fields_they_read():
    moment = Trigger(every_hours=24, where=Compare("orders.days_since", "at_least", 90))
    book = Playbook.of([play("a", moment, audience=Compare("traits.vip", "is", True))])
    live = book.named("a")
    assert live is not None
    assert live.where({"orders.days_since": 91}.get)
    assert not live.where({"orders.days_since": 89}.get)
    assert live.audience({"traits.vip": True}.get)
    assert not live.audience({}.get)
    assert live.fields == ("orders.days_since", "traits.vip")
    assert book.columns() == {
        "orders.days_since.at_ms": "number",
        "traits.vip (boolean)": "boolean",
    }


def test_a_play_without_conditions_is_for_everybody_and_one_on_an_event_selects_nobody():
    live = Playbook.of([play("a", ORDER)]).on_event("Order Completed")[0]
    assert live.where({}.get)
    assert live.audience({}.get)
    assert live.selection is None
