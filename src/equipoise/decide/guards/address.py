"""Whether there is an address at which the person can be reached on this channel."""

from equipoise.decide.verdicts import looks_at, refuse
from equipoise.nouns.decisions import ALLOWED, Verdict
from equipoise.ports import Asked

NEEDED = {"email": "has.email", "sms": "has.phone", "phone": "has.phone"}
"""The profile field that has to be true for a channel; other channels need no address of ours."""


@looks_at("channel")
def address(asked: Asked) -> Verdict:
    """Refuse a channel for which the person has no usable e-mail address or phone number."""
    channel = asked.option.channel
    field = NEEDED.get(channel)
    if field is None or asked.standing.get(field):
        return ALLOWED
    return refuse("address", reason="no_address", channel=channel)
