"""What a play's engine is worth beside doing nothing and beside simpler choosers, looked at any time."""

from collections.abc import Iterable, Mapping, Sequence
from math import exp, inf, isfinite, log, sqrt

import msgspec

from equipoise.interval import (
    Interval,
    Moments,
    mean_interval,
    sequence_from_se,
    share_difference_interval,
    share_interval,
    student_quantile,
)
from equipoise.learn.ratio import ratio_of
from equipoise.learn.tallies import Key, Sums, Tally
from equipoise.nouns.effects import MEASURES, Arm, Difference, Effect, Found, Measure
from equipoise.nouns.lessons import ENGINE, HOLDOUT
from equipoise.nouns.plays import Goal, Play
from equipoise.nouns.rules import Rules

TUNED_AT = 5_000
"""Of how many people in two arms the sequences are narrowest; chosen once, for every house and play."""

FIRST_LOOK = 100
"""People in each of two arms before a sequence says anything: it rests on the central limit theorem."""

LEVEL = 0.95

Stratum = Mapping[str, Tally]
"""People tried under the same shares, by arm."""


class Design(msgspec.Struct, frozen=True, kw_only=True):
    """How a play divides people: its shares by version, newest last, and the goal that is measured.

    Versions that had another goal have no shares here: people tried under them are left out.
    """

    play: str
    currency: str
    shares: dict[str, dict[str, float]]

    @property
    def newest(self) -> dict[str, float]:
        """The shares of the newest version."""
        return self.shares[next(reversed(self.shares))]


def shares_of(play: Play, rules: Rules) -> dict[str, float]:
    """What share of people falls into each arm of a play; they sum to 1.

    A person is held out by the house or by the play, each by a hash of its own; among the others the
    controls have their shares and the engine the rest. The house spares what is part of a contract.
    """
    house = rules.holdout if rules.basis(play.purpose) != "contract" else 0.0
    taken_in = (1.0 - house) * (1.0 - play.holdout)
    shares = {ENGINE: taken_in * (1.0 - sum(play.controls.values()))}
    shares |= {name: taken_in * share for name, share in sorted(play.controls.items())}
    shares |= {HOLDOUT: 1.0 - taken_in}
    return {arm: share for arm, share in shares.items() if share > 0.0}


def designs_of(plays: Iterable[Play], rules: Rules) -> dict[str, Design]:
    """The designs of all plays that have a goal, from all of their versions, oldest first."""
    versions: dict[str, list[Play]] = {}
    for play in plays:
        versions.setdefault(play.name, []).append(play)
    designs = {}
    for name, known in sorted(versions.items()):
        goal = known[-1].goal
        if goal is None:
            continue
        designs[name] = Design(
            play=name,
            currency=goal.currency,
            shares={p.version: shares_of(p, rules) for p in known if _same(p.goal, goal)},
        )
    return designs


def _same(goal: Goal | None, other: Goal) -> bool:
    """Whether two goals measure the same; what tells early does not matter here."""
    told = ("event", "window_days", "value", "currency")
    return goal is not None and all(getattr(goal, name) == getattr(other, name) for name in told)


def effect_of(design: Design, tallies: Mapping[Key, Tally]) -> Effect:
    """All that the tallies of a play say; people without a version count as of the newest.

    People tried under other shares are strata of their own: a share that was changed on the way must
    not pass for an effect (Simpson's paradox).
    """
    strata, shares, left_out = _strata(design, tallies)
    names = [ENGINE, *(arm for arm in design.newest if arm != ENGINE)]
    names += sorted({arm for stratum in strata for arm in stratum} - set(names))
    whole = {name: sum((s.get(name, Tally()) for s in strata), Tally()) for name in names}
    people = [sum(tally.n for tally in stratum.values()) for stratum in strata]
    expected = {
        name: sum(n * share.get(name, 0.0) for n, share in zip(people, shares, strict=True))
        for name in names
    }
    counts = [{arm: tally.n for arm, tally in stratum.items()} for stratum in strata]
    return Effect(
        play=design.play,
        currency=design.currency,
        n=sum(people),
        arms=tuple(_arm(name, whole[name], expected[name]) for name in names),
        differences=tuple(
            difference_of(strata, name, measure) for name in names[1:] for measure in MEASURES
        ),
        ratio=ratio_of(zip(counts, shares, strict=True)),
        left_out=left_out,
    )


