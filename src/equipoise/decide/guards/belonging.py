"""Whether the person has been contacted enough, by all plays on all channels together."""

from equipoise.decide.local_time import DAY_MS, local_day
from equipoise.decide.verdicts import hold, looks_at, refuse
from equipoise.nouns.decisions import ALLOWED, Verdict
from equipoise.ports import Asked, Standing

_WEEK_MS = 7 * DAY_MS
_MONTH_MS = 28 * DAY_MS


@looks_at("do", "channel")
def belonging(asked: Asked) -> Verdict:
    """Hold until the budget of attention frees up: day, 7 days, 28 days, and the person's own week.

    The day is the calendar day where the person is; the others roll. Where several are full, the one
    that frees up last is told. A budget of 0 never frees up, so it refuses. What a page shows when
    the person comes by is no contact and is not counted. A relationship without a sign of life for as
    long as the play states has lapsed: it is refused until the person comes by again. Whoever
    answered "not now" or "too much" rests meanwhile, save from what is part of the contract.
    """
    if not asked.option.is_contact:
        return ALLOWED
    lapses = asked.play.limits.lapses_after_days
    if lapses is not None and _is_silent(asked.standing, lapses):
        return refuse("belonging", reason="lapsed", days=f"{lapses:g}")
    standing, rules, now_ms = asked.standing, asked.rules, asked.now_ms
    times = standing.contact_times_ms(now_ms - _MONTH_MS)
    smallest = min(rules.per_day, rules.per_7d, rules.per_28d)
    rest = None if rules.basis(asked.play.purpose) == "contract" else standing.rest
    if not times and smallest > 0 and standing.per_week != 0 and rest is None:
        return ALLOWED
    free_ms, full, most = (now_ms, "", 0) if rest is None else (rest[0], rest[1], 0)
    for budget, window_ms, reason in _budgets(asked):
        if budget <= 0:
            return refuse("belonging", reason=reason, most="0")
        if len(times) < budget:
            continue
        # The oldest of the newest `budget` contacts has to leave the window.
        until_ms = times[-budget] + window_ms
        if reason == "budget_day":
            day = local_day(now_ms, standing.timezone, rules.timezone)
            until_ms = day.ends_ms if times[-budget] >= day.starts_ms else now_ms
        if until_ms > free_ms:
            free_ms, full, most = until_ms, reason, budget
    if not full:
        return ALLOWED
    if full in ("not_now", "too_much"):
        return hold("belonging", reason=full, until_ms=free_ms)
    return hold("belonging", reason=full, until_ms=free_ms, most=str(most))


def _is_silent(standing: Standing, most_days: float) -> bool:
    """True where the last sign of life is longer ago, or none is known at all."""
    days = standing.get("life.days_since")
    return not isinstance(days, int | float) or days >= most_days


def _budgets(asked: Asked) -> list[tuple[int, int, str]]:
    """Each budget with the length of its window and the reason that names it."""
    rules, own = asked.rules, asked.standing.per_week
    budgets = [
        (rules.per_day, DAY_MS, "budget_day"),
        (rules.per_7d, _WEEK_MS, "budget_week"),
        (rules.per_28d, _MONTH_MS, "budget_month"),
    ]
    return budgets if own is None else [*budgets, (own, _WEEK_MS, "own_budget")]
