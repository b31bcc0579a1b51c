"""The link below a contact: it asks, one tap answers, and nobody answers for somebody else."""

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from equipoise.doors.feeling import MOST_BYTES, feeling_app
from equipoise.nouns.wishes import ANSWERS
from equipoise.runners.inline import InlineDesk
from equipoise.testing.fakes import FakeClock
from house import NOON_MS, THANKS, house, track, welcome


@pytest.fixture
def mailed():
    clock = FakeClock(NOON_MS)
    engine = house(clock=clock)
    engine.add_play(THANKS)
    engine.take([*welcome("ana"), track("ana", "Order Completed", 1)])
    (action,) = engine.store.with_status("ready", 10)
    app = feeling_app(engine.store, InlineDesk(engine, clock), clock, Starlette())
    return engine, action, TestClient(app)


def test_a_get_only_asks_because_mail_scanners_follow_links(mailed):
    engine, action, client = mailed
    answer = client.get(f"/felt/{action.key}")
    assert answer.status_code == 200
    assert [f'value="{said}"' in answer.text for said in ANSWERS] == [True] * 4
    assert engine.store.counts()["events"] == 3


@pytest.mark.parametrize("said", ANSWERS)
def test_one_tap_is_kept_and_counted(mailed, said):
    engine, action, client = mailed
    assert client.post(f"/felt/{action.key}", data={"felt": said}).status_code == 200
    assert engine.store.counts()[f"felt:thanks/mail:{said}"] == 1


def test_the_same_tap_twice_counts_once(mailed):
    engine, action, client = mailed
    for _ in range(2):
        client.post(f"/felt/{action.key}", data={"felt": "welcome"})
    assert engine.store.counts()["felt:welcome"] == 1


@pytest.mark.parametrize("body", [{}, {"felt": "fine"}, {"felt": "x" * MOST_BYTES}])
def test_a_post_without_one_of_the_answers_asks_again(mailed, body):
    engine, action, client = mailed
    assert client.post(f"/felt/{action.key}", data=body).status_code == 400
    assert engine.store.counts()["events"] == 3


@pytest.mark.parametrize("key", ["", "d_1", "d_1_0", "d_x_y", "d_" + "9" * 40])
def test_a_key_that_belongs_to_nothing_answers_nothing(mailed, key):
    engine, _, client = mailed
    assert client.post(f"/felt/{key}", data={"felt": "welcome"}).status_code == 404
    assert engine.store.counts()["events"] == 3


def test_a_key_with_one_letter_changed_answers_nothing(mailed):
    _, action, client = mailed
    changed = action.key[:-1] + ("0" if action.key[-1] != "0" else "1")
    assert client.post(f"/felt/{changed}", data={"felt": "welcome"}).status_code == 404


def test_every_other_path_goes_on(mailed):
    assert mailed[2].get("/elsewhere").status_code == 404
