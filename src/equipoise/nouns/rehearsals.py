"""What a rehearsal tells: what a policy would have been worth on logged decisions, and how sure that is."""

from typing import Literal

import msgspec

from equipoise.interval import Interval

VERSION = 1
"""The version of the report's shape; a later one only adds fields."""

Estimator = Literal["dm", "ips", "snips", "dr", "switch_dr"]
"""Direct method, inverse propensities, self-normalised, doubly robust, switch doubly robust."""

Reference = Literal["incumbent", "silence", "best_constant", "uniform"]
"""What the candidate is compared with."""

Answer = Literal["launch", "do_not_launch", "not_enough_support"]
"""The verdict of a rehearsal."""

Alarm = Literal["low_ess", "thin_overlap", "no_support", "weights_off_one"]
"""What is wrong with the log for this candidate: the effective sample is below the floor; it is a small
share of the log, so that a few rows speak for all; too much was never tried; or the mean weight is
not what true propensities would give. All but `thin_overlap` forbid a conclusion."""

Reason = Literal[
    "better_than_incumbent",
    "not_better_than_incumbent",
    "below_silence",
    "ess_below_floor",
    "too_much_without_support",
    "propensities_do_not_fit",
]
"""Why the verdict is what it is."""


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """How a rehearsal is done and judged, stated before it is run.

    `level` of the intervals; `folds` of the cross-fitting, by person; `switch_at` the weight above
    which switch-DR trusts the model; `ess_floor` below which nothing is concluded; `thin` share of the
    log below which the effective sample sets off an alarm; `ess_normal` and `n_normal` (people) from
    which the normal interval of DR decides, hedged betting below;
    `most_unsupported` mass of the candidate on what was never logged; `reward_low`, `reward_high` the
    reward's possible range (taken from the log where None); `most_weight` the largest weight that is
    possible by the log's design (from the propensities where None); `looks` of the live sequence;
    `seed` of the folds.
    """

    level: float = 0.95
    folds: int = 5
    switch_at: float = 10.0
    ess_floor: float = 50.0
    thin: float = 0.05
    ess_normal: float = 200.0
    n_normal: int = 2_000
    most_unsupported: float = 0.02
    reward_low: float | None = None
    reward_high: float | None = None
    most_weight: float | None = None
    looks: int = 20
    seed: int = 0


STANDARD = Rule()
"""The rule where nothing else is stated."""


class Valued(msgspec.Struct, frozen=True):
    """What a policy is worth per decision by one estimator; `policy` is `candidate` or a reference."""

    policy: str
    by: Estimator | Literal["on_policy"]
    value: Interval


class Compared(msgspec.Struct, frozen=True):
    """The paired difference per decision, candidate minus a reference, by one estimator."""

    to: Reference
    by: Estimator
    difference: Interval


class Support(msgspec.Struct, frozen=True):
    """How far the log can speak for the candidate.

    `ess` is Kish's effective sample size of the weights, `unsupported` the candidate's mean mass on
    options that the incumbent could not take, `mean_weight` must cover 1 - `unsupported` where the
    logged propensities are true.
    """

    ess: float
    largest_weight: float
    unsupported: float
    mean_weight: Interval
    alarms: tuple[Alarm, ...] = ()


class Look(msgspec.Struct, frozen=True):
    """One look of the live sequence: difference to the incumbent over the first `n` decisions.

    The intervals of all looks hold at once, so one may stop at any of them.
    """

    n: int
    difference: Interval


class SegmentRow(msgspec.Struct, frozen=True):
    """One segment with its own bound: level 1 - (1 - level) / number of segments, so that all hold."""

    segment: str
    n: int
    people: int
    ess: float
    unsupported: float
    value: Interval
    difference: Interval
    without_help: int = 0


class Conclusion(msgspec.Struct, frozen=True):
    """The verdict, its reason code, the numbers of its sentence, and the interval that decided.

    `deciding` is the paired difference to the incumbent by the estimator `decided_by`: the normal
    interval of `dr` on a large log, hedged betting on `ips` on a small or thin one.
    """

    answer: Answer
    reason: Reason
    numbers: dict[str, float]
    decided_by: Estimator
    deciding: Interval


class WithoutHelp(msgspec.Struct, frozen=True):
    """For whom nothing but silence was possible: decisions, and people in all of their decisions.

    `removed` counts options that guards took away, by the guard's reason code; `segments` tells the
    same of each segment.
    """

    decisions: int = 0
    people: int = 0
    removed: dict[str, int] = {}
    segments: dict[str, "WithoutHelp"] = {}


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """All that a rehearsal found. Values are per decision, in the unit of the reward.

    `constants` says which option each fold's best constant was, chosen on the other folds;
    `model` names the regression model behind DM, DR and switch-DR. `not_asked` maps guards that could
    not be asked to what the log lacks for them; `refused` counts rows of a file that could not be
    read, by code, and `first_refused` tells the first of each; `notes` are codes, `CODE` or
    `CODE: DETAIL`, of what else a reader has to know.
    """

    play: str
    log: str
    n: int
    people: int
    options: tuple[str, ...]
    values: tuple[Valued, ...]
    differences: tuple[Compared, ...]
    support: Support
    conclusion: Conclusion
    rule: Rule
    model: str
    constants: tuple[str, ...] = ()
    segments: tuple[SegmentRow, ...] = ()
    live: tuple[Look, ...] = ()
    without_help: WithoutHelp = WithoutHelp()
    not_asked: dict[str, str] = {}
    refused: dict[str, int] = {}
    first_refused: dict[str, str] = {}
    notes: tuple[str, ...] = ()
    unit: str = ""
    version: int = VERSION

    def value(self, policy: str, by: str) -> Interval | None:
        """The value of a policy by an estimator, or None where the log cannot tell."""
        found = (v.value for v in self.values if (v.policy, v.by) == (policy, by))
        return next(found, None)

    def difference(self, to: Reference, by: Estimator) -> Interval | None:
        """The difference to a reference by an estimator, or None where the log cannot tell."""
        found = (d.difference for d in self.differences if (d.to, d.by) == (to, by))
        return next(found, None)
