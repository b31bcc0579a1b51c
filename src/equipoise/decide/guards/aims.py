"""Whether this pushes the person beyond what they want of themselves."""

from equipoise.decide.verdicts import hold, looks_at, refuse
from equipoise.nouns.aims import Aim, Balance, plain, thousandths
from equipoise.nouns.decisions import ALLOWED, Verdict
from equipoise.periods import local_date
from equipoise.ports import Asked

PUSHES = frozenset(("notify", "offer", "reward", "hand_over", "command"))
"""What an option may do that moves somebody to buy or use; to restrain helps them, a share is not seen."""


@looks_at("do", "channel", "price", "serves")
def aims(asked: Asked) -> Verdict:
    """Refuse what pushes spending or use once the person's own limit is reached, until the period ends.

    Every purpose is held to push, but the contract (it is the service itself) and those by which the house
    helps people keep their aims. A limit on a category spares what is known to be about another one. One on
    contacts holds them until its period ends. Of several that are reached, the last to free up is told.
    """
    balances = asked.standing.aims
    if not balances:
        return ALLOWED
    rules, purpose = asked.rules, asked.play.purpose
    if rules.basis(purpose) == "contract" or purpose in rules.helps:
        return ALLOWED
    pushes = asked.option.do in PUSHES
    found = ALLOWED
    free_ms = 0
    for balance in balances:
        verdict = ALLOWED
        if balance.aim.kind == "contacts_at_most":
            if asked.option.is_contact:
                verdict = _contacts(balance)
        elif pushes and _is_about(balance, asked):
            verdict = _limit(balance, asked)
        if verdict.answer > found.answer or (
            verdict.answer == found.answer and balance.ends_ms > free_ms
        ):
            found, free_ms = verdict, balance.ends_ms
    return found


def _is_about(balance: Balance, asked: Asked) -> bool:
    """True unless aim and option, else moment, name categories that differ: what is not said may be it."""
    category = asked.option.serves or asked.moment.facts.get("category")
    return not balance.aim.category or not category or category == balance.aim.category


def _contacts(balance: Balance) -> Verdict:
    if not balance.reached:
        return ALLOWED
    told = _told(balance)
    if balance.most == 0:
        return refuse("aims", reason="aim_contacts", **told)
    return hold("aims", reason="aim_contacts", until_ms=balance.ends_ms, **told)


def _limit(balance: Balance, asked: Asked) -> Verdict:
    if balance.reached:
        told = _told(balance)
        if balance.aim.kind == "spend_at_most":
            return refuse("aims", reason="aim_spend", **told)
        return refuse("aims", reason="aim_use", **told)
    price = asked.option.price
    if balance.aim.kind != "spend_at_most" or price is None or balance.left is None:
        return ALLOWED
    if thousandths(price) > balance.left:
        told = _told(balance) | {"left": _amount(balance.left, balance.aim)}
        return refuse("aims", reason="aim_price", **told)
    return ALLOWED


def _told(balance: Balance) -> dict[str, str]:
    """What fills the sentence: the limit, of what, and the day from which it is open again."""
    aim = balance.aim
    told = {"per": aim.per, "from": local_date(balance.ends_ms, aim.zone)}
    if balance.most is not None:
        told["most"] = _amount(balance.most, aim)
    named = {"category": aim.category, "what": aim.what}
    return told | {name: value for name, value in named.items() if value}


def _amount(amount: int, aim: Aim) -> str:
    return f"{plain(amount)} {aim.currency}".rstrip()
