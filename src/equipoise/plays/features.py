"""The reviewed table of phrases: how people are told each feature's part in a decision.

A feature without a phrase cannot be used in a play. Every field of the catalogue has one here, by its
pattern; a trait needs one of the company's own. `{value}` is the value with its unit, `{name}` the part
of the field's name that the pattern leaves open, `{region}` a stretch of values; of `[one|many]` the
first is taken after a number that stands for one.
"""

import re
from collections.abc import Mapping

import msgspec

from equipoise.nouns.events import Value
from equipoise.plays.phrases import WORDS
from equipoise.plays.quantities import Region, Unit, is_french, region_said, said

Pair = tuple[str, str]
"""A text in English and in French."""

ALIASES = {"Order Completed": "orders", "Product Added": "carts", "Product Viewed": "views"}
"""Kinds of events that have phrases of their own, whichever way a play names them."""


class Phrase(msgspec.Struct, frozen=True):
    """How one feature is told: as it stands, where there is nothing of it, and as a region.

    Where `region` is not empty the person can change the feature, and a contrast may name it.
    """

    unit: Unit
    stands: Pair
    nothing: Pair
    region: Pair = ("", "")

    @property
    def changeable(self) -> bool:
        """Whether what the person does changes the feature, so that a contrast over it is fair."""
        return self.region[0] != ""


class PhraseMistake(ValueError):
    """The phrases of a company cannot be read; the message says which, and what is needed."""


def _days(stands: Pair, none: Pair, since: Pair) -> Phrase:
    days = ("{region} [day|days] since " + since[0], "{region} [jour|jours] depuis " + since[1])
    return Phrase("days", stands, none, days)


def _kind(
    pattern: str, did: Pair, never: Pair, last: str, nouns: Pair, since: Pair
) -> dict[str, Phrase]:
    """The five measures of one kind of event.

    `did` and `never` are clauses, `last` an English one that ends before the days; `nouns` are counted,
    and `since` stands after days.
    """
    en, fr = did
    no_time = (f"{never[0]}, so there is no last time", f"{never[1]}, donc pas de dernière fois")
    return {
        f"{pattern}.count": Phrase(
            "times",
            (f"{en} {{value}}", f"{fr} {{value}}"),
            never,
            ("{region} " + nouns[0], "{region} " + nouns[1]),
        ),
        f"{pattern}.total": Phrase(
            "money",
            (f"{en}, for {{value}} in all", f"{fr}, pour {{value}} au total"),
            never,
        ),
        f"{pattern}.mean": Phrase(
            "money",
            (f"{en}, for {{value}} on average", f"{fr}, pour {{value}} en moyenne"),
            never,
        ),
        f"{pattern}.days_since": _days(
            (f"{last} {{value}}", f"{since[1]} date d’{{value}}"), no_time, since
        ),
        f"{pattern}.first_days_ago": Phrase(
            "days",
            (
                f"{last.replace(' last ', ' first ')} {{value}}",
                f"{fr}, la première fois {{value}}",
            ),
            never,
        ),
    }


