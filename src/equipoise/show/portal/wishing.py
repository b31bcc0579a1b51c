"""What the person wants: what they look for, limits and goals of their own, and how messages felt."""

from secrets import token_hex
from typing import Any

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from equipoise.nouns.aims import AIM_DECLARED, AIM_KINDS, AIM_WITHDRAWN, LONGEST_NAME, PERS
from equipoise.nouns.wishes import ANSWERS, Answer
from equipoise.show.addresses import record_number
from equipoise.show.forms import first
from equipoise.show.portal import seeking
from equipoise.show.portal.aiming import aim_facts, countable, told
from equipoise.show.portal.doorway import checked_form
from equipoise.show.portal.guests import Guest, Guests
from equipoise.show.portal.house import PersonHouse
from equipoise.show.portal.pages import PersonPages

CONTACTS_MOST = 12
"""How many contacts the page asks about: the newest, and those that were answered."""


class Reached(msgspec.Struct, frozen=True):
    """One contact that reached the person, and how they said it felt, if they did."""

    decision: int
    at_ms: int
    play: str
    option: str
    channel: str
    felt: Answer | None


class Wishing:
    """`/me/wishes` and its forms."""

    def __init__(self, portal: PersonHouse, pages: PersonPages, guests: Guests) -> None:
        self._house = portal.house
        self._pages = pages
        self._guests = guests

    def routes(self) -> list[Route]:
        """The routes of wishes."""
        return [
            Route("/me/wishes", self.page),
            Route("/me/wishes/aim", self.aim, methods=["POST"]),
            Route("/me/wishes/aim/end", self.end_aim, methods=["POST"]),
            Route("/me/wishes/felt", self.felt, methods=["POST"]),
        ]

    async def page(self, request: Request) -> Response:
        """All of it, each with what it did and the button that changes it or takes it back."""
        guest = self._guests.of(request)
        language = self._pages.language(request)
        return self._pages.page(
            request,
            "me_wishes.html",
            intents=seeking.told(guest.standing.intents, language),
            hearers=seeking.hearers(self._house.store, guest.now_ms, language),
            aims=told(guest.standing.aims, language),
            kinds=AIM_KINDS,
            pers=PERS,
            countable=countable(guest.state, language),
            reached=self._reached(guest),
            answers=ANSWERS,
            rest=guest.standing.rest,
            titles=self._titles(language.code),
            today=language.date(guest.now_ms),
        )

    def _titles(self, code: str) -> dict[str, str]:
        """What each play is called for people, by its name; plays without a title are not among them."""
        newest = {row.name: row.text for row in self._house.store.plays()}
        plays = {name: self._house.read_play(text) for name, text in newest.items()}
        said = {name: play.title for name, play in plays.items() if play.title}
        return {name: t if isinstance(t, str) else t.get(code, name) for name, t in said.items()}

    # --- aims ---------------------------------------------------------------------------------

    async def aim(self, request: Request) -> Response:
        """Set a limit or a goal of one's own, or change one: the same id once more."""
        guest = self._guests.of(request)
        fields = await checked_form(request)
        if first(fields, "kind") == "goal" and not first(fields, "aim"):
            # Several goals stand side by side; of a limit there is one for each thing.
            fields = fields | {"aim": [f"goal-{token_hex(4)}"]}
        read = aim_facts(fields, guest.now_ms, guest.standing.timezone)
        if read is None:
            return _back("not_so")
        facts, name = read
        await self._guests.say(guest, AIM_DECLARED, facts)
        kept = self._guests.of(request).standing.aims
        # The step has the last word: there may be as many as there can be.
        taken = any(b.aim.id == name and b.aim.at_ms >= guest.now_ms for b in kept)
        return _back("aim" if taken else "not_so")

    async def end_aim(self, request: Request) -> Response:
        """Take a limit or goal back."""
        guest = self._guests.of(request)
        name = first(await checked_form(request), "aim", LONGEST_NAME)
        if all(balance.aim.id != name for balance in guest.standing.aims):
            raise HTTPException(404)
        await self._guests.say(guest, AIM_WITHDRAWN, {"aim": name})
        return _back("aim_ended")

    # --- felt ---------------------------------------------------------------------------------

    def _reached(self, guest: Guest) -> list[Reached]:
        """The newest contacts and all that were answered, newest first."""
        felt = {one.decision: one for atom in guest.state.atoms for one in atom.felt}
        contacts = {c.decision: c for atom in guest.state.atoms for c in atom.contacts}
        rows = self._house.store.receipts(sorted({*contacts, *felt} - {0}))
        found = []
        for seq, row in rows.items():
            raw: dict[str, Any] = msgspec.json.decode(row.body)
            if row.atom not in guest.atoms or raw.get("type") != "decision":
                continue
            options: list[dict[str, Any]] = raw["options"]
            chosen = next((o for o in options if o["option"] == raw["chosen"]), {})
            answer = felt[seq].answer if seq in felt else None
            channel = str(chosen.get("channel", ""))
            found.append(Reached(seq, raw["at_ms"], raw["play"], raw["chosen"], channel, answer))
        newest = sorted(found, key=lambda one: (-one.at_ms, -one.decision))
        return newest[:CONTACTS_MOST] + [one for one in newest[CONTACTS_MOST:] if one.felt]

    async def felt(self, request: Request) -> Response:
        """Say how a contact felt, or change what was said; the next decision knows it."""
        guest = self._guests.of(request)
        fields = await checked_form(request)
        seq = record_number(first(fields, "decision", 20))
        answer = next((answer for answer in ANSWERS if answer == first(fields, "felt")), None)
        one = next((one for one in self._reached(guest) if one.decision == seq), None)
        if one is None or answer is None:
            raise HTTPException(404)
        facts = {
            "felt": answer,
            "decision": f"d_{one.decision}",
            "play": one.play,
            "option": one.option,
        }
        await self._guests.say(guest, "felt", facts)
        return _back(f"felt_{answer}")


def _back(said: str) -> Response:
    return RedirectResponse(f"/me/wishes?said={said}", 303)
