"""Who lives in the town: households, their people, and what each is like. Nobody here is real."""

import unicodedata
from typing import Literal

import msgspec

from equipoise.testing.town.chance import Chance, Draws
from equipoise.testing.town.goods import PRODUCTS
from equipoise.testing.town.streets import (
    DAY_MS,
    DISTRICTS,
    District,
    day_of,
    local_ms,
    shop_is_open,
)

FIRST_NAMES = (
    "Camille", "Léa", "Manon", "Inès", "Sarah", "Chloé", "Jeanne", "Louise", "Nadia", "Fatima",
    "Lucas", "Hugo", "Mathis", "Karim", "Yanis", "Paul", "Antoine", "Guilhem", "Mehdi", "Tom",
    "Magali", "Aurélie", "Élodie", "Samira", "Claire", "Thierry", "Gérard", "Monique", "Denise",
    "Rui", "Carmen", "Pilar", "Ousmane", "Aïssatou", "Linh", "Mireille", "Bastien", "Zoé",
)  # fmt: skip
ENGLISH_NAMES = ("Emma", "Oliver", "Grace", "Harry", "Maya", "Jack", "Ruth", "Liam", "Amy", "Noah")
LAST_NAMES = (
    "Martin", "Fabre", "Roux", "Bonnet", "Garcia", "Benali", "Fournier", "Vidal", "Pagès", "Soler",
    "Lopez", "Mansouri", "Durand", "Cazals", "Ferrer", "Nguyen", "Diallo", "Bousquet", "Haddad",
    "Combes", "Laurens", "Da Silva", "Reynaud", "Chaouch", "Castel", "Azéma", "Teissier", "Puech",
)  # fmt: skip
ENGLISH_LAST_NAMES = ("Baker", "Hughes", "Okafor", "Murphy", "Singh", "Walker", "Reid")
DOMAINS = ("example.org", "example.net", "example.com")

Joins = Literal["site", "till", "never"]
"""How somebody becomes known to the shop, if at all."""

_ADULTS_JOIN: dict[Joins, float] = {"site": 0.60, "till": 0.20, "never": 0.20}
_CHILDREN_JOIN: dict[Joins, float] = {"site": 0.30, "till": 0.05, "never": 0.65}


class Resident(msgspec.Struct, frozen=True, kw_only=True):
    """One person of the town. Rates are per day; `patience` and `trust` go from 0 to 1.

    `address` is the e-mail address that reaches the person and `typed` what the shop has of it,
    typing errors included. `joined_ms` is when the person becomes known and `card_ms` since when
    there is a loyalty card; 10**15 for never. `home` lists the people of the household.
    """

    number: int
    household: int
    home: tuple[int, ...]
    district: str
    first_name: str
    last_name: str
    age: int
    locale: Literal["fr", "en"]
    address: str
    typed: str
    phone: str
    joins: Joins
    joined_ms: int
    card_ms: int
    liking: str
    patience: float
    trust: float
    site_per_day: float
    app_per_day: float
    shop_per_day: float
    buys: float
    returns: float
    keeps_cookies_days: int

    @property
    def is_minor(self) -> bool:
        """True under eighteen."""
        return self.age < 18

    @property
    def user_id(self) -> str:
        """The account's number."""
        return f"mtp-{self.number:04d}"

    @property
    def card(self) -> str:
        """The loyalty card's number."""
        return f"34{1000 + 7 * self.number:06d}"

    def is_known(self, at_ms: int) -> bool:
        """True from the moment at which the person signed up or took a card."""
        return at_ms >= self.joined_ms

    def has_account(self, at_ms: int) -> bool:
        """True where there is an account on the site."""
        return self.joins == "site" and self.is_known(at_ms)

    def has_card(self, at_ms: int) -> bool:
        """True where there is a loyalty card."""
        return at_ms >= self.card_ms


NEVER_MS = 10**15
"""Later than anything in the town."""