PHRASES: dict[str, Phrase] = {
    **_kind(
        "orders",
        ("you have ordered", "vous avez commandé"),
        ("you have not ordered yet", "vous n’avez pas encore commandé"),
        "you last ordered",
        ("[order|orders]", "[commande|commandes]"),
        ("your last order", "votre dernière commande"),
    ),
    **_kind(
        "carts",
        ("you have put things into the basket", "vous avez mis des articles au panier"),
        ("you have put nothing into the basket yet", "vous n’avez encore rien mis au panier"),
        "you last put something into the basket",
        ("[thing|things] put into the basket", "[article mis|articles mis] au panier"),
        ("you last put something into the basket", "votre dernier ajout au panier"),
    ),
    **_kind(
        "views",
        ("you have looked at products", "vous avez regardé des produits"),
        ("you have looked at no product yet", "vous n’avez pas encore regardé de produit"),
        "you last looked at a product",
        ("[product looked at|products looked at]", "[produit regardé|produits regardés]"),
        ("you last looked at a product", "votre dernière consultation d’un produit"),
    ),
    **_kind(
        "visits",
        ("you have looked at our pages", "vous avez consulté nos pages"),
        ("you have looked at none of our pages yet", "vous n’avez pas encore consulté nos pages"),
        "you last looked at our pages",
        ("[page|pages] looked at", "[page consultée|pages consultées]"),
        ("you last looked at our pages", "votre dernière visite de nos pages"),
    ),
    **_kind(
        "events.KIND",
        ("“{name}” has happened", "« {name} » a eu lieu"),
        ("“{name}” has not happened yet", "« {name} » n’a pas encore eu lieu"),
        "“{name}” last happened",
        ("[time|times] “{name}”", "fois « {name} »"),
        ("the last “{name}”", "le dernier « {name} »"),
    ),
    "channels.CHANNEL.count": Phrase(
        "times",
        ("you have come to us {value} by {name}", "vous avez utilisé {value} le canal {name}"),
        ("you have not come to us by {name}", "vous n’avez pas utilisé le canal {name}"),
        ("{region} [visit|visits] by {name}", "{region} [passage|passages] par le canal {name}"),
    ),
    "channels.CHANNEL.days_since": _days(
        (
            "you last came to us by {name} {value}",
            "votre dernier passage par le canal {name} date d’{value}",
        ),
        ("you have not come to us by {name}", "vous n’avez pas utilisé le canal {name}"),
        ("you last came to us by {name}", "votre dernier passage par le canal {name}"),
    ),
    "channels.distinct": Phrase(
        "count",
        ("ways in which you come to us: {value}", "façons dont vous venez à nous : {value}"),
        ("we do not know how you come to us", "nous ne savons pas comment vous venez à nous"),
    ),
    "products.distinct": Phrase(
        "count",
        (
            "different products that you looked at: {value}",
            "produits différents regardés : {value}",
        ),
        ("you have looked at no product yet", "vous n’avez pas encore regardé de produit"),
        (
            "{region} different [product|products]",
            "{region} [produit différent|produits différents]",
        ),
    ),
    "categories.distinct": Phrase(
        "count",
        ("kinds of products that you looked at: {value}", "rayons que vous avez visités : {value}"),
        ("you have looked at no product yet", "vous n’avez pas encore regardé de produit"),
        ("{region} [kind|kinds] of products", "{region} [rayon|rayons]"),
    ),
    "contacts.last_7d": Phrase(
        "times",
        (
            "we have contacted you {value} in seven days",
            "nous nous sommes adressés à vous {value} en sept jours",
        ),
        (
            "we have not contacted you for seven days",
            "nous ne nous sommes pas adressés à vous depuis sept jours",
        ),
        (
            "{region} [contact|contacts] from us in seven days",
            "{region} [contact|contacts] de notre part en sept jours",
        ),
    ),
    "contacts.last_28d": Phrase(
        "times",
        (
            "we have contacted you {value} in four weeks",
            "nous nous sommes adressés à vous {value} en quatre semaines",
        ),
        (
            "we have not contacted you for four weeks",
            "nous ne nous sommes pas adressés à vous depuis quatre semaines",
        ),
        (
            "{region} [contact|contacts] from us in four weeks",
            "{region} [contact|contacts] de notre part en quatre semaines",
        ),
    ),
    "contacts.days_since": _days(
        ("we last contacted you {value}", "notre dernier contact date d’{value}"),
        ("we have never contacted you", "nous ne nous sommes jamais adressés à vous"),
        ("we last contacted you", "notre dernier contact"),
    ),
    "sessions.last_28d": Phrase(
        "count",
        ("your visits in four weeks: {value}", "vos visites en quatre semaines : {value}"),
        (
            "you have not come for four weeks",
            "il n’y a eu aucune visite de votre part depuis quatre semaines",
        ),
        ("{region} [visit|visits] in four weeks", "{region} [visite|visites] en quatre semaines"),
    ),
    "active_days.last_28d": Phrase(
        "count",
        (
            "days on which you came, in four weeks: {value}",
            "jours avec une visite de votre part, en quatre semaines : {value}",
        ),
        (
            "you have not come for four weeks",
            "il n’y a eu aucune visite de votre part depuis quatre semaines",
        ),
        (
            "{region} [day|days] with a visit in four weeks",
            "{region} [jour|jours] avec une visite en quatre semaines",
        ),
    ),
    "activity.decayed_7d": Phrase(
        "amount",
        ("how active you are of late: {value}", "votre activité récente : {value}"),
        ("you have not been active of late", "il n’y a pas eu d’activité de votre part récemment"),
        ("an activity of {region} of late", "une activité récente : {region}"),
    ),
    "spend.decayed_90d": Phrase(
        "money",
        ("what you have spent of late: {value}", "vos dépenses récentes : {value}"),
        ("you have spent nothing of late", "vous n’avez rien dépensé récemment"),
        ("{region} spent of late", "{region} de dépenses récentes"),
    ),
    "life.days_since": Phrase(
        "days",
        ("we last heard from you {value}", "vos dernières nouvelles datent d’{value}"),
        ("we have not heard from you", "nous n’avons pas de vos nouvelles"),
    ),
    "first_seen.days_since": Phrase(
        "days",
        ("you first came to us {value}", "votre première visite chez nous date d’{value}"),
        ("you have not been here before", "c’est votre première visite chez nous"),
    ),
    "has.HANDLE": Phrase(
        "flag",
        ("we know your {name}", "nous connaissons votre {name}"),
        ("we do not know your {name}", "nous ne connaissons pas votre {name}"),
    ),
    "known": Phrase(
        "flag",
        ("we know who you are", "nous savons qui vous êtes"),
        ("we do not know who you are", "nous ne savons pas qui vous êtes"),
    ),
}
"""How each field of the catalogue is told, by its pattern; traits have none before a company gives one."""


