"""What the person allows: each purpose on each channel, how much attention, and when there is quiet."""

import re
from collections.abc import Mapping
from secrets import token_hex
from typing import Any

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from equipoise.nouns.agreements import (
    ACCEPTED,
    ENDED,
    OFFERED,
    REFUSED,
    ROSTER,
    Agreed,
    Agreement,
    Negotiate,
    Talk,
)
from equipoise.nouns.rights import AskRight
from equipoise.nouns.state import Stance
from equipoise.remember.agreements import OFFER_MS, came_of, in_force
from equipoise.show.forms import first
from equipoise.show.languages import Language
from equipoise.show.person import budget_of
from equipoise.show.portal.doorway import checked_form
from equipoise.show.portal.guests import Guest, Guests
from equipoise.show.portal.house import PersonHouse
from equipoise.show.portal.pages import PersonPages

PER_WEEK_MOST = 1000
_NAME = re.compile(r"[^|]{1,64}")
_OWN = frozenset(("", "withdrawn", "objected", "consent_missing"))
"""Reasons that the person's own answer, or the lack of one, already tells."""

_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


class Allowed(msgspec.Struct, frozen=True):
    """One purpose on one channel: whether it happens now, and what makes it so.

    `stance` is the person's own answer; where there is none the `basis` of the house decides. `barred`
    is the sentence of what else forbids it: an agreement, a signal, or the law.
    """

    purpose: str
    channel: str
    basis: str
    allowed: bool
    stance: Stance | None
    barred: str = ""


class Purpose(msgspec.Struct, frozen=True):
    """One purpose with its channels, `*` (everywhere) first."""

    name: str
    basis: str
    rows: list[Allowed]


class Allowing:
    """`/me/terms` and its forms."""

    def __init__(self, portal: PersonHouse, pages: PersonPages, guests: Guests) -> None:
        self._portal = portal
        self._house = portal.house
        self._pages = pages
        self._guests = guests

    def routes(self) -> list[Route]:
        """The routes of terms."""
        return [
            Route("/me/terms", self.page),
            Route("/me/terms", self.answer, methods=["POST"]),
            Route("/me/terms/attention", self.attention, methods=["POST"]),
            Route("/me/terms/quiet", self.quiet, methods=["POST"]),
            Route("/me/terms/agree", self.agree, methods=["POST"]),
            Route("/me/terms/agreement", self.speak, methods=["POST"]),
            Route("/me/terms/object", self.object, methods=["POST"]),
        ]

    def _purposes(self, guest: Guest) -> list[Purpose]:
        """Every purpose that the house has, that a play serves, or that was ever answered."""
        found: dict[str, set[str]] = {name: {"*"} for name in self._house.rules.bases}
        for row in {row.name: row for row in self._house.store.plays()}.values():
            if row.status == "live":
                play = self._house.read_play(row.text)
                channels = {option.channel for option in play.options if option.channel}
                found.setdefault(play.purpose, {"*"}).update(channels)
        for atom in guest.state.atoms:
            for key in atom.terms.stances:
                purpose, _, channel = key.removesuffix("|public").partition("|")
                if purpose != "*":
                    found.setdefault(purpose, {"*"}).add(channel)
        rules = self._house.rules
        return [
            Purpose(name, rules.basis(name), [self._row(guest, name, c) for c in sorted(channels)])
            for name, channels in sorted(found.items())
        ]

    def _row(self, guest: Guest, purpose: str, channel: str) -> Allowed:
        rules = self._house.rules
        stance = guest.standing.stance(purpose, channel)
        reason = self._portal.gate(guest.standing, rules, purpose, channel)
        barred = "" if reason in _OWN else reason
        return Allowed(purpose, channel, rules.basis(purpose), not reason, stance, barred)

    async def page(self, request: Request) -> Response:
        """All of it on one page: what is allowed, how much attention, when there is quiet."""
        guest = self._guests.of(request)
        standing = guest.standing
        everything = [
            (key, stance)
            for atom in guest.state.atoms
            for key, stance in atom.terms.stances.items()
            if key.startswith("*|") and not stance.granted
        ]
        return self._pages.page(
            request,
            "me_terms.html",
            purposes=self._purposes(guest),
            objected=everything,
            budget=budget_of(standing, self._house.rules, guest.now_ms),
            per_week=standing.per_week,
            quiet=standing.quiet,
            house_quiet=self._house.rules.quiet,
            timezone=standing.timezone,
            agreed=_agreed(guest),
            offered=_offered(guest),
            roster=list(ROSTER.values()),
            policy=self._house.rules.policy,
            sentence=self._pages.teller(self._pages.language(request)).reason,
        )

    async def answer(self, request: Request) -> Response:
        """Grant or withdraw one purpose on one channel, under the sentence that stood at the button."""
        guest = self._guests.of(request)
        fields = await checked_form(request)
        purpose, channel = first(fields, "purpose", 100), first(fields, "channel", 100)
        verb = first(fields, "answer")
        if verb not in ("grant", "withdraw") or not _NAME.fullmatch(purpose):
            raise HTTPException(404)
        if not _NAME.fullmatch(channel):
            raise HTTPException(404)
        language = self._pages.language(request)
        notice = {
            "id": f"portal/{verb}",
            "text": notice_text(language, self._house.company, verb, (purpose, channel)),
            "language": language.code,
        }
        kind = "terms.granted" if verb == "grant" else "terms.withdrawn"
        facts = {"purpose": purpose, "channel": channel, "notice": notice}
        await self._guests.say(guest, kind, facts)
        row = self._row(self._guests.of(request), purpose, channel)
        said = "grant_barred" if verb == "grant" and not row.allowed else verb
        return RedirectResponse(f"/me/terms?said={said}", 303)

    async def attention(self, request: Request) -> Response:
        """The person's own number of contacts a week; empty takes it back."""
        guest = self._guests.of(request)
        typed = first(await checked_form(request), "per_week", 10)
        if typed and (not typed.isdecimal() or int(typed) > PER_WEEK_MOST):
            return RedirectResponse("/me/terms?said=not_so", 303)
        facts = {"per_week": int(typed) if typed else None}
        await self._guests.say(guest, "terms.budget", facts)
        return RedirectResponse("/me/terms?said=attention", 303)

    async def quiet(self, request: Request) -> Response:
        """The person's own quiet hours; both empty takes them back."""
        guest = self._guests.of(request)
        fields = await checked_form(request)
        start, end = first(fields, "from", 10), first(fields, "to", 10)
        if (start or end) and not (_TIME.fullmatch(start) and _TIME.fullmatch(end)):
            return RedirectResponse("/me/terms?said=not_so", 303)
        await self._guests.say(guest, "terms.quiet", {"from": start or None, "to": end or None})
        return RedirectResponse("/me/terms?said=quiet", 303)

    async def agree(self, request: Request) -> Response:
        """Choose an agreement of the roster (IEEE 7012); the house takes it, counters, or refuses."""
        guest = self._guests.of(request)
        fields = await checked_form(request)
        proffer = Negotiate(
            does="proffer",
            handles=(guest.visit.handle,),
            agreement=first(fields, "agreement", 64),
            nonce=token_hex(12),
            language=self._pages.language(request).code,
        )
        told = await self._guests.ask(proffer)
        return RedirectResponse(f"/me/terms?said={_said_of(told)}", 303)

    async def speak(self, request: Request) -> Response:
        """Accept or refuse a counter-offer, or end an agreement that is in force."""
        guest = self._guests.of(request)
        fields = await checked_form(request)
        does = first(fields, "does", 10)
        if does not in ("accept", "refuse", "end"):
            raise HTTPException(404)
        turn = Negotiate(
            does=does,  # type: ignore[arg-type]
            handles=(guest.visit.handle,),
            id=first(fields, "id", 64),
            language=self._pages.language(request).code,
        )
        told = await self._guests.ask(turn)
        return RedirectResponse(f"/me/terms?said={_said_of(told)}", 303)

    async def object(self, request: Request) -> Response:
        """Object to everything that is not needed for the service, or to one purpose (article 21)."""
        guest = self._guests.of(request)
        fields = await checked_form(request)
        purpose = first(fields, "purpose", 100) or "*"
        if not _NAME.fullmatch(purpose):
            raise HTTPException(404)
        ask = AskRight(kind="objection", handles=(guest.visit.handle,), purpose=purpose)
        told = await self._guests.ask(ask)
        return RedirectResponse(f"/me/terms?said={'object' if told.get('ok') else 'not_so'}", 303)


