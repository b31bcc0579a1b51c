"""One thing that happened, ready to be read, and the options that a decision weighed."""

from typing import Any

import msgspec

FACTS_MOST = 4
"""How many facts of an event stand in one line; the page of the person unfolds all of them."""

_VALUE_MOST = 60


class Verdict(msgspec.Struct, frozen=True):
    """What one guard said of an option, as a sentence."""

    guard: str
    answer: str
    sentence: str


class Weighed(msgspec.Struct, frozen=True):
    """One option of a decision: what the guards said of it, and with what probability it was drawn.

    `score` is what it was expected to be worth, in the play's currency; None where no model was asked.
    """

    option: str
    do: str
    channel: str
    propensity: float
    chosen: bool
    verdicts: tuple[Verdict, ...]
    score: float | None = None


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened, ready to be read.

    `tone` colours it (`act`, `silence`, `held`, `review`, `bad`, `event`, `terms`, `join`); `chip` is
    the word on its label; `notes` are short facts beside it; `reasons` are the sentences that explain a
    decision, beside any contrast; `raw` is what it was read from.
    """

    seq: int
    atom: int
    at_ms: int
    tone: str
    chip: str
    sentence: str
    notes: tuple[str, ...] = ()
    play: str = ""
    decision: str = ""
    reasons: tuple[str, ...] = ()
    weighed: tuple[Weighed, ...] = ()
    facts: dict[str, str] = {}
    raw: dict[str, Any] = {}

    @property
    def glimpse(self) -> str:
        """The first facts in one line."""
        short = [pair for pair in self.facts.items() if pair[1][:1] not in ("[", "{")]
        first = short[:FACTS_MOST]
        return " · ".join(f"{name} {value}" for name, value in first)


def plain(value: object) -> str:
    """A fact as text, cut where it is long."""
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return text if len(text) <= _VALUE_MOST else f"{text[:_VALUE_MOST]}…"
