"""The reviewed phrases of what is no feature: cost, the option itself, models of one's own, controls."""

from equipoise.nouns.plays import SILENCE
from equipoise.plays.quantities import is_french

Pair = tuple[str, str]
"""A text in English and in French."""

TERMS: dict[str, tuple[Pair, Pair, Pair]] = {
    "base": (
        ("what holds for all options", "ce qui vaut pour toutes les possibilités"),
        ("in general it brings more than {other}", "en général, cela apporte plus que {other}"),
        ("in general it brings less than {other}", "en général, cela apporte moins que {other}"),
    ),
    "option": (
        ("the option itself", "la possibilité elle-même"),
        ("in general it brings more than {other}", "en général, cela apporte plus que {other}"),
        ("in general it brings less than {other}", "en général, cela apporte moins que {other}"),
    ),
    "cost": (
        ("what doing it costs", "ce que cela coûte"),
        ("it costs less than {other}", "cela coûte moins que {other}"),
        ("it costs more than {other}", "cela coûte plus que {other}"),
    ),
    "leaving": (
        ("risk of losing the person", "risque de perdre la personne"),
        ("the risk of losing you is less", "le risque de vous perdre est moindre"),
        ("the risk of losing you is more", "le risque de vous perdre est plus grand"),
    ),
    "model": (
        ("the value model of one's own", "le modèle de valeur propre à la maison"),
        (
            "a model without reasons of its own expects more of it than of {other}",
            "un modèle qui ne donne pas ses raisons en attend plus que {other}",
        ),
        (
            "a model without reasons of its own expects less of it than of {other}",
            "un modèle qui ne donne pas ses raisons en attend moins que {other}",
        ),
    ),
}
"""For each term its label, and what is told of it where it counts for the option and against it."""

CONTROLS: dict[str, Pair] = {
    "uniform": (
        "one of the possibilities by chance",
        "l’une des possibilités au hasard",
    ),
    "fixed_shares": (
        "each possibility in a fixed share of cases",
        "chaque possibilité dans une part fixe des cas",
    ),
    "propensity_only": (
        "what is answered most often, whatever it costs",
        "ce qui obtient le plus souvent une réponse, quel qu’en soit le coût",
    ),
    "no_cost_of_contact": (
        "what brings most, as if a contact cost you nothing",
        "ce qui rapporte le plus, comme si un contact ne vous coûtait rien",
    ),
    "eligibility_only": (
        "the first possibility that is allowed",
        "la première possibilité permise",
    ),
}
"""What each control does, in words."""


PRICE: Pair = (
    "This price or offer was personalised by automated decision.",
    "Ce prix ou cette offre a été personnalisé par une décision automatisée.",
)
"""Told of a price that a model chose for a person (Directive 2011/83/EU, article 6(1)(ea))."""

PRICE_PART = "personalised_price"
"""The part of a content that says so to the person; channels show it with the offer."""


def is_price(do: str, cost: float) -> bool:
    """Whether an option is a price: an offer or a reward that costs something."""
    return do in ("offer", "reward") and cost > 0.0


def price_notice(locale: str) -> str:
    """What a person is told with a price that was personalised."""
    return PRICE[is_french(locale)]


def quoted(option: str, locale: str) -> str:
    """The name of an option in a sentence; silence is told as what it is."""
    if option == SILENCE.name:
        return "vous laisser tranquille" if is_french(locale) else "leaving you in peace"
    return f"« {option} »" if is_french(locale) else f"“{option}”"


def compared(option: str, locale: str) -> str:
    """The name of an option after "than" or "que"."""
    if is_french(locale):
        return f"de {quoted(option, locale)}" if option == SILENCE.name else quoted(option, locale)
    return quoted(option, locale)


def term_label(term: str, locale: str) -> str:
    """What staff read for a term that is no feature; empty where there is no such term."""
    return TERMS[term][0][is_french(locale)] if term in TERMS else ""


def clause(term: str, amount: float, other: str, worth: str, locale: str) -> str:
    """A sentence about a term that is no feature: whether it counts for the option, and how much."""
    french = is_french(locale)
    if term in TERMS:
        text = TERMS[term][1 if amount > 0 else 2][french]
    elif french:
        text = f"« {term} » joue {'pour' if amount > 0 else 'contre'} cette possibilité"
    else:
        text = f"“{term}” counts {'for' if amount > 0 else 'against'} it"
    text = text.replace("{other}", compared(other, locale))
    return f"{text[:1].upper()}{text[1:]} ({worth})."


def control(name: str, locale: str) -> str:
    """Told where a control chose in the place of the play's chooser."""
    french = is_french(locale)
    rule = CONTROLS[name][french] if name in CONTROLS else name
    if french:
        return (
            "Pour quelques personnes tirées au sort, dont vous, une règle plus simple décide, pour savoir "
            f"ce que vaut la nôtre : {rule}."
        )
    return (
        "For a few people chosen by lot, you among them, a simpler rule decides, so that we know what "
        f"ours is worth: {rule}."
    )
