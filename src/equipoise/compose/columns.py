"""Receipts and lessons laid into columns, a chunk at a time: what the frames are made of."""

from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import Any

import msgspec
from msgspec.structs import asdict

from equipoise.account.receipts import input_text
from equipoise.nouns.decisions import Answer
from equipoise.nouns.lessons import Lesson, Tried

INPUT = "x."
"""Before the name of each feature that a decision looked at: the column `x.orders.count`."""

Columns = dict[str, list[Any]]
"""Values by the name of their column; all columns are of one length."""


class _Verdict(msgspec.Struct, gc=False):
    guard: str
    answer: str
    reason: str


class _Option(msgspec.Struct, gc=False):
    option: str
    propensity: str
    verdicts: list[_Verdict]
    do: str = ""
    channel: str = ""
    score: str | None = None
    value: str | None = None
    cost: str | None = None
    leaving: str | None = None
    response: str | None = None
    left: str | None = None
    contributions: dict[str, str] = {}


class _Moment(msgspec.Struct, gc=False):
    kind: str = ""
    channel: str = ""


class Receipt(msgspec.Struct, gc=False):
    """As much of a receipt as the frames tell; the other kinds of receipts are passed over by `type`."""

    type: str
    seq: int
    person: int
    play: str = ""
    at_ms: int = 0
    version: str = ""
    purpose: str = ""
    moment: _Moment = msgspec.field(default_factory=_Moment)
    options: list[_Option] = []
    chosen: str = ""
    outcome: str = ""
    reason: str = ""
    guard: str = ""
    chooser: str = ""
    draw: str = "0.0"
    holdout: bool = False
    arm: str = ""
    model: str = ""
    explains: str = ""
    inputs: dict[str, str | None] = {}


# The columns of each frame, in order, with what they hold.
_WHO = {"decision": "text", "person": "whole", "play": "text"}
DECISION = _WHO | {
    "at": "time",
    "version": "text",
    "purpose": "text",
    "moment": "text",
    "channel": "text",
    "chosen": "text",
    "propensity": "number",
    "outcome": "text",
    "reason": "text",
    "guard": "text",
    "chooser": "text",
    "arm": "text",
    "holdout": "truth",
    "draw": "number",
    "model": "text",
    "explains": "text",
}
_MONEY = ("score", "value", "cost", "leaving", "response", "left")
OPTION = _WHO | {
    "at": "time",
    "option": "text",
    "do": "text",
    "channel": "text",
    "chosen": "truth",
    "propensity": "number",
    **dict.fromkeys(_MONEY, "number"),
    "answer": "text",
    "verdicts": "verdicts",
}
PART = _WHO | {"option": "text", "chosen": "truth", "feature": "text", "contribution": "number"}
OUTCOME = _WHO | {
    "version": "text",
    "option": "text",
    "arm": "text",
    "propensity": "number",
    "model": "text",
    "decided": "time",
    "matured": "time",
    "n": "whole",
    "value": "number",
    "mine": "whole",
    "credited": "number",
    "early": "whole",
    "left": "truth",
    "revised": "truth",
}
_CAME = ("n", "value", "mine", "credited", "early", "left")
TRIAL = {
    "person": "whole",
    "play": "text",
    "version": "text",
    "arm": "text",
    "begun": "time",
    "over": "time",
    "before": "number",
    "n": "whole",
    "value": "number",
    "left": "truth",
}


def lay_decisions(receipts: Sequence[Receipt]) -> Columns:
    """A row for each decision: the columns of `DECISION`, and one for each input that any looked at."""
    columns = _who(receipts) | {
        "at": [one.at_ms for one in receipts],
        "moment": [one.moment.kind for one in receipts],
        "channel": [one.moment.channel for one in receipts],
        "propensity": [_drawn(one) for one in receipts],
        "draw": [float(one.draw) for one in receipts],
    }
    for name in DECISION.keys() - columns.keys():
        columns[name] = list(map(attrgetter(name), receipts))
    return columns | _inputs([one.inputs for one in receipts], str)


