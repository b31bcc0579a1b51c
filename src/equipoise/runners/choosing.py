"""What a chooser would have drawn, and with which probabilities, at every decision of a log."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from equipoise.nouns.agreements import UNCAPPED
from equipoise.nouns.aims import Balance
from equipoise.nouns.decisions import Appraisal
from equipoise.nouns.events import Value
from equipoise.nouns.intents import Intent
from equipoise.nouns.lessons import AT_STAKE
from equipoise.nouns.plays import Option, Play
from equipoise.nouns.state import Stance
from equipoise.ports import Chooser, Hand, Model
from equipoise.runners.judged import Column
from equipoise.runners.recounting import groups
from equipoise.runners.row_standing import amounts, plain

Floats = NDArray[np.float64]

Batch = Callable[[Play, Model, Mapping[str, Column], NDArray[np.bool_]], Floats | None]
"""The probabilities (n, K) of the play's chooser for all rows at once, or None where it has no such way."""


class CannotRehearse(ValueError):
    """A play cannot be rehearsed on this log; the message says why and what to do."""


class Inputs(Mapping[str, Value]):
    """The features of one decision; notes whether anybody looked."""

    def __init__(self, columns: Mapping[str, Column]) -> None:
        self._columns = columns
        self.row = 0
        self.looked = False

    def __getitem__(self, name: str) -> Value:
        self.looked = True
        return plain(self._columns[name][self.row])

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)


class Recalled:
    """The person at one decision as a rehearsal remembers them: their features, and nothing else.

    Satisfies `ports.Standing`; whatever is not among the play's features raises `CannotRehearse`.
    """

    known = True
    locale = "en"
    per_week = None
    quiet = None
    cap = UNCAPPED
    barred = 0

    def __init__(self, play: Play, inputs: Inputs) -> None:
        self._play = play
        self._inputs = inputs

    def _only_features(self, what: str) -> CannotRehearse:
        return CannotRehearse(
            f"play {self._play.name!r}: its chooser {self._play.chooser!r} looks at {what} of the "
            "person, which a rehearsal does not keep. Name it under `features`, and read it there"
        )

    @property
    def person(self) -> int:
        """Not kept: a choice must not depend on who somebody is."""
        raise self._only_features("the id")

    @property
    def timezone(self) -> str:
        """Not kept."""
        raise self._only_features("the time zone")

    @property
    def rest(self) -> tuple[int, str] | None:
        """Not kept: guards look at it."""
        raise self._only_features("the answers")

    @property
    def aims(self) -> tuple[Balance, ...]:
        """Not kept: guards look at it."""
        raise self._only_features("the aims")

    @property
    def intents(self) -> tuple[Intent, ...]:
        """Not kept: what was asked for was weighed before anybody chose."""
        raise self._only_features("the intents")

    @property
    def restricted(self) -> bool:
        """Not kept: guards look at it."""
        raise self._only_features("the requests")

    def contested(self, play: str, option: str) -> bool:  # noqa: ARG002 - the port's
        """Not kept: guards look at it."""
        raise self._only_features("the requests")

    def get(self, field: str) -> Value:
        """One of the features as it stood."""
        if field not in set(self._inputs):
            raise self._only_features(field)
        return self._inputs[field]

    def stance(self, purpose: str, channel: str) -> Stance | None:
        """Not kept: guards look at it."""
        raise self._only_features(f"the stance on {purpose} by {channel}")

    def contact_times_ms(self, since_ms: int, play: str | None = None) -> list[int]:  # noqa: ARG002 - the port's
        """Not kept: the features of contact pressure tell it."""
        raise self._only_features("the contacts")


class Appraiser:
    """Hands a chooser what a model said before, of the row that it is asked about; satisfies `Model`."""

    def __init__(self, model: Model, play: Play, told: Any) -> None:
        self._model = model
        self._told = told
        self._places = {option.name: place for place, option in enumerate(play.options)}
        self.row = 0
        self.version = model.version
        self.explains = model.explains
        self.lessons = model.lessons
        self.scale = model.scale

    def appraise(
        self,
        options: Sequence[Option],
        inputs: Mapping[str, Value],  # noqa: ARG002 - told before
    ) -> tuple[Appraisal, ...]:
        """What the model said of these options at this row, without its reasons."""
        told, row = self._told, self.row
        places = [self._places[option.name] for option in options]
        return tuple(
            Appraisal(
                score=float(told.scores[row, place]),
                value=float(told.value[row, place]),
                cost=float(told.cost[row, place]),
                leaving=float(told.leaving[row, place]),
                response=float(told.response[row, place]),
                left=float(told.left[row, place]),
            )
            for place in places
        )


class Chosen(msgspec.Struct, frozen=True, eq=False):
    """One play on its way through the rows of a log with one model, or with none."""

    play: Play
    chooser: Chooser
    allowed: NDArray[np.bool_]
    inputs: Mapping[str, Column]
    model: Model | None = None

    def chances(self) -> Floats:
        """The probability of every option of the play at every row, (n, K); those not allowed have 0."""
        inputs = Inputs(self.inputs)
        if self.model is None:
            found = self._by_groups([], inputs, None)
            return found if not inputs.looked else self._by_groups(self._columns(), inputs, None)
        binning = getattr(self.model, "binning", None)
        if binning is None:
            return self._by_groups(self._columns(), inputs, self.model)
        return self._appraised(binning, inputs)

    def _columns(self) -> list[Column]:
        return list(self.inputs.values())

    def _appraised(self, binning: Any, inputs: Inputs) -> Floats:
        """Rows alike in all levels have the same appraisals: those are made for all rows at once."""
        model: Any = self.model
        rows = len(self.allowed)
        levels = binning.levels(self.inputs, rows)
        stake = np.zeros(rows)
        if AT_STAKE in self.inputs:
            stake = amounts(self.inputs[AT_STAKE])
        firsts, which = groups([*levels.T, stake, *self.allowed.T], rows)
        told = model.appraise_many(self.play.options, levels[firsts], stake[firsts])
        appraiser = Appraiser(model, self.play, told)
        found = np.empty((len(firsts), len(self.play.options)))
        for place, row in enumerate(firsts):
            appraiser.row = place
            found[place] = self._one(int(row), inputs, appraiser)
        return found[which]

    def _by_groups(self, columns: list[Column], inputs: Inputs, model: Model | None) -> Floats:
        firsts, which = groups([*columns, *self.allowed.T], len(self.allowed))
        found = np.empty((len(firsts), len(self.play.options)))
        for place, row in enumerate(firsts):
            found[place] = self._one(int(row), inputs, model)
        return found[which]

    def _one(self, row: int, inputs: Inputs, model: Model | None) -> Floats:
        play, inputs.row = self.play, row
        places = np.flatnonzero(self.allowed[row])
        shares = np.zeros(len(play.options))
        if len(places) == 1:
            shares[places] = 1.0
            return shares
        options = tuple(play.options[place] for place in places)
        given = dict(inputs) if model is not None and not isinstance(model, Appraiser) else inputs
        hand = Hand(play, options, Recalled(play, inputs), 0.0, model, given)
        shares[places] = self.chooser(hand).propensities
        return shares
