"""Whether the person allows this purpose on this channel."""

from equipoise.decide.verdicts import looks_at, refuse
from equipoise.nouns.decisions import ALLOWED, Verdict
from equipoise.ports import Asked, Standing

ADULT_YEARS = 18
"""Under this age nothing but the service itself is offered."""


@looks_at("channel")
def terms(asked: Asked) -> Verdict:
    """Legal prohibition, then the person's denial, then the basis of the purpose; deny wins.

    Consent has to have been given, and by a source that could give it: what a browser's public key
    grants counts only for somebody not yet known. Interest and contract hold until denied.
    """
    purpose, channel = asked.play.purpose, asked.option.channel
    standing = asked.standing
    basis = asked.rules.basis(purpose)
    if basis != "contract" and _is_minor(standing):
        return refuse("terms", reason="prohibited_minor", purpose=purpose, channel=channel)
    stance = standing.stance(purpose, channel)
    if basis != "consent":
        if stance is None or stance.granted:
            return ALLOWED
        return refuse("terms", reason="objected", purpose=purpose, channel=channel)
    if stance is None:
        return refuse("terms", reason="consent_missing", purpose=purpose, channel=channel)
    if not stance.granted:
        return refuse("terms", reason="withdrawn", purpose=purpose, channel=channel)
    if stance.trust == "public" and standing.known:
        return refuse("terms", reason="grant_not_trusted", purpose=purpose, channel=channel)
    return ALLOWED


def _is_minor(standing: Standing) -> bool:
    if standing.get("traits.minor") is True:
        return True
    age = standing.get("traits.age")
    # A bool is a number to Python, and no age.
    return isinstance(age, int | float) and not isinstance(age, bool) and age < ADULT_YEARS
