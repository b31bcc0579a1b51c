"""What happens in the shop: the till, its cards, its sloppy hours, returns, and the help desk."""

from typing import Any

from equipoise.testing.town.calls import DESK, TILL, Call, Script
from equipoise.testing.town.chance import Chance, Draws
from equipoise.testing.town.goods import Product, look_at
from equipoise.testing.town.people import Resident
from equipoise.testing.town.streets import DAY_MS, OPENS_MINUTE, day_of, local_ms, shop_is_open
from equipoise.testing.town.visits import Visit, order_facts
from equipoise.testing.town.wishes import card_ids

STAFF = ("Maryse", "Joël", "Nawel")
"""Who works in the shop; Joël types whatever makes the till go on."""

PLACEHOLDERS = ("guest", "null", "undefined", "[object Object]", "0", "anonymous")
"""What is typed at the till where a customer number should be."""


def in_the_shop(chance: Chance, visit: Visit) -> list[Call]:
    """Every call of one visit to the shop, with a return or a question on a later day."""
    who, draws = visit.who, chance.at("shop", visit.key)
    script = Script(visit.key, who.number)
    if visit.comes_for == "joining":
        take_card(script, draws, who, visit.at_ms)
    elif not draws.happens("buys", 0.25 + who.buys):
        return []
    basket = [look_at(draws, f"takes{n}", who.liking) for n in range(1 + draws.count("more", 0.8))]
    cashier = draws.pick("cashier", STAFF)
    ids = _named(draws, who, visit.at_ms, cashier)
    if ids is not None:
        facts = order_facts(f"T{visit.key}", basket) | {"cashier": cashier} | _card(who, ids)
        script.say(TILL, visit.at_ms, "Order Completed", ids, facts)
        _bring_back(script, draws, visit, basket)
    return script.calls


def take_card(script: Script, draws: Draws, who: Resident, at_ms: int) -> None:
    """A loyalty card is taken, on paper that somebody types in; the mail address is asked for."""
    traits = {
        "first_name": who.first_name,
        "last_name": who.last_name,
        "loyalty_card": who.card,
        "age": who.age,
        "language": who.locale,
    }
    if draws.happens("gives mail", 0.85):
        traits["email"] = who.typed
    script.say(TILL, at_ms - 90_000, "identify", card_ids(who), traits)
    script.say(TILL, at_ms - 80_000, "Signed Up", card_ids(who), {"loyalty_card": who.card})


def _named(draws: Draws, who: Resident, at_ms: int, cashier: str) -> dict[str, Any] | None:
    """How the till names the customer: by card, by an address for the bill, or badly; or not."""
    if who.has_card(at_ms) and draws.happens("shows card", 0.75):
        return card_ids(who)
    if cashier == "Joël":
        return {"userId": draws.pick("placeholder", PLACEHOLDERS)}
    if draws.happens("bill by mail", 0.2):
        ids = {"anonymousId": f"ticket-{script_key(draws)}"}
        return ids | {"context": {"traits": {"email": who.typed}}}
    return None


def script_key(draws: Draws) -> str:
    """The number on the ticket."""
    return f"{int(draws.number('ticket') * 10**9):09d}"


def _card(who: Resident, ids: dict[str, Any]) -> dict[str, str]:
    return {"loyalty_card": who.card} if ids == card_ids(who) else {}


def _bring_back(script: Script, draws: Draws, visit: Visit, basket: list[Product]) -> None:
    who = visit.who
    if not who.has_card(visit.at_ms) or not draws.happens("returns", who.returns):
        return
    day = day_of(visit.at_ms) + draws.whole("returns after", 2, 5)
    at_ms = local_ms(day, OPENS_MINUTE + draws.between("returns at", 10, 400))
    if not shop_is_open(at_ms):
        at_ms += DAY_MS
    facts = {"order_id": f"T{visit.key}", "revenue": basket[0].price, "loyalty_card": who.card}
    script.say(TILL, at_ms, "Order Refunded", card_ids(who), facts)


def at_the_desk(chance: Chance, who: Resident, at_ms: int, about: str) -> list[Call]:
    """Somebody calls the help desk, which finds them by the address they spell out."""
    draws = chance.at("desk", who.number, at_ms)
    script = Script(f"d{who.number}.{at_ms}", who.number)
    ids: dict[str, Any] = {"anonymousId": f"caller-{who.number:04d}"}
    ids["context"] = {"traits": {"email": who.typed}}
    minutes = round(draws.wait("minutes", 4.0), 1)
    script.say(DESK, at_ms, "Support Contacted", ids, {"about": about, "minutes": minutes})
    if about == "complaint":
        script.say(DESK, at_ms, "Complaint Made", ids, {"about": "too much mail"})
    return script.calls
