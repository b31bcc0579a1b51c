"""What people do on the site and in the app: look around, fill a basket, buy, sign up."""

from typing import Any

import msgspec

from equipoise.nouns.events import Source
from equipoise.testing.town.calls import APP, PARCELS, SITE, WEBSHOP, Call, Script
from equipoise.testing.town.chance import Chance, Draws
from equipoise.testing.town.goods import Product, look_at, total
from equipoise.testing.town.people import Resident
from equipoise.testing.town.streets import DAY_MS, HOUR_MS, MINUTE_MS, day_of


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """One visit of a resident: when it begins (ms), its name in the town, and what it is for.

    `comes_for` is `looking`, `buying` (a mail or a plan brought them) or `joining`.
    """

    who: Resident
    at_ms: int
    key: str
    place: str = "site"
    comes_for: str = "looking"


def online(chance: Chance, visit: Visit) -> list[Call]:
    """Every call of one visit to the site or the app, with what follows from it on later days."""
    return _Stroll(chance, visit).calls()


def browser_id(chance: Chance, who: Resident, device: str, day: int) -> str:
    """The anonymous id that a browser has on a day; it changes when cookies are cleared.

    The family's computer has one for everybody at home.
    """
    owner = f"home{who.household}" if device == "family" else f"p{who.number}"
    age = day // who.keeps_cookies_days if device != "family" else 0
    digits = f"{int(chance.at('cookie', owner, device, age).number('id') * 2**53):014x}"
    return f"{device}-{owner}-{digits}"


