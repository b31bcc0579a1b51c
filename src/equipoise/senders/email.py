"""E-mail over SMTP: a real message with its own id, one click to stop, and honest failure codes.

SMTP codes are RFC 5321 section 4.2.1: 4yz may pass later, 5yz never will. One-click unsubscribing is
RFC 8058; the link names the action by its key, which only the engine and the receiver know.
"""

import re
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape
from typing import NoReturn
from urllib.parse import unquote, urlsplit

import msgspec

from equipoise.nouns.decisions import Action
from equipoise.nouns.letters import Letter
from equipoise.ports import GaveUp, TryLater

NAME = "email"
"""The channel that this sender serves."""

SCHEMES = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
"""How the address of a server may begin, and the port that goes with it."""

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
"""Hosts to which a password may go without TLS."""

STOP = {
    "en": "You no longer want these mails? Stop them with one click:",
    "fr": "Vous ne souhaitez plus ces messages ? Arrêtez-les en un clic :",
}
"""What stands above the link that stops the mails, by language."""


FELT = {
    "en": "How was this for you? Say it with one tap:",
    "fr": "Comment avez-vous reçu ce message ? Dites-le d’un geste :",
}
"""What stands above the link that asks how the mail felt, by language."""


class Letterhead(msgspec.Struct, frozen=True):
    """Who writes: the address, the name beside it, and where people reach the portal (or empty)."""

    address: str
    company: str = ""
    public_url: str = ""


class Relay(msgspec.Struct, frozen=True):
    """The server that takes our mail. `start_tls` None means: if it offers it."""

    host: str
    port: int
    use_tls: bool = False
    start_tls: bool | None = None
    username: str | None = None
    password: str | None = None
    timeout_s: float = 10.0


def relay_of(url: str) -> Relay:
    """The relay that an address names.

    `smtps://` is TLS from the first byte, `smtp+starttls://` insists on STARTTLS. `smtp://` takes it
    when offered and insists where there is a password; on this machine it does without. Raises
    `ValueError`.
    """
    parts = urlsplit(url)
    if parts.scheme not in SCHEMES or not parts.hostname:
        raise ValueError(
            f"smtp.url needs one of {', '.join(f'{s}://HOST' for s in SCHEMES)}, got the scheme "
            f"{parts.scheme!r} and the host {parts.hostname!r}: write for example smtp://localhost:25"
        )
    start_tls: bool | None = None
    if parts.scheme == "smtp+starttls":
        start_tls = True
    elif parts.scheme == "smtps" or parts.hostname in LOOPBACK:
        start_tls = False
    elif parts.username is not None:
        start_tls = True
    return Relay(
        host=parts.hostname,
        port=parts.port or SCHEMES[parts.scheme],
        use_tls=parts.scheme == "smtps",
        start_tls=start_tls,
        username=None if parts.username is None else unquote(parts.username),
        password=None if parts.password is None else unquote(parts.password),
    )


