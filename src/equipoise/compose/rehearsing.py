"""Rehearsals joined: a log of either kind, the guards and choosers of the house, and who teaches."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from equipoise.arrive.files import (
    DecisionMapping,
    MappingError,
    read_decision_mapping,
    read_decisions,
)
from equipoise.decide.drawing import is_explored
from equipoise.decide.squarecb import gamma_after, squarecb_many
from equipoise.engine import Engine
from equipoise.nouns.lessons import AT_STAKE, Lesson
from equipoise.nouns.plays import Play
from equipoise.nouns.rehearsals import STANDARD, Report, Rule
from equipoise.plays.playbook import live_play
from equipoise.plays.reading import read_play
from equipoise.ports import Model, Store
from equipoise.remember.fields import UnknownField, field_type
from equipoise.runners.choosing import CannotRehearse
from equipoise.runners.judged import Column
from equipoise.runners.past import past_of
from equipoise.runners.recounting import recount
from equipoise.runners.rehearsing import Rehearsing, report
from equipoise.runners.row_standing import amounts
from equipoise.runners.shadow import shadow

PLAIN = ("uniform", "fixed_shares", "eligibility_only")
"""Choosers that ask no model."""

FILES = (".csv", ".tsv", ".txt", ".gz", ".parquet")
"""How the name of a file of logged decisions ends; anything else is a store."""

Floats = NDArray[np.float64]


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """How a rehearsal is wanted: the mapping of a file, the rule, and what is lost when one leaves.

    `read_play` reads the plays of a store, and `name` is what it is called in the report.
    """

    mapping: DecisionMapping | None = None
    rule: Rule = STANDARD
    at_stake: float = 0.0
    read_play: Callable[[str], Play] | None = None
    name: str = "store"


def rehearse_on(engine: Engine, play: Play, log: Path | Store, wish: Wish | None = None) -> Report:
    """What a play would have done on a file of logged decisions or on a store, and what it is worth.

    Nothing is written. Raises `FileError` or `MappingError` for a file that cannot be read,
    `LogMistake` for a log that cannot be rehearsed on, `CannotRehearse` for a play that cannot.
    """
    wish = wish or Wish()
    if play.chooser not in engine.deciders.choosers:
        told = ", ".join(sorted(engine.deciders.choosers))
        raise CannotRehearse(
            f"play {play.name!r}: there is no chooser {play.chooser!r}; there are {told}"
        )
    live = live_play(play)
    how = how_of(engine, play, wish)
    if isinstance(log, Path):
        mapping = wish.mapping or read_decision_mapping()
        decisions = read_decisions(log, mapping, _type_of)
        judged = recount(decisions, live, engine)
        return report(play, past_of(decisions, play, wish.at_stake), judged, how)
    past, judged = shadow(log, live, engine, wish.read_play or read_play)
    return report(play, msgspec.structs.replace(past, name=wish.name), judged, how)


def mapping_of(told: Mapping[str, object]) -> DecisionMapping:
    """A mapping from its fields as a mapping file has them; raises `MappingError`."""
    try:
        return msgspec.convert(dict(told), DecisionMapping, strict=False)
    except msgspec.ValidationError as problem:
        raise MappingError(f"mapping: {problem}") from None


def how_of(engine: Engine, play: Play, wish: Wish) -> Rehearsing:
    """Which chooser is asked, and whether somebody teaches it."""
    learns = play.chooser not in PLAIN and play.goal is not None
    own = engine.learnt.own_of(play)
    return Rehearsing(
        choosers=engine.deciders.choosers,
        teach=_teach if learns else None,
        own=own,
        batch=by_score_at_once if learns and own is None else None,
        rule=wish.rule,
    )


def _type_of(name: str) -> str | None:
    try:
        return field_type(name)
    except UnknownField:
        return None


def _teach(play: Play, lessons: Sequence[Lesson], fold: NDArray[np.intp]) -> Sequence[Model | None]:
    """For each fold the model of all the others: their sufficient statistics are added, not counted anew.

    The cuts of the features are those of all people together; they do not look at outcomes.
    """
    from equipoise.learn.binning import binning_of
    from equipoise.learn.statistics import DAY_MS, Statistics
    from equipoise.learn.teaching import looked_at, teach

    assert play.goal is not None  # noqa: S101  `how_of` asks for it
    binning = binning_of(looked_at(play), [lesson.inputs for lesson in lessons])
    window_ms, many = play.goal.window_days * DAY_MS, int(fold.max()) + 1

    def empty() -> Statistics:
        return Statistics(
            binning=binning,
            window_ms=window_ms,
            options=[],
            full=[],
            early=[],
            faded=[],
        )

    parts = [empty() for _ in range(many)]
    for number, part in enumerate(parts):
        part.add([lessons[row] for row in np.flatnonzero(fold == number).tolist()])
    models: list[Model | None] = []
    for number in range(many):
        others = empty()
        for other, part in enumerate(parts):
            if other != number or many == 1:
                others.merge(part)
        taught = teach(play, [], None, others)
        models.append(None if taught is None else taught[0])
    return models


def by_score_at_once(
    play: Play, model: Model, inputs: Mapping[str, Column], allowed: NDArray[np.bool_]
) -> Floats | None:
    """What `learning` draws with, for all rows at once: scores, then SquareCB over what is allowed.

    None for another chooser, or a model that is not a sum over levels.
    """
    given: Any = model
    if play.chooser != "learning" or not hasattr(given, "appraise_many"):
        return None
    rows = len(allowed)
    levels = given.binning.levels(inputs, rows)
    stake = amounts(inputs[AT_STAKE])
    explored = np.array([is_explored(option) for option in play.options], dtype=np.bool_)
    chances = np.zeros(allowed.shape)
    masks, which = np.unique(allowed, axis=0, return_inverse=True)
    for number, mask in enumerate(masks):
        inside, places = np.flatnonzero(which == number), np.flatnonzero(mask)
        if len(places) == 1:
            chances[inside, places[0]] = 1.0
            continue
        options = tuple(play.options[place] for place in places)
        told = given.appraise_many(options, levels[inside], stake[inside])
        chances[np.ix_(inside, places)] = squarecb_many(
            told.scores / given.scale,
            explored[places],
            gamma_after(given.lessons),
            play.explore_floor,
        )
    return chances
