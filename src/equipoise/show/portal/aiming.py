"""What a person types about their own limits and goals, read into the facts of an aim; and told again."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from equipoise.nouns.aims import (
    AIM_KINDS,
    ALIASES,
    LONGEST_NAME,
    LONGEST_TEXT,
    Aim,
    AimKind,
    Balance,
    plain,
    read_aim,
)
from equipoise.nouns.state import PersonState
from equipoise.show.forms import first
from equipoise.show.languages import Language
from equipoise.show.portal.spoken import aim_sentence, kind_name

FIELDS: Mapping[AimKind, tuple[str, ...]] = {
    "spend_at_most": ("amount",),
    "contacts_at_most": ("n",),
    "use_less": ("at_most", "percent_below"),
    "goal": (),
}
"""The numbers that each kind of aim asks for; of several, one is said."""

SAID = ("kind", "per", "what", "quantity", "category", "currency", "text")
"""What a sentence about an aim tells beside its number."""


class Told(msgspec.Struct, frozen=True):
    """An aim as its page tells it: a sentence, how far it has got, and what a change of it starts from.

    `share` is how much of the limit is used, None where there is no limit; `field` and `amount` are the
    number that can be changed, empty for a goal.
    """

    aim: Aim
    sentence: str
    stands: str
    share: float | None
    reached: bool
    field: str
    amount: str


def read_number(text: str) -> float | int | None:
    """A number as people type it, with a comma or a point; None where it is none.

    >>> read_number("12,50"), read_number("3"), read_number(""), read_number("lots"), read_number("1e999")
    (12.5, 3, None, None, None)
    """
    typed = text.replace(",", ".").replace("\u202f", "").replace("\u00a0", "").replace(" ", "")
    if typed.isascii() and typed.isdigit():
        return int(typed)
    try:
        value = float(typed)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def aim_facts(
    fields: dict[str, list[str]], now_ms: int, zone: str
) -> tuple[dict[str, Any], str] | None:
    """The facts of `aim.declared` that a form says, and the id of the aim; None where something is wrong."""
    kind = next((kind for kind in AIM_KINDS if kind == first(fields, "kind")), None)
    if kind is None:
        return None
    facts: dict[str, Any] = {"kind": kind}
    for name in ("aim", "category", "what", "quantity", "per", "currency"):
        if said := first(fields, name, LONGEST_NAME):
            facts[name] = said
    if said := first(fields, "until", 10):
        facts["until"] = said
    if kind == "goal":
        facts["text"] = first(fields, "text", LONGEST_TEXT)
    for name in FIELDS[kind]:
        if typed := first(fields, name, 40):
            facts[name] = read_number(typed)
    aim = read_aim(facts, now_ms, 0, zone, "server")
    return None if isinstance(aim, str) else (facts, aim.id)


def countable(state: PersonState, language: Language) -> list[tuple[str, str]]:
    """What a person can use less of: the usual things, then whatever was counted of them, with names."""
    kinds = {
        kind
        for atom in state.atoms
        for kind in atom.profile.tallies
        if kind[:1] != "@" and kind != "identify" and "|" not in kind
    }
    usual = {kind: alias for alias, kind in ALIASES.items()}
    found = [(alias, kind_name(kind, language)) for kind, alias in usual.items()]
    found += [(kind, kind_name(kind, language)) for kind in sorted(kinds - usual.keys())]
    return found


def told(balances: Iterable[Balance], language: Language) -> list[Told]:
    """Each aim that holds, ready to be read."""
    return [_told(balance, language) for balance in balances]


def _told(balance: Balance, language: Language) -> Told:
    aim = balance.aim
    most = aim.most if aim.percent_below is None else aim.percent_below
    field = ""
    if most is not None:
        field = FIELDS[aim.kind][0] if aim.percent_below is None else "percent_below"
    said = {name: getattr(aim, name) for name in SAID}
    if most is not None:
        said["most" if aim.percent_below is None else "percent_below"] = plain(most)
    share = balance.share
    return Told(
        aim=aim,
        sentence=aim_sentence(said, language),
        stands=_stands(balance, language),
        share=None if share is None else min(1.0, max(0.0, share)),
        reached=balance.reached,
        field=field,
        amount=plain(most) if most is not None else "",
    )


def _stands(balance: Balance, language: Language) -> str:
    aim, left = balance.aim, balance.left
    if aim.kind == "goal":
        return language.text("aim.goal_until", {"day": language.day(aim.until_ms - 1)})
    places = {
        "used": _number(balance.used, language),
        "left": _number(left or 0, language),
        "day": language.day(balance.ends_ms),
    }
    if left is None:
        return language.text("aim.no_limit_yet", places)
    return language.text("aim.reached" if balance.reached else "aim.left", places)


def _number(thousandths: int, language: Language) -> str:
    return language.number(thousandths / 1000, 3)