def _strata(
    design: Design, tallies: Mapping[Key, Tally]
) -> tuple[list[dict[str, Tally]], list[dict[str, float]], int]:
    """The tallies by shares and arm, the shares of each, and how many had another goal."""
    strata: dict[tuple[tuple[str, float], ...], dict[str, Tally]] = {}
    left_out = 0
    for (version, arm), tally in sorted(tallies.items()):
        shares = design.shares.get(version) if version else design.newest
        if shares is None:
            left_out += tally.n
            continue
        stratum = strata.setdefault(tuple(shares.items()), {})
        stratum[arm] = stratum.get(arm, Tally()) + tally
    return list(strata.values()), [dict(key) for key in strata], left_out


def _arm(name: str, tally: Tally, expected: float) -> Arm:
    value, response, left = tally.sums
    if tally.n == 0:
        nothing = Interval(0.0, -inf, inf, 0)
        return Arm(name=name, n=0, expected=expected, value=nothing, response=nothing, left=nothing)
    return Arm(
        name=name,
        n=tally.n,
        expected=expected,
        value=_known(mean_interval(Moments(tally.n, value.total, value.squares), LEVEL)),
        response=share_interval(round(response.total), tally.n, LEVEL),
        left=share_interval(round(left.total), tally.n, LEVEL),
    )


def _known(interval: Interval) -> Interval:
    """The interval, or one without bounds where all values were alike: that is not certainty."""
    if interval.se > 0.0:
        return interval
    return msgspec.structs.replace(interval, low=-inf, high=inf)


class _Spread(msgspec.Struct, frozen=True):
    """Within the arms of all strata: sums of squares of y and x about their means, and of products."""

    yy: float
    xx: float
    xy: float


def _spread(tally: Tally, sums: Sums) -> _Spread:
    if tally.n == 0:
        return _Spread(0.0, 0.0, 0.0)
    return _Spread(
        max(0.0, sums.squares - sums.total * sums.total / tally.n),
        max(0.0, tally.before_squares - tally.before * tally.before / tally.n),
        sums.cross - sums.total * tally.before / tally.n,
    )


def theta_of(strata: Sequence[Stratum], measure: Measure) -> float:
    """How much of what came goes with what was before: cov(y, x) / var(x), pooled within the arms.

    CUPED: Deng, Xu, Kohavi and Walker, "Improving the sensitivity of online controlled experiments by
    utilizing pre-experiment data" (WSDM 2013), equation 4. It is taken over all arms together, so that
    the same is taken off in each and the difference stays unbiased. 0 where nothing is known before.
    """
    at = MEASURES.index(measure)
    parts = [_spread(tally, tally.sums[at]) for stratum in strata for tally in stratum.values()]
    xx = sum(part.xx for part in parts)
    # What is left of a constant after rounding is no variance.
    scale = sum(tally.before_squares for stratum in strata for tally in stratum.values())
    return sum(part.xy for part in parts) / xx if xx > 1e-12 * scale else 0.0


class _Pooled(msgspec.Struct, frozen=True):
    """A difference over strata: its mean, variance, degrees of freedom, and the people behind it."""

    mean: float
    variance: float
    freedom: float
    n: int


def _pooled(pairs: Sequence[tuple[Tally, Tally]], at: int, theta: float, doubt: float) -> _Pooled:
    """The mean difference over strata, weighted by n m / (n + m), with its variance.

    `doubt` is added to the sum of squares of each arm. Degrees of freedom after Welch (1947).
    """
    weights = [one.n * other.n / (one.n + other.n) for one, other in pairs]
    total, mean, variance, spent = sum(weights), 0.0, 0.0, 0.0
    for weight, pair in zip(weights, pairs, strict=True):
        sign = weight / total
        for tally in pair:
            sums, part = tally.sums[at], _spread(tally, tally.sums[at])
            mean += sign * (sums.total - theta * tally.before) / tally.n
            squares = max(0.0, part.yy - 2 * theta * part.xy + theta * theta * part.xx) + doubt
            share = sign * sign * squares / (tally.n - 1) / tally.n
            variance += share
            spent += share * share / (tally.n - 1)
            sign = -sign
    freedom = variance * variance / spent if spent > 0.0 else inf
    return _Pooled(mean, variance, freedom, sum(one.n + other.n for one, other in pairs))


