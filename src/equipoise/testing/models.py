"""A model made up for a test: it is told what each option is worth, and adds it up."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence

import msgspec

from equipoise.nouns.decisions import Appraisal, Explain
from equipoise.nouns.events import Value
from equipoise.nouns.lessons import AT_STAKE
from equipoise.nouns.plays import Option
from equipoise.ports import ModelBroke

Steps = tuple[tuple[float, ...], tuple[float, ...]]
"""Edges of a feature in order, and what each level between them adds: one more than there are edges."""


class FakeModel(msgspec.Struct, frozen=True, kw_only=True):
    """A model as told; satisfies `Model`.

    `worth` is what each option brings whoever it is, `steps` what a feature adds to it by option, both
    in money; a feature that is not known or no number adds nothing. `left` is the probability of
    opting out after each option. `broken` is what it raises `ModelBroke` with, where it is not empty.
    """

    version: str = "fake"
    explains: Explain = Explain.EXACT
    lessons: int = 100
    scale: float = 1.0
    worth: dict[str, float] = {}
    steps: dict[str, dict[str, Steps]] = {}
    left: dict[str, float] = {}
    broken: str = ""

    def appraise(
        self, options: Sequence[Option], inputs: Mapping[str, Value]
    ) -> tuple[Appraisal, ...]:
        """What was told of each option, summed; what is at stake is `inputs[AT_STAKE]`, 0 if missing."""
        if self.broken:
            raise ModelBroke(self.broken)
        return tuple(self._appraised(option, inputs) for option in options)

    def _appraised(self, option: Option, inputs: Mapping[str, Value]) -> Appraisal:
        parts = {"option": self.worth.get(option.name, 0.0)}
        for feature, (edges, worth) in self.steps.get(option.name, {}).items():
            value = inputs.get(feature)
            if isinstance(value, int | float):
                parts[feature] = worth[bisect_right(edges, float(value))]
        value = sum(parts.values())
        left = self.left.get(option.name, 0.0)
        stake = inputs.get(AT_STAKE)
        leaving = left * (float(stake) if isinstance(stake, int | float) else 0.0)
        parts |= {"cost": -option.cost, "leaving": -leaving}
        return Appraisal(
            score=sum(parts.values()),
            value=value,
            cost=option.cost,
            leaving=leaving,
            response=min(max(value, 0.0), 1.0),
            left=left,
            contributions=parts,
        )
