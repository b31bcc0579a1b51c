"""Whether the person allows this purpose on this channel."""

from equipoise.decide.gate import gate
from equipoise.decide.verdicts import looks_at, refuse
from equipoise.nouns.agreements import THIRD_PARTY
from equipoise.nouns.decisions import ALLOWED, Verdict
from equipoise.ports import Asked


@looks_at("do", "channel")
def terms(asked: Asked) -> Verdict:
    """Legal prohibition, objection, the agreement chosen, then the basis of the purpose; deny wins.

    An option that shares takes the bit of sharing with others as well. Consent has to have been given,
    and by a source that could give it. Interest and contract hold until denied.
    """
    purpose, channel = asked.play.purpose, asked.option.channel
    more = THIRD_PARTY if asked.option.do == "share" else 0
    reason = gate(asked.standing, asked.rules, purpose, channel, more)
    if not reason:
        return ALLOWED
    return refuse("terms", reason=reason, purpose=purpose, channel=channel)
