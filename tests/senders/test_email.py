"""E-mail against a real SMTP server on this machine: what is written, and what each code means."""

import asyncio
import ssl
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from aiosmtpd.smtp import SMTP, AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from equipoise.nouns.events import Handle
from equipoise.ports import GaveUp, TryLater
from equipoise.senders.email import Email, Letterhead, Relay, make, one_line, relay_of, write
from equipoise.testing.exams_sender import examine_sender, example_action

ACTION = example_action()
HEAD = Letterhead("shop@example.com", "Ma boutique é", "https://shop.example/")
ANSWERS = {"takes": "250 OK", "busy": "451 come back later", "refuses": "550 no such user"}


class Inbox:
    """A mail server on a free port that keeps what it takes, and the sender's stage."""

    moods = frozenset({"takes", "busy", "refuses", "gone"})

    def __init__(self, **options):
        self.options = options
        self.mails = []
        self.envelopes = []
        self.port = 0
        self.at_rcpt = self.at_data = "250 OK"
        self.server = None

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):  # noqa: N802 - the name that the server calls
        if self.at_rcpt.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.at_rcpt

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - as above
        if self.at_data.startswith("250"):
            self.mails.append(message_from_bytes(envelope.content, policy=default))
            self.envelopes.append(envelope)
        return self.at_data

    async def listen(self):
        loop = asyncio.get_running_loop()
        options = {"hostname": "mail.example", "enable_SMTPUTF8": True} | self.options
        self.server = await loop.create_server(
            lambda: SMTP(self, loop=loop, **options), "127.0.0.1", self.port
        )
        self.port = self.server.sockets[0].getsockname()[1]

    async def set_mood(self, mood):
        if mood == "gone":
            self.server.close()
            self.server = None
            return
        if self.server is None:
            await self.listen()
        self.at_rcpt = ANSWERS[mood]

    def keys(self):
        return [mail["message-id"].strip("<>").partition("@")[0] for mail in self.mails]


@asynccontextmanager
async def stage(tls_context=None, relay=None, theirs=None, **options):
    inbox = Inbox(**options, tls_context=theirs)
    await inbox.listen()
    relay = replace(relay or Relay("127.0.0.1", 0, start_tls=False), port=inbox.port)
    inbox.sender = Email(relay, HEAD, tls_context)
    try:
        yield inbox
    finally:
        if inbox.server is not None:
            inbox.server.close()


def sent(action=ACTION, at_rcpt="250 OK", at_data="250 OK", **more):
    """Send one action to a server that answers so; the server, or the error."""

    async def play():
        async with stage(**more) as inbox:
            inbox.at_rcpt, inbox.at_data = at_rcpt, at_data
            await inbox.sender.send(action)
            return inbox

    return asyncio.run(play())


def saying(**content):
    return replace(ACTION, content=content)


def test_the_email_sender_passes_the_exam_of_senders():
    asyncio.run(examine_sender(stage))


