"""What a play would have done on history, and what that would have been worth, as a report."""

from collections.abc import Callable, Mapping, Sequence
from math import ceil

import msgspec
import numpy as np
from numpy.typing import NDArray

from equipoise.learn.rehearsal import Logged, rehearse
from equipoise.learn.rehearsal.regression import folds_of
from equipoise.nouns.lessons import AT_STAKE, ENGINE, Lesson
from equipoise.nouns.plays import Play
from equipoise.nouns.rehearsals import STANDARD, Report, Rule
from equipoise.ports import Chooser, Model
from equipoise.runners.choosing import Batch, CannotRehearse, Chosen, Floats
from equipoise.runners.judged import Column, Judged
from equipoise.runners.past import Past
from equipoise.runners.row_standing import DAY_MS, cells

Teacher = Callable[[Play, Sequence[Lesson], NDArray[np.intp]], Sequence[Model | None]]
"""For each fold, the model that is learnt for a play from the lessons of all others; None for too few."""


class Rehearsing(msgspec.Struct, frozen=True, kw_only=True):
    """How a rehearsal is run: the choosers of the house, who teaches, and the rule of the verdict.

    `model` is what stands in front of what was learnt (a model of one's own); `batch` a fast way for
    many rows.
    """

    choosers: Mapping[str, Chooser]
    teach: Teacher | None = None
    own: Callable[[Model | None], Model] | None = None
    batch: Batch | None = None
    rule: Rule = STANDARD


def report(play: Play, past: Past, judged: Judged, how: Rehearsing) -> Report:
    """The report of a play on a log, once the guards have been asked.

    Raises `CannotRehearse` where play and log have no option in common, `LogMistake` where the log
    cannot be.
    """
    options = _all_options(play, past)
    places = [options.index(option.name) for option in play.options]
    logged = _logged(play, past, judged, options)
    fold = folds_of(logged, min(how.rule.folds, int(logged.who.max()) + 1), how.rule.seed)
    chances, notes = _chances(play, past, judged, fold, how)
    candidate = np.zeros((past.n, len(options)))
    candidate[:, places] = chances
    found = rehearse(logged, candidate, how.rule, play=play.name, source=past.name)
    told = judged.without_help(past.people, past.segments)
    segments = tuple(
        msgspec.structs.replace(row, without_help=told.segments[row.segment].people)
        for row in found.segments
    )
    return msgspec.structs.replace(
        found,
        segments=segments,
        without_help=told,
        not_asked=judged.not_asked,
        refused=past.refused,
        first_refused=past.first_refused,
        notes=found.notes + past.notes + notes,
    )


def _all_options(play: Play, past: Past) -> tuple[str, ...]:
    """The logged options, then those of the play that were never logged."""
    mine = [option.name for option in play.options]
    silent = {option.name for option in play.options if option.is_silence}
    shared = set(mine) & set(past.options)
    if not shared - silent:
        raise CannotRehearse(
            f"play {play.name!r}: none of its options ({', '.join(mine)}) was ever taken in {past.name} "
            f"({', '.join(sorted(past.options))}). Map what stands there to the play's names with "
            "`options:` in a mapping"
        )
    return (*past.options, *(name for name in mine if name not in past.options))


def _logged(play: Play, past: Past, judged: Judged, options: tuple[str, ...]) -> Logged:
    rows, many = np.arange(past.n), len(options)
    places = [options.index(option.name) for option in play.options]
    allowed = np.zeros((past.n, many), dtype=np.bool_)
    allowed[:, places] = judged.allowed
    incumbent = None
    if past.incumbent is not None:
        incumbent = np.zeros((past.n, many))
        incumbent[:, : len(past.options)] = past.incumbent
        allowed |= incumbent > 0.0
    allowed[rows, past.taken] = True
    return Logged(
        options=options,
        taken=past.taken,
        propensity=past.propensity,
        reward=past.reward,
        people=past.people,
        features=_features(judged.inputs, past.n),
        segments=past.segments,
        allowed=allowed,
        incumbent=incumbent,
        silence=next(option.name for option in play.options if option.is_silence),
        unit="" if play.goal is None else play.goal.currency,
    )


def _features(inputs: Mapping[str, Column], rows: int) -> Floats | None:
    """The inputs as numbers, (n, d): texts as codes in order of their frequency, NaN where absent."""
    columns = []
    for name, column in inputs.items():
        if name == AT_STAKE:
            continue
        if column.dtype.kind in "fiub":
            columns.append(column.astype(np.float64))
            continue
        values = cells(column)
        if any(isinstance(value, str) for value in values):
            order: dict[object, int] = {}
            values = [None if v is None else order.setdefault(v, len(order)) for v in values]
        if any(value is not None for value in values):
            columns.append(np.array([np.nan if v is None else v for v in values], dtype=np.float64))
    return np.column_stack(columns).reshape(rows, -1) if columns else None


def _chances(
    play: Play, past: Past, judged: Judged, fold: NDArray[np.intp], how: Rehearsing
) -> tuple[Floats, tuple[str, ...]]:
    """The candidate's distribution over its own options, (n, K), and what is to be said of it.

    A chooser that learns is taught, for the people of each fold, from the lessons of the others.
    """
    chooser = how.choosers[play.chooser]
    inputs = judged.inputs
    if how.teach is None:
        model = how.own(None) if how.own is not None else None
        return Chosen(play, chooser, judged.allowed, inputs, model).chances(), ()
    if how.own is None:
        inputs = {name: column for name, column in inputs.items() if _is_told(column)}
    inputs = inputs | {AT_STAKE: past.stake}
    models = how.teach(play, lessons_of(play, past, inputs), fold)
    chances = np.empty(judged.allowed.shape)
    for number, learnt in enumerate(models):
        inside = fold == number
        model = learnt if how.own is None else how.own(learnt)
        mine = {name: column[inside] for name, column in inputs.items()}
        allowed = judged.allowed[inside]
        quick = how.batch(play, model, mine, allowed) if how.batch and model is not None else None
        chances[inside] = (
            quick if quick is not None else Chosen(play, chooser, allowed, mine, model).chances()
        )
    taught = all(model is not None for model in models)
    notes = [f"taught_by_folds: {len(models)}"] if taught else ["too_few_lessons"]
    return chances, tuple(notes if how.own is None else [*notes, "own_model_as_it_is"])


def _is_told(column: Column) -> bool:
    return column.dtype.kind != "O" or any(value is not None for value in column.tolist())


def lessons_of(play: Play, past: Past, inputs: Mapping[str, Column]) -> list[Lesson]:
    """The logged decisions as lessons of this play, with its features as they stood."""
    names, window_ms = list(inputs), ceil(play.goal.window_days * DAY_MS) if play.goal else 0
    people = zip(*(cells(column) for column in inputs.values()), strict=True)
    rows = zip(
        past.taken.tolist(),
        past.propensity.tolist(),
        past.value.tolist(),
        past.left.tolist(),
        past.people.tolist(),
        people,
        strict=True,
    )
    return [
        Lesson(
            seq=number,
            decision=number,
            person=person,
            atom=person,
            play=play.name,
            version=play.version,
            option=past.options[taken],
            arm=ENGINE,
            propensity=propensity,
            inputs=dict(zip(names, told, strict=True)),
            decided_ms=0,
            matured_ms=window_ms,
            n=int(value > 0.0),
            value=value,
            left=left,
        )
        for number, (taken, propensity, value, left, person, told) in enumerate(rows, 1)
    ]
