"""What a play's engine is worth beside doing nothing and beside simpler choosers, looked at any time."""

from collections.abc import Iterable, Mapping
from math import inf

import msgspec

from equipoise.interval import Interval, Moments, mean_interval, share_interval
from equipoise.learn.differences import LEVEL, difference_of
from equipoise.learn.ratio import ratio_of
from equipoise.learn.tallies import Key, Tally
from equipoise.nouns.effects import MEASURES, Arm, Effect
from equipoise.nouns.lessons import ENGINE, HOLDOUT
from equipoise.nouns.plays import Goal, Play
from equipoise.nouns.rules import Rules


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
    engine = taken_in * (1.0 - sum(play.controls.values()))
    shares = {ENGINE: engine, HOLDOUT: 1.0 - taken_in}
    shares |= {name: taken_in * share for name, share in sorted(play.controls.items())}
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
