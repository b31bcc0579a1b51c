"""Whether the person has asked that this be left undone: restricted altogether, or contested."""

from equipoise.decide.verdicts import looks_at, refuse
from equipoise.nouns.decisions import ALLOWED, Verdict
from equipoise.ports import Asked


@looks_at("name")
def rights(asked: Asked) -> Verdict:
    """Refuse all but service for a restricted person, and what the person contests until it is settled.

    GDPR article 18: restricted data are stored, and used for nothing but what the contract needs.
    """
    standing, play = asked.standing, asked.play
    if standing.restricted and asked.rules.basis(play.purpose) != "contract":
        return refuse("rights", reason="restricted")
    if standing.contested(play.name, asked.option.name):
        return refuse("rights", reason="contested")
    return ALLOWED
