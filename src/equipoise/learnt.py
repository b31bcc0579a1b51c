"""What was learnt so far, as the engine uses it: the models in force, and the inputs they look at."""

from collections.abc import Callable, Mapping

from equipoise.nouns.events import Value
from equipoise.nouns.lessons import AT_STAKE, PRESSURE
from equipoise.nouns.plays import Play
from equipoise.ports import Model, Standing

Worth = Callable[[Standing], float]
"""What is lost when this person leaves for good, in the plays' currency."""

Own = Callable[[Model | None], Model]
"""A value model of one's own, put in front of what was learnt for the play."""

PLAIN = ("uniform", "fixed_shares")
"""The choosers that look at nobody."""


class Learnt:
    """Models by play, models of one's own by name, and what a person is worth who leaves."""

    def __init__(self, worth: Worth = lambda _: 0.0, own: Mapping[str, Own] | None = None) -> None:
        self.worth = worth
        self._own = dict(own or {})
        self._models: dict[str, Model] = {}
        self._behind: dict[tuple[str, str], Model] = {}

    def enter(self, play: str, model: Model) -> None:
        """From here on this version appraises the options of the play."""
        self._models[play] = model

    def model_of(self, play: Play) -> Model | None:
        """The model in force for a play; None where nothing was learnt yet."""
        base = self._models.get(play.name)
        own = self._own.get(play.model)
        if own is None:
            return base
        key = (play.model, base.version if base is not None else "")
        if key not in self._behind:
            self._behind[key] = own(base)
        return self._behind[key]

    def own_of(self, play: Play) -> Own | None:
        """What puts the play's model of one's own in front of what was learnt; None where it has none."""
        return self._own.get(play.model)

    def inputs(self, play: Play, standing: Standing) -> dict[str, Value]:
        """The features of a play as they stand, those of contact pressure, and what is at stake.

        Empty for a play that neither learns nor names a feature. Fractions are rounded to six
        decimals, so that they read the same in a receipt.
        """
        if play.goal is None or not (play.features or play.controls or play.chooser not in PLAIN):
            return {}
        found = {name: standing.get(name) for name in (*play.features, *PRESSURE)}
        found[AT_STAKE] = self.worth(standing)
        return {
            name: round(value, 6) if isinstance(value, float) else value
            for name, value in found.items()
        }
