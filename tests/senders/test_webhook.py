"""Webhooks against a real server on this machine: what is posted, and what each answer means."""

import asyncio
from base64 import b64encode
from contextlib import asynccontextmanager
from email.utils import formatdate

import msgspec
import pytest
from aiohttp import web

from equipoise.ports import GaveUp, TryLater
from equipoise.senders.webhook import make, posting
from equipoise.senders.webhook.posting import Endpoint, Webhook, check_url, event, retry_after_s
from equipoise.senders.webhook.signing import headers, signers
from equipoise.testing.exams_sender import examine_sender, example_action

SECRET = "whsec_" + b64encode(bytes(32)).decode()
NOW_S = 1_700_000_000.0
ACTION = example_action(1, "webhook")
STATUS = {"takes": 200, "busy": 503, "refuses": 410}


class Receiver:
    """A server on a free port of this machine that keeps what it takes, and the sender's stage."""

    moods = frozenset({"takes", "busy", "refuses", "gone"})

    def __init__(self):
        self.requests = []
        self.bodies = []
        self.taken = []
        self.lookups = 0
        self.addresses = ["127.0.0.1"]
        self.answer = {"status": 200}

    async def handle(self, request):
        body = await request.read()
        self.requests.append(request)
        self.bodies.append(body)
        if self.answer["status"] < 300:
            self.taken.append(msgspec.json.decode(body)["id"])
        return web.Response(**self.answer)

    async def lookup(self, host, port):
        self.lookups += 1
        return self.addresses

    async def listen(self, port=0):
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self.handle)
        self.runner = web.AppRunner(
            app, access_log=None, handler_cancellation=True, shutdown_timeout=0.01
        )
        await self.runner.setup()
        site = web.TCPSite(self.runner, "127.0.0.1", port, reuse_address=True)
        await site.start()
        self.port = site._server.sockets[0].getsockname()[1]
        self.listening = True

    async def set_mood(self, mood):
        if mood == "gone":
            await self.runner.cleanup()
            self.listening = False
            return
        if not self.listening:
            await self.listen(self.port)
        self.answer = {"status": STATUS[mood]}

    def keys(self):
        return self.taken


@asynccontextmanager
async def stage(kind=Receiver, host="hooks.example", **more):
    receiver = kind()
    await receiver.listen()
    url = f"http://{host}:{receiver.port}/in"
    endpoint = Endpoint(url, "https://shop.example", frozenset({host}), **more)
    receiver.sender = Webhook(endpoint, signers(SECRET), lambda: NOW_S, receiver.lookup)
    try:
        yield receiver
    finally:
        await receiver.sender.close()
        await receiver.runner.cleanup()


def send(answer=None, **more):
    """Send one action to a receiver that answers so; what it got, or the error."""

    async def play():
        async with stage(**more) as receiver:
            receiver.answer = answer or {"status": 200}
            await receiver.sender.send(ACTION)
            return receiver

    return asyncio.run(play())


def test_the_webhook_sender_passes_the_exam_of_senders():
    asyncio.run(examine_sender(stage, "webhook"))


def test_the_body_is_a_cloud_event_in_structured_json():
    receiver = send()
    request = receiver.requests[0]
    got = msgspec.json.decode(receiver.bodies[0])
    assert request.headers["content-type"].startswith("application/cloudevents+json")
    assert {
        key: got[key] for key in ("specversion", "id", "source", "type", "subject", "time")
    } == {
        "specversion": "1.0",
        "id": ACTION.key,
        "source": "https://shop.example",
        "type": "equipoise.action.notify",
        "subject": "d_1",
        "time": "2023-11-14T22:13:20.000Z",
    }
    assert got["data"]["content"] == ACTION.content
    assert {"kind": "email", "value": "ana@example.org"} in got["data"]["handles"]


def test_the_headers_sign_exactly_the_bytes_that_arrive():
    receiver = send()
    got = receiver.requests[0].headers
    made = headers(ACTION.key, int(NOW_S), receiver.bodies[0], signers(SECRET))
    assert {name: got[name] for name in made} == made


def test_a_repeat_is_the_same_event_whatever_the_attempt():
    again = msgspec.structs.replace(ACTION, attempts=7, due_ms=ACTION.due_ms + 1)
    assert event(again, "s") == event(ACTION, "s")


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_answer_of_success_has_taken_it(status):
    assert send({"status": status}).taken == [ACTION.key]


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_answers_that_may_pass_are_tried_again(status):
    with pytest.raises(TryLater, match=str(status)):
        send({"status": status})


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 410, 422])
def test_answers_that_never_pass_are_given_up(status):
    with pytest.raises(GaveUp, match=str(status)):
        send({"status": status})


