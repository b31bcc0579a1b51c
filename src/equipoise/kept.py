"""What a store keeps beside the log, people and the ledger: further parts of the port `Store`."""

from collections.abc import Iterable
from typing import Protocol

from equipoise.nouns.aggregates import AggregateGrant, Release
from equipoise.nouns.hypotheses import HypothesisState, KeptHypothesis
from equipoise.nouns.shares import Share, ShareNotice, ShareRead


class Sharing(Protocol):
    """Grants to partners, what was read of them, and what partners have to do."""

    def shares(self, seqs: Iterable[int] = ()) -> list[Share]:
        """The shares with these numbers, or all where none is named, ended or not, oldest first."""

    def share_reads(self, shares: Iterable[int], most: int) -> list[ShareRead]:
        """The newest reads of these shares, newest first."""

    def share_reads_of(self, atoms: Iterable[int]) -> list[ShareRead]:
        """Every read about these atoms, newest first."""

    def share_notices(self, share: int) -> list[ShareNotice]:
        """What the partner of a share has to do or did, oldest first."""


class Aggregating(Protocol):
    """Who may ask for figures about many people, and what was spent and released."""

    def aggregate_grants(self) -> list[AggregateGrant]:
        """The newest grant of every recipient, ended or not, in order of their names."""

    def releases(self, year: int | None = None) -> list[Release]:
        """Every question whose budget was spent, or those of one calendar year, oldest first."""

    def release_of(self, key: str) -> Release | None:
        """What was spent on this question, and its answer if there is one."""


class Hypothesising(Protocol):
    """Who may be one with whom, and what was said to it."""

    def hypotheses(self, seqs: Iterable[int]) -> dict[int, KeptHypothesis]:
        """The hypotheses with these numbers."""

    def hypotheses_of(self, atoms: Iterable[int]) -> list[KeptHypothesis]:
        """Every hypothesis that touches one of these atoms, oldest first."""

    def hypotheses_in(self, state: HypothesisState, most: int) -> list[KeptHypothesis]:
        """Hypotheses in this state, the likeliest first, ties by number."""

    def hypotheses_answered(self, state: HypothesisState, most: int) -> list[KeptHypothesis]:
        """Hypotheses in this state, the last answered first, ties by number, the highest first."""
