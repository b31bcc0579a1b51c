"""The exam of a client library: whatever breaks on the way, what it sent is stored once, and decided once."""

import json
import os
import subprocess
from collections import Counter

from journeys.crooked import Crooked, carried, crooked, cut, endless, lost_answer, saying, twice
from journeys.served import KEY

EVENTS = 51
"""How many each client sends: some batches of 15 or 20, and a rest."""

BUSY = '{"code":"overloaded","message":"come back"}'

FAULTS = {
    "none": ([], carried),
    "failing": ([saying("500 Internal Server Error", "<html>oops</html>")] * 2, carried),
    "limited": ([saying("429 Too Many Requests", BUSY, Retry_After=1)], carried),
    "answer lost": ([lost_answer, carried, lost_answer], carried),
    "cut": ([cut], carried),
    "delivered twice": ([], twice),
    "too slow": ([endless], carried),
}
"""What each fault does to the first requests, and to those that follow."""

VIEWED = """
name: viewed
purpose: personalisation
moment: {event: Product Viewed}
options:
  - {name: again, do: notify, channel: page, title: {en: Again, fr: Encore}, body: {en: A, fr: E}}
"""
"""A play that opens a moment for every product that is viewed."""


class Sending:
    """One library that has sent its calls through every fault, and what came of it."""

    def __init__(self, house, command, *, packed, faults=FAULTS):
        self._house = house
        self.packed = packed
        self.repeats = house.counts().get("duplicates", 0)
        self.proxies = {
            name: Crooked((house.host, house.port), plan, rest)
            for name, (plan, rest) in faults.items()
        }
        with crooked(*self.proxies.values()):
            self.errors = self._send(command)
        house.walked()
        self.repeats = house.counts().get("duplicates", 0) - self.repeats

    def _send(self, command):
        """Run the library's program until it has flushed; the errors that it was told of."""
        places = {
            name: {"url": proxy.url, "timeout_s": 1 if name == "too slow" else 20}
            for name, proxy in self.proxies.items()
        }
        order = {"key": KEY, "gzip": self.packed, "n": EVENTS, "places": places}
        ended = subprocess.run(
            command,
            input=json.dumps(order),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env={"PATH": os.environ["PATH"], "NO_PROXY": "*"},
        )
        assert ended.returncode == 0, ended.stderr
        told = json.loads(ended.stdout)
        return {name: errors for name, errors in told.items() if errors}

    def check(self):
        """Every fault was met, every call is in the log once, and every moment was decided once."""
        left = {name: len(proxy.plan) for name, proxy in self.proxies.items() if proxy.plan}
        assert not left, f"these faults were not met: {left}"
        encodings = {
            request.headers.get("content-encoding")
            for proxy in self.proxies.values()
            for request in proxy.requests
        }
        assert encodings == ({"gzip"} if self.packed else {None}), encodings
        stored = self._house.ids()
        for name, proxy in self.proxies.items():
            sent = proxy.ids()
            times = dict(Counter(stored[id_] for id_ in sent))
            assert times == {1: EVENTS}, f"{name}: sent {len(sent)}, and stored so often: {times}"
        delivered = sum((proxy.delivered for proxy in self.proxies.values()), Counter())
        repeats = delivered.total() - len(delivered)
        assert self.repeats == repeats, f"{repeats} repeats came, {self.repeats} were dropped"
        self._check_decisions()

    def check_repeats(self):
        """The faults that bring a repeat did: without them the check above would prove little."""
        assert self.proxies["answer lost"].delivered.total() > EVENTS
        assert self.proxies["delivered twice"].delivered.total() == 2 * EVENTS

    def _check_decisions(self):
        moments = Counter(
            receipt["moment"]["id"]
            for receipt in self._house.receipts()
            if receipt["type"] == "decision"
        )
        assert set(moments.values()) == {1}, "a moment was decided twice"
        viewed = [event for event in self._house.events() if event.kind == "Product Viewed"]
        assert len(moments) == len(viewed), f"{len(moments)} decisions, {len(viewed)} moments"
