"""A person made up for a test, and what a guard is asked about them."""

from typing import Any

import msgspec

from equipoise.nouns.agreements import UNCAPPED
from equipoise.nouns.aims import Balance
from equipoise.nouns.decisions import Moment
from equipoise.nouns.events import Value
from equipoise.nouns.intents import Intent
from equipoise.nouns.plays import SILENCE, Option, Play, Trigger
from equipoise.nouns.rules import Rules
from equipoise.nouns.state import Stance
from equipoise.ports import Asked

NOON_MS = 1_699_959_600_000
"""Noon in Paris on Tuesday 14 November 2023, when hardly anything has to wait."""

EMAIL = Option(name="mail")
"""An option that is a contact."""

PLAY = Play(
    name="welcome",
    purpose="marketing",
    moment=Trigger(event="cart.left"),
    options=(EMAIL, SILENCE),
)
"""A play with one option and silence, for a purpose that needs consent."""


CONSENT = Stance(granted=True, at_ms=1, seq=1, event="e1")
"""A consent that a server's key brought."""


class FakeStanding(msgspec.Struct, frozen=True, kw_only=True):
    """A person as told; satisfies `Standing`.

    By default somebody with an address who consented to everything. `stances` has the keys of
    `Terms.stances`, `contacts` are pairs of (ms, play), oldest first, `contests` holds `PLAY|OPTION`.
    """

    person: int = 1
    known: bool = True
    timezone: str = "Europe/Paris"
    locale: str = "en"
    per_week: int | None = None
    quiet: tuple[int, int] | None = None
    fields: dict[str, Value] = msgspec.field(default_factory=lambda: {"has.email": True})
    stances: dict[str, Stance] = msgspec.field(default_factory=lambda: {"marketing|*": CONSENT})
    contacts: tuple[tuple[int, str], ...] = ()
    restricted: bool = False
    cap: int = UNCAPPED
    barred: int = 0
    contests: frozenset[str] = frozenset()
    rest: tuple[int, str] | None = None
    aims: tuple[Balance, ...] = ()
    intents: tuple[Intent, ...] = ()

    def get(self, field: str) -> Value:
        """The field as told, or None."""
        return self.fields.get(field)

    def stance(self, purpose: str, channel: str) -> Stance | None:
        """What was told for the channel or for all of them; a denial wins."""
        found = [self.stances.get(f"{purpose}|{place}") for place in (channel, "*")]
        told = [stance for stance in found if stance is not None]
        return min(told, key=lambda stance: stance.granted, default=None)

    def contested(self, play: str, option: str) -> bool:
        """True for what was told."""
        return f"{play}|{option}" in self.contests

    def contact_times_ms(self, since_ms: int, play: str | None = None) -> list[int]:
        """The contacts told, since then and of that play."""
        return [
            at_ms
            for at_ms, name in self.contacts
            if at_ms >= since_ms and (play is None or play == name)
        ]


def ask(standing: FakeStanding | None = None, now_ms: int = NOON_MS, **changes: Any) -> Asked:
    """What a guard is asked: may `EMAIL` of `PLAY` go to this person now, save for the changes.

    `changes` are fields of `Asked`. The moment opens now unless one is given.
    """
    moment = Moment(
        id="m1", kind="cart.left", event="e1", channel="web", at_ms=now_ms, opened_ms=now_ms
    )
    given: dict[str, Any] = {
        "play": PLAY,
        "moment": moment,
        "standing": standing or FakeStanding(),
        "now_ms": now_ms,
        "rules": Rules(),
        "seed": b"seed",
        "spent": {},
        "option": EMAIL,
    }
    return Asked(**(given | changes))
