"""Hypotheses about who may be one, in plain dictionaries."""

from collections.abc import Iterable

from equipoise.nouns.changes import Changes
from equipoise.nouns.hypotheses import HypothesisState, KeptHypothesis


class HypothesesInMemory:
    """The part of a store in memory that keeps hypotheses."""

    def __init__(self) -> None:
        self._hypotheses: dict[int, KeptHypothesis] = {}

    def hypotheses(self, seqs: Iterable[int]) -> dict[int, KeptHypothesis]:
        """The hypotheses with these numbers."""
        return {seq: self._hypotheses[seq] for seq in seqs if seq in self._hypotheses}

    def hypotheses_of(self, atoms: Iterable[int]) -> list[KeptHypothesis]:
        """Every hypothesis that touches one of these atoms, oldest first."""
        mine = set(atoms)
        return [one for _, one in sorted(self._hypotheses.items()) if {one.left, one.right} & mine]

    def hypotheses_in(self, state: HypothesisState, most: int) -> list[KeptHypothesis]:
        """Hypotheses in this state, the likeliest first, ties by number."""
        found = [one for one in self._hypotheses.values() if one.state == state]
        return sorted(found, key=lambda one: (-one.score, one.seq))[:most]

    def _keep_hypotheses(self, changes: Changes) -> None:
        self._hypotheses.update(changes.hypotheses)

    def _forget_hypotheses(self, atoms: Iterable[int]) -> None:
        for one in self.hypotheses_of(atoms):
            del self._hypotheses[one.seq]
