"""What a person is looking for: typed into a form, read into the facts of an intent, and told again."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from equipoise.nouns.aims import plain
from equipoise.nouns.intents import (
    ALL,
    HOUSE,
    INTENT_DECLARED,
    INTENT_WITHDRAWN,
    STAFF,
    Intent,
    NotAnIntent,
    read_intent,
)
from equipoise.ports import Store
from equipoise.show.forms import first
from equipoise.show.languages import Language
from equipoise.show.portal.aiming import read_number
from equipoise.show.portal.doorway import checked_form
from equipoise.show.portal.guests import Guests
from equipoise.show.portal.house import PersonHouse

NAME_MOST = 64
WORDS_MOST = 1200
"""How many characters a list of words may have."""


class Told(msgspec.Struct, frozen=True):
    """An intent as its page tells it; `must`, `nice` and `budget` are also what a change starts from."""

    intent: Intent
    must: str
    nice: str
    budget: str
    until: str
    audience: tuple[str, ...]


class Hearer(msgspec.Struct, frozen=True):
    """Somebody whom a person can let know: the entry of an audience, and the sentence that stands at it."""

    entry: str
    sentence: str


def told(intents: Iterable[Intent], language: Language) -> list[Told]:
    """Each intent that holds, ready to be read."""
    return [
        Told(
            intent=intent,
            must=", ".join(intent.must),
            nice=", ".join(intent.nice),
            budget="" if intent.budget is None else plain(intent.budget),
            until=language.date(intent.until_ms - 1),
            audience=tuple(hearer(entry, language) for entry in intent.audience),
        )
        for intent in intents
    ]


def hearer(entry: str, language: Language) -> str:
    """An entry of an audience as a sentence."""
    kind, colon, name = entry.partition(":")
    if not colon:
        return language.word("audience", entry)
    shown = language.word("purpose", name) if kind == "purpose" else name
    names = {"play": "audience.play", "purpose": "audience.purpose", "partner": "audience.partner"}
    return language.text(names[kind], {"name": shown})


def hearers(store: Store, now_ms: int, language: Language) -> list[Hearer]:
    """Whom a person can choose: this house, its staff, each partner that may ask now, everybody."""
    partners = sorted({share.recipient for share in store.shares() if share.lives(now_ms)})
    named = [f"partner:{name}" for name in partners if len(name) <= NAME_MOST and "|" not in name]
    entries = [HOUSE, STAFF, *named, ALL]
    return [Hearer(entry, hearer(entry, language)) for entry in entries]


def intent_facts(
    fields: dict[str, list[str]], now_ms: int, zone: str
) -> tuple[dict[str, Any], str] | None:
    """The facts of `intent.declared` that a form says, and its id; None where something is wrong."""
    facts: dict[str, Any] = {"category": first(fields, "category", NAME_MOST)}
    for name in ("must", "nice"):
        facts[name] = _words(first(fields, name, WORDS_MOST))
    facts["audience"] = fields.get("audience", [])[:NAME_MOST]
    if said := first(fields, "intent", NAME_MOST):
        facts["intent"] = said
    if said := first(fields, "until", 10):
        facts["until"] = said
    if typed := first(fields, "budget", 40):
        amount, currency = read_number(typed), first(fields, "currency", 3)
        # What is no number is handed on as it was typed, so that it is refused and not passed over.
        money: Any = typed if amount is None else amount
        facts["budget"] = {"amount": money, "currency": currency} if currency else money
    if not facts["audience"]:
        return None
    try:
        intent = read_intent(facts, now_ms, 0, zone, "server")
    except NotAnIntent:
        return None
    return facts, intent.id


def _words(typed: str) -> Sequence[str]:
    """Words between commas or on lines of their own."""
    return [word.strip() for word in typed.replace("\n", ",").split(",") if word.strip()]


class Seeking:
    """`/me/wishes/intent` and `/me/wishes/intent/end`."""

    def __init__(self, portal: PersonHouse, guests: Guests) -> None:
        self._house = portal.house
        self._guests = guests

    def routes(self) -> list[Route]:
        """The routes of intents."""
        return [
            Route("/me/wishes/intent", self.declare, methods=["POST"]),
            Route("/me/wishes/intent/end", self.end, methods=["POST"]),
        ]

    async def declare(self, request: Request) -> Response:
        """Say what one is looking for, or change it: the same id once more."""
        guest = self._guests.of(request)
        read = intent_facts(await checked_form(request), guest.now_ms, guest.standing.timezone)
        if read is None:
            return _back("not_so")
        facts, name = read
        await self._guests.say(guest, INTENT_DECLARED, facts)
        kept = self._guests.of(request).standing.intents
        # The step has the last word: there may be as many as there can be.
        taken = any(one.id == name and one.at_ms >= guest.now_ms for one in kept)
        return _back("intent" if taken else "not_so")

    async def end(self, request: Request) -> Response:
        """Take back what one was looking for."""
        guest = self._guests.of(request)
        name = first(await checked_form(request), "intent", NAME_MOST)
        if all(one.id != name for one in guest.standing.intents):
            raise HTTPException(404)
        await self._guests.say(guest, INTENT_WITHDRAWN, {"intent": name})
        return _back("intent_ended")


def _back(said: str) -> Response:
    return RedirectResponse(f"/me/wishes?said={said}", 303)