def difference_of(strata: Sequence[Stratum], other: str, measure: Measure) -> Difference:
    """The engine minus another arm, per person, as `Difference` says."""
    at = MEASURES.index(measure)
    sides = [(stratum.get(ENGINE, Tally()), stratum.get(other, Tally())) for stratum in strata]
    pairs = [pair for pair in sides if min(side.n for side in pair) > 1]
    unknown = Interval(0.0, -inf, inf, 0, method="normal")
    always = msgspec.structs.replace(unknown, method="sequence")
    if not pairs:
        return Difference(
            other=other,
            measure=measure,
            n=0,
            plain=unknown,
            plain_always=always,
            adjusted=unknown,
            adjusted_always=always,
            theta=0.0,
            reduction=0.0,
            p=1.0,
            found="not_yet",
        )
    theta = theta_of(strata, measure)
    plain, adjusted = _pooled(pairs, at, 0.0, 0.0), _pooled(pairs, at, theta, 0.0)
    doubt, ready = _doubt(pairs, at), min(sum(p[i].n for p in pairs) for i in (0, 1)) >= FIRST_LOOK
    lasting = _always(_pooled(pairs, at, theta, doubt), ready=ready)
    return Difference(
        other=other,
        measure=measure,
        n=plain.n,
        plain=_shares(pairs[0], at) if at and len(pairs) == 1 else _at_once(plain),
        plain_always=_always(_pooled(pairs, at, 0.0, doubt), ready=ready),
        adjusted=_at_once(adjusted),
        adjusted_always=lasting,
        theta=theta,
        reduction=1.0 - adjusted.variance / plain.variance if plain.variance > 0.0 else 0.0,
        p=p_of(lasting),
        found=_found(lasting),
    )


def _doubt(pairs: Sequence[tuple[Tally, Tally]], at: int) -> float:
    """The square of what one more person would bring who responds as those do who responded.

    An arm in which nobody responded has no variance, which looks like certainty; so each arm is given
    the variance that it would have with one such person more. It fades with 1 / n.
    """
    squares = sum(side.sums[at].squares for pair in pairs for side in pair)
    people = sum(side.sums[max(at, 1)].total for pair in pairs for side in pair)
    return squares / people if people > 0.0 else inf


def _at_once(pooled: _Pooled) -> Interval:
    se = sqrt(pooled.variance)
    if se == 0.0:
        return Interval(pooled.mean, -inf, inf, pooled.n, 0.0, LEVEL, "normal")
    freedom = min(pooled.freedom, 1e9)
    half = student_quantile(LEVEL, freedom) * se
    return Interval(
        pooled.mean, pooled.mean - half, pooled.mean + half, pooled.n, se, LEVEL, "normal"
    )


def _shares(pair: tuple[Tally, Tally], at: int) -> Interval:
    """The difference of two shares, whose interval is good also where nobody responded."""
    one, other = pair
    hits = (round(one.sums[at].total), round(other.sums[at].total))
    return share_difference_interval(hits, (one.n, other.n), LEVEL)


def _always(pooled: _Pooled, *, ready: bool) -> Interval:
    se = sqrt(pooled.variance) if ready else inf
    return sequence_from_se(pooled.mean, se, pooled.n, TUNED_AT, LEVEL)


def _found(always: Interval) -> Found:
    if always.low > 0.0:
        return "more"
    return "less" if always.high < 0.0 else "not_yet"


def p_of(always: Interval) -> float:
    """The p-value that holds at every look: the least 1 - level at which the sequence leaves 0 out.

    1 / e with e the normal mixture behind the sequence, exp(m z^2 / (2 (m + 1))) / sqrt(m + 1) where
    m = n rho^2 and z is the mean in standard errors (Robbins 1970; rho as in `sequence_width`).
    """
    if not isfinite(always.low) or always.se <= 0.0:
        return 1.0
    u = -2.0 * log(1.0 - LEVEL)
    mixed = always.n * (u + log(u + 1.0)) / TUNED_AT
    z = always.mean / always.se
    return exp(min(0.0, 0.5 * log(mixed + 1.0) - 0.5 * z * z * mixed / (mixed + 1.0)))
