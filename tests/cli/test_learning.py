"""`equipoise learn` says of each play what was learnt, or what is still missing."""

import asyncio

import pytest

from equipoise.cli.learning import _tell
from equipoise.testing.fakes import FakeClock
from house import DAY_MS, HERO, NOON_MS, house, track
from journeys.served import KEY, served, until

LEARNING = (
    HERO
    + """
goal: {event: Order Completed, value: 20, within_days: DAYS}
features: [orders.count]
chooser: learning
"""
)


@pytest.fixture
def taught(shop):
    """A house with 80 decisions whose outcome is known, a third of them answered."""
    settings = shop / "equipoise.toml"
    settings.write_text(settings.read_text().replace('# seed = ""', 'seed = "test"'))
    with house(shop / "equipoise.db", clock=FakeClock(NOON_MS)) as engine:
        engine.add_play(LEARNING.replace("DAYS", "1"))
        for n in range(80):
            engine.decide(f"user_id:u{n}", "home-hero")
            if n % 3 == 0:
                engine.take([track(f"u{n}", "Order Completed", value=20)])
        asyncio.run(engine.clock.advance(2 * DAY_MS))
        engine.tick()
    return shop


def test_it_learns_and_says_what_and_a_second_time_that_nothing_is_new(equipoise, taught):
    first = equipoise("learn")
    assert first.code == 0, first.err
    hero = next(line for line in first.out.splitlines() if line.startswith("play/hero"))
    assert hero.split()[1] == "80"
    assert hero.rstrip().endswith("new")
    assert "! lifetime: 27 people have bought" in first.out
    again = equipoise("learn", "--json").json
    assert [one["model"] for one in again] == ["play/hero", "lifetime"]
    assert [one["new"] for one in again] == [False, False]
    assert again[0]["version"].startswith(hero.split()[2])


def test_a_house_without_a_play_that_learns_says_what_it_takes(equipoise, shop):
    said = equipoise("learn")
    assert said.code == 0
    assert "No live play learns" in said.err
    assert "no live play learns" in said.out


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--store", "memory:"), "cannot be taught from outside"),
        (("--store", "nowhere.db"), "there is no such store"),
        (("--url", "ftp://x", "--key", "k"), "needs an address"),
        (("--url", "localhost:1"), "needs --key"),
        (("--url", "127.0.0.1:1", "--key", "k"), "does not answer"),
    ],
)
def test_what_cannot_be_taught_is_said_with_the_way_out(equipoise, shop, words, complaint):
    said = equipoise("learn", *words)
    assert said.code in (2, 3)
    assert complaint in said.err.replace("\n", " ")


def test_a_model_that_was_refused_is_told_as_a_fault(capsys):
    finding = {"lessons": 60, "version": "ab", "new": False, "missing": ""}
    _tell([finding | {"model": "play/p", "refused": "it cannot be read"}])
    assert "✗ play/p: it cannot be read" in capsys.readouterr().out


def test_an_engine_that_runs_learns_by_itself_and_when_it_is_asked(equipoise, tmp_path):
    """Beside the door, in a process of its own; the store that it writes is left to it."""
    play = LEARNING.replace("DAYS", "0.00002")
    with served(tmp_path, play, learn__every_hours=0.001) as shop:
        until(lambda: "chance" in shop.decide("home-hero", "eve"), "the play did not enter")
        for n in range(60):
            shop.decide("home-hero", f"u{n}")
            event = {"userId": f"u{n}", "event": "Order Completed", "messageId": f"m{n}"}
            assert shop.post("/v1/track", event).status == 200
        until(lambda: "a model entered the log" in shop.said, "nothing was learnt")
        shop.decide("home-hero", "ana")
        assert len(shop.receipts()[0]["model"]) == 64
        in_the_way = equipoise("learn", "--store", tmp_path / "shop.db")
        assert in_the_way.code == 3
        assert "--url http://127.0.0.1:" in in_the_way.err
        wrong = equipoise("learn", "--url", shop.url, "--key", "wrong")
        assert wrong.code == 2
        assert "unknown_key" in wrong.err
        asked = equipoise("learn", "--url", shop.url, "--key", KEY, "--json")
        assert asked.code == 0, asked.err + shop.said
        hero, _ = asked.json
        assert (hero["missing"], len(hero["version"])) == ("", 64)
        assert hero["lessons"] >= 50
        assert shop.stop() == 0, shop.said
