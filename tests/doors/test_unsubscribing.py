"""The link in every mail: it asks, it ends, and nobody can use it for somebody else."""

import asyncio

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from equipoise.doors.unsubscribing import unsubscribe_app
from equipoise.runners.inline import InlineDesk
from equipoise.testing.fakes import FakeClock
from house import DAY_MS, NOON_MS, THANKS, house, track, welcome


@pytest.fixture
def mailed():
    clock = FakeClock(NOON_MS)
    engine = house(clock=clock)
    engine.add_play(THANKS)
    engine.take([*welcome("ana"), track("ana", "Order Completed", 1)])
    (action,) = engine.store.with_status("ready", 10)
    app = unsubscribe_app(engine.store, InlineDesk(engine, clock), clock, Starlette())
    return engine, clock, action, TestClient(app)


def test_a_get_only_asks_because_mail_scanners_follow_links(mailed):
    engine, _, action, client = mailed
    answer = client.get(f"/unsubscribe/{action.key}")
    assert answer.status_code == 200
    assert '<form method="post">' in answer.text
    assert engine.store.counts()["events"] == 3


def test_a_post_ends_it_at_the_next_decision(mailed):
    engine, clock, action, client = mailed
    body = {"List-Unsubscribe": "One-Click"}
    assert client.post(f"/unsubscribe/{action.key}", data=body).status_code == 200
    asyncio.run(clock.advance(2 * DAY_MS))
    engine.take([track("ana", "Order Completed", 2)])
    assert engine.store.counts()["silence:withdrawn"] == 1
    assert len(engine.store.with_status("ready", 10)) == 1, "only the mail of before"


@pytest.mark.parametrize("key", ["", "d_1", "d_1_0", "d_x_y", "../..", "d_" + "9" * 40])
def test_a_key_that_belongs_to_no_mail_ends_nothing(mailed, key):
    engine, _, _, client = mailed
    assert client.post(f"/unsubscribe/{key}").status_code == 404
    assert engine.store.counts()["events"] == 3


def test_a_key_with_one_letter_changed_ends_nothing(mailed):
    _, _, action, client = mailed
    changed = action.key[:-1] + ("0" if action.key[-1] != "0" else "1")
    assert client.post(f"/unsubscribe/{changed}").status_code == 404


def test_every_other_path_goes_on(mailed):
    assert mailed[3].get("/elsewhere").status_code == 404
