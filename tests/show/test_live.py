"""The first page is alive: it tells what changed, only what changed, and only while somebody watches."""

import asyncio
from typing import Any

import msgspec
import pytest

from equipoise.compose import Engine
from equipoise.show.glance import BARS, PAUSE_S, SAMPLES, Watch, actions_of, bars_of
from equipoise.show.languages import Language
from equipoise.show.live import PARTS, QUIET_S, WATCHERS_MOST, Live
from equipoise.show.rendering import Pages
from house import send, track
from show.visiting import EVIL, ORIGIN, TOKEN, FakeTime, house_of, lively, visit

EN, FR = Language("en", "Europe/Paris"), Language("fr", "Europe/Paris")


class Counting:
    """A store that counts the questions it is asked, by name."""

    def __init__(self, store: Any) -> None:
        self._store = store
        self.asked: dict[str, int] = {}

    def __getattr__(self, name: str) -> Any:
        self.asked[name] = self.asked.get(name, 0) + 1
        return getattr(self._store, name)


class Turns:
    """A house's `closing` that ends what runs after so many looks, doing something at each."""

    def __init__(self, most: int, act: Any = lambda turn: None) -> None:
        self.turn, self.most, self.act = 0, most, act

    def __call__(self) -> bool:
        self.turn += 1
        self.act(self.turn)
        return self.turn > self.most


def events_of(
    live: Live, language: Language = EN, alive: Any = lambda: True
) -> list[dict[str, str]]:
    """What one watcher is sent until the house closes."""

    async def watch() -> list[str]:
        return [event async for event in live.changes(language, alive)]

    return [
        msgspec.json.decode(event.removeprefix("data: "))
        for event in asyncio.run(watch())
        if event.startswith("data: ")
    ]


def live_of(engine: Engine, time: FakeTime, **given: Any) -> Live:
    house = house_of(engine, **given)
    return Live(house, Pages(house), time.seconds, time.pause)


def test_a_watcher_is_told_everything_once_and_then_only_what_changed() -> None:
    engine, time = lively(), FakeTime()

    def act(turn: int) -> None:
        if turn == 4:
            send(engine, [track("bo", "Product Viewed", 77)])

    told = events_of(live_of(engine, time, closing=Turns(6, act)))
    assert set(told[0]) == set(PARTS)
    arrived = next(parts for parts in told[1:] if "arrivals" in parts)
    assert "Product Viewed" in arrived["arrivals"]
    assert "ledger" not in arrived
    # The bars of the pace move on; nothing else is said again.
    assert all(set(parts) == {"figures"} for parts in told[1:] if parts is not arrived)


def test_what_is_sent_is_escaped_and_in_the_language_of_the_watcher() -> None:
    engine = lively()
    send(engine, [track("bo", EVIL, 5)])
    told = events_of(live_of(engine, FakeTime(), closing=Turns(1)), FR)
    assert "Rien n’a été fait." in told[0]["decided"]
    assert "&lt;script&gt;" in told[0]["arrivals"]
    assert "<script" not in "".join(told[0].values())


def test_the_store_is_asked_at_most_twice_a_second_however_many_watch() -> None:
    engine, time = lively(), FakeTime()
    store = Counting(engine.store)
    live = live_of(engine, time, store=store)
    for tenth in range(40):
        live.fragments(EN)
        live.fragments(FR)
        if tenth % 10 == 0:
            send(engine, [track("bo", "Product Viewed", f"t{tenth}")])
        time.now_s += 0.1
    assert store.asked["position"] <= 4 / PAUSE_S + 1
    assert store.asked["recent"] <= 5


def test_nobody_watching_means_that_nothing_is_asked() -> None:
    engine, time = lively(), FakeTime()
    store = Counting(engine.store)
    live = live_of(engine, time, store=store)
    time.now_s += 1000
    assert store.asked == {}
    assert live.watchers == 0


