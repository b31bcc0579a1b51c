"""Choosing by what a model expects: the same draw and the same floor, whatever is looked at."""

from collections.abc import Callable

from equipoise.decide.drawing import is_explored, sample
from equipoise.decide.squarecb import gamma_after, squarecb
from equipoise.nouns.decisions import Appraisal, Choice
from equipoise.ports import Hand, ModelBroke


def by_score(hand: Hand, worth: Callable[[Appraisal], float], unit: float | None = None) -> Choice:
    """Choose by SquareCB over what the model expects of each option, as `worth` reads it.

    `unit` is what scores are measured in, the model's scale where it is None. While the play has no
    model, everything that may be explored is alike. Raises `ModelBroke` for a score that is no number.
    """
    model, floor = hand.model, hand.play.explore_floor
    explored = [is_explored(option) for option in hand.options]
    if model is None:
        propensities = squarecb(None, explored, 0.0, floor)
        return Choice(sample(propensities, hand.draw), propensities)
    appraisals = model.appraise(hand.options, hand.inputs)
    if len(appraisals) != len(hand.options):
        raise ModelBroke(
            f"the model of play {hand.play.name!r} has to appraise {len(hand.options)} options, "
            f"got {len(appraisals)} appraisals"
        )
    scale = model.scale if unit is None else unit
    try:
        scores = [worth(appraisal) / scale for appraisal in appraisals]
        propensities = squarecb(scores, explored, gamma_after(model.lessons), floor)
    except (ValueError, ZeroDivisionError) as fault:
        raise ModelBroke(f"the model of play {hand.play.name!r}: {fault}") from fault
    return Choice(sample(propensities, hand.draw), propensities, appraisals, model.version)
