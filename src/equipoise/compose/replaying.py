"""A decision made again from its receipt: the same inputs, model and draw give the same choice."""

from collections.abc import Mapping
from typing import Any

import msgspec

from equipoise.account.receipts import input_value
from equipoise.compose.models import PLAY
from equipoise.decide.choosers import find_choosers
from equipoise.learnt import Learnt
from equipoise.nouns.decisions import Choice
from equipoise.nouns.plays import Option, Play
from equipoise.plays.reading import read_play
from equipoise.ports import Hand, Model, Standing, Store


class CannotReplay(LookupError):
    """What a decision was made with is not here any more; the message says what is missing."""


class Replayed(msgspec.Struct, frozen=True):
    """What came out the second time: `same` where it is what the receipt says, in every number.

    `differs` names what does not agree (`chosen`, `propensity`, `score`, `contributions`), with the option.
    """

    decision: str
    same: bool
    chosen: str
    propensities: dict[str, float]
    differs: tuple[str, ...] = ()


def replay(
    receipt: Mapping[str, Any], store: Store, standing: Standing, learnt: Learnt
) -> Replayed:
    """Choose again as the receipt says that it was chosen; `standing` serves choosers that look at it.

    What the guards said is taken from the receipt: they asked what is known of a person, which an
    erasure may have taken since. Raises `CannotReplay` where nothing was drawn, or the play's version, the
    model or the chooser is not here.
    """
    name = str(receipt.get("id"))
    chooser = find_choosers().get(str(receipt.get("chooser")))
    if receipt.get("type") != "decision" or not receipt.get("chooser"):
        raise CannotReplay(f"decision {name}: nothing was drawn, the guards left only silence")
    if chooser is None:
        raise CannotReplay(
            f"decision {name}: needs the chooser {receipt['chooser']!r}, which is not installed here"
        )
    play = _play(receipt, store)
    told = {str(option["option"]): option for option in receipt["options"]}
    options = tuple(option for option in play.options if _could_be_drawn(told.get(option.name, {})))
    inputs = {key: input_value(text) for key, text in receipt.get("inputs", {}).items()}
    model = _model(receipt, play, store, learnt)
    hand = Hand(play, options, standing, float(receipt["draw"]), model, inputs)
    choice = chooser(hand)
    differs = tuple(_differences(receipt, options, choice))
    return Replayed(
        decision=name,
        same=not differs,
        chosen=options[choice.index].name,
        propensities=dict(
            zip((option.name for option in options), choice.propensities, strict=True)
        ),
        differs=differs,
    )


def _play(receipt: Mapping[str, Any], store: Store) -> Play:
    version = receipt["version"]
    for row in store.plays():
        if row.name == receipt["play"] and version in (row.version, ""):
            return read_play(row.text)
    raise CannotReplay(
        f"decision {receipt['id']}: needs version {version[:12]} of the play {receipt['play']!r}, "
        "which is not in this store"
    )


def _model(receipt: Mapping[str, Any], play: Play, store: Store, learnt: Learnt) -> Model | None:
    """The model by the version that the receipt names; before the first one there was none."""
    version = str(receipt.get("model", ""))
    if not version:
        return None
    in_force = learnt.model_of(play)
    if in_force is not None and in_force.version == version:
        return in_force
    row = store.model(version)
    if row is None or not row.name.startswith(PLAY):
        raise CannotReplay(
            f"decision {receipt['id']}: needs the model {version[:12]}, which is not in this store; "
            "a model of one's own must be installed at the version that decided"
        )
    from equipoise.learn.value import ValueModel

    return ValueModel.decode(row.body)


def _could_be_drawn(told: Mapping[str, Any]) -> bool:
    """True for silence, and for an option that no guard refused or held."""
    return bool(told) and all(
        verdict["answer"] in ("allow", "review") for verdict in told["verdicts"]
    )


def _differences(
    receipt: Mapping[str, Any], options: tuple[Option, ...], choice: Choice
) -> list[str]:
    told = {str(option["option"]): option for option in receipt["options"]}
    differs = []
    if options[choice.index].name != receipt["chosen"]:
        differs.append(f"chosen: {receipt['chosen']}, now {options[choice.index].name}")
    for place, option in enumerate(options):
        then, now = told[option.name], choice.propensities[place]
        if then["propensity"] != repr(now):
            differs.append(f"propensity of {option.name}: {then['propensity']}, now {now!r}")
        if "score" not in then or not choice.appraisals:
            continue
        appraisal = choice.appraisals[place]
        if then["score"] != repr(appraisal.score):
            differs.append(f"score of {option.name}: {then['score']}, now {appraisal.score!r}")
        parts = {key: repr(part) for key, part in appraisal.contributions.items()}
        if then["contributions"] != parts:
            differs.append(f"contributions of {option.name}")
    return differs
