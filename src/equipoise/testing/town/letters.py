"""What a mail does to somebody: open, click, order, or enough. The more mails, the more say stop."""

from typing import Any

import msgspec

from equipoise.nouns.decisions import Action
from equipoise.testing.town.calls import MAILER, Call, Script
from equipoise.testing.town.chance import Chance, Draws
from equipoise.testing.town.counter import at_the_desk
from equipoise.testing.town.people import Resident
from equipoise.testing.town.streets import HOUR_MS, MINUTE_MS, minute_of
from equipoise.testing.town.visits import Visit, online

_CONTESTED = {
    "fr": "Je n’ai pas demandé qu’on regarde mes achats pour m’écrire.",
    "en": "I did not ask anybody to look at what I buy in order to write to me.",
}


class Letter(msgspec.Struct, frozen=True):
    """A mail that reached the town: for whom (number), when (ms), of which play, to which address."""

    who: int
    at_ms: int
    play: str
    to: str
    option: str = ""


class Reaction(msgspec.Struct, frozen=True):
    """What follows from a mail: the calls, and when the person said stop (ms), or None."""

    calls: list[Call]
    stop_ms: int | None = None


def annoyance(who: Resident, lately: int) -> float:
    """The probability of saying stop to one more mail, after `lately` mails in 28 days.

    It grows with the square of the mails, up to 0.6; somebody without patience has three times
    that of the most patient.
    """
    return min(0.6, 0.04 * (3.0 - 2.0 * who.patience) * (1 + lately) ** 2)


def react(chance: Chance, who: Resident, action: Action, now_ms: int, lately: int) -> Reaction:
    """How a person reacts to a mail; `lately` is how many others came in the last 28 days."""
    draws = chance.at("letter", who.number, action.key)
    ids = {"anonymousId": f"mail-{who.number:04d}", "context": {"traits": {"email": who.typed}}}
    script = Script(f"m{action.key}", who.number)
    facts = {"campaign": action.play, "action": action.key}
    if who.typed != who.address:
        script.say(MAILER, now_ms + 5_000, "Email Bounced", ids, facts)
        return Reaction(script.calls)
    script.say(MAILER, now_ms + 8_000, "Email Delivered", ids, facts)
    if not draws.happens("opens", 0.3 + 0.5 * who.trust):
        return Reaction(script.calls)
    opened_ms = _when_awake(draws, now_ms)
    script.say(MAILER, opened_ms, "Email Opened", ids, facts)
    felt = _felt(draws, who, lately)
    if felt:
        about = {"decision": f"d_{action.id}", "play": action.play, "option": action.option.name}
        script.say(MAILER, opened_ms + 20_000, "felt", ids, {"felt": felt} | about)
    if draws.happens("contests", 0.08 * (1.0 - who.trust)):
        why = {"decision": action.id, "ground": "unwanted_purpose", "text": _CONTESTED[who.locale]}
        script.request(opened_ms + 4 * MINUTE_MS, "contest", who.address, why)
    if draws.happens("stop", annoyance(who, lately)):
        return _stop(chance, _Stop(who, opened_ms, draws, ids, facts), script)
    if action.option.do != "restrain" and draws.happens("clicks", 0.15 + 0.2 * who.trust):
        clicked_ms = opened_ms + MINUTE_MS
        script.say(MAILER, clicked_ms, "Email Link Clicked", ids, facts)
        generous = 0.3 if action.option.do in ("offer", "reward") else 0.15
        purpose = "buying" if draws.happens("orders", generous) else "looking"
        key = f"c{action.key}"
        visit = Visit(who=who, at_ms=clicked_ms + 15_000, key=key, comes_for=purpose)
        return Reaction([*script.calls, *online(chance, visit)])
    return Reaction(script.calls)


def _felt(draws: Draws, who: Resident, lately: int) -> str:
    """What somebody taps below a mail, if anything: who trusts is glad, who lacks patience is not."""
    if draws.happens("is glad", 0.2 * who.trust):
        return "welcome"
    if draws.happens("has enough", 0.5 * annoyance(who, lately)):
        return "too_much"
    return "not_now" if draws.happens("is busy", 0.03) else ""


class _Stop(msgspec.Struct, frozen=True):
    who: Resident
    opened_ms: int
    draws: Draws
    ids: dict[str, Any]
    facts: dict[str, str]


def _stop(chance: Chance, stop: _Stop, script: Script) -> Reaction:
    """Enough: most unsubscribe, some call it spam, and some of these call the shop."""
    at_ms = stop.opened_ms + 2 * MINUTE_MS
    way = stop.draws.weighted("way", {"Email Unsubscribed": 0.75, "Email Marked as Spam": 0.25})
    script.say(MAILER, at_ms, way, stop.ids, stop.facts)
    calls = script.calls
    if way == "Email Marked as Spam" and stop.draws.happens("calls", 0.5):
        calls = [*calls, *at_the_desk(chance, stop.who, at_ms + HOUR_MS, "complaint")]
    return Reaction(calls, at_ms)


def _when_awake(draws: Draws, now_ms: int) -> int:
    """When a mail is opened: some minutes to hours later, and never in the middle of the night."""
    at_ms = now_ms + int(draws.wait("opens after", 1.5 * HOUR_MS)) + MINUTE_MS
    minute = minute_of(at_ms)
    return at_ms if minute >= 420 else at_ms + (420 - minute) * MINUTE_MS
