"""Whether it is a time at which the person may be interrupted."""

from equipoise.decide.local_time import Window, local_day, quiet_until_ms, within
from equipoise.decide.verdicts import hold, looks_at, refuse
from equipoise.nouns.decisions import ALLOWED, Verdict
from equipoise.ports import Asked


@looks_at("do", "channel")
def presence(asked: Asked) -> Verdict:
    """Hold a contact until the quiet hours end, the house's and the person's own.

    Hours are read off the clock where the person is, through every change of the clocks, and hold
    for every purpose. Where no minute of the day is free, the contact is refused.
    """
    if not asked.option.is_contact:
        return ALLOWED
    standing, rules = asked.standing, asked.rules
    zone, own = standing.timezone, standing.quiet
    minute = local_day(asked.now_ms, zone, rules.timezone).minute
    mine = own is not None and within(minute, own)
    if not mine and not within(minute, rules.quiet):
        return ALLOWED
    windows: tuple[Window, ...] = (rules.quiet,) if own is None else (rules.quiet, own)
    until_ms = quiet_until_ms(asked.now_ms, windows, zone, rules.timezone)
    if until_ms is None:
        return refuse("presence", reason="quiet_always")
    if mine:
        return hold("presence", reason="own_quiet_hours", until_ms=until_ms)
    return hold("presence", reason="quiet_hours", until_ms=until_ms)