def test_a_quiet_house_is_still_heard() -> None:
    """Something in between that hangs up on silence is told now and then that we are here."""
    engine, time = lively(), FakeTime()
    live = live_of(engine, time, closing=Turns(SAMPLES + int(3 * QUIET_S / PAUSE_S)))

    async def watch() -> list[str]:
        return [event async for event in live.changes(EN, lambda: True)]

    heard = asyncio.run(watch())
    assert sum(event.startswith(":") for event in heard) >= 2


def test_watching_ends_with_the_session_and_with_the_house() -> None:
    engine, time = lively(), FakeTime()
    until = iter([True, True, False])
    live = live_of(engine, time)
    assert len(events_of(live, alive=lambda: next(until))) >= 1
    assert live.watchers == 0
    assert events_of(live_of(engine, time, closing=lambda: True)) == []


def test_the_stream_is_served_as_events_and_only_to_so_many() -> None:
    engine = lively()
    client = visit(engine, closing=Turns(2))
    answer = client.get("/live")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.text.startswith("retry: ")
    live = live_of(engine, FakeTime())
    live.watchers = WATCHERS_MOST
    from starlette.requests import Request

    scope = {"type": "http", "headers": [], "query_string": b"", "path": "/live", "method": "GET"}
    assert asyncio.run(live.stream(Request(scope))).status_code == 503


def test_a_stream_that_is_open_ends_when_its_operator_signs_out() -> None:
    engine = lively()
    browsers: list[Any] = []

    def act(turn: int) -> None:
        if turn == 3:
            browsers[0].post("/logout", headers=ORIGIN)

    turns = Turns(50, act)
    browsers.append(visit(engine, open_console=False, closing=turns))
    browsers[0].post("/login", data={"token": TOKEN}, headers=ORIGIN)
    assert browsers[0].get("/live").status_code == 200
    assert turns.turn < 6


def test_the_pace_is_that_of_the_last_seconds() -> None:
    engine, time = lively(), FakeTime()
    watch = Watch(house_of(engine), time.seconds)
    watch.glance()
    assert watch.pulse().per_s is None
    for n in range(8):
        time.now_s += 1
        send(engine, [track("bo", "Product Viewed", f"{n}.{k}") for k in range(3)])
        watch.glance()
    pulse = watch.pulse()
    assert pulse.per_s == pytest.approx(3.0)
    assert pulse.bars == (1.0,) * 8


def test_the_ledger_is_proven_anew_only_while_it_grows() -> None:
    engine, time = lively(), FakeTime()
    house = house_of(engine)
    proven: list[int] = []

    class Ledger:
        vkey = house.ledger.vkey

        def health(self, most: int) -> Any:
            proven.append(most)
            return house.ledger.health(most)

    watch = Watch(msgspec.structs.replace(house, ledger=Ledger()), time.seconds)
    for _ in range(5):
        time.now_s += 10
        assert watch.health().complaint == ""
    assert len(proven) == 1
    send(engine, [track("bo", "Order Completed", 9)])
    send(engine, [track("ana", "Order Completed", 9)])
    time.now_s += 10
    watch.health()
    assert len(proven) == 2


def test_silences_are_bars_with_the_rest_in_one() -> None:
    counts = {f"silence:r{n}": n for n in range(1, 12)} | {"events": 5}
    bars = bars_of(counts)
    assert [bar.n for bar in bars] == [11, 10, 9, 8, 7, 6, 5, 10]
    assert (bars[0].share, bars[-1].code, len(bars)) == (1.0, "other", BARS + 1)
    assert bars_of({}) == []


def test_actions_are_counted_wherever_they_stand() -> None:
    engine = lively()
    acts = actions_of(engine.store, engine.store.counts())
    assert acts.made == acts.sent + acts.cancelled + acts.dead + sum(acts.open.values())
    assert acts.open["review"] == 1
    assert acts.open["ready"] >= 1
