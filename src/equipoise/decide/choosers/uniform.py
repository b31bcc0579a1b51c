"""Every allowed option is as likely as every other, silence too."""

from equipoise.decide.drawing import sample
from equipoise.nouns.decisions import Choice
from equipoise.ports import Hand


def uniform(hand: Hand) -> Choice:
    """Choose one of the K options with probability 1/K; needs at least one."""
    propensities = (1.0 / len(hand.options),) * len(hand.options)
    return Choice(sample(propensities, hand.draw), propensities)
