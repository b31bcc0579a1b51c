"""From intervals to a verdict, by a rule that was stated before."""

from equipoise.interval import Interval
from equipoise.nouns.rehearsals import (
    Answer,
    Conclusion,
    Estimator,
    Reason,
    Rule,
    Support,
)


def normal_holds(people: int, ess: float, rule: Rule) -> bool:
    """True where the normal interval of DR may decide; betting decides on smaller or thinner logs."""
    return people >= rule.n_normal and ess >= rule.ess_normal


def conclude(
    support: Support,
    deciding: tuple[Estimator, Interval],
    to_silence: Interval | None,
    rule: Rule,
) -> Conclusion:
    """The verdict on a candidate from the log's support and the paired difference that decides.

    `launch` only where the lower bound of the difference to the incumbent is above 0 and the estimate
    is not below silence; `not_enough_support` where the log cannot tell.
    """
    by, gain = deciding

    def told(answer: Answer, reason: Reason, **numbers: float) -> Conclusion:
        rounded = {name: float(f"{value:.6g}") for name, value in numbers.items()}
        return Conclusion(answer, reason, rounded, by, gain)

    if "low_ess" in support.alarms:
        return told("not_enough_support", "ess_below_floor", ess=support.ess, floor=rule.ess_floor)
    if "no_support" in support.alarms:
        return told(
            "not_enough_support",
            "too_much_without_support",
            share=support.unsupported,
            most=rule.most_unsupported,
        )
    if "weights_off_one" in support.alarms:
        mean = support.mean_weight
        return told(
            "not_enough_support",
            "propensities_do_not_fit",
            weight=mean.mean,
            low=mean.low,
            high=mean.high,
            needed=1.0 - support.unsupported,
        )
    numbers = {"difference": gain.mean, "low": gain.low, "high": gain.high}
    if not gain.low > 0.0:
        return told("do_not_launch", "not_better_than_incumbent", **numbers)
    if to_silence is not None and not to_silence.mean >= 0.0:
        return told("do_not_launch", "below_silence", **numbers, to_silence=to_silence.mean)
    return told("launch", "better_than_incumbent", **numbers)
