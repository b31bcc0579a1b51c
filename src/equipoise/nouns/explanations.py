"""What people are told about how a decision came about, and what staff see beside it."""

from typing import Literal

import msgspec

Level = Literal["exact", "approximate", "none"]
"""How far the model that was asked explains itself."""


class Reason(msgspec.Struct, frozen=True):
    """One term of the difference between two options: what it says, and what it was worth.

    `amount` is in the play's currency, above 0 where it counts for the option that was chosen.
    """

    term: str
    amount: float
    sentence: str


class Difference(msgspec.Struct, frozen=True):
    """The chosen option beside one other: the exact difference of their scores, and at most four reasons.

    `amount` is in the play's currency; the reasons and `rest` (all other terms) sum to it to 1e-9.
    `sentence` tells it.
    """

    other: str
    amount: float
    reasons: tuple[Reason, ...]
    rest: float
    sentence: str


class Line(msgspec.Struct, frozen=True):
    """One row of the table for staff: a term, what the feature was, and what it gave each option.

    `value` is the feature as it stood (empty for terms that are none); `parts` are in the play's
    currency, in the order of `Explanation.columns`.
    """

    term: str
    label: str
    value: str
    parts: tuple[float, ...]


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """How one decision came about, in one language.

    `sentences` are for the person, in the order in which they are read; the same are apart below,
    empty where there is nothing to say: `arm` (a control or a holdout decided), `chance`, `risk` (of
    losing the person), `price` (it was personalised by automated decision; Directive (EU) 2019/2161),
    `contrast` (what would have made another option the best). `best` is the option with the highest
    score, `propensity` the probability of the chosen one. `columns` names the options of `lines`, and
    `sums` are their scores; both are empty where no model was asked.
    """

    option: str
    currency: str
    model: str = ""
    explains: Level = "exact"
    best: str = ""
    by_chance: bool = False
    propensity: float = 1.0
    priced: bool = False
    differences: tuple[Difference, ...] = ()
    arm: str = ""
    chance: str = ""
    risk: str = ""
    price: str = ""
    contrast: str = ""
    sentences: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    sums: tuple[float, ...] = ()
    lines: tuple[Line, ...] = ()
