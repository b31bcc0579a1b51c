"""What the engine answers: verdicts, choices, decisions, actions."""

from enum import IntEnum
from typing import Literal

import msgspec

from equipoise.nouns.events import Handle, Provenance, Value
from equipoise.nouns.plays import Do, Option, Play


class Answer(IntEnum):
    """One guard's answer; the greatest of all guards counts (refuse > review > hold > allow)."""

    ALLOW = 0
    HOLD = 1
    REVIEW = 2
    REFUSE = 3


class Verdict(msgspec.Struct, frozen=True):
    """One guard's answer about one option, with a reason code that has a sentence in two languages.

    `until_ms` is set for a hold; `detail` fills the places of the sentence.
    """

    answer: Answer
    reason: str = "allowed"
    guard: str = ""
    until_ms: int | None = None
    detail: dict[str, str] = {}


ALLOWED = Verdict(Answer.ALLOW)
"""The verdict of a guard that has nothing against an option."""


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """An occasion to decide for one person. `id` seeds every draw made for it."""

    id: str
    kind: str
    event: str
    channel: str
    at_ms: int
    opened_ms: int
    facts: dict[str, Value] = {}
    rung: bool = False


class Explain(IntEnum):
    """How far a model explains itself; each purpose asks for a least level.

    `EXACT`: contributions that sum to the score. `APPROXIMATE`: reasons found afterwards, which may
    mislead. `NONE`: only that a model was asked.
    """

    NONE = 0
    APPROXIMATE = 1
    EXACT = 2


class Appraisal(msgspec.Struct, frozen=True):
    """What one option is expected to bring and to cost with one person, in the play's currency.

    `score` is what counts: `value` - `cost` - `leaving`, the sum of `contributions` to 1e-9. `value` is
    the expected value of the outcome, `response` the probability of one, `leaving` the probability `left` of
    opting out times what is at stake then.
    """

    score: float
    value: float
    cost: float
    leaving: float
    response: float = 0.0
    left: float = 0.0
    contributions: dict[str, float] = {}


class Choice(msgspec.Struct, frozen=True):
    """What a chooser returns: the index drawn and the probability of every option, in order.

    `appraisals` say what each option was expected to be worth, in the same order; empty where the
    chooser does not look at that. `model` is the version of the model that said so.
    """

    index: int
    propensities: tuple[float, ...]
    appraisals: tuple[Appraisal, ...] = ()
    model: str = ""


class Used(msgspec.Struct, frozen=True):
    """One piece of data that a play named, as it stood, and how it came to be known."""

    field: str
    value: Value
    provenance: Provenance


Outcome = Literal["act", "silence", "held", "review"]
"""How a decision ended: an action, silence, a moment that waits, or a human who decides."""


class Weighed(msgspec.Struct, frozen=True):
    """One option with what the guards said of it and the probability with which it could be drawn.

    `appraisal` is what a model expected of it; None where none was asked, or where it was not allowed.
    """

    option: str
    do: Do
    channel: str
    verdicts: tuple[Verdict, ...]
    propensity: float
    appraisal: Appraisal | None = None


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """The moment, the options, every verdict, the propensities, the draw and the choice.

    `reason` says in one code why it ended so; `draw` is the uniform number compared with the
    propensities; `seq` its place in the log; `atom` the atom it belongs to for ever. `inputs` are the
    features as they stood, `model` the version of the model that appraised the options, `arm` the
    control that chose in the chooser's place; all three are empty where there were none. `holdout` is
    True where nothing but a holdout stood in the way.
    """

    seq: int
    person: int
    atom: int
    play: str
    version: str
    purpose: str
    moment: Moment
    weighed: tuple[Weighed, ...]
    chosen: str
    outcome: Outcome
    reason: str
    chooser: str
    draw: float
    at_ms: int
    detail: dict[str, str] = {}
    guard: str = ""
    until_ms: int | None = None
    holdout: bool = False
    arm: str = ""
    model: str = ""
    explains: Explain = Explain.EXACT
    inputs: dict[str, Value] = {}
    basis: dict[str, str] = {}
    content: dict[str, str] = {}
    effect: str = "none"
    used: tuple[Used, ...] = ()

    @property
    def id(self) -> str:
        """The public name of the decision, stable for ever."""
        return f"d_{self.seq}"


ActionStatus = Literal["ready", "sending", "review", "waiting", "sent", "cancelled", "dead"]
"""Where an action stands: `waiting` is for channels that fetch (page)."""


class Action(msgspec.Struct, frozen=True, kw_only=True):
    """What leaves the engine, once, through a sender. Its id is the decision's seq.

    `key` is the idempotency key that receivers see; `due_ms` the next attempt; `until_ms` when it is
    no longer worth sending; `handles` the person's addresses as they stood.
    """

    id: int
    key: str
    atom: int
    person: int
    play: str
    version: str
    option: Option
    sender: str
    status: ActionStatus
    due_ms: int
    until_ms: int
    at_ms: int
    moment: Moment
    content: dict[str, str] = {}
    handles: tuple[Handle, ...] = ()
    locale: str = ""
    attempts: int = 0
    detail: str = ""


class Decided(msgspec.Struct, frozen=True):
    """A decision together with the play and option objects it was made with."""

    decision: Decision
    play: Play
    option: Option
