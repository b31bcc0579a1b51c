"""What decisions lead to: open windows, what came of them, and what is learnt from that.

`Window` and `Trial` are folded in place inside a person's state and end as `Lesson` and `Tried`, which
are rows of their own: one for each decision, and one for each person who takes part in a play's
comparison of the engine with doing nothing or with something simpler.
"""

from typing import Literal

import msgspec

from equipoise.nouns.events import Value

ENGINE = "engine"
"""The arm of those for whom the play's own chooser chooses."""

HOLDOUT = "holdout"
"""The arm of those whom the play, or the house, leaves alone."""


PRESSURE = ("contacts.last_7d", "contacts.last_28d", "contacts.days_since")
"""The features of contact pressure, which every learning play looks at."""

AT_STAKE = "lifetime.value"
"""The input that says what is lost when the person leaves for good, in the play's currency."""


class Window(msgspec.Struct, array_like=True):
    """One decision whose outcome is awaited, or was credited lately and may still be corrected.

    `goal` is the kind of event that counts until `until_ms`, worth `worth`, or its fact named so;
    `early` a kind that tells sooner, counted until `early_ms`. `n` and `total` are all that happened in the
    window, `mine` and `credited` what of it was credited to this decision. `orders` maps an order id to
    its value, `own` lists those credited. `left_ms` is when the person opted out (0: not). `lesson` is the
    number of the lesson once it matured, 0 before; `inputs` go then. `soon` is that of what the early
    goal had told when its time was over.
    """

    decision: int
    play: str
    version: str
    purpose: str
    option: str
    arm: str
    decided_ms: int
    until_ms: int
    goal: str
    worth: float | str
    currency: str
    propensity: float = 1.0
    model: str = ""
    inputs: dict[str, Value] = {}
    early: str = ""
    early_ms: int = 0
    n: int = 0
    total: float = 0.0
    early_n: int = 0
    left_ms: int = 0
    orders: dict[str, float] = {}
    mine: int = 0
    credited: float = 0.0
    own: list[str] = []
    lesson: int = 0
    soon: int = 0


class Trial(msgspec.Struct, array_like=True):
    """One person's part in the comparison of a play's arms, from the first moment at which they could.

    Every event of the kind `goal` until `until_ms` counts, whichever decision it is credited to.
    `orders` and `left_ms` are as in a window, `over` is True once it was told.
    `before` is what the person had spent before, decayed, as it stood at the beginning (for CUPED);
    `version` that of the play, whose shares the arm was drawn by.
    """

    play: str
    arm: str
    begun_ms: int
    until_ms: int
    goal: str
    worth: float | str
    currency: str
    before: float = 0.0
    n: int = 0
    total: float = 0.0
    left_ms: int = 0
    orders: dict[str, float] = {}
    over: bool = False
    version: str = ""


class Lesson(msgspec.Struct, frozen=True, kw_only=True):
    """What one decision led to, once its window was over.

    `n` events of the goal in the window, worth `value` in the play's currency, whoever caused them; of
    these `mine` worth `credited` were credited to this decision and to no other. `early` events of the
    early kind; `left` whether the person opted out. `inputs` are the features as they stood, `propensity`
    the probability with which `option` was drawn. Where `revises` is the number of a former lesson, this
    one takes its place (a late event, a refund) and has no inputs: they stand in the first.
    """

    seq: int
    decision: int
    person: int
    atom: int
    play: str
    version: str
    option: str
    arm: str
    propensity: float
    model: str = ""
    inputs: dict[str, Value] = {}
    decided_ms: int
    matured_ms: int
    n: int = 0
    value: float = 0.0
    mine: int = 0
    credited: float = 0.0
    early: int = 0
    left: bool = False
    revises: int = 0


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """What one person brought in the time of their trial, and what they had brought before.

    `n` events of the goal worth `value`; `left` whether the person opted out meanwhile; `before` is the
    covariate, `version` that of the play when it began.
    """

    seq: int
    person: int
    atom: int
    play: str
    arm: str
    begun_ms: int
    over_ms: int
    before: float = 0.0
    n: int = 0
    value: float = 0.0
    left: bool = False
    version: str = ""


LessonKind = Literal["lesson", "early", "tried"]
"""What a row of the lessons holds: `Lesson`, one whose window is not over yet, or `Tried`."""


class LessonRow(msgspec.Struct, frozen=True, gc=False):
    """One lesson as it is stored, deletable with its person: `body` is MessagePack of the noun.

    `seq` is its own number, `decision` that of the decision (0 where the row is no `lesson`), `play`
    the play's name.
    """

    seq: int
    atom: int
    kind: LessonKind
    play: str
    decision: int
    body: bytes


class ModelRow(msgspec.Struct, frozen=True):
    """One version of a model as it entered the log: `name` is `play/NAME` or `lifetime`."""

    name: str
    version: str
    seq: int
    at_ms: int
    body: bytes
