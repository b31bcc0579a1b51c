"""The exam of a model: hand in one with options and people, and it passes or is told what it owes."""

import math
import re
from collections.abc import Mapping, Sequence

from equipoise.nouns.decisions import Appraisal, Explain
from equipoise.nouns.events import Value
from equipoise.nouns.plays import Option
from equipoise.ports import Model, ModelBroke
from equipoise.testing.exams_decide import ExamFailed

CLOSE = 1e-9
"""How close contributions come to the score, as a share of the largest of them (at least of 1)."""

Inputs = Mapping[str, Value]


def examine_model(model: Model, options: Sequence[Option], people: Sequence[Inputs]) -> None:
    """Appraise the options for each of the people; raises `ExamFailed` with what the model owes.

    What it says is finite and adds up, is the same when it is asked again, does not depend on which other
    options are asked about. Where nothing is known of somebody it answers or raises `ModelBroke`; whatever
    else it raises passes through.
    """
    who = f"model {model.version[:12]!r}"
    _owed(bool(re.fullmatch(r"[0-9a-f]{64}", model.version)), f"{who}: its version is no SHA-256")
    _owed(model.explains in tuple(Explain), f"{who}: explains {model.explains!r} is no level")
    _owed(model.lessons >= 0, f"{who}: learnt from {model.lessons} lessons")
    _owed(0.0 < model.scale < math.inf, f"{who}: its scale is {model.scale}, not above 0")
    for inputs in people:
        told = model.appraise(options, inputs)
        _owed(
            len(told) == len(options),
            f"{who}: {len(told)} appraisals for {len(options)} options; give one for each, in order",
        )
        for option, appraisal in zip(options, told, strict=True):
            place = f"{who}, option {option.name!r}, inputs {dict(inputs)!r:.200}"
            _examine_appraisal(place, option, appraisal, model.explains)
            (alone,) = model.appraise([option], inputs)
            _owed(alone == appraisal, f"{place}: asked alone it says {alone!r:.200}")
        _owed(model.appraise(options, inputs) == told, f"{who}: asked again it says something else")
        turned = model.appraise(options[::-1], inputs)
        _owed(turned == told[::-1], f"{who}: asked in another order it says something else")
        _examine_unknown(who, model, options, inputs)


def _examine_appraisal(place: str, option: Option, told: Appraisal, explains: Explain) -> None:
    numbers = (told.score, told.value, told.cost, told.leaving, *told.contributions.values())
    _owed(all(map(math.isfinite, numbers)), f"{place}: needs finite numbers, got {told!r:.300}")
    size = CLOSE * max(1.0, *map(abs, numbers))
    whole = told.value - told.cost - told.leaving
    _owed(
        abs(whole - told.score) <= size,
        f"{place}: value - cost - leaving is {whole}, not the score",
    )
    _owed(told.cost == option.cost, f"{place}: costs {told.cost}, and the option {option.cost}")
    _owed(told.leaving >= 0.0, f"{place}: somebody's leaving is worth {told.leaving}")
    for name, share in (("response", told.response), ("left", told.left)):
        _owed(0.0 <= share <= 1.0, f"{place}: {name} is {share}, not a probability")
    parts = math.fsum(told.contributions.values())
    _owed(
        abs(parts - told.score) <= size and bool(told.contributions),
        f"{place}: its contributions sum to {parts}, and the score is {told.score}",
    )
    _owed(
        explains is not Explain.EXACT or "model" not in told.contributions,
        f"{place}: it declares that it explains itself exactly, and names but the model",
    )


def _examine_unknown(who: str, model: Model, options: Sequence[Option], inputs: Inputs) -> None:
    try:
        told = model.appraise(options, dict.fromkeys(inputs))
    except ModelBroke:
        return
    for option, appraisal in zip(options, told, strict=True):
        place = f"{who}, option {option.name!r}, nothing known"
        _examine_appraisal(place, option, appraisal, model.explains)


def _owed(kept: bool, message: str) -> None:  # noqa: FBT001 - it reads as a sentence: owed, or what is wrong
    if not kept:
        raise ExamFailed(message)
