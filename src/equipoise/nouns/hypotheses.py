"""Two people who may be one: what speaks for it, field by field, and what somebody said to it."""

from typing import Literal

import msgspec

HypothesisState = Literal["open", "later", "confirmed", "refused"]
"""How a hypothesis stands. `later` still waits; a split of what was confirmed makes it `refused`."""

HypothesisVerb = Literal["confirm", "refuse", "later", "reopen"]
"""What can be said to a hypothesis: the first three where it waits, `reopen` where it was refused."""

How = Literal["", "human", "rule", "split"]
"""Who said it: somebody by name, the rule of the settings, or whoever took the join apart."""


class Likeness(msgspec.Struct, frozen=True):
    """How alike two people are in one field: the level that was reached, and its weight in bits.

    `level` is `exact`, `close`, `far` or `different`; a weight above 0 speaks for one person, below 0
    for two. No value is kept: who may see the values reads them where they are.
    """

    field: str
    level: str
    weight: float


class Hypothesis(msgspec.Struct, frozen=True, kw_only=True):
    """Two people, named by their oldest atoms, who are one with probability `score`.

    `held` is why a rule may not confirm it: `cluster_too_large`, `cluster_loose` or
    `cluster_bridge` where the people around it do not hold together, empty else.
    """

    left: int
    right: int
    score: float
    evidence: tuple[Likeness, ...]
    held: str = ""


class KeptHypothesis(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A hypothesis as it is kept. Its id is `h_SEQ`; times are milliseconds since 1970, UTC.

    `left` and `right` were the oldest atoms of the two people when it was found, so that it stands
    through joins and splits. `by`, `how`, `answered_ms` and `note` tell of the last answer; where
    it is `open` with one, that was `reopen`.
    """

    seq: int
    left: int
    right: int
    score: float
    evidence: tuple[Likeness, ...]
    found_ms: int
    held: str = ""
    state: HypothesisState = "open"
    by: str = ""
    how: How = ""
    answered_ms: int = 0
    note: str = ""

    @property
    def id(self) -> str:
        """The public name of the hypothesis, stable for ever."""
        return f"h_{self.seq}"

    @property
    def waits(self) -> bool:
        """True where it can still be confirmed or refused."""
        return self.state in ("open", "later")

    @property
    def reopened(self) -> bool:
        """True where a refusal was taken back, and nobody has answered since."""
        return self.state == "open" and self.answered_ms > 0


class FoundJoins(msgspec.Struct, frozen=True, kw_only=True, tag="found"):
    """Pairs that a search found, `by` whom; each becomes a hypothesis, or brings one up to date."""

    pairs: tuple[Hypothesis, ...]
    by: str = "search"


class JoinAnswer(msgspec.Struct, frozen=True, kw_only=True, tag="answer"):
    """Somebody, or the rule of the settings, answers the hypothesis with this number."""

    hypothesis: int
    verb: HypothesisVerb
    by: str
    how: Literal["human", "rule"] = "human"
    note: str = ""


JoinRecord = FoundJoins | JoinAnswer
"""The body of an intake row of the kind `join`, in MessagePack; in the log a row tells of one pair."""


class Searched(msgspec.Struct, frozen=True, kw_only=True):
    """How a search ended, at `at_ms`: pairs that were found, and how many of them the rule confirmed.

    `barred` tells how often the rule's confirmation was not carried out, by its reason. `why` is a
    sentence where there was no search to its end, and empty else.
    """

    at_ms: int
    pairs: int = 0
    joined: int = 0
    barred: dict[str, int] = {}
    why: str = ""
