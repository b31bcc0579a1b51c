"""Whether anything is left of what the play may do, to this person and in all."""

from equipoise.decide.local_time import DAY_MS
from equipoise.decide.verdicts import hold, looks_at, refuse
from equipoise.nouns.decisions import ALLOWED, Verdict
from equipoise.ports import Asked

_HOUR_MS = 3_600_000


@looks_at("name", "stock", "do", "channel")
def limits(asked: Asked) -> Verdict:
    """The play's total, the option's stock, and the play's caps per person.

    A cap that frees up while the moment is still valid holds until then; otherwise it refuses. Caps
    count contacts, so they do not keep a page from being shown.
    """
    play, option = asked.play, asked.option
    total = play.limits.total
    if total is not None and asked.spent.get(f"play:{play.name}", 0) >= total:
        return refuse("limits", reason="play_total", most=str(total))
    if option.stock is not None:
        used = asked.spent.get(f"stock:{play.name}/{option.name}", 0)
        if used >= option.stock:
            return refuse("limits", reason="out_of_stock", option=option.name)
    if play.limits.per_person and option.is_contact:
        return _caps(asked)
    return ALLOWED


def _caps(asked: Asked) -> Verdict:
    play, now_ms = asked.play, asked.now_ms
    free_ms, most, days = now_ms, "", ""
    valid_until_ms = asked.moment.opened_ms + int(play.limits.valid_for_hours * _HOUR_MS)
    for cap in play.limits.per_person:
        window_ms = int(cap.days * DAY_MS)
        times = asked.standing.contact_times_ms(now_ms - window_ms, play.name)
        if len(times) < cap.times:
            continue
        # The oldest of the newest `cap.times` contacts has to leave the window; with none allowed,
        # waiting does not help.
        until_ms = times[-cap.times] + window_ms if cap.times > 0 else valid_until_ms + 1
        if until_ms > free_ms:
            free_ms, most, days = until_ms, str(cap.times), f"{cap.days:g}"
    if not most:
        return ALLOWED
    if free_ms > valid_until_ms:
        return refuse("limits", reason="play_cap", most=most, days=days)
    return hold("limits", reason="play_cap", until_ms=free_ms, most=most, days=days)