_SAID_OF: dict[str, str] = {
    ACCEPTED: "agreed",
    OFFERED: "countered",
    REFUSED: "agreement_refused",
    ENDED: "agreement_ended",
}


def _said_of(told: Mapping[str, Any]) -> str:
    """The sentence after a turn, by how the negotiation stands then."""
    return _SAID_OF.get(told.get("status", ""), "not_so") if told.get("ok") else "not_so"


def _agreed(guest: Guest) -> list[tuple[Agreement, Agreed, str]]:
    """The agreements in force, each with the negotiation that led to it."""
    return [
        (ROSTER[agreed.id], agreed, came_of(atom, agreed))
        for atom, agreed in in_force(guest.state.atoms, guest.now_ms)
        if agreed.id in ROSTER
    ]


def _offered(guest: Guest) -> list[tuple[Agreement, Talk]]:
    """The counter-offers of the house that wait for this person, the same one once: the latest."""
    latest = {
        talk.counter: (ROSTER[talk.counter], talk)
        for atom in guest.state.atoms
        for talk in atom.terms.talks.values()
        if talk.status == OFFERED
        and talk.counter in ROSTER
        and guest.now_ms <= talk.at_ms + OFFER_MS
    }
    return list(latest.values())


def notice_text(language: Language, company: str, verb: str, of: tuple[str, str]) -> str:
    """The sentence that a person answered; its SHA-256 stands in the receipt."""
    purpose, channel = of
    where = (
        language.text("terms_page.everywhere")
        if channel == "*"
        else language.word("channel", channel)
    )
    places = {
        "company": company,
        "purpose": language.word("purpose", purpose.replace(".", "_")),
        "where": where,
    }
    return language.text(f"terms_page.notice_{verb}", places)
