"""From shares to a draw: the floor under every option, and sampling from exactly what is logged."""

from collections.abc import Sequence

from equipoise.nouns.plays import Option


def is_explored(option: Option) -> bool:
    """False for what is never tried out on people: restraints, and prices.

    A price is an offer or a reward that costs something: by chance, one person would pay more than
    another for the same thing.
    """
    priced = option.do in ("offer", "reward") and option.cost > 0.0
    return option.do != "restrain" and not priced


def with_floor(
    options: Sequence[Option], shares: Sequence[float], floor: float
) -> tuple[float, ...]:
    """The shares, with a mass of `floor` (0 to 1) taken from them and shared equally for exploring.

    Each of the K options that may be explored gets at least `floor`/K. `shares` are not negative and
    sum to 1, and so does the result, to 1e-12.
    """
    explored = [is_explored(option) for option in options]
    if floor <= 0.0 or not any(explored):
        return tuple(shares)
    each = floor / sum(explored)
    return tuple(
        share * (1.0 - floor) + (each if tried else 0.0)
        for share, tried in zip(shares, explored, strict=True)
    )


def sample(propensities: Sequence[float], draw: float) -> int:
    """The index that a draw in [0, 1) falls on: the running sum in order, in float64.

    The last option with a positive propensity takes what rounding left; one with 0 is never drawn.
    Raises `ValueError` where the propensities are no distribution (negative, not a number, or not
    summing to 1 to 1e-9).
    """
    running, last = 0.0, -1
    found = -1
    for index, propensity in enumerate(propensities):
        if not propensity >= 0.0:
            raise ValueError(f"propensity {index} is {propensity!r}: it must be 0 or more")
        if propensity > 0.0:
            running += propensity
            last = index
            if found < 0 and draw < running:
                found = index
    if not abs(running - 1.0) <= 1e-9:
        raise ValueError(f"the propensities {tuple(propensities)!r} sum to {running!r}, not to 1")
    return found if found >= 0 else last