class Phrasebook(msgspec.Struct, frozen=True):
    """The phrases of one house: those of this table, and its own by the full name of a field."""

    own: dict[str, Phrase] = {}

    def phrased(self, feature: str) -> bool:
        """Whether a feature has a phrase, so that a play may use it."""
        return self._of(feature)[0] is not None

    def changeable(self, feature: str) -> bool:
        """Whether a contrast may name the feature: the person can change it."""
        phrase = self._of(feature)[0]
        return phrase is not None and phrase.changeable

    def stands(self, feature: str, value: Value, currency: str, locale: str) -> str:
        """What is told of a feature as it stands, a clause that begins small; never raises."""
        phrase, name = self._of(feature)
        french = is_french(locale)
        if phrase is None:
            return f"« {feature} »" if french else f"“{feature}”"
        nothing = value is None or (phrase.unit in ("times", "count", "flag") and value == 0)
        text = (phrase.nothing if nothing else phrase.stands)[french]
        value_said = "" if value is None else said(value, phrase.unit, currency, locale)
        return text.replace("{value}", value_said).replace("{name}", _word(name, french=french))

    def region(self, feature: str, region: Region, currency: str, locale: str) -> str:
        """A region of a feature as it stands after "with"; raises `LookupError` if it is not changeable."""
        phrase, name = self._of(feature)
        if phrase is None or not phrase.changeable:
            raise LookupError(f"{feature} has no phrase for a region: it is not to be contrasted")
        french = is_french(locale)
        words, many = region_said(region, phrase.unit, currency, locale)
        text = _NUMBERED.sub(lambda found: found[2 if many else 1], phrase.region[french])
        return text.replace("{region}", words).replace("{name}", _word(name, french=french))

    def _of(self, feature: str) -> tuple[Phrase | None, str]:
        if feature in self.own:
            return self.own[feature], feature.rpartition(".")[2]
        pattern, name = pattern_of(feature)
        return PHRASES.get(pattern), name


_NUMBERED = re.compile(r"\[([^|\]]*)\|([^\]]*)\]")


def pattern_of(feature: str) -> tuple[str, str]:
    """The pattern in the table that a field has, and the part of its name that the pattern leaves open.

    >>> pattern_of("events.Order Completed.count"), pattern_of("events.Tap.count")
    (('orders.count', ''), ('events.KIND.count', 'Tap'))
    """
    head, _, rest = feature.partition(".")
    name, _, measure = rest.rpartition(".")
    if head == "events" and name:
        if name in ALIASES:
            return f"{ALIASES[name]}.{measure}", ""
        return f"events.KIND.{measure}", name
    if head == "channels" and name:
        return f"channels.CHANNEL.{measure}", name
    if head == "has" and rest:
        return "has.HANDLE", rest
    return feature, ""


def _word(name: str, *, french: bool) -> str:
    return WORDS[name][french] if name in WORDS else name


def read_phrases(table: Mapping[str, object]) -> Phrasebook:
    """The phrases of a company from a TOML table; raises `PhraseMistake`.

    Each stands under `[features."traits.level"]` with `en` and `fr` (both with `{value}`), and may have
    `en_nothing`, `fr_nothing`, `unit`, and `en_region` and `fr_region` (both with `{region}`) where the
    person can change it.
    """
    try:
        written = msgspec.convert(table, _File)
    except msgspec.ValidationError as fault:
        raise PhraseMistake(f"the phrases cannot be read: {fault}") from None
    return Phrasebook({name: _own(name, phrase) for name, phrase in written.features.items()})


class _Written(msgspec.Struct, forbid_unknown_fields=True):
    en: str
    fr: str
    en_nothing: str = "we do not know this of you: “{name}”"
    fr_nothing: str = "nous ne savons pas ceci de vous : « {name} »"
    en_region: str = ""
    fr_region: str = ""
    unit: Unit = "amount"


class _File(msgspec.Struct, forbid_unknown_fields=True):
    features: dict[str, _Written] = {}


def _own(name: str, written: _Written) -> Phrase:
    for text in (written.en, written.fr):
        if "{value}" not in text:
            raise PhraseMistake(f"the phrase of {name} needs {{value}} in it, came {text!r}")
    regions = (written.en_region, written.fr_region)
    if any(regions) and not all("{region}" in text for text in regions):
        raise PhraseMistake(f"{name} needs en_region and fr_region, both with {{region}}")
    return Phrase(
        written.unit,
        (written.en, written.fr),
        (written.en_nothing, written.fr_nothing),
        regions,
    )
