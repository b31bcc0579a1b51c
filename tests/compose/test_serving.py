"""A house behind a door: what comes in is decided, shown and counted, and it ends in order."""

import asyncio
import base64
import http.client
import json
from urllib.parse import urlsplit

import msgspec
import pytest

from equipoise.compose.serving import Guests, bounds_of, handles_in_text, serve, texts
from equipoise.nouns.events import Handle
from equipoise.settings import read_settings
from equipoise.testing.fakes import FakeClock, RecordingSender
from house import HERO, NOON_MS, THANKS, track, welcome
from journeys.served import until

KEY = "served-key"
PATIENCE_S = 30.0


class Visitor:
    """Somebody who talks to the house over HTTP."""

    def __init__(self, url, loop):
        self.place = urlsplit(url)
        self._loop = loop

    def look(self, question):
        """The answer of a question that is asked where the house runs."""

        async def answer():
            return question()

        return asyncio.run_coroutine_threadsafe(answer(), self._loop).result(PATIENCE_S)

    def ask(self, path, body=None, method=None):
        line = http.client.HTTPConnection(self.place.hostname, self.place.port, timeout=PATIENCE_S)
        headers = {"authorization": "Basic " + base64.b64encode(f"{KEY}:".encode()).decode()}
        sent = None if body is None else json.dumps(body)
        try:
            line.request(method or ("GET" if body is None else "POST"), path, sent, headers)
            reply = line.getresponse()
            return reply.status, reply.read().decode()
        finally:
            line.close()

    def counted(self, name, n):
        """Wait until so many are counted; the step follows the door by a moment."""
        says = f'equipoise_walked_total{{what="{name}"}} {n}.0'
        until(lambda: says in self.ask("/metrics")[1], says)

    def staged(self, house):
        """Wait until the plays of the folder are in the log."""
        until(lambda: self.look(house.store.plays), "a play")


def served(folder, visit, store=None, guests=None, **given):
    """Serve a house in `folder` while `visit(visitor, served)` runs on a thread; what it returned."""
    plays = folder / "plays"
    plays.mkdir(exist_ok=True)
    settings = read_settings(
        environ={},
        given={
            "store": store or f"sqlite:{folder}/shop.db",
            "plays": str(plays),
            "port": 0,
            "seed": "t",
            "open_console": True,
            **given,
        },
    )
    url, told, houses = asyncio.Queue(), [], []

    class Done(Exception):
        pass

    async def chore(house):
        houses.append(house)
        visitor = Visitor(await url.get(), asyncio.get_running_loop())
        told.append(await asyncio.to_thread(visit, visitor, house))
        raise Done

    guests = guests or {}
    made = Guests(write_key=KEY, clock=FakeClock(NOON_MS), chores=[chore], **guests)

    async def story():
        with pytest.raises(Done):
            await asyncio.wait_for(serve(settings, made, url.put_nowait), 2 * PATIENCE_S)

    asyncio.run(story())
    return told[0]


@pytest.fixture(params=["memory:", "files"])
def store(request, tmp_path):
    """Either way of keeping: in this process alone, or with a step process beside it."""
    return request.param if request.param == "memory:" else f"sqlite:{tmp_path}/shop.db"


def test_events_are_taken_decided_and_counted_and_a_channel_is_answered(tmp_path, store):
    (tmp_path / "plays").mkdir()
    (tmp_path / "plays" / "hero.yaml").write_text(HERO)
    sent = RecordingSender()

    def visit(visitor, house):
        status, _ = visitor.ask("/v1/batch", {"batch": [*welcome("ana"), track("ana", "page", 1)]})
        visitor.counted("events", 3)
        visitor.staged(house)
        asked = {"moment": "home-hero", "userId": "ana"}
        return status, json.loads(visitor.ask("/v1/decide", asked)[1])

    status, answer = served(tmp_path, visit, store, {"senders": {"email": sent}})
    assert status == 200
    assert answer["play"] == "hero"


def test_what_was_decided_leaves_by_the_sender_once(tmp_path, store):
    (tmp_path / "plays").mkdir()
    (tmp_path / "plays" / "thanks.yaml").write_text(THANKS)
    sent = RecordingSender()

    def visit(visitor, house):
        visitor.staged(house)
        visitor.ask("/v1/batch", {"batch": [*welcome("ana"), track("ana", "Order Completed", 1)]})
        until(lambda: visitor.look(lambda: house.store.with_status("sent", 10)), "sent")
        return visitor.look(lambda: [row.body for row in house.store.newest_receipts(10)])

    bodies = served(tmp_path, visit, store, {"senders": {"email": sent}})
    assert len(sent.sent) == 1
    decided = [msgspec.json.decode(body) for body in bodies]
    assert f"d_{sent.sent[0].id}" in {receipt["id"] for receipt in decided}


def test_without_a_key_nothing_is_taken(tmp_path):
    def visit(visitor, _):
        line = http.client.HTTPConnection(visitor.place.hostname, visitor.place.port, timeout=9)
        line.request("POST", "/v1/track", json.dumps(track("ana", "page", 1)))
        status = line.getresponse().status
        line.close()
        return status

    assert served(tmp_path, visit, "memory:") == 401


def test_the_pages_are_behind_the_same_door(tmp_path):
    def visit(visitor, _):
        return {path: visitor.ask(path)[0] for path in ("/", "/health", "/docs", "/metrics")}

    assert set(served(tmp_path, visit, "memory:").values()) == {200}


def test_a_house_that_is_simulated_says_so_on_its_page(tmp_path):
    def visit(visitor, _):
        return visitor.ask("/")[1].lower()

    assert "simulated" in served(tmp_path, visit, "memory:", {"simulated": True})
    assert "simulated" not in served(tmp_path, visit, "memory:")


def test_a_house_that_ended_can_be_served_again_where_it_stood(tmp_path):
    def first(visitor, _):
        visitor.ask("/v1/batch", {"batch": welcome("ana")})
        visitor.counted("events", 2)

    def second(visitor, house):
        visitor.ask("/v1/batch", {"batch": [track("ana", "page", 1)]})
        visitor.counted("events", 3)
        return visitor.look(house.store.counts)["people"]

    served(tmp_path, first)
    assert served(tmp_path, second) == 1


def test_handles_are_read_from_what_an_operator_types():
    assert handles_in_text(" email:Ana@Example.org ") == (Handle("email", "ana@example.org"),)
    guessed = handles_in_text("ana@example.org")
    assert Handle("email", "ana@example.org") in guessed
    assert Handle("user_id", "ana@example.org") in guessed
    assert handles_in_text("null") == ()


def test_bounds_and_texts_are_those_of_the_settings():
    settings = read_settings(environ={}, given={"limits.backlog_rows": 7, "intake.keep_rows": 3})
    bounds = bounds_of(settings)
    assert (bounds.backlog_rows, bounds.keep_rows) == (7, 3)
    assert texts(settings, "http://here")["limits.backlog_rows"] == "7"
    assert texts(settings, "http://here")["public_url"] == "http://here"
