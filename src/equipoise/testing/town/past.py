"""What the shop knew before the town's first day: accounts, cards, consents and orders, as history."""

from typing import Any

from equipoise.testing.town.calls import PAST, WEBSHOP, Call, Script
from equipoise.testing.town.chance import Chance
from equipoise.testing.town.goods import look_at
from equipoise.testing.town.people import Resident
from equipoise.testing.town.streets import DAY_MS, day_of, local_ms
from equipoise.testing.town.visits import order_facts
from equipoise.testing.town.wishes import card_ids, spoken, wishes_of


def past_of(chance: Chance, who: Resident, start_ms: int) -> list[Call]:
    """A resident's history in the order in which it happened; empty where nobody knew them."""
    if who.joined_ms >= start_ms:
        return []
    draws = chance.at("past", who.number)
    script = Script(f"p{who.number}", who.number)
    ids: dict[str, Any] = {"userId": who.user_id} if who.joins == "site" else card_ids(who)
    traits: dict[str, Any] = {
        "first_name": who.first_name,
        "last_name": who.last_name,
        "email": who.typed,
        "age": who.age,
        "language": who.locale,
        "district": who.district,
    }
    if who.has_card(start_ms):
        traits["loyalty_card"] = who.card
    script.say(PAST, who.joined_ms, "identify", ids, traits)
    span_ms = start_ms - DAY_MS - who.joined_ms
    for n in range(draws.count("orders", 2.2 + 3.0 * who.buys)):
        at_ms = who.joined_ms + int(draws.number(f"order{n}") * span_ms)
        basket = [look_at(draws, f"order{n}/{k}", who.liking) for k in range(1 + n % 3)]
        script.say(PAST, at_ms, "Order Completed", ids, order_facts(f"P{who.number}.{n}", basket))
        if draws.happens(f"order{n}/returns", who.returns * 1.5):
            facts = {"order_id": f"P{who.number}.{n}", "revenue": basket[0].price}
            script.say(PAST, at_ms + DAY_MS // 2, "Order Refunded", ids, facts)
    calls = script.calls
    for wish in wishes_of(chance, who, start_ms):
        if wish.at_ms < start_ms:
            calls = [*calls, *spoken(chance, who, wish, start_ms)]
    return sorted(calls, key=lambda call: call.at_ms)


def brought_back(chance: Chance, who: Resident, start_ms: int) -> list[Call]:
    """What somebody sends back in the town's first days, of things bought before it began."""
    draws = chance.at("brought back", who.number)
    if not who.has_account(start_ms) or not draws.happens("at all", who.returns):
        return []
    day = day_of(start_ms) + draws.whole("day", 0, 4)
    at_ms = local_ms(day, draws.between("minute", 540, 1200))
    script = Script(f"b{who.number}", who.number)
    facts = {"order_id": f"P{who.number}.0", "revenue": round(draws.between("worth", 8, 90), 2)}
    if at_ms >= start_ms:
        script.say(WEBSHOP, at_ms, "Order Refunded", {"userId": who.user_id}, facts)
    return script.calls
