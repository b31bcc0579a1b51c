"""A house behind a door: the wire in front, the console behind it, the step beside it."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import msgspec
from prometheus_client import CollectorRegistry
from starlette.types import ASGIApp

from equipoise.account.note import NoteSigner
from equipoise.account.publishing import Publisher
from equipoise.account.shares import asks
from equipoise.act.delivering import Delivering, Pace
from equipoise.arrive.segment import Limits
from equipoise.compose.aggregating import Figures, spendings
from equipoise.compose.agreements import meaning_of, published_of
from equipoise.compose.effects import effects_in
from equipoise.compose.explaining import Explainer, phrasebook_of
from equipoise.compose.library import (
    SystemClock,
    build_walker,
    keyring_of,
    keyring_path,
    known_here,
    rules_of,
)
from equipoise.compose.portal import build_portal
from equipoise.compose.searching import searcher_of
from equipoise.compose.shares import Counting, new_token, partner_door, read_asked
from equipoise.compose.teaching import course_of, study_apart
from equipoise.compose.witnesses import asking_of, publisher_of
from equipoise.doors.aggregates import aggregates_app
from equipoise.doors.answers import Refusal
from equipoise.doors.browser import seen_at
from equipoise.doors.feeling import feeling_app
from equipoise.doors.forwarding import forwarded
from equipoise.doors.gate import Gate
from equipoise.doors.gauges import Gauges
from equipoise.doors.http import wire_app
from equipoise.doors.learning import learning_app
from equipoise.doors.negotiating import terms_app
from equipoise.doors.pacing import Pace as KeyPace
from equipoise.doors.partners import PartnerDoor, partners_app
from equipoise.doors.signalling import Listening
from equipoise.doors.terms_door import TermsDoor
from equipoise.doors.unsubscribing import unsubscribe_app
from equipoise.doors.witnessing import cosignatures_app
from equipoise.nouns.aggregates import Spending
from equipoise.nouns.events import Handle
from equipoise.plays.phrases import held_join, sentence
from equipoise.plays.reading import read_play
from equipoise.plays.telling import why
from equipoise.ports import Clock, Sender, Store
from equipoise.recognise.handles import KINDS, clean
from equipoise.remember.view import View
from equipoise.runners.embedded import Embedded
from equipoise.runners.frames import Walked
from equipoise.runners.inline import InlineDesk
from equipoise.runners.searcher import Searcher
from equipoise.runners.served import Bounds, ServedDesk, start_stepper
from equipoise.runners.server import Address, Announce, HouseServer, listen, url_of
from equipoise.runners.teacher import NotTaught, Teacher
from equipoise.runners.teaching import Finding, study, told
from equipoise.runners.watching import PlayFolder
from equipoise.senders import make_senders
from equipoise.senders.mailbox import Mailbox
from equipoise.settings import Settings, SettingsError
from equipoise.show.app import console_app
from equipoise.show.heading import headed
from equipoise.show.house import Grants, House, Sentences
from equipoise.show.sessions import Terms
from equipoise.stores import open_store
from equipoise.stores.keyring import LiveKeyring
from equipoise.stores.queue import DurableQueue


class Guests(msgspec.Struct, kw_only=True):
    """What `serve` is handed beside the settings; an ordinary shop hands in nothing.

    `write_key` is one more key, trusted like a server's; `clock` another time; `senders` take the
    place of those that the settings make; `chores` are loops that run beside the door and are handed
    the house once it stands (the town lives in one); `simulated` says on every page that nobody here
    is real.
    """

    write_key: str = ""
    clock: Clock | None = None
    senders: dict[str, Sender] = {}
    chores: list[Callable[["Served"], Awaitable[None]]] = []
    simulated: bool = False


class Served(msgspec.Struct, frozen=True, kw_only=True):
    """A house that is being served: what its pages and chores may reach."""

    settings: Settings
    store: Store
    ledger: Publisher
    desk: ServedDesk | InlineDesk
    clock: Clock
    keys: LiveKeyring
    senders: dict[str, Sender]
    folder: PlayFolder
    searcher: Searcher
    listener: socket.socket
    simulated: bool = False
    closing: Callable[[], bool]


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """A house that is ready to be served: its application, its desk, its chores, and its end.

    `close` is called once, after the last request and after the desk is closed.
    """

    app: ASGIApp
    served: Served
    chores: list[Callable[[], Awaitable[None]]]
    close: Callable[[], Awaitable[None]]


async def serve(settings: Settings, guests: Guests, announce: Announce) -> None:
    """Serve one house until a signal comes; `announce` is told the address once it answers.

    Raises `OSError` where the port is taken, `StoreError` and `KeyringError` with what to do.
    """
    ending = asyncio.Event()
    listener = listen(Address(settings.text("host"), settings.whole("port")))
    house = open_house(settings, guests, listener, ending)
    try:
        server = HouseServer(house.app, house.served.desk, listener, house.chores, announce, ending)
        await server.run()
    finally:
        await house.close()
        listener.close()


def open_house(
    settings: Settings, guests: Guests, listener: socket.socket, ending: asyncio.Event
) -> Opened:
    """Open the store, the keys and the doors of one house that will be reached at `listener`.

    `ending` is set once the server stops. Raises `StoreError` and `KeyringError` with what to do.
    """
    url, clock = settings.text("store"), guests.clock or SystemClock()
    keyring = keyring_of(url, settings)
    path = None if settings.text("seed") else keyring_path(url, settings)
    queue = None
    if url.startswith("memory:"):
        store, intake = open_store(url)
        walker = build_walker(settings, keyring, store)
        desk: ServedDesk | InlineDesk = InlineDesk(Embedded(walker, intake, clock), clock)
    else:
        store, intake = open_store(url, "door")
        queue = DurableQueue(intake, group_ms=settings.number("intake.group_ms"))
        start = partial(start_stepper, msgspec.json.encode(settings.values))
        desk = ServedDesk(queue, intake.last(), start, clock, bounds_of(settings))
    read = partial(read_play, known=known_here(settings=settings))
    key = NoteSigner(settings.text("origin"), keyring.ledger).key
    served = Served(
        settings=settings,
        store=store,
        ledger=publisher_of(settings, store, key),
        desk=desk,
        clock=clock,
        keys=LiveKeyring(path, keyring, guests.write_key),
        senders=guests.senders or make_senders(texts(settings, url_of(listener))),
        folder=PlayFolder(Path(settings.text("plays")), read, store, desk, clock),
        searcher=searcher_of(settings, store, desk, clock),
        listener=listener,
        simulated=guests.simulated,
        closing=ending.is_set,
    )
    teacher = build_teacher(served)

    async def close() -> None:
        if queue is not None:
            await queue.close()
        for sender in served.senders.values():
            await sender.close()
        served.keys.tell_used()
        intake.close()
        store.close()

    return Opened(
        app=outermost(served, partial(learn_now, teacher)),
        served=served,
        chores=[*chores_of(served, teacher), *(partial(one, served) for one in guests.chores)],
        close=close,
    )


def chores_of(served: Served, teacher: Teacher) -> list[Callable[[], Awaitable[None]]]:
    """The loops that run beside the door of a house; raises `SettingsError`."""
    settings, desk = served.settings, served.desk
    pace = Pace(settings.whole("send.concurrency"), timeout_s=settings.number("send.timeout_s"))
    delivering = Delivering(served.store, desk, served.senders, served.clock, pace)
    chores: list[Callable[[], Awaitable[None]]] = [delivering.run, served.folder.watch]
    if isinstance(desk, ServedDesk):

        def walked(told: Walked) -> None:
            delivering.wake()
            if told.wipe:
                teacher.soon()

        desk.on_walked = walked
        chores.append(desk.keep)
    every_hours = hours_of(settings, "learn.every_hours")
    if every_hours > 0.0:
        chores.append(partial(teacher.run, every_hours * 3600.0))
    chores.append(partial(served.searcher.run, 3600.0 * hours_of(settings, "joins.every_hours")))
    asking = asking_of(settings, served.ledger)
    if asking is not None:
        chores.append(asking.run)
    return chores


def outermost(served: Served, learn: Callable[[], Awaitable[bytes]]) -> ASGIApp:
    """All doors of a house: with its headers on every answer, and knowing who asks behind a proxy."""
    settings = served.settings
    is_public = settings.text("public_url").startswith("https:")
    gate = gate_of(served)
    app = learning_app(learn, gate.asking("learn"), build_app(served, gate))
    figures = Figures(settings, served.store, served.desk, served.clock)
    if isinstance(served.desk, InlineDesk):
        figures.counting = figures.here
    app = aggregates_app(figures.ask, gate.asking("aggregate"), app)
    return forwarded(
        headed(app, lambda scope: is_public or scope.get("scheme") == "https"),
        settings.text("security.proxies").split(),
    )


def gate_of(served: Served) -> Gate:
    """Who may ask what, by the key file as it stands, and no faster than the settings say."""
    per_s = served.settings.number("security.key_per_s")
    return Gate(served.keys.key, KeyPace(per_s, 2.0 * per_s) if per_s > 0.0 else None)


def build_teacher(served: Served) -> Teacher:
    """Who teaches this house: in a process of its own, save where one process holds the store."""

    async def study_now() -> list[Finding]:
        now_ms = served.clock.now_ms()
        if isinstance(served.desk, ServedDesk):
            return await study_apart(served.settings, now_ms)
        return list(study(served.store, course_of(served.settings, now_ms)))

    return Teacher(study_now, served.desk, served.clock)


def hours_of(settings: Settings, name: str) -> float:
    """How often something is done by itself, in hours, by a setting; raises `SettingsError` below 0."""
    hours = settings.number(name)
    if hours < 0.0:
        raise SettingsError(
            f"setting {name} needs 0 (never) or more hours, got {hours!r}. "
            "`equipoise settings` lists all."
        )
    return hours


async def learn_now(teacher: Teacher) -> bytes:
    """What a command that asks the server to learn is told, as JSON."""
    try:
        findings = await teacher.learn()
    except NotTaught as trouble:
        raise Refusal(500, "not_taught", str(trouble)) from None
    return msgspec.json.encode([told(finding) for finding in findings])


def build_app(served: Served, gate: Gate) -> ASGIApp:
    """The wire in front, the console behind it."""
    settings = served.settings
    limits = Limits(
        event_bytes=settings.whole("limits.event_bytes"),
        request_bytes=settings.whole("limits.request_bytes"),
        batch_events=settings.whole("limits.batch_events"),
        rudder_bytes=settings.whole("limits.rudder_bytes"),
    )
    registry = CollectorRegistry()
    registry.register(Gauges(served.store, served.desk))
    door = terms_door(served, gate)
    app = wire_app(served.desk, gate, limits, served.clock, registry, build_console(served))
    app = terms_app(door, Listening(door, gate, limits, app))
    app = partners_app(partners_of(served), app)
    public_url = settings.text("public_url")
    return seen_at(public_url, app) if public_url else app


def partners_of(served: Served) -> PartnerDoor:
    """The door for partners, where people are counted beside the engine if it has its own process."""
    settings, store = served.settings, served.store
    apart = isinstance(served.desk, ServedDesk)
    counting = Counting(settings, store, served.clock, apart=apart)
    return partner_door(settings, store, served.ledger, served.desk, counting)


def terms_door(served: Served, gate: Gate) -> TermsDoor:
    """The door for negotiations and signals, and what it says of the house."""
    settings = served.settings
    per_s = settings.number("security.address_per_s")
    signer = NoteSigner(settings.text("origin"), served.keys.keyring().ledger)
    return TermsDoor(
        store=served.store,
        desk=served.desk,
        clock=served.clock,
        sources=gate.asking("events:write"),
        published=published_of(settings, signer.key, rules_of(settings).policy),
        meaning=meaning_of(settings),
        sign=signer.sign_bytes,
        proof=served.ledger.bundle,
        pace=KeyPace(per_s, 10.0 * per_s) if per_s > 0.0 else None,
    )


def build_console(served: Served) -> ASGIApp:
    """The pages of the company, and what a person who unsubscribes is asked."""
    settings, store, keys = served.settings, served.store, served.keys
    rules = rules_of(settings)
    mailbox = served.senders.get("email")
    house = House(
        company=settings.text("company"),
        store=store,
        desk=served.desk,
        clock=served.clock,
        rules=rules,
        sentences=Sentences(sentence, held_join, why, Explainer(store, phrasebook_of(settings))),
        ledger=served.ledger,
        handles=handles_in_text,
        view=lambda state, now_ms: View(state, now_ms, rules),
        read_play=read_play,
        operator=keys.operator,
        backlog=lambda: served.desk.backlog,
        mails=mailbox.mails if isinstance(mailbox, Mailbox) else None,
        effects=effects_in(store, rules, served.clock),
        mistakes=served.folder.mistakes,
        closing=served.closing,
        public_url=settings.text("public_url"),
        locale=settings.text("locale"),
        open_console=settings.yes("open_console"),
        role=keys.role,
        terms=Terms(
            idle_s=60.0 * settings.number("security.idle_minutes"),
            age_s=3600.0 * settings.number("security.session_hours"),
        ),
        simulated=served.simulated,
        grants=Grants(
            token=partial(new_token, settings.text("security.env")),
            question=partial(read_asked, known=known_here(settings=settings)),
            text=asks,
        ),
        spendings=partial(spendings_at, settings, store),
        searcher=served.searcher,
    )
    console = console_app(house)
    witnessed = cosignatures_app(served.ledger.witness, console)
    portal = build_portal(settings, house, served.ledger, served.desk, mailbox, witnessed)
    felt = feeling_app(store, served.desk, served.clock, portal)
    return unsubscribe_app(store, served.desk, served.clock, felt)


def spendings_at(settings: Settings, store: Store, now_ms: int) -> list[Spending]:
    """What figures about many people cost, by recipient, in the calendar year (UTC) of a time."""
    return spendings(store, settings, datetime.fromtimestamp(now_ms / 1000, UTC).year)


def handles_in_text(text: str) -> tuple[Handle, ...]:
    """Every handle that a typed text could be: `email:ana@example.org`, or a bare value."""
    kind, colon, value = text.strip().partition(":")
    typed = [Handle(kind, value)] if colon and kind in KINDS else []
    guesses = typed or [Handle(known, text.strip()) for known in KINDS]
    return tuple(handle for guess in guesses for handle in clean([guess], "server")[0])


def bounds_of(settings: Settings) -> Bounds:
    """When the door says 429, and how many walked rows it keeps."""
    return Bounds(
        settings.whole("limits.backlog_rows"),
        settings.whole("limits.backlog_bytes"),
        settings.whole("intake.keep_rows"),
    )


def texts(settings: Settings, url: str) -> dict[str, str]:
    """Every setting as text, as senders read them; links lead to `url` where no public one is set."""
    found = {name: str(value) for name, value in settings.values.items()}
    return found | {"public_url": found["public_url"] or url}