def test_a_mail_arrives_whole_at_the_persons_address():
    inbox = sent(saying(subject="Où êtes-vous ?", body="Revenez.\n.\nÀ bientôt"))
    mail, envelope = inbox.mails[0], inbox.envelopes[0]
    assert (envelope.mail_from, envelope.rcpt_tos) == ("shop@example.com", ["ana@example.org"])
    assert mail["subject"] == "Où êtes-vous ?"
    assert mail["from"].addresses[0].display_name == "Ma boutique é"
    assert mail["to"] == "ana@example.org"
    assert mail["message-id"] == f"<{ACTION.key}@example.com>"
    assert mail["date"].datetime == datetime.fromtimestamp(ACTION.at_ms // 1000, UTC)
    assert mail["content-language"] == "en"
    assert "Revenez.\n.\nÀ bientôt" in mail.get_body(("plain",)).get_content().replace("\r\n", "\n")


def test_one_click_stops_the_mails_and_the_link_is_in_the_text_too():
    mail = sent().mails[0]
    link = f"https://shop.example/unsubscribe/{ACTION.key}"
    assert mail["list-unsubscribe"] == f"<{link}>"
    assert mail["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    assert link in mail.get_body(("plain",)).get_content()


def test_the_line_that_offers_to_stop_speaks_the_persons_language():
    assert "Arrêtez-les" in write(replace(ACTION, locale="fr-FR"), HEAD).get_content()
    assert "Stop them" in write(replace(ACTION, locale="de"), HEAD).get_content()


def test_without_a_public_address_there_is_no_link_to_promise():
    message = write(ACTION, Letterhead("shop@example.com"))
    assert message["list-unsubscribe"] is None
    assert message.get_content().strip() == "Come and see."


def test_a_html_part_stands_beside_the_text_and_never_instead():
    message = write(saying(subject="s", body="text", html="<p>rich</p>"), HEAD)
    assert message.get_content_type() == "multipart/alternative"
    kinds = [part.get_content_type() for part in message.iter_parts()]
    assert kinds == ["text/plain", "text/html"]
    assert "/unsubscribe/" in message.get_body(("html",)).get_content()


def test_a_repeat_is_the_same_message_to_the_byte():
    action = saying(subject="s", body="text", html="<p>rich</p>")
    assert bytes(write(action, HEAD)) == bytes(write(replace(action, attempts=5), HEAD))


@pytest.mark.parametrize(
    "subject",
    [
        "Hello\r\nBcc: everyone@example.org",
        "Hello\nBcc: everyone@example.org",
        "Hello\u2028Bcc: everyone@example.org",
        "Hello\x00\x0bBcc: everyone@example.org",
    ],
)
def test_a_subject_cannot_smuggle_a_header_in(subject):
    mail = sent(saying(subject=subject, body="b")).mails[0]
    assert mail["bcc"] is None
    assert mail["subject"] == "Hello Bcc: everyone@example.org"


@given(st.text(max_size=60))
def test_any_text_is_fit_for_a_header(text):
    line = one_line(text)
    assert len(line.splitlines()) <= 1
    message = message_from_bytes(bytes(write(saying(subject=text, body="b"), HEAD)), policy=default)
    assert message["bcc"] is None


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ana",
        "ana@",
        "@example.org",
        "ana@example.org\r\nBcc: eve@example.org",
        "ana@example.org, eve@example.org",
        "Ana <ana@example.org>",
    ],
)
def test_an_address_that_cannot_be_used_is_given_up_and_not_repeated_in_the_reason(address):
    action = replace(ACTION, handles=(Handle("email", address),))
    with pytest.raises(GaveUp, match="action 1 has") as refused:
        write(action, HEAD)
    assert not address or address not in str(refused.value)


def test_a_person_without_an_address_or_a_play_without_a_text_is_given_up():
    with pytest.raises(GaveUp, match="no e-mail address"):
        write(replace(ACTION, handles=(Handle("phone", "+33600000000"),)), HEAD)
    with pytest.raises(GaveUp, match="needs a body"):
        write(saying(subject="only this"), HEAD)


@pytest.mark.parametrize("where", ["at_rcpt", "at_data"])
@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ("421 shutting down", TryLater),
        ("450 mailbox busy", TryLater),
        ("451 local error", TryLater),
        ("452 no space", TryLater),
        ("550 no such user", GaveUp),
        ("552 too big", GaveUp),
        ("554 spam", GaveUp),
    ],
)
def test_codes_from_400_may_pass_and_codes_from_500_never_do(where, answer, error):
    with pytest.raises(error, match=answer[:3]):
        sent(**{where: answer})


