"""A control: whoever may get something gets the first thing that is written."""

from equipoise.decide.drawing import is_explored, sample, with_floor
from equipoise.nouns.decisions import Choice
from equipoise.ports import Hand


def eligibility_only(hand: Hand) -> Choice:
    """Choose the first written option that is allowed, above the play's floor for exploring.

    Silence only where there is nothing else. Restraints and prices are passed over: who is in a
    control is a matter of chance, and chance decides on neither.
    """
    options = hand.options
    first = next(
        (n for n, o in enumerate(options) if is_explored(o) and not o.is_silence),
        next((n for n, o in enumerate(options) if o.is_silence), 0),
    )
    shares = [float(place == first) for place in range(len(options))]
    propensities = with_floor(options, shares, hand.play.explore_floor)
    return Choice(sample(propensities, hand.draw), propensities)
