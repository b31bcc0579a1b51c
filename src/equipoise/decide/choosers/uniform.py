"""Every allowed option is as likely as every other, silence too."""

from collections.abc import Sequence

from equipoise.decide.drawing import sample
from equipoise.nouns.decisions import Choice
from equipoise.nouns.plays import Option, Play
from equipoise.ports import Standing


def uniform(play: Play, options: Sequence[Option], standing: Standing, draw: float) -> Choice:  # noqa: ARG001 - it looks at nobody, which is its point
    """Choose one of the K options with probability 1/K; needs at least one."""
    propensities = (1.0 / len(options),) * len(options)
    return Choice(sample(propensities, draw), propensities)