def one_line(text: str) -> str:
    """A text fit for a header: control characters and line breaks become single spaces."""
    return re.sub(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+", " ", text).strip()


def write(action: Action, head: Letterhead) -> EmailMessage:
    """The message of an action, the same bytes at every attempt.

    Its parts are `subject` (or `title`), `body` in plain text, and `html` if there is one;
    `personalised_price` stands under both. Raises `GaveUp` where there is no usable address or nothing
    to say.
    """
    text = action.content.get("body", "").strip()
    if not text:
        raise GaveUp(f"action {action.id} has no text: option {action.option.name!r} needs a body")
    message = EmailMessage(policy=SMTP)
    message["From"] = _mailbox(head.address, head.company, "smtp.from")
    message["To"] = _recipient(action)
    subject = action.content.get("subject") or action.content.get("title") or head.company
    message["Subject"] = one_line(subject)
    message["Date"] = format_datetime(datetime.fromtimestamp(action.at_ms / 1000, UTC))
    domain = head.address.rpartition("@")[2]
    message["Message-ID"] = f"<{action.key}@{domain}>"
    html = action.content.get("html", "")
    notice = action.content.get("personalised_price", "")
    if notice:
        text = f"{text}\n\n{notice}"
        html = html and f"{html}\n<p>{escape(notice)}</p>\n"
    if head.public_url:
        link = stop_link(head.public_url, action)
        message["List-Unsubscribe"] = f"<{link}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        stop = STOP.get(action.locale[:2], STOP["en"])
        felt, ask = felt_link(head.public_url, action), FELT.get(action.locale[:2], FELT["en"])
        text = f"{text}\n\n-- \n{ask}\n{felt}\n\n{stop}\n{link}"
        html = html and f'{html}\n<p><a href="{escape(felt)}">{escape(ask)}</a></p>\n'
        html = html and f'{html}\n<p><a href="{escape(link)}">{escape(stop)}</a></p>\n'
    message.set_content(f"{text}\n")
    if html:
        message.add_alternative(html, subtype="html")
        message.set_boundary(f"part_{action.key}")
    if action.locale:
        # Setting the content takes away what the headers said of it, so this comes last.
        message["Content-Language"] = one_line(action.locale)
    return message


def write_letter(letter: Letter, head: Letterhead) -> EmailMessage:
    """The message of a letter that a person asked for: plain text, and no link to stop it."""
    message = EmailMessage(policy=SMTP)
    message["From"] = _mailbox(head.address, head.company, "smtp.from")
    message["To"] = _mailbox(letter.to, "", "the address")
    message["Subject"] = one_line(letter.subject)
    message["Date"] = format_datetime(datetime.fromtimestamp(letter.at_ms / 1000, UTC))
    message["Message-ID"] = f"<{letter.key}@{head.address.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(f"{letter.text}\n")
    message["Content-Language"] = one_line(letter.locale)
    return message


def stop_link(public_url: str, action: Action) -> str:
    """Where one click (a POST) stops mails like this one; a GET shows a page that asks first."""
    return f"{public_url.rstrip('/')}/unsubscribe/{action.key}"


def felt_link(public_url: str, action: Action) -> str:
    """Where one tap says how the mail felt; a GET only asks."""
    return f"{public_url.rstrip('/')}/felt/{action.key}"


class Email:
    """Sends each action as one mail over a connection of its own; satisfies `Sender`."""

    def __init__(
        self, relay: Relay, head: Letterhead, tls_context: ssl.SSLContext | None = None
    ) -> None:
        self._relay = relay
        self._head = head
        self._tls_context = tls_context

    async def send(self, action: Action) -> None:
        """Return when the relay has taken the mail; raises `TryLater` (4yz, no line) or `GaveUp`."""
        await self._hand_over(write(action, self._head))

    async def post(self, letter: Letter) -> None:
        """As `send`, for a letter; raises `ValueError` where the address cannot be used."""
        await self._hand_over(write_letter(letter, self._head))

    async def _hand_over(self, message: EmailMessage) -> None:
        import aiosmtplib

        relay = self._relay
        try:
            await aiosmtplib.send(
                message,
                hostname=relay.host,
                port=relay.port,
                use_tls=relay.use_tls,
                start_tls=relay.start_tls,
                username=relay.username,
                password=relay.password,
                timeout=relay.timeout_s,
                tls_context=self._tls_context,
            )
        except aiosmtplib.SMTPRecipientsRefused as refused:
            first = refused.recipients[0]
            _fail(first.code, first.message)
        except (aiosmtplib.SMTPAuthenticationError, aiosmtplib.SMTPConnectResponseError) as busy:
            # Our password or our place, not this mail: every mail would die of it. An operator can
            # put it right while they wait.
            raise TryLater(
                f"the mail server does not let us in: {busy.code} {busy.message}"
            ) from busy
        except aiosmtplib.SMTPResponseException as answer:
            _fail(answer.code, answer.message)
        except aiosmtplib.SMTPNotSupported as missing:
            raise GaveUp(f"the mail server cannot do it: {missing.message}") from missing
        except (aiosmtplib.SMTPException, OSError) as trouble:
            name = type(trouble).__name__
            raise TryLater(f"no talk with {relay.host}:{relay.port}: {name}") from trouble

    async def close(self) -> None:
        """Nothing is held open."""


def make(settings: Mapping[str, str]) -> Email | None:
    """The e-mail sender of `smtp.url`, `smtp.from`, `company` and `public_url`; None without a URL."""
    url = settings.get("smtp.url", "")
    if not url:
        return None
    head = Letterhead(
        settings.get("smtp.from", ""), settings.get("company", ""), settings.get("public_url", "")
    )
    _mailbox(head.address, head.company, "smtp.from")
    return Email(relay_of(url), head)


def _fail(code: int, answer: str) -> NoReturn:
    """What an SMTP code means for the action."""
    said = f"the mail server said {code} {one_line(answer)}"
    raise GaveUp(said) if code >= 500 else TryLater(said)


def _recipient(action: Action) -> Address:
    address = next((handle.value for handle in action.handles if handle.kind == "email"), "")
    if not address:
        raise GaveUp(f"action {action.id} has no e-mail address")
    try:
        return _mailbox(address, "", "the address")
    except ValueError as wrong:
        # The address is personal: it stays out of the reason.
        raise GaveUp(f"action {action.id} has an e-mail address that cannot be used") from wrong


def _mailbox(address: str, name: str, what: str) -> Address:
    if one_line(address) != address:
        raise ValueError(f"{what} needs an address on one line, got {address!r}")
    try:
        made = Address(one_line(name), addr_spec=address)
    except (HeaderParseError, IndexError, ValueError) as wrong:
        raise ValueError(f"{what} needs an e-mail address, got {address!r}") from wrong
    if not made.username or not made.domain:
        raise ValueError(f"{what} needs an e-mail address with a domain, got {address!r}")
    return made
