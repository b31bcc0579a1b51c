"""What people allow, forbid, look for and want of themselves, and when: the town's own truth about it."""

from typing import Any

import msgspec

from equipoise.nouns.events import Source
from equipoise.testing.town.calls import DESK, PAST, TILL, WEBSHOP, Call, Script
from equipoise.testing.town.chance import Chance, Draws
from equipoise.testing.town.people import Resident
from equipoise.testing.town.streets import DAY_MS, MINUTE_MS

NOTICES = {
    "fr": "Nous vous écrirons au plus trois fois par semaine. Vous pouvez dire stop à tout moment.",
    "en": "We will write to you three times a week at most. You can say stop at any time.",
}
"""What is shown to people when they are asked whether they want mail."""


class Wish(msgspec.Struct, frozen=True):
    """One thing a person says of what they want, at a time (ms): the kind of event and its facts."""

    at_ms: int
    kind: str
    facts: dict[str, Any]


def wishes_of(chance: Chance, who: Resident, start_ms: int) -> list[Wish]:
    """All that a person will say of what they want by themselves, in order of time.

    What follows a consent is said after the town's start, so that it can be watched.
    """
    if who.joins == "never":
        return []
    draws = chance.at("wishes", who.number)
    said: list[Wish] = []
    settled_ms = max(who.joined_ms, start_ms)
    if draws.happens("consents", 0.65 + 0.3 * who.trust):
        channel = "email" if draws.happens("only mail", 0.3) else "*"
        notice = {"id": f"mail-{who.locale}", "language": who.locale, "text": NOTICES[who.locale]}
        facts = {"purpose": "marketing", "channel": channel, "notice": notice}
        said.append(Wish(who.joined_ms + MINUTE_MS, "terms.granted", facts))
        if draws.happens("withdraws", 0.25 - 0.2 * who.patience):
            again = {"purpose": "marketing", "channel": "*"}
            withdrawn_ms = _some_day(draws, "withdraws", settled_ms, 40)
            said.append(Wish(withdrawn_ms, "terms.withdrawn", again))
            if draws.happens("comes round", 0.3):
                later_ms = withdrawn_ms + draws.whole("comes round after", 5, 20) * DAY_MS
                said.append(Wish(later_ms, "terms.granted", {**facts, "channel": "*"}))
    if draws.happens("objects", 0.12 - 0.1 * who.trust):
        facts = {"purpose": "personalisation", "channel": "*"}
        said.append(Wish(_some_day(draws, "objects", settled_ms, 15), "terms.objected", facts))
    if draws.happens("quiet", 0.14):
        evening = draws.pick("quiet from", ("17:30", "19:00", "20:00"))
        facts = {"from": evening, "to": draws.pick("quiet to", ("09:00", "10:00", "12:30"))}
        said.append(Wish(_some_day(draws, "quiet", settled_ms, 6), "terms.quiet", facts))
    if draws.happens("budget", 0.12):
        budget = {"per_week": draws.pick("per week", (1, 1, 2))}
        said.append(Wish(_some_day(draws, "budget", settled_ms, 6), "terms.budget", budget))
    said += _own(draws, who, settled_ms)
    return sorted(said, key=lambda wish: wish.at_ms)


def _own(draws: Draws, who: Resident, settled_ms: int) -> list[Wish]:
    """What some look for, of the kind that they like, and the limit that some set themselves."""
    said: list[Wish] = []
    if draws.happens("looks for", 0.25):
        most = {"amount": draws.pick("pays", (20, 40, 80)), "currency": "EUR"}
        intent = {"category": who.liking, "budget": most, "audience": ["house", "staff"]}
        said.append(Wish(_some_day(draws, "looks for", settled_ms, 10), "intent.declared", intent))
    if draws.happens("limits", 0.08):
        amount = draws.pick("limit", (60, 100, 150))
        limit = {"kind": "spend_at_most", "amount": amount, "currency": "EUR", "per": "month"}
        said.append(Wish(_some_day(draws, "limits", settled_ms, 10), "aim.declared", limit))
    return said


def _some_day(draws: Draws, what: str, after_ms: int, days: float) -> int:
    """An instant of the day some days later, when one has a minute for such things."""
    from_ms = after_ms + int(draws.between(f"{what}/days", 0.1, days) * DAY_MS)
    return from_ms + int(draws.between(f"{what}/minute", 0, 30) * MINUTE_MS)


def spoken(chance: Chance, who: Resident, wish: Wish, start_ms: int) -> list[Call]:
    """The wish as it reaches the shop: from the site's account page, the till or the help desk."""
    source, ids = _voice(chance, who, wish)
    if wish.at_ms < start_ms:
        source = PAST
    script = Script(f"w{who.number}.{wish.kind}.{wish.at_ms}", who.number)
    script.say(source, wish.at_ms, wish.kind, ids, wish.facts)
    return script.calls


def _voice(chance: Chance, who: Resident, wish: Wish) -> tuple[Source, dict[str, Any]]:
    if who.joins == "till":
        ids = card_ids(who) | {"context": {"traits": {"loyalty_card": who.card}}}
        return TILL, ids
    draws = chance.at("voice", who.number, wish.at_ms)
    calls_in = wish.kind == "terms.withdrawn" and draws.happens("desk", 0.3)
    return (DESK if calls_in else WEBSHOP), {"userId": who.user_id}


def card_ids(who: Resident) -> dict[str, Any]:
    """How a till names the holder of a card: the wire wants an id beside it."""
    return {"anonymousId": f"till-{who.card}"}


def allows(wishes: list[Wish], stops: list[int], at_ms: int) -> bool:
    """Whether a person allows marketing mail at a time: the last word counts, a stop for good.

    `stops` are the times (ms) at which the person reacted to a mail by saying stop.
    """
    answer = False
    for wish in wishes:
        if wish.at_ms <= at_ms and wish.facts.get("purpose") == "marketing":
            answer = wish.kind == "terms.granted"
    return answer and not any(stop_ms <= at_ms for stop_ms in stops)
