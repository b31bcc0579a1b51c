"""A lively small house for the pages' tests, and a browser without a socket that visits it."""

import asyncio
from typing import Any

import msgspec
from starlette.testclient import TestClient
from starlette.types import ASGIApp

from equipoise.account.note import NoteSigner
from equipoise.account.publishing import Publisher
from equipoise.account.shares import asks
from equipoise.compose import Engine
from equipoise.compose.library import keyring_of, rules_of
from equipoise.compose.serving import handles_in_text
from equipoise.compose.shares import new_token, read_asked
from equipoise.plays.phrases import held_join, sentence
from equipoise.plays.reading import read_play
from equipoise.plays.telling import why
from equipoise.remember.view import View
from equipoise.runners.inline import InlineDesk
from equipoise.senders.mailbox import Mail
from equipoise.settings import read_settings
from equipoise.show.app import Time, console_app
from equipoise.show.forms import FORM_FIELD, FORM_HEADER
from equipoise.show.house import Grants, House, Sentences
from house import (
    DAY_MS,
    HERO,
    HOUR_MS,
    NOON_MS,
    PUBLIC,
    THANKS,
    granted,
    house,
    identify,
    send,
    track,
    welcome,
)

REVIEWED = """
name: goodwill
title: {en: A gesture, fr: Un geste}
purpose: marketing
moment: {event: Order Refunded}
options:
  - {name: voucher, do: reward, channel: email, review: true, share: 1,
     subject: {en: Sorry, fr: Pardon}, body: {en: Five euros for you, fr: Cinq euros pour vous}}
chooser: fixed_shares
explore_floor: 0
"""
"""A play whose mail waits for a human."""

NEVER = """
name: birthday
purpose: marketing
moment: {event: Birthday}
options:
  - {name: card, do: notify, channel: email, subject: {en: H, fr: H}, body: {en: H, fr: H}}
"""
"""A play whose moment never comes."""

TOKEN = "eqo_right"
EVIL = "<script>alert(1)</script>"
ORIGIN = {"origin": "http://testserver"}


class FakeTime:
    """Seconds that pass only when they are told to."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def seconds(self) -> float:
        return self.now_s

    async def pause(self, seconds: float) -> None:
        self.now_s += seconds


def lively() -> Engine:
    """People, joins, terms, decisions of every outcome, silences, a review, refused items."""
    engine = house()
    for play in (THANKS, HERO, REVIEWED, NEVER):
        engine.add_play(play)
    send(engine, [*welcome("ana"), *welcome("bo"), identify("cy", email="cy@example.org")])
    browsing = {"type": "page", "anonymousId": "an-1", "name": "Home", "messageId": "m1"}
    send(engine, [browsing], PUBLIC)
    send(engine, [identify("ana", "an-1", first_name="Ana", city=EVIL)])
    for user in ("ana", "bo", "cy"):
        send(engine, [track(user, "Order Completed", 1, revenue=59.9, order_id="o-1")])
    asyncio.run(engine.clock.advance(HOUR_MS))
    send(engine, [track("cy", "Order Completed", 2), track("cy", "Order Completed", 3)])
    engine.decide("user_id:ana", "home-hero")
    engine.decide("anonymous_id:stranger", "home-hero")
    send(engine, [track("bo", "Order Refunded", 1, reason=EVIL)])
    send(engine, [track("guest", "Seen", 1)])
    send(engine, [identify(EVIL, email="evil@example.org"), granted(EVIL)])
    asyncio.run(engine.clock.advance(10 * HOUR_MS))
    send(engine, [*welcome("dee"), track("dee", "Order Completed", 1)])
    return engine


def house_of(engine: Engine, **given: Any) -> House:
    """The record that the console of this engine is handed."""
    settings = read_settings(environ={}, given={"seed": "test"})
    rules = rules_of(settings)
    keyring = keyring_of("memory:", settings)
    key = NoteSigner(settings.text("origin"), keyring.ledger).key
    made = House(
        company="Maison Test",
        store=engine.store,
        desk=InlineDesk(engine, engine.clock),
        clock=engine.clock,
        rules=rules,
        sentences=Sentences(sentence, held_join, why),
        ledger=Publisher(engine.store, key),
        handles=handles_in_text,
        view=lambda state, now_ms: View(state, now_ms, rules),
        read_play=read_play,
        operator=lambda token: "olga" if token == TOKEN else None,
        backlog=lambda: 0,
        mails=None,
        open_console=True,
        grants=Grants(token=new_token, question=read_asked, text=asks),
    )
    return msgspec.structs.replace(made, **given)


def mails_of(engine: Engine) -> list[Mail]:
    """One mail, as the town's mailbox would keep it."""
    person = people_of(engine)["ana"]
    return [Mail(3, "k", person, "thanks", "ana@example.org", "Hi", f"Dear {EVIL}", NOON_MS)]


def people_of(engine: Engine) -> dict[str, int]:
    """The person of each user."""
    names = ("ana", "bo", "cy", "dee", EVIL)
    found = engine.store.atoms_of([handle for name in names for handle in handles_in_text(name)])
    return {handle.value: atom.person for handle, atom in found.items() if handle.kind == "user_id"}


class Browser(TestClient):
    """Posts as our own pages do: who is signed in sends the token that stands in every form."""

    def post(self, url: Any, *, headers: Any = None, **given: Any) -> Any:
        if self.cookies.get("equipoise"):
            headers = {FORM_HEADER: token_of(self), **(headers or {})}
        return super().post(url, headers=headers, **given)


def token_of(client: TestClient) -> str:
    """The token in the forms of the pages that this browser sees; nothing before it is signed in."""
    page = client.get("/sessions").text
    return page.partition(f'name="{FORM_FIELD}" value="')[2].partition('"')[0]


def browser(app: ASGIApp, **given: Any) -> Browser:
    """A browser that does not follow redirections by itself."""
    return Browser(app, follow_redirects=False, **given)


def visit(engine: Engine, time: FakeTime | None = None, **given: Any) -> Browser:
    """A browser at the console of this engine."""
    time = time or FakeTime()
    return browser(console_app(house_of(engine, **given), Time(time.seconds, time.pause)))


__all__ = [
    "DAY_MS",
    "EVIL",
    "ORIGIN",
    "TOKEN",
    "FakeTime",
    "house_of",
    "lively",
    "token_of",
    "visit",
]
