"""Every option has the share of the draws that its play gives it; silence has the rest."""

from math import fsum

from equipoise.decide.drawing import sample, with_floor
from equipoise.nouns.decisions import Choice
from equipoise.ports import Hand


def fixed_shares(hand: Hand) -> Choice:
    """Choose by the written shares (0 to 1), above the play's floor for exploring.

    The share of an option that is not allowed goes to silence and not to the others, so that nobody
    gets more of one because they may not get another. Shares that sum to more than 1 are scaled down
    to it. Raises `ValueError` where silence is not among the options.
    """
    play, options = hand.play, hand.options
    shares = [0.0 if option.is_silence else max(option.share or 0.0, 0.0) for option in options]
    silences = [index for index, option in enumerate(options) if option.is_silence]
    if not silences:
        raise ValueError(f"play {play.name!r}: fixed_shares needs silence among the options")
    total = fsum(shares)
    if total > 1.0:
        shares = [share / total for share in shares]
    else:
        shares[silences[0]] = 1.0 - total
    propensities = with_floor(options, shares, play.explore_floor)
    return Choice(sample(propensities, hand.draw), propensities)
