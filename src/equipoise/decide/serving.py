"""What the person asked for goes before whatever is inferred: which options serve an intent of theirs."""

from collections.abc import Iterable

from equipoise.nouns.aims import thousandths
from equipoise.nouns.decisions import Answer, Verdict
from equipoise.nouns.intents import Intent
from equipoise.nouns.plays import Option, Play
from equipoise.ports import Asked

STEPS_BACK = Verdict(Answer.REFUSE, "asked_for_first", "serving")
"""What keeps an option back while others answer what the person is looking for."""

NOTHING: frozenset[str] = frozenset()
"""No option was asked for: none goes first."""


def asked_for(asked: Asked, options: Iterable[Option]) -> frozenset[str]:
    """The names of those among the allowed options that the person asked for; empty where none is.

    An option serves an intent that its play may know of where it names its category, has all that the
    intent must have, and costs no more than its budget; a price that is not said keeps no budget. Among
    those that do, the ones that match most of what would be nice count, and the chooser chooses between
    them and silence.
    """
    play = asked.play
    mine = [one for one in asked.standing.intents if one.heard_by_play(play.name, play.purpose)]
    if not mine:
        return NOTHING
    nice = {
        option.name: max(matches)
        for option in options
        if (matches := [n for one in mine if (n := _matches(option, one, play)) is not None])
    }
    most = max(nice.values(), default=0)
    return frozenset(name for name, n in nice.items() if n == most)


def _matches(option: Option, intent: Intent, play: Play) -> int | None:
    """How many of the nice things of an intent an option has; None where it does not serve it."""
    if option.serves.casefold() != intent.category.casefold():
        return None
    has = {word.casefold() for word in option.has}
    if any(word.casefold() not in has for word in intent.must):
        return None
    if intent.budget is not None and not _affordable(option, intent.budget, intent.currency, play):
        return None
    return sum(word.casefold() in has for word in intent.nice)


def _affordable(option: Option, budget: int, currency: str, play: Play) -> bool:
    priced_in = play.goal.currency if play.goal is not None else ""
    if currency and priced_in and currency != priced_in:
        return False
    return option.price is not None and thousandths(option.price) <= budget
