"""What a play looks like in YAML, told once: the checker, the JSON Schema and the docs read this table."""

import msgspec

from equipoise.nouns.plays import Operator

NAME = r"[a-z][a-z0-9_-]{0,62}"
"""Names of plays and options: they become part of keys, columns and addresses."""

FIELD = r"[A-Za-z_@$][^\x00-\x1f\x7f\"'(){}|]{0,199}"
"""Names of profile fields; what is left out has a meaning in SQL columns or in places of a text."""

PARTS = ("subject", "title", "body", "button", "link", "image", "code", "note")
"""The parts of a content that stand beside the option's own fields; any other goes under `content`."""


class Text(msgspec.Struct, frozen=True):
    """A text that is not empty; `pattern` must match all of it, `choices` lists what it may be."""

    pattern: str = ""
    choices: tuple[str, ...] = ()


class Number(msgspec.Struct, frozen=True):
    """A number from `least` to `most`, or strictly `above` or `below` a bound; `whole` has no fraction."""

    least: float | None = None
    most: float | None = None
    above: float | None = None
    below: float | None = None
    whole: bool = False


class Flag(msgspec.Struct, frozen=True):
    """Either true or false, never a word for it."""


class Wording(msgspec.Struct, frozen=True):
    """A text, or one text for each language (`{en: ..., fr: ...}`)."""


class Scalar(msgspec.Struct, frozen=True):
    """A text, a number or true or false: what a field is compared with."""


class Listing(msgspec.Struct, frozen=True):
    """A list whose items have one shape, of at least `least` and at most `most` items."""

    of: "Shape"
    least: int = 0
    most: int = 100


class Either(msgspec.Struct, frozen=True):
    """One of two shapes that no value can have both of."""

    first: "Shape"
    second: "Shape"


class Field(msgspec.Struct, frozen=True):
    """One field of a record, with the sentence that the docs and the schema say about it."""

    name: str
    shape: "Shape"
    help: str
    needed: bool = False
    example: str = ""


class Record(msgspec.Struct, frozen=True):
    """Named fields and no others.

    Exactly one of `one_of` must be there, where given; at least `least` fields in all. Where `others`
    is given, further keys of the form of a name are allowed and have that shape.
    """

    title: str
    fields: tuple[Field, ...]
    one_of: tuple[str, ...] = ()
    least: int = 0
    others: "Shape | None" = None


class Variants(msgspec.Struct, frozen=True):
    """One of several records, told apart by the first field of each, which only that one has."""

    title: str
    records: tuple[Record, ...]


class Again(msgspec.Struct, frozen=True):
    """A condition inside a condition."""


Shape = Text | Number | Flag | Wording | Scalar | Listing | Either | Record | Variants | Again
"""Everything that a value of a play may look like."""

_ANY_TEXT = Text()
_NUMBER = Number(least=-(2**53 - 1), most=2**53 - 1)
_COUNT = Number(least=1, most=10**12, whole=True)

OPERATORS: tuple[tuple[Operator, Shape, str], ...] = (
    ("is", Scalar(), "The field equals this; only values of the same type are equal."),
    ("is_not", Scalar(), "The field is known, has the same type, and differs from this."),
    ("at_least", _NUMBER, "The field is a number and this or more."),
    ("more_than", _NUMBER, "The field is a number above this."),
    ("at_most", _NUMBER, "The field is a number and this or less."),
    ("less_than", _NUMBER, "The field is a number below this."),
    ("one_of", Listing(Scalar(), least=1, most=200), "The field equals one of these."),
    ("known", Flag(), "Whether the field has a value at all."),
)
"""How a condition compares, in the order in which several of one field are read."""

COMPARE = Record(
    "A field compared",
    (
        Field(
            "field",
            Text(FIELD),
            "A profile field, or `event.FACT` of what opened the moment.",
            needed=True,
            example="orders.count",
        ),
        *(Field(name, shape, said) for name, shape, said in OPERATORS),
    ),
    least=2,
)
"""One field with one operator or more; several must all hold."""

CONDITION = Variants(
    "A condition",
    (
        COMPARE,
        Record(
            "All of them", (Field("all", Listing(Again(), 1), "Every one holds.", needed=True),)
        ),
        Record(
            "Any of them", (Field("any", Listing(Again(), 1), "One at least holds.", needed=True),)
        ),
        Record("The contrary", (Field("not", Again(), "It does not hold.", needed=True),)),
    ),
)
"""Conditions nest; a condition is never evaluated as code."""

MOMENT = Record(
    "When to decide",
    (
        Field(
            "event",
            _ANY_TEXT,
            "Decide when an event of this kind arrives.",
            example="Order Completed",
        ),
        Field(
            "decide", _ANY_TEXT, "Decide when a channel asks for this moment.", example="home-hero"
        ),
        Field(
            "every_hours",
            Number(least=0.25, most=8784),
            "Decide every so many hours for all in the audience.",
        ),
        Field(
            "where",
            CONDITION,
            "Only where this holds as well; `event.FACT` reads the opening event.",
        ),
    ),
    one_of=("event", "decide", "every_hours"),
)
"""The trigger of a play."""

