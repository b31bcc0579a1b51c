"""What leaves a served house: each action once, signed, and told apart from its own repeat."""

import hmac
from base64 import b64decode, b64encode
from contextlib import contextmanager
from email import message_from_bytes
from email.policy import default

import msgspec
from aiosmtpd.smtp import SMTP

from house import THANKS, track, welcome
from journeys.crooked import read_message
from journeys.looping import listening, streams
from journeys.served import served, until

SECRET = "whsec_" + b64encode(b"a secret of 32 bytes, as is due.").decode()
CALLED = """
name: called
purpose: marketing
moment: {event: Order Completed}
options:
  - {name: call, do: command, channel: webhook, share: 1, body: {en: Call them, fr: Appelez}}
chooser: fixed_shares
explore_floor: 0
limits: {valid_for_hours: 48}
"""
AWAKE = {"quiet__from": "00:00", "quiet__to": "00:00", "send__backoff_s": 0.05}
"""Nobody sleeps in these tests, whatever the time of day."""


class Inbox:
    """A mail server that keeps what it takes; `then` is called before it says so."""

    def __init__(self):
        self.mails = []
        self.then = lambda: None

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - the name that the server calls
        self.mails.append(message_from_bytes(envelope.content, policy=default))
        then, self.then = self.then, lambda: None
        then()
        return "250 OK"


@contextmanager
def mailed(folder, **settings):
    """A house that mails after orders, and the inbox to which its mails go."""
    inbox = Inbox()
    with listening(lambda loop: SMTP(inbox, loop=loop, hostname="mail.example")) as (port,):
        given = {
            "smtp__url": f"smtp://127.0.0.1:{port}",
            "smtp__from": "shop@shop.example",
            "public_url": "https://shop.example",
        }
        with served(folder, THANKS, **given, **AWAKE, **settings) as house:
            until(lambda: "entered the log" in house.said, "the play did not go live")
            yield house, inbox


def with_status(house, status):
    with house.reading() as (store, _):
        return store.with_status(status, 1_000)


def order(house, user, n=""):
    """A person who allows marketing orders something."""
    calls = [*welcome(user), track(user, "Order Completed", n)]
    assert house.post("/v1/batch", {"batch": calls}).status == 200


def test_each_action_leaves_in_one_mail_that_can_be_stopped_with_one_click(tmp_path):
    people = [f"u{n}" for n in range(12)]
    with mailed(tmp_path) as (house, inbox):
        for user in [*people, *people]:
            order(house, user)
        until(lambda: len(with_status(house, "sent")) == len(people), "the mails did not leave")
        house.stop()
        house.start()
        order(house, "last")
        until(lambda: len(with_status(house, "sent")) == len(people) + 1, "the last did not leave")
        actions = with_status(house, "sent")
    assert sorted(mail["to"] for mail in inbox.mails) == sorted(
        f"{user}@example.org" for user in [*people, "last"]
    )
    assert {mail["message-id"] for mail in inbox.mails} == {
        f"<{action.key}@shop.example>" for action in actions
    }
    for mail in inbox.mails:
        key = mail["message-id"].strip("<>").partition("@")[0]
        assert mail["list-unsubscribe"] == f"<https://shop.example/unsubscribe/{key}>"
        assert mail["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"


def test_a_mail_that_left_as_the_plug_was_pulled_is_at_most_repeated_under_its_own_id(tmp_path):
    with mailed(tmp_path, send__timeout_s=0.5) as (house, inbox):
        inbox.then = house.kill
        order(house, "ana")
        until(lambda: house.process.poll() is not None, "no mail came")
        assert [action.status for action in with_status(house, "sending")] == ["sending"]
        house.start()
        until(lambda: with_status(house, "sent"), "the mail was not sent again")
        decisions = [r for r in house.receipts() if r["type"] == "decision"]
    first, second = inbox.mails
    assert bytes(first) == bytes(second)
    assert first["message-id"].startswith("<d_")
    assert len(decisions) == 1


class Receiver:
    """Takes webhooks and answers with each status in turn, then with 200."""

    def __init__(self, *statuses):
        self.statuses = list(statuses)
        self.messages = []

    async def meet(self, reader, writer):
        head, body = await read_message(reader)
        lines = head.decode().split("\r\n")[1:]
        named = {n.lower(): v.strip() for n, _, v in (line.partition(":") for line in lines)}
        self.messages.append((named, body))
        status = self.statuses.pop(0) if self.statuses else 200
        writer.write(f"HTTP/1.1 {status} Told\r\ncontent-length: 0\r\n\r\n".encode())
        await writer.drain()
        writer.close()


def is_signed(headers, body):
    """Standard Webhooks, as a receiver checks it: HMAC-SHA-256 of `id.timestamp.body`."""
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = b64decode(SECRET.removeprefix("whsec_"))
    due = "v1," + b64encode(hmac.digest(key, content, "sha256")).decode()
    return hmac.compare_digest(headers["webhook-signature"], due)


def test_a_receiver_can_verify_a_webhook_and_tell_its_repeat_by_the_id(tmp_path):
    receiver = Receiver(500, 503)
    with listening(streams(receiver.meet)) as (port,):
        given = {
            "webhook__url": f"http://127.0.0.1:{port}/hook",
            "webhook__secret": SECRET,
            "webhook__allow": "127.0.0.1",
        }
        with served(tmp_path, CALLED, **given, **AWAKE) as house:
            until(lambda: "entered the log" in house.said, "the play did not go live")
            order(house, "ana")
            (action,) = until(lambda: with_status(house, "sent"), "the webhook did not leave")
    assert len(receiver.messages) == 3
    for headers, body in receiver.messages:
        assert is_signed(headers, body)
        assert not is_signed(headers, body + b" ")
        assert headers["webhook-id"] == action.key
        told = msgspec.json.decode(body)
        assert (told["id"], told["data"]["option"]) == (action.key, "call")
        assert {"kind": "email", "value": "ana@example.org"} in told["data"]["handles"]
