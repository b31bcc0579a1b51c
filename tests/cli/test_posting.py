"""Events go over HTTP until they are kept: later is waited for, no is told, and nothing is lost."""

import gzip
import json
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import msgspec
import pytest

from equipoise.arrive.segment import Envelope, parse, wrap
from equipoise.cli.posting import Poster, call_of
from equipoise.cli.speaking import Trouble
from equipoise.nouns.events import Event, Handle, IntakeRow, Source


def event(n, **given):
    """One order."""
    told = {
        "id": f"m{n}",
        "kind": "Order Completed",
        "channel": "shop",
        "source": "till",
        "at_ms": 1_700_000_000_123,
        "received_ms": 1_800_000_000_000,
        "handles": (Handle("user_id", "u1"),),
        "facts": {"revenue": 3.5, "lines": [{"sku": "a"}]},
    }
    return Event(**told | given)


@contextmanager
def door(*answers):
    """A door that gives these answers in turn, and keeps what came."""
    came = []
    left = list(answers)

    class Answering(BaseHTTPRequestHandler):
        def do_POST(self):
            body = gzip.decompress(self.rfile.read(int(self.headers["Content-Length"])))
            came.append((self.path, self.headers["Authorization"], json.loads(body)["batch"]))
            status, text = left.pop(0)
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.send_header("Retry-After", "0")
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Answering)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}", came
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


OK = (200, '{"success":true}')


def test_the_door_reads_a_call_as_the_event_that_it_was():
    handles = (
        Handle("anonymous_id", "a1"),
        Handle("user_id", "u1"),
        Handle("device", "d1"),
        Handle("email", "ana@example.org"),
        Handle("phone", "+33600000000"),
        Handle("card", "c1"),
    )
    sent = event(1, handles=handles)
    body = wrap(Envelope("batch", msgspec.json.encode({"batch": [call_of(sent)]})))
    (read,) = parse(IntakeRow(1, "segment", Source("till"), sent.received_ms, body))
    assert set(read.handles) == set(sent.handles)
    for name in ("id", "kind", "channel", "source", "at_ms", "facts"):
        assert getattr(read, name) == getattr(sent, name), name


@pytest.mark.parametrize(("live", "path"), [(True, "/v1/batch"), (False, "/v1/import")])
def test_the_past_goes_to_a_path_of_its_own(live, path):
    with door(OK) as (url, came):
        assert not Poster(url, "k", live=live).take_in([event(1)])
    assert [(asked, len(items)) for asked, _, items in came] == [(path, 1)]
    assert came[0][1].startswith("Basic ")


def test_later_is_waited_for_and_then_it_is_sent_again():
    with door((429, "later"), (503, "later"), OK) as (url, came):
        Poster(url, "k", live=True).take_in([event(1)])
    assert [items[0]["messageId"] for _, _, items in came] == ["m1", "m1", "m1"]


def test_what_is_refused_is_counted_by_reason():
    answer = '{"success":true,"rejected":[{"index":0,"code":"identity_missing"}]}'
    with door((200, answer)) as (url, _):
        assert Poster(url, "k", live=True).take_in([event(1)]) == {"identity_missing": 1}


def test_no_is_told_and_not_tried_again():
    with door((401, "unknown key")) as (url, came), pytest.raises(Trouble, match="unknown key"):
        Poster(url, "k", live=True).take_in([event(1)])
    assert len(came) == 1


def test_requests_stay_under_the_limit_of_the_door():
    large = [event(n, facts={"text": "x" * 30_000}) for n in range(40)]
    with door(*[OK] * 5) as (url, came):
        Poster(url, "k", live=True).take_in(large)
    assert sum(len(items) for _, _, items in came) == 40
    assert max(len(json.dumps(items)) for _, _, items in came) < 512_000


@pytest.mark.parametrize(("url", "key"), [("localhost:1", ""), ("ftp://x", "k"), ("http://", "k")])
def test_an_address_or_key_that_cannot_be_is_told_at_once(url, key):
    with pytest.raises(Trouble, match="--url"):
        Poster(url, key, live=True)