GOAL = Record(
    "What the play wants",
    (
        Field(
            "event",
            _ANY_TEXT,
            "The kind of event that counts as success.",
            needed=True,
            example="Order Completed",
        ),
        Field(
            "within_days",
            Number(above=0, most=366),
            "How long after the decision it counts, in days; 7 if not said.",
        ),
        Field(
            "value",
            Either(_NUMBER, _ANY_TEXT),
            "What one is worth, or the fact that says it; 1 if not said.",
            example="revenue",
        ),
        Field(
            "currency",
            Text("[A-Z]{3}"),
            "Currency of value and costs (ISO 4217); EUR if not said.",
            example="EUR",
        ),
        Field(
            "early",
            _ANY_TEXT,
            "A kind of event that tells sooner how it will end.",
            example="page",
        ),
        Field(
            "early_within_days",
            Number(above=0, most=366),
            "How long after the decision that counts, in days; 1 if not said.",
        ),
    ),
)
"""The goal of a play."""

CAP = Record(
    "At most so often",
    (
        Field("times", _COUNT, "Most contacts of this play to one person.", needed=True),
        Field("days", Number(above=0, most=366), "In so many days, rolling.", needed=True),
    ),
)
"""One limit per person."""

LIMITS = Record(
    "Limits of the play",
    (
        Field(
            "per_person",
            Listing(CAP, most=10),
            "Most contacts of this play to one person.",
            example="[{times: 1, days: 30}]",
        ),
        Field("total", _COUNT, "Most actions of this play to all people together."),
        Field(
            "valid_for_hours",
            Number(above=0, most=8784),
            "How long a held moment is worth opening again; 24 if not said.",
        ),
        Field(
            "lapses_after_days",
            Number(above=0, most=3660),
            "Days without a sign of life after which nobody is contacted any more; never if not said.",
        ),
    ),
)
"""The limits of a play; the house's own budgets hold besides."""

OPTION = Record(
    "One thing that could be done",
    (
        Field("name", Text(NAME), "Its name, once in the play.", needed=True, example="thanks"),
        Field(
            "do",
            Text(
                choices=(
                    "notify",
                    "offer",
                    "reward",
                    "restrain",
                    "hand_over",
                    "command",
                    "share",
                    "silence",
                )
            ),
            "What it would do to the person; notify if not said.",
            example="notify",
        ),
        Field("channel", Text(NAME), "What carries it; email if not said.", example="email"),
        *(Field(part, Wording(), f"The {part} of the content.") for part in PARTS),
        Field(
            "content",
            Record("Further parts", (), others=Wording()),
            "Parts of the content by any other name.",
        ),
        Field(
            "cost",
            Number(least=0, most=10**9),
            "What doing it costs, in the goal's currency; 0 if not said.",
        ),
        Field(
            "price",
            Number(least=0, most=10**9),
            "What the person would pay, in the goal's currency; not known if not said.",
        ),
        Field(
            "serves",
            _ANY_TEXT,
            "The category of what people say they look for that this answers; none if not said.",
        ),
        Field(
            "has",
            Listing(_ANY_TEXT, most=50),
            "What it has of what they ask for, in their words.",
            example="[waterproof, second-hand]",
        ),
        Field(
            "share",
            Number(least=0, most=1),
            "Its fixed share of the draws, for the chooser fixed_shares.",
        ),
        Field(
            "stock",
            Number(least=0, most=10**12, whole=True),
            "How many exist; no limit if not said.",
        ),
        Field("review", Flag(), "Whether a human must approve each one; false if not said."),
    ),
)
"""One option of a play."""

CONTROLS = Record("Controls", (), others=Number(above=0, below=1))
"""Choosers by name, each with the share of the people for whom it chooses."""

PLAY = Record(
    "A play",
    (
        Field(
            "name",
            Text(NAME),
            "Its name, the same in every version.",
            needed=True,
            example="after-first-order",
        ),
        Field("title", Wording(), "What people are shown as its name."),
        Field(
            "purpose",
            Text(NAME),
            "What the person is asked to allow.",
            needed=True,
            example="marketing",
        ),
        Field(
            "status",
            Text(choices=("draft", "live", "paused", "retired")),
            "Only a live play decides; live if not said.",
        ),
        Field("moment", MOMENT, "When to decide.", needed=True, example="{event: Order Completed}"),
        Field("audience", CONDITION, "For whom; everybody if not said."),
        Field(
            "options",
            Listing(OPTION, least=1, most=50),
            "What could be done; silence is added when not written.",
            needed=True,
        ),
        Field("goal", GOAL, "What the play wants, so that its effect can be measured."),
        Field("limits", LIMITS, "How often, how many, how long."),
        Field(
            "chooser",
            Text(NAME),
            "Who chooses among the allowed options; uniform if not said.",
            example="uniform",
        ),
        Field(
            "features",
            Listing(Text(FIELD), most=100),
            "The profile fields that a learning chooser may look at.",
            example="[orders.count, orders.days_since]",
        ),
        Field("model", Text(NAME), "A value model of your own, which the chooser learning asks."),
        Field(
            "controls",
            CONTROLS,
            "Choosers that choose instead for a share of the people, to know what yours is worth.",
            example="{uniform: 0.02}",
        ),
        Field(
            "explore_floor",
            Number(least=0, below=1),
            "Least probability of every allowed option; 0.02 if not said.",
        ),
        Field(
            "holdout",
            Number(least=0, below=1),
            "Share of people whom this play never contacts; 0 if not said.",
        ),
        Field(
            "priority",
            Number(least=-1000, most=1000, whole=True),
            "Who goes first at one moment, highest first; 0 if not said.",
        ),
        Field(
            "effect",
            Text(choices=("none", "significant", "legal")),
            "The effect on the person (GDPR, article 22); none if not said.",
        ),
    ),
)
"""The whole play."""
