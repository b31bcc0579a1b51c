"""Whether a human has to look before this is done to somebody."""

from equipoise.decide.verdicts import looks_at, review
from equipoise.nouns.decisions import ALLOWED, Verdict
from equipoise.ports import Asked

_HUMAN = review("dignity", reason="needs_human")


@looks_at("do", "review")
def dignity(asked: Asked) -> Verdict:
    """Send to a human what restrains, what asks for review, and what weighs on the person's rights.

    A play whose effect is significant or legal is one of GDPR article 22.
    """
    option = asked.option
    if option.do == "restrain" or option.review or asked.play.effect != "none":
        return _HUMAN
    return ALLOWED
