"""What is expected to be worth most is chosen most, the more surely the more was learnt."""

from operator import attrgetter

from equipoise.decide.scoring import by_score
from equipoise.nouns.decisions import Choice
from equipoise.ports import Hand


def learning(hand: Hand) -> Choice:
    """Choose by SquareCB over value - cost - risk of losing the person, in money.

    All that may be explored is alike while the play has no model. Raises `ModelBroke`.
    """
    return by_score(hand, attrgetter("score"))