def settle(chance: Chance, people: int, start_ms: int) -> tuple[Resident, ...]:
    """Fill the homes of the town until `people` live in it, as of `start_ms`."""
    residents: list[Resident] = []
    household = 0
    while len(residents) < people:
        draws = chance.at("home", household)
        district = DISTRICTS[
            draws.weighted("district", {n: d.weight for n, d in enumerate(DISTRICTS)})
        ]
        size = draws.weighted("size", {1: 0.42, 2: 0.30, 3: 0.15, 4: 0.13})
        first = len(residents)
        home = tuple(range(first, min(first + size, people)))
        children = size >= 3 or (size == 2 and draws.happens("children", district.children))
        for place, number in enumerate(home):
            who = chance.at("person", number)
            child = children and place >= (2 if size > 2 else 1)
            residents.append(
                _resident(who, number, _Home(household, home, district, child), start_ms)
            )
        household += 1
    return tuple(residents)


class _Home(msgspec.Struct, frozen=True):
    household: int
    home: tuple[int, ...]
    district: District
    child: bool


def _resident(draws: Draws, number: int, home: _Home, start_ms: int) -> Resident:
    district = home.district
    english = draws.happens("english", district.english)
    family = Draws(draws.seed, f"family/{home.household}")
    first_name = draws.pick("first name", ENGLISH_NAMES if english else FIRST_NAMES)
    last_name = family.pick("last name", ENGLISH_LAST_NAMES if english else LAST_NAMES)
    age = draws.whole("age", 12, 17) if home.child else 18 + int(draws.number("age") ** 1.4 * 68)
    address = f"{_plain(first_name)}.{_plain(last_name)}{number}@{draws.pick('domain', DOMAINS)}"
    joins = draws.weighted("joins", _CHILDREN_JOIN if home.child else _ADULTS_JOIN)
    joined_ms = _joined_ms(draws, joins, start_ms)
    keen = draws.between("keen", 0.25, 1.6) * district.digital * (1.1 if age < 45 else 0.75)
    return Resident(
        number=number,
        household=home.household,
        home=home.home,
        district=district.name,
        first_name=first_name,
        last_name=last_name,
        age=age,
        locale="en" if english else "fr",
        address=address,
        typed=_typed(draws, address),
        phone=f"+336{39_98_00_00 + number:08d}",
        joins=joins,
        joined_ms=joined_ms,
        card_ms=_card_ms(draws, joins, joined_ms),
        liking=draws.pick("liking", sorted({product.category for product in PRODUCTS})),
        patience=draws.number("patience"),
        trust=draws.number("trust"),
        site_per_day=1.3 * keen,
        app_per_day=1.0 * keen if joins == "site" and draws.happens("app", 0.3) else 0.0,
        shop_per_day=0.3 * draws.between("strolls", 0.3, 1.7) / (1 + district.walk_minutes / 30),
        buys=draws.between("buys", 0.1, 0.4),
        returns=0.6 if draws.happens("returner", 0.12) else 0.08,
        keeps_cookies_days=7 if draws.happens("clears", 0.2) else 180,
    )


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return letters.lower().replace(" ", "")


def _typed(draws: Draws, address: str) -> str:
    """The address as the shop has it: some have a slip in it, and some cannot be one."""
    name, _, domain = address.partition("@")
    slip = draws.number("slip")
    if slip < 0.03:
        return f"{name}@{domain.replace('example', 'exmaple')}"
    return f"{name}.{domain}" if slip < 0.05 else address


def _joined_ms(draws: Draws, joins: Joins, start_ms: int) -> int:
    """Every other is known from before; the others come in the first weeks, most of them soon."""
    if joins == "never":
        return NEVER_MS
    if draws.happens("from before", 0.5):
        return start_ms - int(draws.between("before", 20, 400) * DAY_MS)
    day = day_of(start_ms) + int(draws.number("days") ** 1.5 * 16)
    first, last = (600, 1150) if joins == "till" else (540, 1350)
    at_ms = local_ms(day, draws.between("minute", first, last))
    while at_ms <= start_ms or (joins == "till" and not shop_is_open(at_ms)):
        at_ms += DAY_MS
    return at_ms


def _card_ms(draws: Draws, joins: Joins, joined_ms: int) -> int:
    if joins == "till":
        return joined_ms
    return joined_ms if joins == "site" and draws.happens("card", 0.45) else NEVER_MS
