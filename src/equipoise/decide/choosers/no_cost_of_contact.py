"""A control: what is expected to bring most is chosen most, as if contact cost nothing."""

from operator import attrgetter

from equipoise.decide.scoring import by_score
from equipoise.nouns.decisions import Choice
from equipoise.ports import Hand


def no_cost_of_contact(hand: Hand) -> Choice:
    """Choose by SquareCB over the expected value, without cost and without the risk of losing people.

    All that may be explored is alike while the play has no model. Raises `ModelBroke`.
    """
    return by_score(hand, attrgetter("value"))
