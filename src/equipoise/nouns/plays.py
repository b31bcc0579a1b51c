"""What a marketer writes: plays with their goal, moment, audience, options and limits."""

from typing import Literal

import msgspec

from equipoise.nouns.events import Value

Operator = Literal[
    "is", "is_not", "at_least", "more_than", "at_most", "less_than", "one_of", "known"
]
"""How a condition compares a field with its value; a missing field never matches, save `known: false`."""


class Compare(msgspec.Struct, frozen=True, tag="compare"):
    """One field of the profile (or `event.FACT` of the opening event) compared with a value."""

    field: str
    operator: Operator
    value: Value | tuple[Value, ...]


class All(msgspec.Struct, frozen=True, tag="all"):
    """Every one of the conditions holds."""

    of: tuple["Condition", ...]


class AnyOf(msgspec.Struct, frozen=True, tag="any"):
    """At least one of the conditions holds."""

    of: tuple["Condition", ...]


class Not(msgspec.Struct, frozen=True, tag="not"):
    """The condition does not hold."""

    of: "Condition"


Condition = Compare | All | AnyOf | Not
"""A typed condition; it compiles to a predicate and to SQL, and is never evaluated as code."""

Do = Literal["notify", "offer", "reward", "restrain", "hand_over", "command", "share", "silence"]
"""What an option would do to the person."""


class Option(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that could be done; `silence` is always one of them.

    `content` maps a part (`subject`, `body`, `title`, ...) to a text, or to one text per language;
    texts may name traits as `{{ traits.first_name }}`. `cost` is in the play's currency. `share` is
    its fixed share of the draws; `stock` the number that exist; `review` asks for a human. `price` is what
    the person would pay, None where that is not said. `serves` is the category of what people look for
    that it answers (`nouns.intents`), empty for none; `has` is what it has of what they ask for.
    """

    name: str
    do: Do = "notify"
    channel: str = "email"
    content: dict[str, str | dict[str, str]] = {}
    cost: float = 0.0
    share: float | None = None
    stock: int | None = None
    review: bool = False
    price: float | None = None
    serves: str = ""
    has: tuple[str, ...] = ()

    @property
    def is_silence(self) -> bool:
        """True for the option that does nothing."""
        return self.do == "silence"

    @property
    def is_contact(self) -> bool:
        """True where the option interrupts the person and is charged to the budget of attention."""
        return self.do != "silence" and self.channel != "page"


SILENCE = Option(name="silence", do="silence", channel="")
"""The option that every play has, whether written or not."""


class Goal(msgspec.Struct, frozen=True, kw_only=True):
    """What the play wants: an event within a window of days, worth `value` or the fact it names.

    `early` is a kind of event that tells sooner how it will end (a surrogate), within `early_days`.
    """

    event: str
    window_days: float = 7.0
    value: float | str = 1.0
    currency: str = "EUR"
    early: str = ""
    early_days: float = 1.0


class Trigger(msgspec.Struct, frozen=True, kw_only=True):
    """When to decide: on an event, when a channel asks for `decide`, or every so many hours.

    Exactly one of `event`, `decide` and `every_hours` is set; `where` narrows it.
    """

    event: str | None = None
    decide: str | None = None
    every_hours: float | None = None
    where: Condition | None = None


class Cap(msgspec.Struct, frozen=True):
    """At most `times` contacts of this play to one person in `days` days, rolling."""

    times: int
    days: float


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Limits of one play: per person (rolling), in total, and how long a held moment stays valid.

    `lapses_after_days` ends the relationship with people who gave no sign of life for so long.
    """

    per_person: tuple[Cap, ...] = ()
    total: int | None = None
    valid_for_hours: float = 24.0
    lapses_after_days: float | None = None


class Play(msgspec.Struct, frozen=True, kw_only=True):
    """A checked play. `version` is the SHA-256 of its text; `effect` is that on the person (GDPR 22).

    `features` are the profile fields that a learning chooser may look at; `model` names a value model
    of one's own; `controls` maps choosers to the share of people for whom they choose instead, so that
    the chooser's own worth is known.
    """

    name: str
    purpose: str
    moment: Trigger
    options: tuple[Option, ...]
    goal: Goal | None = None
    audience: Condition | None = None
    limits: Limits = Limits()
    chooser: str = "uniform"
    features: tuple[str, ...] = ()
    model: str = ""
    controls: dict[str, float] = {}
    explore_floor: float = 0.02
    holdout: float = 0.0
    priority: int = 0
    status: Literal["draft", "live", "paused", "retired"] = "live"
    effect: Literal["none", "significant", "legal"] = "none"
    title: str | dict[str, str] = ""
    version: str = ""
