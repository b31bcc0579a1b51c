"""What stands between a purpose and a person: one order of precedence for decisions and for shares.

Legal prohibition, then objection, then the agreement that the person chose (it caps), then consent, then
interest, then the default. The first that says no counts, so adding a prohibition never enables anything.
"""

from equipoise.nouns.agreements import SERVICE
from equipoise.nouns.rules import Rules
from equipoise.ports import Standing

ADULT_YEARS = 18
"""Under this age nothing but the service itself is offered."""

_NUMBERS = (int, float)


def gate(standing: Standing, rules: Rules, purpose: str, channel: str, more: int = 0) -> str:
    """The reason code of what forbids this purpose on this channel; an empty text where nothing does.

    `more` are bits of the roster (`nouns.agreements`) that this use takes beside those of its purpose: a
    share of raw fields takes `THIRD_PARTY`, one of answers `SHARE_ANONYMISED`.
    """
    basis = rules.basis(purpose)
    need = more | SERVICE
    if basis != "contract":
        if _is_minor(standing):
            return "prohibited_minor"
        need = more | rules.need(purpose)
    stance = standing.stance(purpose, channel)
    if stance is not None and not stance.granted:
        return "withdrawn" if basis == "consent" else "objected"
    if need & standing.barred:
        return "barred_by_signal"
    if need & ~standing.cap:
        return "beyond_agreement"
    if basis != "consent":
        return ""
    if stance is None:
        return "consent_missing"
    if stance.trust == "public" and standing.known:
        return "grant_not_trusted"
    return ""


def _is_minor(standing: Standing) -> bool:
    if standing.get("traits.minor") is True:
        return True
    age = standing.get("traits.age")
    if age is None:
        return False
    # A bool is a number to Python, and no age.
    return isinstance(age, _NUMBERS) and not isinstance(age, bool) and age < ADULT_YEARS