def certificate():
    """A certificate for 127.0.0.1 that signs itself, and contexts for both sides."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return pem, secret


@pytest.fixture(scope="module")
def contexts(tmp_path_factory):
    pem, secret = certificate()
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    file.write_bytes(pem + secret)
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    theirs.load_cert_chain(file)
    return theirs, ssl.create_default_context(cadata=pem.decode())


def insisting(user=None):
    return Relay("localhost", 0, start_tls=True, username=user, password=user and "secret")


def test_starttls_and_the_password_reach_a_server_that_asks_for_both(contexts):
    theirs, ours = contexts
    seen = []

    def check(server, session, envelope, mechanism, data):
        seen.append((data.login, data.password, session.ssl is not None))
        return AuthResult(success=True)

    inbox = sent(
        tls_context=ours,
        relay=insisting("shop"),
        theirs=theirs,
        authenticator=check,
        auth_required=True,
    )
    assert len(inbox.mails) == 1
    assert seen == [(b"shop", b"secret", True)]


def test_a_server_whose_certificate_is_not_trusted_gets_no_mail(contexts):
    theirs, _ = contexts
    with pytest.raises(TryLater, match="no talk with localhost"):
        sent(relay=insisting(), theirs=theirs)


def test_where_starttls_is_asked_for_nothing_leaves_without_it():
    with pytest.raises(TryLater, match="no talk with localhost"):
        sent(relay=insisting())


def test_a_wrong_password_is_tried_again_because_an_operator_can_put_it_right(contexts):
    theirs, ours = contexts
    with pytest.raises(TryLater, match="does not let us in: 535"):
        sent(
            tls_context=ours,
            relay=insisting("shop"),
            theirs=theirs,
            authenticator=lambda *_: AuthResult(success=False, handled=False),
            auth_required=True,
        )


@pytest.mark.parametrize(
    ("url", "relay"),
    [
        ("smtp://localhost", Relay("localhost", 25, start_tls=False)),
        ("smtp://relay.example:2525", Relay("relay.example", 2525)),
        ("smtps://relay.example", Relay("relay.example", 465, use_tls=True, start_tls=False)),
        ("smtp+starttls://relay.example", Relay("relay.example", 587, start_tls=True)),
        (
            "smtp://me%40shop:p%3Aw@relay.example",
            Relay("relay.example", 25, start_tls=True, username="me@shop", password="p:w"),
        ),
    ],
)
def test_the_address_of_the_server_says_how_it_is_secured(url, relay):
    assert relay_of(url) == relay


@pytest.mark.parametrize("url", ["relay.example", "http://relay.example", "smtp://", "smtp:25"])
def test_an_address_that_is_no_mail_server_is_refused_without_its_password(url):
    with pytest.raises(ValueError, match=r"smtp\.url needs one of"):
        relay_of(url)


def test_without_a_server_there_is_no_sender_and_a_bad_letterhead_is_seen_at_the_start():
    assert make({"smtp.url": ""}) is None
    assert isinstance(make({"smtp.url": "smtp://localhost", "smtp.from": "a@b.example"}), Email)
    with pytest.raises(ValueError, match=r"smtp\.from needs an e-mail address"):
        make({"smtp.url": "smtp://localhost", "smtp.from": "nobody"})


def test_a_personalised_price_is_said_under_the_text_and_in_the_html():
    content = ACTION.content | {
        "html": "<p>Hi</p>",
        "personalised_price": "By <automated> decision.",
    }
    mail = message_from_bytes(bytes(write(replace(ACTION, content=content), HEAD)), policy=default)
    plain, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
    assert "By <automated> decision." in plain
    assert "<p>By &lt;automated&gt; decision.</p>" in html
    assert plain.index("By <automated>") < plain.index("-- ")


def test_the_link_that_asks_how_it_felt_is_in_both_parts():
    message = write(saying(subject="s", body="text", html="<p>rich</p>"), HEAD)
    link = f"https://shop.example/felt/{ACTION.key}"
    for kind in ("plain", "html"):
        assert link in message.get_body((kind,)).get_content()