def test_the_wait_that_a_receiver_asks_for_is_passed_on():
    with pytest.raises(TryLater) as busy:
        send({"status": 429, "headers": {"Retry-After": "120"}})
    assert busy.value.after_s == 120


@pytest.mark.parametrize(
    ("value", "wait_s"),
    [
        ("120", 120.0),
        (formatdate(NOW_S + 90, usegmt=True), 90.0),
        (formatdate(NOW_S - 90, usegmt=True), 0.0),
        ("99999999999", posting.RETRY_AFTER_MOST_S),
        ("-5", 0.0),
        ("soon", 0.0),
        ("", 0.0),
        ("\u0661\u0662", 0.0),
    ],
)
def test_retry_after_is_seconds_or_a_date_and_never_more_than_a_day(value, wait_s):
    assert retry_after_s(value, NOW_S) == wait_s


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_never_followed(status):
    async def play():
        async with stage() as receiver:
            receiver.answer = {"status": status, "headers": {"Location": "/elsewhere"}}
            with pytest.raises(GaveUp, match=str(status)):
                await receiver.sender.send(ACTION)
            assert [request.path for request in receiver.requests] == ["/in"]

    asyncio.run(play())


def test_an_answer_without_end_is_cut_off_and_the_status_counts():
    """Read to the end it would run into the time limit, which is far longer than the cut takes."""

    class Endless(Receiver):
        written = 0

        async def handle(self, request):
            answer = web.StreamResponse()
            await answer.prepare(request)
            while True:
                await answer.write(b"x" * 65_536)
                self.written += 65_536

    async def play():
        async with stage(Endless) as receiver:
            await receiver.sender.send(ACTION)
            assert posting.ANSWER_MOST <= receiver.written < 100 * posting.ANSWER_MOST

    asyncio.run(play())


def test_a_receiver_that_is_silent_is_tried_again():
    class Silent(Receiver):
        async def handle(self, request):
            await asyncio.Event().wait()

    async def play():
        async with stage(Silent, timeout_s=0.05) as receiver:
            await receiver.sender.send(ACTION)

    with pytest.raises(TryLater, match=r"no answer from hooks\.example"):
        asyncio.run(play())


def test_a_name_that_leads_to_this_machine_is_given_up_before_anything_is_sent():
    async def play():
        async with stage() as receiver:
            endpoint = Endpoint(f"https://evil.example:{receiver.port}/in", "s")
            sender = Webhook(endpoint, signers(SECRET), lambda: NOW_S, receiver.lookup)
            try:
                with pytest.raises(
                    GaveUp, match=r"evil\.example must not be reached: 127\.0\.0\.1"
                ):
                    await sender.send(ACTION)
            finally:
                await sender.close()
            assert receiver.requests == []
            assert receiver.lookups == 1

    asyncio.run(play())


def test_the_connection_goes_to_the_address_that_was_checked_after_one_look_up():
    """The name means nothing to the system: only the pinned address can have been used."""

    async def play():
        async with stage(host="no-such-name.invalid") as receiver:
            await receiver.sender.send(ACTION)
            assert receiver.lookups == 1
            assert receiver.requests[0].headers["host"].startswith("no-such-name.invalid:")

    asyncio.run(play())


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example/in",
        "ftp://hooks.example/in",
        "https://",
        "hooks.example/in",
        "https://user:secret@hooks.example/in",
        "https://127.0.0.1/in",
        "https://2130706433/in",
        "https://127.1/in",
        "https://[::1]/in",
        "https://[::ffff:10.0.0.1]/in",
        "https://[64:ff9b::7f00:1]/in",
        "https://169.254.169.254/latest/meta-data",
    ],
)
def test_an_address_that_may_not_be_reached_is_refused_at_the_start(url):
    with pytest.raises(ValueError, match=r"webhook\.url"):
        make({"webhook.url": url, "webhook.secret": SECRET})


def test_an_allowed_host_may_be_private_and_without_tls():
    allowed = frozenset({"127.0.0.1", "intranet"})
    assert check_url("http://127.0.0.1:9000/in", allowed).port == 9000
    assert check_url("http://intranet/in", allowed).host == "intranet"


def test_without_a_url_there_is_no_sender_and_without_a_secret_there_is_an_error():
    assert make({}) is None
    with pytest.raises(ValueError, match=r"webhook\.secret needs a secret"):
        make({"webhook.url": "https://hooks.example/in"})
    made = make({"webhook.url": "https://hooks.example/in", "webhook.secret": SECRET})
    assert made.receiver(ACTION) == "hooks.example", "each host has a lane of its own"