def _drawn(receipt: Receipt) -> float:
    """The probability with which what was chosen could be drawn; a silence without options was certain."""
    for one in receipt.options:
        if one.option == receipt.chosen:
            return float(one.propensity)
    return 1.0


def lay_options(receipts: Sequence[Receipt]) -> Columns:
    """A row for each option of each decision: the columns of `OPTION`."""
    told = [one for receipt in receipts for one in receipt.options]
    whose = [receipt for receipt in receipts for _ in receipt.options]
    columns = _who(whose) | {
        "at": [receipt.at_ms for receipt in whose],
        "chosen": [a.option == b.chosen for a, b in zip(told, whose, strict=True)],
        "propensity": [float(one.propensity) for one in told],
        "answer": [_answer(one.verdicts) for one in told],
        "verdicts": [[asdict(verdict) for verdict in one.verdicts] for one in told],
    }
    for name in ("option", "do", "channel"):
        columns[name] = list(map(attrgetter(name), told))
    for name in _MONEY:
        texts = map(attrgetter(name), told)
        columns[name] = [None if text is None else float(text) for text in texts]
    return columns


def _answer(verdicts: Sequence[_Verdict]) -> str:
    """The verdict that counted, of those that were not plain permission."""
    answers = [Answer[verdict.answer.upper()] for verdict in verdicts]
    return max(answers).name.lower() if answers else "allow"


def lay_parts(receipts: Sequence[Receipt]) -> Columns:
    """A row for each contribution to the score of each option: the columns of `PART`."""
    told = [
        (receipt, one, part)
        for receipt in receipts
        for one in receipt.options
        for part in one.contributions.items()
    ]
    return _who([receipt for receipt, _, _ in told]) | {
        "option": [one.option for _, one, _ in told],
        "chosen": [one.option == receipt.chosen for receipt, one, _ in told],
        "feature": [name for _, _, (name, _) in told],
        "contribution": [float(part) for _, _, (_, part) in told],
    }


def _who(receipts: Sequence[Receipt]) -> Columns:
    return {
        "decision": [f"d_{receipt.seq}" for receipt in receipts],
        "person": [receipt.person for receipt in receipts],
        "play": [receipt.play for receipt in receipts],
    }


def lay_outcomes(pairs: Sequence[tuple[Lesson, Lesson]]) -> Columns:
    """A row for each decision, of its first and its newest lesson: the columns of `OUTCOME`, and inputs.

    The first tells what does not change, the newest what came of it.
    """
    first, newest = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    columns: Columns = {
        "decision": [f"d_{lesson.decision}" for lesson in first],
        "decided": [lesson.decided_ms for lesson in first],
        "matured": [lesson.matured_ms for lesson in newest],
        "revised": [lesson.revises > 0 for lesson in newest],
    }
    for name in OUTCOME.keys() - columns.keys():
        told = newest if name in _CAME else first
        columns[name] = list(map(attrgetter(name), told))
    return columns | _inputs([lesson.inputs for lesson in first], input_text)


def lay_trials(trials: Sequence[Tried]) -> Columns:
    """A row for each person's trial of a play: the columns of `TRIAL`."""
    columns: Columns = {
        "begun": [tried.begun_ms for tried in trials],
        "over": [tried.over_ms for tried in trials],
    }
    for name in TRIAL.keys() - columns.keys():
        columns[name] = list(map(attrgetter(name), trials))
    return columns


def _inputs(several: Sequence[Mapping[str, Any]], text: Callable[[Any], str | None]) -> Columns:
    """A column for each input that any has, of texts as receipts write them; None where not known."""
    names = {name: None for inputs in several for name in inputs}
    return {
        INPUT + name: [
            None if (value := inputs.get(name)) is None else text(value) for inputs in several
        ]
        for name in names
    }