class _Stroll:
    """One visit on its way: the clock moves on with every step."""

    def __init__(self, chance: Chance, visit: Visit) -> None:
        self.who = visit.who
        self.visit = visit
        self.draws: Draws = chance.at("visit", visit.key)
        self.script = Script(visit.key, visit.who.number)
        self.now_ms = visit.at_ms
        self.in_app = visit.place == "app"
        self.source: Source = APP if self.in_app else SITE
        device = "app" if self.in_app else self._device()
        self.browser = {"anonymousId": browser_id(chance, visit.who, device, day_of(visit.at_ms))}
        account = visit.who.has_account(visit.at_ms)
        signs_in = self.in_app or self.draws.happens("signs in", 0.55)
        self.signed_in = account and signs_in and visit.comes_for != "joining"

    def _device(self) -> str:
        if len(self.who.home) > 1 and self.draws.happens("family", 0.25):
            return "family"
        return self.draws.weighted("device", {"phone": 0.6, "computer": 0.4})

    def calls(self) -> list[Call]:
        self._arrive()
        if self.visit.comes_for == "joining":
            self._join()
        basket = self._look_around()
        if basket and self.draws.happens("buys", self._urge()):
            self._buy(basket)
        elif basket:
            self._leave(basket)
        return self.script.calls

    def _urge(self) -> float:
        return 0.8 if self.visit.comes_for == "buying" else self.who.buys * 1.4

    def _later(self, seconds: float) -> int:
        self.now_ms += int(1000 * seconds * self.draws.between(f"pause/{self.now_ms}", 0.4, 2.0))
        return self.now_ms

    def _surroundings(self) -> dict[str, Any]:
        locale = "fr-FR" if self.who.locale == "fr" else "en-GB"
        context: dict[str, Any] = {"locale": locale, "timezone": "Europe/Paris"}
        if not self.in_app:
            context["page"] = {"path": "/"}
        return self.browser | {"context": context}

    def _ids(self) -> dict[str, Any]:
        """How the shop's own server names whom it has before it."""
        return self.browser | ({"userId": self.who.user_id} if self.signed_in else {})

    def _arrive(self) -> None:
        script, ids = self.script, self._surroundings()
        script.say(
            self.source, self.now_ms, "screen" if self.in_app else "page", ids, {"name": "Home"}
        )
        if self.signed_in:
            told = self._ids()
            if self.in_app:
                told = told | {"context": {"device": {"id": f"handset-{self.who.number:04d}"}}}
            script.say(WEBSHOP, self._later(4), "identify", told)
            script.say(WEBSHOP, self.now_ms, "Signed In", told)
        elif self.draws.happens("banner", 0.15):
            kind = "terms.granted" if self.draws.happens("agrees", 0.7) else "terms.objected"
            facts = {"purpose": "personalisation", "channel": "*"}
            script.say(self.source, self._later(5), kind, self.browser, facts)
        # Whom the shop knows is asked for by its server; a browser speaks only for itself.
        asker, asked = (
            (WEBSHOP, {"userId": self.who.user_id}) if self.signed_in else (SITE, self.browser)
        )
        script.ask(asker, self._later(1), "home-hero", asked)
        if self.draws.happens("fetches", 0.5):
            script.fetch(asker, self._later(2), asked)

    def _join(self) -> None:
        """Sign up: the server says who the browser belongs to."""
        who = self.who
        traits: dict[str, Any] = {
            "first_name": who.first_name,
            "last_name": who.last_name,
            "email": who.typed,
            "age": who.age,
            "language": who.locale,
            "city": "Montpellier",
            "district": who.district,
        }
        if who.has_card(self.now_ms):
            traits["loyalty_card"] = who.card
        if self.draws.happens("phone", 0.3):
            traits["phone"] = who.phone
        self.signed_in = True
        self.script.say(WEBSHOP, self._later(40), "identify", self._ids(), traits)
        self.script.say(WEBSHOP, self.now_ms, "Signed Up", self._ids(), {"district": who.district})

    def _look_around(self) -> list[Product]:
        basket: list[Product] = []
        eager = self.visit.comes_for == "buying"
        for step in range(1 + self.draws.count("looks", 2.2) + eager):
            product = look_at(self.draws, f"look{step}", self.who.liking)
            self.script.say(
                self.source, self._later(35), "Product Viewed", self.browser, product.facts()
            )
            if self.draws.happens(f"takes{step}", 0.7 if eager else 0.16):
                basket.append(product)
                self.script.say(
                    self.source, self._later(15), "Product Added", self.browser, product.facts()
                )
        return basket

    def _buy(self, basket: list[Product]) -> None:
        ids = self._ids()
        if not self.signed_in and self.draws.happens("guest checkout", 0.7):
            ids |= {"context": {"traits": {"email": self.who.typed}}}
        elif not self.signed_in and self.who.has_account(self.now_ms):
            self.signed_in = True
            ids = self._ids()
            self.script.say(WEBSHOP, self._later(30), "identify", ids)
        order_id = f"W{self.visit.key}"
        self.script.say(
            WEBSHOP, self._later(90), "Order Completed", ids, order_facts(order_id, basket)
        )
        self._parcel(order_id, ids)
        if self.draws.happens("returns", self.who.returns):
            back_ms = self.now_ms + int(self.draws.between("returns after", 3, 6) * DAY_MS)
            facts = {"order_id": order_id, "revenue": basket[0].price}
            self.script.say(WEBSHOP, back_ms, "Order Refunded", ids, facts)

    def _parcel(self, order_id: str, ids: dict[str, Any]) -> None:
        facts = {"order_id": order_id}
        left_ms = self.now_ms + int(self.draws.between("leaves after", 4, 20) * HOUR_MS)
        self.script.say(PARCELS, left_ms, "Order Shipped", ids, facts)
        if self.draws.happens("late", 0.15):
            late_ms = left_ms + int(self.draws.between("late after", 2, 12) * HOUR_MS)
            self.script.say(PARCELS, late_ms, "Delivery Delayed", ids, facts)

    def _leave(self, basket: list[Product]) -> None:
        """Nothing was bought: three quarters of an hour later the server calls the basket left."""
        at_ms = self.now_ms + 45 * MINUTE_MS
        facts = {"value": total(basket), "products": [product.facts() for product in basket]}
        self.script.say(WEBSHOP, at_ms, "Cart Abandoned", self._ids(), facts)


def order_facts(order_id: str, basket: list[Product]) -> dict[str, Any]:
    """An order as the tracking wire writes it."""
    return {
        "order_id": order_id,
        "revenue": total(basket),
        "currency": "EUR",
        "products": [product.facts() for product in basket],
    }
