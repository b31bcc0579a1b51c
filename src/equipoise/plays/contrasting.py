"""One contrast: the nearest region of one feature in which another option would have been the best.

The model is additive, so that its answer anywhere in a level is its answer at one place of it: the
search is exact, over every level of every feature that the person can change.
"""

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from math import inf, nextafter
from typing import Any

import msgspec

from equipoise.nouns.events import Value
from equipoise.plays.quantities import Region

Inputs = Mapping[str, Value]
"""The features as they stood, by name."""

Appraise = Callable[[Inputs], Mapping[str, float]]
"""The scores of the options that were open, by name, for some inputs; from the model that decided."""

AGREES = 1e-9
"""How close the scores of a receipt and those of its model have to be, in the play's currency."""


class Contrast(msgspec.Struct, frozen=True):
    """With `feature` in `region`, and all else as it stood, `option` would have been the best."""

    feature: str
    region: Region
    option: str


def contrast(
    told: Mapping[str, Any],
    appraise: Appraise,
    cuts: Mapping[str, Sequence[float]],
    changeable: Callable[[str], bool],
) -> Contrast | None:
    """The nearest contrast of a decision's receipt, or None where there is none.

    `cuts` are the edges of each feature, ascending; a level begins at its edge and ends before the
    next. Nearest is over the fewest levels, then what weighed most in the decision, then by name. Also
    None where `appraise` does not give the scores that the receipt has: then it is another model.
    """
    stored = scores_of(told)
    inputs = inputs_of(told)
    if len(stored) < 2 or not _agree(stored, appraise(inputs)):
        return None
    best = best_of(stored)
    found: list[tuple[int, float, str, Contrast]] = []
    for feature, edges in cuts.items():
        if not edges or not changeable(feature):
            continue
        nearest = _nearest(feature, edges, inputs, lambda changed: best_of(appraise(changed)))
        if nearest is not None:
            steps, other = nearest
            found.append((steps, -_weight(told, feature, best), feature, other))
    return min(found, key=lambda one: one[:3])[3] if found else None


def scores_of(told: Mapping[str, Any]) -> dict[str, float]:
    """The scores of the options that were open, in order, as a receipt has them; empty without a model."""
    return {
        option["option"]: float(option["score"])
        for option in told.get("options", ())
        if "score" in option
    }


def best_of(scores: Mapping[str, float]) -> str:
    """The option with the highest score, the first of those that are alike; needs at least one."""
    return max(scores, key=lambda name: scores[name])


def inputs_of(told: Mapping[str, Any]) -> dict[str, Value]:
    """The features of a receipt as values again.

    >>> inputs_of({"inputs": {"a": "3", "b": "0.5", "c": "true", "d": None, "e": "gold"}})
    {'a': 3, 'b': 0.5, 'c': True, 'd': None, 'e': 'gold'}
    """
    return {name: _value(text) for name, text in told.get("inputs", {}).items()}


def _value(text: str | None) -> Value:
    if text is None or text in ("true", "false"):
        return None if text is None else text == "true"
    for kind in (int, float):
        try:
            number = kind(text)
        except ValueError:
            continue
        # A text such as 007 or 1_0 is none of ours: numbers read back to themselves.
        if repr(number) == text:
            return number
    return text


def _agree(stored: Mapping[str, float], given: Mapping[str, float]) -> bool:
    return stored.keys() == given.keys() and all(
        abs(stored[name] - given[name]) <= AGREES for name in stored
    )


def _nearest(
    feature: str, edges: Sequence[float], inputs: Inputs, best: Callable[[Inputs], str]
) -> tuple[int, Contrast] | None:
    """The nearest level with another best option, in how many steps, with those like it beyond."""
    value = inputs.get(feature)
    if isinstance(value, bool) or not isinstance(value, int | float | None):
        return None
    here = None if value is None else bisect_right(edges, value)
    bests = [best({**inputs, feature: _inside(edges, level)}) for level in range(len(edges) + 1)]
    now = best(inputs)
    # What is not known yet is nearest to the lowest level: something happened just now, or once.
    ordered = sorted(
        (abs(level - here) if here is not None else level + 1, level)
        for level, other in enumerate(bests)
        if other != now
    )
    if not ordered:
        return None
    steps, level = ordered[0]
    onward = 1 if here is None or level > here else -1
    last = level
    while 0 <= last + onward < len(bests) and bests[last + onward] == bests[level]:
        last += onward
    low, high = min(level, last), max(level, last)
    region = Region(edges[low - 1] if low > 0 else -inf, edges[high] if high < len(edges) else inf)
    return steps, Contrast(feature, region, bests[level])


def _inside(edges: Sequence[float], level: int) -> float:
    """A value inside a level: its edge, or for the lowest what comes just before the first edge."""
    return nextafter(edges[0], -inf) if level == 0 else edges[level - 1]


def _weight(told: Mapping[str, Any], feature: str, best: str) -> float:
    """How far the feature's contributions lie apart between the best option and the others."""
    parts = {
        option["option"]: float(option["contributions"].get(feature, "0"))
        for option in told["options"]
        if "contributions" in option
    }
    return max((abs(parts[best] - part) for part in parts.values()), default=0.0)
