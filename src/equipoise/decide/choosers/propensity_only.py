"""A control: what is answered most is chosen most, whatever it brings or costs."""

from operator import attrgetter

from equipoise.decide.scoring import by_score
from equipoise.nouns.decisions import Choice
from equipoise.ports import Hand


def propensity_only(hand: Hand) -> Choice:
    """Choose by SquareCB over the probability of a response alone, in probabilities.

    All that may be explored is alike while the play has no model. Raises `ModelBroke`.
    """
    return by_score(hand, attrgetter("response"), unit=1.0)
