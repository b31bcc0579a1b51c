"""Joins the person's pages: who carries their letters, checks the log, and makes their file."""

import asyncio
import contextlib
import inspect
from collections.abc import Callable, Sequence
from functools import partial

import msgspec
import structlog
from starlette.types import ASGIApp

from equipoise.account import verify_receipt
from equipoise.account.looking_back import LookingBack
from equipoise.account.note import read_vkey
from equipoise.account.publishing import Publisher
from equipoise.compose.apart import EndedBadly, apart
from equipoise.compose.exporting import Exporter, NobodyHere
from equipoise.decide.gate import gate
from equipoise.doors.pacing import Pace
from equipoise.nouns.events import Handle
from equipoise.nouns.letters import Letter
from equipoise.ports import GaveUp, Sender, TryLater
from equipoise.recognise.handles import clean
from equipoise.runners.inline import InlineDesk
from equipoise.runners.served import ServedDesk
from equipoise.senders.email import Email
from equipoise.senders.mailbox import Mailbox
from equipoise.settings import Settings
from equipoise.show.house import House
from equipoise.show.portal.app import portal_app
from equipoise.show.portal.house import Export, NotMade, PersonHouse

SETTLE_S = 10.0
"""How long a page waits until what a person said is decided, before it is shown as it stands."""

_log = structlog.get_logger("equipoise.portal")


class Posting:
    """Carries letters with the sender that carries mail; a letter that cannot leave is logged, not raised."""

    def __init__(self, sender: Email | Mailbox) -> None:
        self._sender = sender

    async def __call__(self, letter: Letter) -> None:
        """Send one letter."""
        try:
            await self._sender.post(letter)
        except (TryLater, GaveUp, ValueError) as trouble:
            # The address stays out of the log; the person asks again.
            _log.error("a letter of the portal did not leave", trouble=type(trouble).__name__)


async def settle(desk: ServedDesk | InlineDesk) -> None:
    """Return once everything that was handed in is decided, or after `SETTLE_S` seconds."""
    if isinstance(desk, InlineDesk):
        return
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(SETTLE_S):
            while desk.backlog:
                await desk.walked.wait()


def emails(text: str) -> Sequence[Handle]:
    """The e-mail handle that a typed address is; nothing where it is none.

    >>> emails(" Ana@Example.org "), emails("ana")
    ((Handle(kind='email', value='ana@example.org'),), ())
    """
    return clean([Handle("email", text.strip())], "server")[0]


def limit_of(asking: Pace, mailed: Pace) -> Callable[[str], float]:
    """How often one address may ask, and how often one mailbox is written to."""
    return lambda who: (mailed if who.startswith("mail:") else asking).wait_s(who)


async def copy_apart(settings: Settings, person: int) -> bytes:
    """The archive (zip) of one person, made by another process; it is ended where nobody waits any more.

    Raises `NotMade` where there is nobody of this number any more, and where the process ended with an
    error, which it told on standard error.
    """
    given = msgspec.json.encode(settings.values)
    try:
        return await apart("equipoise.compose.copying", given, str(person))
    except EndedBadly as error:
        raise NotMade(f"the copying process {error}") from None


def export_of(
    settings: Settings, house: House, ledger: Publisher, desk: ServedDesk | InlineDesk
) -> Export:
    """How a person's copy is made: apart, save where one process alone holds the store."""
    if isinstance(desk, ServedDesk):
        return partial(copy_apart, settings)
    exporter = Exporter(house.store, settings, ledger)

    async def here(person: int) -> bytes:
        try:
            return exporter.archive(person)
        except NobodyHere as gone:
            raise NotMade(str(gone)) from None

    return here


def build_portal(
    settings: Settings,
    house: House,
    ledger: Publisher,
    desk: ServedDesk | InlineDesk,
    sender: Sender | None,
    fallback: ASGIApp,
) -> ASGIApp:
    """The person's pages in front of all others; `sender` carries their letters, where there is one."""
    portal = PersonHouse(
        house=house,
        post=Posting(sender) if isinstance(sender, Email | Mailbox) else None,
        settled=lambda: settle(desk),
        limit=limit_of(Pace(1 / 20, 30), Pace(1 / 300, 10)),
        looks=LookingBack(house.store, read_vkey(house.ledger.vkey)),
        gate=gate,
        emails=emails,
        export=export_of(settings, house, ledger, desk),
        checker=inspect.getsource(verify_receipt),
        profile_purpose=settings.text("profile.purpose"),
    )
    return portal_app(portal, fallback)
