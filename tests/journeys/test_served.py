"""A house as it runs in a shop: what it acknowledged is there, and what it answers knows it all."""

import os
import signal
import threading
from contextlib import closing, contextmanager
from http.client import HTTPException

import pytest

from journeys.served import KEY, alive, served, until

GREETING = """
name: greeting
purpose: personalisation
moment: {{decide: greeting}}
options:
  - {{name: hello, do: notify, channel: page, share: 1, title: {{en: "{title}"}}, body: {{en: B}}}}
chooser: fixed_shares
explore_floor: 0
"""
"""A play that always greets, with a trait or a word in its title."""

LATEST = GREETING.format(title="{{ traits.step }}")


def track(user, message_id):
    return {"userId": user, "event": "Seen", "messageId": message_id}


class Load:
    """Threads that post events with ids of their own, as fast as they are answered."""

    def __init__(self, house, threads=2):
        self.acknowledged = set()
        self.tried = set()
        self._house = house
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._post, args=(n,)) for n in range(threads)]
        for thread in self._threads:
            thread.start()

    def _post(self, number):
        n = 0
        with closing(self._house.connect()) as connection:
            while not self._over.is_set():
                name = f"load-{number}-{n}"
                n += 1
                with self._lock:
                    self.tried.add(name)
                try:
                    reply = self._house.post("/v1/track", track(f"u{number}", name), connection)
                except (OSError, HTTPException):
                    return
                if reply.status == 200:
                    with self._lock:
                        self.acknowledged.add(name)

    def reach(self, n):
        """Wait until so many more were acknowledged."""
        goal = len(self.acknowledged) + n
        until(lambda: len(self.acknowledged) >= goal, f"{n} more events were not acknowledged")

    def end(self):
        """Stop posting and wait for the answers that are on their way."""
        self._over.set()
        for thread in self._threads:
            thread.join()


@contextmanager
def loaded(house):
    load = Load(house)
    try:
        yield load
    finally:
        load.end()


def test_a_decision_sees_every_event_that_was_acknowledged_before_it(tmp_path):
    with served(tmp_path, LATEST) as house, closing(house.connect()) as line:
        until(lambda: house.decide("greeting", "ana")["play"], "the play did not go live")
        for n in range(200):
            user = f"u{n % 7}"
            told = {"userId": user, "traits": {"step": f"step {n}"}, "messageId": f"m{n}"}
            assert house.post("/v1/identify", told, line).status == 200
            assert house.decide("greeting", user, line)["content"]["title"] == f"step {n}"


def test_when_the_step_process_is_killed_under_load_nothing_is_lost_and_answers_resume(tmp_path):
    with served(tmp_path, LATEST) as house, loaded(house) as load:
        for _ in range(2):
            load.reach(40)
            victim = house.step()
            os.kill(victim, signal.SIGKILL)
            until(lambda gone=victim: house.step() != gone, "no other step process was started")
            load.reach(40)
            assert house.decide("greeting", "ana")["outcome"] == "act"
        load.end()
        stored = house.walked().ids()
        assert set(stored) == load.acknowledged == load.tried
        assert set(stored.values()) == {1}


def test_when_the_plug_is_pulled_under_load_what_was_acknowledged_is_there_exactly_once(tmp_path):
    acknowledged, tried = set(), set()
    with served(tmp_path, LATEST) as house:
        for _ in range(2):
            with loaded(house) as load:
                load.reach(60)
                house.kill()
            acknowledged |= load.acknowledged
            tried |= load.tried
            house.start()
            # A client that heard nothing sends again, under the same id.
            for name in sorted(load.tried - load.acknowledged):
                assert house.post("/v1/track", track("late", name)).status == 200
        stored = house.walked().ids()
    assert acknowledged < tried
    assert set(stored) == tried
    assert set(stored.values()) == {1}


def test_a_step_process_that_lost_its_door_ends_and_lets_another_house_start(tmp_path):
    with served(tmp_path) as house:
        step = house.step()
        os.kill(house.process.pid, signal.SIGKILL)
        house.process.wait()
        until(lambda: not alive(step), "the step process lives on without its door")
        house.start()
        assert house.post("/v1/track", track("ana", "m1")).status == 200


def test_past_the_set_backlog_the_door_says_when_to_come_back_and_takes_events_again(tmp_path):
    with served(tmp_path, limits__backlog_rows=5) as house:
        step = house.step()
        os.kill(step, signal.SIGSTOP)
        replies = [house.post("/v1/track", track("ana", f"m{n}")) for n in range(8)]
        assert [reply.status for reply in replies] == [200] * 5 + [429] * 3
        refused = replies[-1]
        assert int(refused.headers["retry-after"]) >= 1
        assert set(refused.json) == {"code", "message"}
        os.kill(step, signal.SIGCONT)
        house.walked()

        def taken_again():
            return house.post("/v1/track", track("ana", "m7")).status == 200

        until(taken_again, "the door stays shut")
        assert set(house.walked().ids()) == {"m0", "m1", "m2", "m3", "m4", "m7"}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_house_in_order_and_leaves_no_process(tmp_path, number):
    """Also while connections are open and a decision was just asked for."""
    with served(tmp_path, LATEST) as house, closing(house.connect()) as line:
        house.decide("greeting", "ana", line)
        step = house.step()
        os.kill(house.process.pid, number)
        assert house.process.wait(20) == 0
        assert not alive(step)
        assert "Traceback" not in house.said
        with pytest.raises(ConnectionRefusedError):
            house.post("/v1/track", track("ana", "m1"))


def test_a_play_that_is_changed_in_the_folder_takes_effect_and_a_mistaken_one_does_not(tmp_path):
    with served(tmp_path, GREETING.format(title="Hello")) as house:

        def greeted(title):
            until(
                lambda: house.decide("greeting", "ana")["content"].get("title") == title,
                f"nobody is greeted with {title}",
            )

        greeted("Hello")
        house.play("name: greeting\npurpose: [", "play0")
        until(lambda: "mistakes" in house.said, "the mistake was not told")
        greeted("Hello")
        house.play(GREETING.format(title="Good morning"), "play0")
        greeted("Good morning")
        house.kill()
        house.start()
        greeted("Good morning")


def test_behind_a_proxy_that_ends_tls_browsers_are_told_the_public_address(tmp_path):
    """What the proxy says of itself is not believed: anybody could say it."""
    with served(tmp_path, public_url="https://shop.example/events/") as house:
        told = house.ask("GET", f"/v1/projects/{KEY}/settings").json
        assert told["integrations"]["Segment.io"]["apiHost"] == "shop.example/events/v1"
        assert told["integrations"]["Segment.io"]["protocol"] == "https"
        assert house.post("/v1/track", track("ana", "m1")).status == 200
