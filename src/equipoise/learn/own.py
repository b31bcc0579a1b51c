"""A model of one's own behind the value head: any object with `predict`, its output wrapped and checked.

The object says what an option brings; cost, the risk of leaving and the propensities stay the engine's.
"""

import hashlib
import json
import math
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from importlib.metadata import entry_points
from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from equipoise.nouns.decisions import Appraisal, Explain
from equipoise.nouns.events import Value
from equipoise.nouns.plays import Option
from equipoise.ports import Model, ModelBroke

GROUP = "equipoise.models"
"""The entry point group in which models of one's own are found: each gives an `OwnModel`."""

DIGITS = 12
"""To how many decimals a prediction is rounded, so that a receipt's text is short and stays the same."""

Floats = NDArray[np.float64]
"""A table or column of 64-bit floats; nan where a value is not known."""

Parts = Callable[[Floats], Floats]
"""Splits predictions of shape (n,) into one part for each column, shape (n, columns), in the same unit."""


class OwnModelError(ValueError):
    """A model of one's own was declared so that it could never be asked; the message says what to do."""


class OwnModel(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """One version of a model of one's own, and how a decision is put into its columns.

    `predictor` is any object with `predict` (or `predict_proba`): it is handed a table of shape (options,
    columns), float64, `columns` telling the order: the `features`, then one column for each of `options`
    (1 for the option that is asked about). A feature that is not known is nan; a text becomes the number
    that `categories[feature]` gives it, nan where it gives none. It returns, for each row, what `gives`
    says: the probability of a response (of `predict_proba` the second column), or the value in money.
    `order_value` is what a response brings (money); 0 takes what the play has learnt, 1 where it has not.
    `lessons` is from how many decisions it was taught elsewhere: the more, the less is explored.
    `explains` is the level declared; `EXACT` needs `parts` that add up.
    Raises `OwnModelError` where the declaration contradicts itself.
    """

    name: str
    version: str
    predictor: Any
    features: tuple[str, ...]
    options: tuple[str, ...]
    categories: dict[str, dict[str, float]] = {}
    gives: Literal["response", "value"] = "response"
    order_value: float = 0.0
    lessons: int = 0
    explains: Explain = Explain.NONE
    parts: Parts | None = None

    def __post_init__(self) -> None:
        who = f"model {self.name!r}"
        if not callable(getattr(self.predictor, "predict", None)):
            came = type(self.predictor).__name__
            raise OwnModelError(
                f"{who}: needs an object with `predict`, got {came}; wrap it in one"
            )
        if self.gives not in ("response", "value"):
            raise OwnModelError(f"{who}: `gives` needs 'response' or 'value', got {self.gives!r}")
        for what, names in (("features", self.features), ("options", self.options)):
            if len(set(names)) < len(names):
                raise OwnModelError(f"{who}: `{what}` needs names, each once, got {names!r}")
        if strange := sorted(set(self.categories) - set(self.features)):
            raise OwnModelError(f"{who}: categories of {strange}, which are none of its features")
        if self.lessons < 0 or not 0.0 <= self.order_value < math.inf:
            came = f"lessons {self.lessons!r}, order_value {self.order_value!r}"
            raise OwnModelError(f"{who}: needs 0 or more lessons and money, got {came}")
        if self.explains is Explain.EXACT and self.parts is None:
            raise OwnModelError(
                f"{who}: `explains` exact needs `parts` that add up to the prediction; hand them in, or "
                "declare Explain.NONE"
            )

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the table that the predictor is handed, in order."""
        return (*self.features, *(f"option={option}" for option in self.options))

    @cached_property
    def digest(self) -> str:
        """The SHA-256 (hex) of all that is declared; the predictor stands in it by `version` alone."""
        told = [self.name, self.version, self.columns, self.gives, self.order_value, self.explains]
        text = json.dumps([*told, self.lessons, self.categories], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def table(self, inputs: Sequence[Mapping[str, Value]], options: Sequence[str]) -> Floats:
        """Inputs and the option each is asked about, as the predictor sees them: (n, columns).

        For teaching: hand it the inputs and options of past decisions. Raises `ModelBroke` where a
        feature is not among the inputs, a text has no category table, or an option is not known.
        """
        places = {option: place for place, option in enumerate(self.options, len(self.features))}
        table = np.zeros((len(options), len(self.columns)))
        for row, (known, option) in enumerate(zip(inputs, options, strict=True)):
            for place, feature in enumerate(self.features):
                table[row, place] = self._number(feature, known)
            if option not in places:
                raise self._broke(
                    f"needs one of the options {list(self.options)}, got {option!r}",
                    "teach a version that knows it, and declare it in `options`",
                )
            table[row, places[option]] = 1.0
        return table

    def behind(self, learnt: Model | None = None) -> "Behind":
        """This model in the place of the value head of what was learnt for a play (None: nothing yet)."""
        return Behind(self, learnt)

    def predict(self, table: Floats) -> list[float]:
        """What the predictor says of each row, rounded to 12 decimals; raises `ModelBroke`."""
        column = self._called(self._ask, table)
        if column.shape != (len(table),):
            raise self._broke(
                f"needs one number for each option, shape ({len(table)},), got shape {column.shape}",
                "let `predict` return one column",
            )
        if not np.isfinite(column).all():
            raise self._broke(
                f"needs finite numbers, got {column.tolist()}",
                "teach it to cope with features that are not known: they come as nan",
            )
        if self.gives == "value":
            return [round(value, DIGITS) for value in column.tolist()]
        # A regression on 0 and 1 runs a little over; much over, it was taught something else.
        if column.min() < -1.0 or column.max() > 2.0:
            raise self._broke(
                f"needs probabilities of a response, got {column.tolist()}",
                "declare gives='value' if it predicts money",
            )
        return [round(min(1.0, max(0.0, share)), DIGITS) for share in column.tolist()]

    def _ask(self, table: Floats) -> Any:
        ask = getattr(self.predictor, "predict_proba", None)
        if self.gives == "value" or ask is None:
            return self.predictor.predict(table)
        told = np.asarray(ask(table), dtype=np.float64)
        classes = [bool(one) for one in getattr(self.predictor, "classes_", (0, 1))]
        if told.ndim != 2 or told.shape[1] != 2 or classes != [False, True]:
            raise self._broke(
                f"needs the probabilities of the classes 0 and 1, got shape {told.shape}",
                "teach it with 1 for a response and 0 for none",
            )
        return told[:, 1]

    def split(self, table: Floats, predicted: Sequence[float]) -> list[dict[str, float]]:
        """The prediction of each row by column, and what is left as `base`; raises `ModelBroke`.

        The rest is the intercept: where it differs between options by more than 1e-9, the parts do not
        add up, and the model does not explain itself exactly.
        """
        if self.parts is None:
            return [{"model": value} for value in predicted]
        parts = self._called(self.parts, table)
        if parts.shape != table.shape or not np.isfinite(parts).all():
            raise self._broke(
                f"needs a finite part for each column, shape {table.shape}, got shape {parts.shape}",
                "let `parts` return as many columns as the table has",
            )
        rests = [value - math.fsum(row) for value, row in zip(predicted, parts, strict=True)]
        if max(rests) - min(rests) > 1e-9 * max(1.0, *map(abs, predicted)):
            raise self._broke(
                f"needs parts that add up to the prediction, got rests {rests} that differ by option",
                "declare explains=Explain.NONE, or hand in the parts of an additive model",
            )
        return [
            self._named(row.tolist()) | {"base": rest}
            for row, rest in zip(parts, rests, strict=True)
        ]

    def _called(self, function: Parts, table: Floats) -> Floats:
        try:
            return np.asarray(function(table), dtype=np.float64)
        except ModelBroke:
            raise
        except Exception as fault:  # code of others runs here; a test sees it break
            raise self._broke(
                f"needs numbers for {len(table)} options, got {type(fault).__name__}: {_line(fault)}",
                f"try it on a table with the columns {list(self.columns)}",
            ) from fault

    def _named(self, row: Sequence[float]) -> dict[str, float]:
        """The parts by feature; the columns of the options together are the part `option`."""
        mine = len(self.features)
        return dict(zip(self.features, row[:mine], strict=True)) | {"option": math.fsum(row[mine:])}

    def _number(self, feature: str, inputs: Mapping[str, Value]) -> float:
        if feature not in inputs:
            raise self._broke(
                f"needs the feature {feature!r}, got only {sorted(inputs)}",
                f"add {feature} to the play's `features`",
            )
        value = inputs[feature]
        if value is None:
            return math.nan
        if not isinstance(value, str):
            return float(value)
        if feature not in self.categories:
            raise self._broke(
                f"needs a number for {feature!r}, got the text {value!r}",
                "declare `categories` for it",
            )
        return self.categories[feature].get(value, math.nan)

    def _broke(self, what: str, remedy: str) -> ModelBroke:
        return ModelBroke(f"model {self.name!r} version {self.version!r}: {what}; {remedy}")


class Behind:
    """An `OwnModel` behind one play's value head; satisfies `ports.Model`.

    Scale and the risk of leaving are those that the play has learnt. Where it has learnt nothing, nothing is
    known of leaving, so it is 0.
    """

    def __init__(self, own: OwnModel, learnt: Model | None) -> None:
        self.own = own
        self.learnt = learnt
        self.order_value = own.order_value or getattr(learnt, "order_value", 0.0) or 1.0
        told = f"{own.digest} {learnt.version if learnt else ''} {self.order_value!r}"
        self.version = hashlib.sha256(told.encode()).hexdigest()

    @property
    def explains(self) -> Explain:
        """The level that was declared."""
        return self.own.explains

    @property
    def lessons(self) -> int:
        """From how many decisions the play has learnt, or from how many the predictor was taught."""
        return max(self.own.lessons, self.learnt.lessons if self.learnt else 0)

    @property
    def scale(self) -> float:
        """What one decision brings at most, nearly, in money: that of the play, or of one order."""
        return self.learnt.scale if self.learnt else abs(self.order_value)

    def appraise(
        self, options: Sequence[Option], inputs: Mapping[str, Value]
    ) -> tuple[Appraisal, ...]:
        """What each option is expected to bring and cost with these inputs (money); raises `ModelBroke`.

        The contributions are `model` (or one for each feature, `option` and `base`, where the model
        splits its prediction), `cost` and `leaving`; the score is their sum, in that order.
        """
        table = self.own.table([inputs] * len(options), [option.name for option in options])
        predicted = self.own.predict(table)
        parts = self.own.split(table, predicted)
        learnt = self.learnt.appraise(options, inputs) if self.learnt else (None,) * len(options)
        return tuple(
            self._appraisal(option, predicted[place], parts[place], learnt[place])
            for place, option in enumerate(options)
        )

    def _appraisal(
        self, option: Option, predicted: float, parts: Mapping[str, float], learnt: Appraisal | None
    ) -> Appraisal:
        worth = self.order_value if self.own.gives == "response" else 1.0
        leaving = learnt.leaving if learnt else 0.0
        contributions = {name: round(part * worth, DIGITS) for name, part in parts.items()}
        contributions |= {"cost": 0.0 - option.cost, "leaving": 0.0 - leaving}
        response = predicted if self.own.gives == "response" else 0.0
        return Appraisal(
            score=sum(contributions.values()),
            value=round(predicted * worth, DIGITS),
            cost=option.cost,
            leaving=leaving,
            response=response,
            left=learnt.left if learnt else 0.0,
            contributions=contributions,
        )


def find_models() -> dict[str, OwnModel]:
    """Every model of one's own that an installed package names, by its name.

    An entry point gives an `OwnModel`, or a function without arguments that makes one. Raises
    `OwnModelError` where one cannot be loaded, or has another name than its entry point.
    """
    found: dict[str, OwnModel] = {}
    for point in sorted(entry_points(group=GROUP)):
        try:
            thing = point.load()
        except (ImportError, AttributeError) as error:
            raise OwnModelError(
                f"entry point {point.name!r} of {GROUP} ({point.value}) cannot be loaded: {error}. "
                "Install what it needs, or remove the package that names it."
            ) from error
        own = thing() if callable(thing) and not isinstance(thing, OwnModel) else thing
        if not isinstance(own, OwnModel) or own.name != point.name or own.name in found:
            raise OwnModelError(
                f"entry point {point.name!r} of {GROUP} ({point.value}): needs an OwnModel of that name, "
                f"once, got {own!r:.80}"
            )
        found[own.name] = own
    return found


def _line(fault: Exception) -> str:
    """The first line of what an error says."""
    return str(fault).partition("\n")[0]
